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

const struct qw_clmul_table qw_clmul_pmull = {products, gf64_horner, gf128_horner, gf128_multiply};
#else
typedef int qw_clmul_pmull_absent;
#endif
