// SPDX-License-Identifier: GPL-3.0-or-later
// The specification of the delay correlator.
#define QW_TARGET
#include "correlate_screen.h"

/// The sum of 16 lanes, halved four times; the last step subtracts where `alternating`.
static float fold(const float lanes[16], int alternating) {
#pragma STDC FP_CONTRACT OFF
    float w[8], x[4];
    for (size_t i = 0; i < 8; i++) w[i] = lanes[i] + lanes[i + 8];
    for (size_t i = 0; i < 4; i++) x[i] = w[i] + w[i + 4];
    const float even = x[0] + x[2], odd = x[1] + x[3];
    return alternating ? even - odd : even + odd;
}

static void blocks(const float *samples, size_t count, size_t lag, float *re, float *im, float *energy) {
#pragma STDC FP_CONTRACT OFF
    for (size_t q = 0; q < count; q++) {
        const float *x = samples + 32 * q, *y = x + 32 * lag;
        float r[16], s[16], e[16];
        for (size_t i = 0; i < 16; i++) {
            r[i] = x[i] * y[i] + x[i + 16] * y[i + 16];
            s[i] = x[i] * y[i ^ 1] + x[i + 16] * y[(i ^ 1) + 16];
            e[i] = x[i] * x[i] + x[i + 16] * x[i + 16];
        }
        re[q] = fold(r, 0);
        im[q] = fold(s, 1);
        energy[q] = fold(e, 0);
    }
}

const struct qw_correlate_table qw_correlate_generic = {blocks, screen};
