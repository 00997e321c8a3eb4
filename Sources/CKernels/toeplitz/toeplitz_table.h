// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef QW_TOEPLITZ_TABLE_H
#define QW_TOEPLITZ_TABLE_H
#include <stddef.h>
#include <stdint.h>

/// The two linear maps from bits to a transform: of the input's polynomial, and the transposed inverse of the
/// same, of the seed.
enum qw_direction { QW_FORWARD = 0, QW_DUAL = 1 };

/// From here on transforms stay in place: it takes less memory, and the rows no longer fit the caches.
enum { QW_IN_PLACE = 19 };

/// What one instruction set gives. Lengths are public; control flow and addresses depend on nothing else.
struct qw_toeplitz_table {
    /// Square Toeplitz block of w = leaf << levels words: y[k] = sum over b < w of low(t[w+k-b]*v[b]) ^
    /// high(t[w+k-1-b]*v[b]), k < w, with t of 2w words. `scratch` holds 2w words.
    void (*block)(
        uint64_t *y, const uint64_t *t, const uint64_t *v, size_t w, unsigned levels, uint64_t *scratch);
    /// 2^l elements from the 2^(l+6) bits packed in `bits`, which are overwritten; 9 <= l <= 26. With l of
    /// QW_IN_PLACE or more, `elements` has to be `bits`, else it has to be other memory.
    void (*analyze)(uint64_t *elements, uint64_t *bits, unsigned l, enum qw_direction direction);
    /// a[i] = a[i] * b[i] in GF(2^64), plus sum[i] where `sum` isn't NULL. `count` is a multiple of 8.
    void (*multiply)(uint64_t *a, const uint64_t *b, const uint64_t *sum, size_t count);
    /// The transpose of `analyze` forward, in the same memory or other as there: bits from elements, which are
    /// overwritten.
    void (*synthesize)(uint64_t *bits, uint64_t *elements, unsigned l);
    /// Leaves are multiples of `leaf_step` words, `leaf_limit` at the most.
    size_t leaf_step, leaf_limit;
    /// Measured, in products of words: what a leaf costs besides for each of its words, a level's sums for each word
    /// of a block, and a butterfly of the transforms.
    size_t leaf_cost;
    double sum_cost, transform_cost;
    /// Words in rows and columns below which transforms can't win.
    size_t transform_rows;
};

extern const struct qw_toeplitz_table qw_toeplitz_generic;
#if defined(__x86_64__)
extern const struct qw_toeplitz_table qw_toeplitz_pclmul;
extern const struct qw_toeplitz_table qw_toeplitz_vpclmul;
extern const struct qw_toeplitz_table qw_toeplitz_avx512;
#elif defined(__aarch64__)
extern const struct qw_toeplitz_table qw_toeplitz_pmull;
#endif
#endif
