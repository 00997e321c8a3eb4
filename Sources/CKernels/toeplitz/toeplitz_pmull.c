// SPDX-License-Identifier: GPL-3.0-or-later
// AArch64 with PMULL: one 64 x 64 product an instruction.
#if defined(__aarch64__)
#include <arm_neon.h>

#define QW_TARGET __attribute__((target("aes")))
#define QW_LANES 2
#include "fold.h"

QW_TARGET static inline uint64x2_t product(uint64_t a, uint64_t b) {
    return vreinterpretq_u64_p128(vmull_p64((poly64_t)a, (poly64_t)b));
}

/// The lanes' products modulo x^64+x^4+x^3+x+1.
QW_INLINE vec multiply_lanes(vec a, vec c) {
    const vec even = (vec)product(a[0], c[0]);
    const vec odd = (vec)vreinterpretq_u64_p128(vmull_high_p64((poly64x2_t)a, (poly64x2_t)c));
    return fold(__builtin_shufflevector(even, odd, 0, 2), __builtin_shufflevector(even, odd, 1, 3));
}

QW_TARGET static void leaf(uint64_t *y, const uint64_t *t, const uint64_t *v, size_t w) {
    uint64x2_t carried = vdupq_n_u64(0);
    for (size_t b = 0; b < w; b++) carried = veorq_u64(carried, product(t[w - 1 - b], v[b]));
    for (size_t k = 0; k < w; k += 4) {
        uint64x2_t d[4] = {vdupq_n_u64(0), vdupq_n_u64(0), vdupq_n_u64(0), vdupq_n_u64(0)};
        for (size_t b = 0; b < w; b++) {
            for (size_t i = 0; i < 4; i++) d[i] = veorq_u64(d[i], product(t[w + k + i - b], v[b]));
        }
        for (size_t i = 0; i < 4; i++) {
            y[k + i] = vgetq_lane_u64(d[i], 0) ^ vgetq_lane_u64(carried, 1);
            carried = d[i];
        }
    }
}

#include "toeplitz_body.h"

const struct qw_toeplitz_table qw_toeplitz_pmull = {
    block, analyze, multiply, synthesize, 4, 48, 1, 1, 1, 100};
#else
typedef int qw_toeplitz_pmull_absent;
#endif
