// SPDX-License-Identifier: GPL-3.0-or-later
// AArch64 with PMULL: one 64 x 64 product an instruction.
#if defined(__aarch64__)
#include "clmul_table.h"

#include <arm_neon.h>

#define QW_TARGET __attribute__((target("aes")))

QW_TARGET static inline uint64x2_t product(uint64_t a, uint64_t b) {
    return vreinterpretq_u64_p128(vmull_p64((poly64_t)a, (poly64_t)b));
}

static inline QW_TARGET void clmul64(uint64_t a, uint64_t b, uint64_t *high, uint64_t *low) {
    const uint64x2_t p = product(a, b);
    *low = vgetq_lane_u64(p, 0);
    *high = vgetq_lane_u64(p, 1);
}

#include "clmul_fields.h"

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

const struct qw_clmul_table qw_clmul_pmull = {products, gf64_horner, gf128_horner, gf128_multiply, leaf, 32};
#else
typedef int qw_clmul_pmull_absent;
#endif
