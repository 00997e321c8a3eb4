// SPDX-License-Identifier: GPL-3.0-or-later
// The specification of the carry-less kernels, in constant time on every machine whose integer
// multiplication is: no table, no branch and no address depends on data.
#include "clmul_table.h"

#define QW_TARGET

/// Integer multiplication does the work: with operands that keep one bit in four, at most 15 ones meet in a
/// place, and their sum stays inside its four bits; the lowest of them is the sum over GF(2). The top four
/// bits of `a` would make a sixteenth, so they are multiplied by masked shifts.
static inline void clmul64(uint64_t a, uint64_t b, uint64_t *high, uint64_t *low) {
    const uint64_t comb = 0x1111111111111111u;
    uint64_t x[4], y[4];
    for (int i = 0; i < 4; i++) {
        x[i] = a & (comb << i) & 0x0fffffffffffffffu;
        y[i] = b & (comb << i);
    }
    uint64_t top = 0, bottom = 0;
    for (int i = 0; i < 4; i++) {
        unsigned __int128 sum = 0;
        for (int j = 0; j < 4; j++) sum ^= (unsigned __int128)x[j] * y[(i - j) & 3];
        bottom |= (uint64_t)sum & (comb << i);
        top |= (uint64_t)(sum >> 64) & (comb << i);
    }
    for (int i = 60; i < 64; i++) {
        const uint64_t mask = -(a >> i & 1);
        bottom ^= (b << i) & mask;
        top ^= (b >> (64 - i)) & mask;
    }
    *high = top;
    *low = bottom;
}

#include "clmul_fields.h"

static void leaf(uint64_t *y, const uint64_t *t, const uint64_t *v, size_t w) {
    uint64_t carried = 0;
    for (size_t j = w - 1; j < 2 * w; j++) {
        uint64_t high = 0, low = 0, h, l;
        for (size_t b = 0; b < w; b++) {
            clmul64(t[j - b], v[b], &h, &l);
            high ^= h;
            low ^= l;
        }
        if (j >= w) y[j - w] = low ^ carried;
        carried = high;
    }
}

const struct qw_clmul_table qw_clmul_generic = {products, gf64_horner, gf128_horner, gf128_multiply, leaf, 4};
