// SPDX-License-Identifier: GPL-3.0-or-later
// AArch64 with NEON: four blocks at a time, folded together.
#if defined(__aarch64__)
#include "correlate_table.h"

#include <arm_neon.h>

#define QW_TARGET
#define QW_INLINE static inline __attribute__((always_inline))
#include "correlate_screen.h"

/// Lanes 0 to 3 of the specification's second step from the block's eight products.
QW_INLINE float32x4_t quarter(const float32x4_t p[8]) {
    float32x4_t v[4];
    for (int i = 0; i < 4; i++) v[i] = vaddq_f32(p[i], p[i + 4]);
    return vaddq_f32(vaddq_f32(v[0], v[2]), vaddq_f32(v[1], v[3]));
}

/// The folds of four blocks.
QW_INLINE float32x4_t fold(const float32x4_t x[4], int alternating) {
    float32x4_t y[2];
    for (int i = 0; i < 2; i++) {
        const float32x4_t a = x[2 * i], b = x[2 * i + 1];
        y[i] = vaddq_f32(
            vcombine_f32(vget_low_f32(a), vget_low_f32(b)), vcombine_f32(vget_high_f32(a), vget_high_f32(b)));
    }
    const float32x4_t even = vuzp1q_f32(y[0], y[1]), odd = vuzp2q_f32(y[0], y[1]);
    return alternating ? vsubq_f32(even, odd) : vaddq_f32(even, odd);
}

static void blocks(const float *samples, size_t count, size_t lag, float *re, float *im, float *energy) {
#pragma STDC FP_CONTRACT OFF
    size_t q = 0;
    for (; q + 4 <= count; q += 4) {
        float32x4_t r[4], s[4], e[4];
        for (size_t i = 0; i < 4; i++) {
            const float *x = samples + 32 * (q + i), *y = x + 32 * lag;
            float32x4_t a[8], b[8], c[8];
            for (size_t j = 0; j < 8; j++) {
                const float32x4_t u = vld1q_f32(x + 4 * j), v = vld1q_f32(y + 4 * j);
                a[j] = vmulq_f32(u, v);
                b[j] = vmulq_f32(u, vrev64q_f32(v));
                c[j] = vmulq_f32(u, u);
            }
            r[i] = quarter(a);
            s[i] = quarter(b);
            e[i] = quarter(c);
        }
        vst1q_f32(re + q, fold(r, 0));
        vst1q_f32(im + q, fold(s, 1));
        vst1q_f32(energy + q, fold(e, 0));
    }
    qw_correlate_generic.blocks(samples + 32 * q, count - q, lag, re + q, im + q, energy + q);
}

const struct qw_correlate_table qw_correlate_neon = {blocks, screen};
#else
typedef int qw_correlate_neon_absent;
#endif
