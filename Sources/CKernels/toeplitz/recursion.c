// SPDX-License-Identifier: GPL-3.0-or-later
// Products below the crossover: square blocks are split in halves with three products in place of four; the leaves are
// carry-less products of words.
#include "bits.h"
#include "products.h"
#include "qw_wipe.h"

/// What a width of leaf << levels costs, in products of words.
static struct qw_recursion_plan plan_with(
    size_t leaf, unsigned levels, uint32_t rows, uint32_t columns, const struct qw_toeplitz_table *table) {
    const uint32_t width = (uint32_t)(leaf << levels);
    const uint32_t r = rows <= width ? 1 : (rows + width - 1) / width;
    const uint32_t c = columns <= width ? 1 : (columns + width - 1) / width;
    double products = (double)(leaf * (leaf + table->leaf_cost));
    for (unsigned level = 1; level <= levels; level++) {
        // A level adds sums of about 4 words for each of its own.
        products = 3 * products + table->sum_cost * (double)(leaf << level);
    }
    return (struct qw_recursion_plan){leaf, width, r, c, levels, products * r * c};
}

struct qw_recursion_plan qw_recursion_plan(size_t rows, size_t columns, const struct qw_toeplitz_table *table) {
    const size_t step = table->leaf_step, small = rows < columns ? rows : columns;
    struct qw_recursion_plan best = {0};
    for (unsigned levels = 0; levels < 32; levels++) {
        const size_t most = (small + (step << levels) - 1) / (step << levels) * step;
        // Where a product takes a microsecond the search has to be short.
        size_t leaf = small > 128 ? step : most;
        if (levels > 0 && most < 2 * step) break;
        for (; leaf <= most && leaf <= table->leaf_limit; leaf += step) {
            const struct qw_recursion_plan plan =
                plan_with(leaf, levels, (uint32_t)rows, (uint32_t)columns, table);
            if (best.leaf == 0 || plan.cost < best.cost) best = plan;
        }
    }
    return best;
}

int qw_recursion_add(
    const struct qw_toeplitz_table *table, uint64_t *output, const struct qw_toeplitz_product *p) {
    const size_t m = p->m, n = p->n;
    const struct qw_recursion_plan plan = qw_recursion_plan((m + 63) / 64, (n + 63) / 64, table);
    const size_t w = plan.width, rows = w * plan.rows, columns = w * plan.columns;
    const size_t total = columns + (rows + columns) + rows + 3 * w;
    uint64_t small[2048];
    uint64_t *memory = total <= sizeof small / sizeof *small ? small : qw_scratch_new(total);
    if (memory == NULL) return -1;
    uint64_t *v = memory, *t = v + columns, *y = t + rows + columns, *part = y + rows, *scratch = part + w;
    // The input is pushed to the top of its columns and the seed up by one bit: the wanted coefficients then
    // start at a whole word, number `columns`.
    qw_bits_copy_up(v, columns, 64 * columns - n, p->input, p->input_offset, n);
    qw_bits_copy_up(t, rows + columns, 1, p->seed, p->seed_offset, n + m - 1);
    for (size_t r = 0; r < plan.rows; r++) {
        uint64_t *target = y + r * w;
        for (size_t c = 0; c < plan.columns; c++) {
            table->block(
                c == 0 ? target : part, t + (r + plan.columns - 1 - c) * w, v + c * w, w, plan.levels, scratch);
            for (size_t i = 0; c > 0 && i < w; i++) target[i] ^= part[i];
        }
    }
    qw_output_add(output, y, m);
    if (memory == small) {
        qw_wipe(small, total * sizeof *small);
    } else {
        qw_scratch_free(memory, total);
    }
    return 0;
}
