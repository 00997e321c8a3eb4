// SPDX-License-Identifier: GPL-3.0-or-later
// The Toeplitz product as a middle product over GF(2): output bit i is coefficient n-1+i of seed * input.
// Square blocks are split in halves with three products in place of four; leaves are carry-less products.
#include "clmul_table.h"
#include "qw_clmul.h"
#include "qw_wipe.h"

#include <stdlib.h>
#include <string.h>

/// How a product is cut: blocks of leaf << levels words, `rows` by `columns` of them. Lengths alone decide.
struct plan {
    size_t leaf, levels, width, rows, columns;
};

static struct plan plan_for(size_t rows, size_t columns, size_t leaf_limit) {
    const size_t small = rows < columns ? rows : columns;
    struct plan best = {0, 0, 0, 0, 0};
    double least = 0;
    for (size_t leaf = 4; leaf <= leaf_limit; leaf += 4) {
        double products = (double)(leaf * leaf);
        for (size_t levels = 0; levels < 40; levels++, products *= 3) {
            const size_t width = leaf << levels;
            const size_t r = (rows + width - 1) / width, c = (columns + width - 1) / width;
            // Each level also adds about 4 blocks of words, each cheaper than a product.
            const double cost = (products + 2.0 * (double)(width * levels)) * (double)r * (double)c;
            if (best.leaf == 0 || cost < least) {
                least = cost;
                best = (struct plan){leaf, levels, width, r, c};
            }
            if (width >= small) break;
        }
    }
    return best;
}

/// y = T v for a square block of w words. With the halves of v and the blocks T-, T0, T+ of T:
/// P = T0 (v0 + v1), y0 = P + (T0 + T-) v1, y1 = P + (T0 + T+) v0. `scratch` holds 2w words.
static void block(
    const struct qw_clmul_table *table, uint64_t *y, const uint64_t *t, const uint64_t *v, size_t w,
    size_t levels, uint64_t *scratch) {
    if (levels == 0) {
        table->leaf(y, t, v, w);
        return;
    }
    const size_t h = w / 2;
    uint64_t *sum = scratch, *rest = scratch + w;
    for (size_t i = 0; i < w; i++) sum[i] = t[i] ^ t[h + i];
    block(table, y, sum, v + h, h, levels - 1, rest);
    for (size_t i = 0; i < w; i++) sum[i] = t[h + i] ^ t[w + i];
    block(table, y + h, sum, v, h, levels - 1, rest);
    for (size_t i = 0; i < h; i++) sum[i] = v[i] ^ v[h + i];
    block(table, sum + h, t + h, sum, h, levels - 1, rest);
    for (size_t i = 0; i < h; i++) {
        y[i] ^= sum[h + i];
        y[h + i] ^= sum[h + i];
    }
}

/// target, zero before, = source << shift bits. One word beyond the last may be read and is left as it was:
/// the callers' shifts leave room for every bit, so what would land there is zero.
static void shifted(uint64_t *target, const uint64_t *source, size_t words, size_t shift) {
    uint64_t *base = target + shift / 64;
    const unsigned bits = shift % 64;
    for (size_t i = 0; i < words; i++) {
        base[i] |= source[i] << bits;
        base[i + 1] |= (source[i] >> 1) >> (63 - bits);
    }
}

int qw_toeplitz(
    int kernel, uint64_t *output, size_t m, const uint64_t *input, size_t n, const uint64_t *seed) {
    if (m == 0) return 0;
    const size_t out = (m + 63) / 64;
    memset(output, 0, out * sizeof *output);
    if (n == 0) return 0;
    const struct qw_clmul_table *table = qw_clmul_select(kernel);
    const struct plan plan = plan_for(out, (n + 63) / 64, table->leaf_limit);
    const size_t w = plan.width, rows = w * plan.rows, columns = w * plan.columns;
    const size_t total = columns + (rows + columns) + rows + 3 * w;
    uint64_t *memory = calloc(total, sizeof *memory);
    if (memory == NULL) return -1;
    uint64_t *v = memory, *t = v + columns, *y = t + rows + columns, *part = y + rows, *scratch = part + w;
    // The input is pushed to the top of its columns and the seed up by one bit: the wanted coefficients then
    // start at a whole word, number `columns`.
    shifted(v, input, (n + 63) / 64, 64 * columns - n);
    shifted(t, seed, (n + m - 1 + 63) / 64, 1);
    for (size_t r = 0; r < plan.rows; r++) {
        for (size_t c = 0; c < plan.columns; c++) {
            block(table, part, t + (r + plan.columns - 1 - c) * w, v + c * w, w, plan.levels, scratch);
            for (size_t i = 0; i < w; i++) y[r * w + i] ^= part[i];
        }
    }
    memcpy(output, y, out * sizeof *output);
    if (m % 64 != 0) output[out - 1] &= ((uint64_t)1 << (m % 64)) - 1;
    qw_wipe(memory, total * sizeof *memory);
    free(memory);
    return 0;
}
