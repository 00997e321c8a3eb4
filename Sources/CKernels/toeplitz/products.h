// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef QW_PRODUCTS_H
#define QW_PRODUCTS_H
#include "qw_toeplitz.h"
#include "toeplitz_table.h"

/// How a product is cut for recursion: blocks of leaf << levels words, `rows` by `columns` of them. Lengths and the
/// kernel's leaves alone decide. `cost` is in products of words.
struct qw_recursion_plan {
    size_t leaf, width, rows, columns;
    unsigned levels;
    double cost;
};
struct qw_recursion_plan qw_recursion_plan(size_t rows, size_t columns, const struct qw_toeplitz_table *table);

/// How a product is cut for transforms: `blocks` blocks of `columns` columns, each by transforms of 2^l elements.
/// `cost` is in butterflies.
struct qw_transform_plan {
    unsigned l;
    size_t columns, blocks;
    double cost;
};
struct qw_transform_plan qw_transform_plan(size_t m, size_t n);

int qw_recursion_add(
    const struct qw_toeplitz_table *table, uint64_t *output, const struct qw_toeplitz_product *product);
int qw_transform_add(
    const struct qw_toeplitz_table *table, uint64_t *output, const struct qw_toeplitz_product *product);

/// `words` words of scratch memory in large pages where they help, unset, or NULL.
uint64_t *qw_scratch_new(size_t words);
/// Wipes and frees it.
void qw_scratch_free(uint64_t *memory, size_t words);

/// output ^= the first m bits of `words`, of which the rest may be anything.
void qw_output_add(uint64_t *output, const uint64_t *words, size_t m);
#endif
