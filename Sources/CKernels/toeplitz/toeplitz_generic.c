// SPDX-License-Identifier: GPL-3.0-or-later
// The specification of the Toeplitz kernels, in constant time on every machine whose integer multiplication is: no
// table, no branch and no address depends on data.
#include "../clmul/clmul64_generic.h"

#define QW_TARGET
#define QW_LANES 2
#include "fold.h"

/// The lanes' products modulo x^64+x^4+x^3+x+1.
QW_INLINE vec multiply_lanes(vec a, vec c) {
    uint64_t high0, low0, high1, low1;
    clmul64(a[0], c[0], &high0, &low0);
    clmul64(a[1], c[1], &high1, &low1);
    return fold((vec){low0, low1}, (vec){high0, high1});
}

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

#include "toeplitz_body.h"

const struct qw_toeplitz_table qw_toeplitz_generic = {
    block, analyze, multiply, synthesize, 4, 48, 1, 0.5, 0.3, 32};
