// SPDX-License-Identifier: GPL-3.0-or-later
// x86-64 with AVX2 and VPCLMULQDQ: two 64 x 64 products an instruction.
#if defined(__x86_64__)
#include "clmul_table.h"

#include <immintrin.h>

#define QW_TARGET __attribute__((target("avx2,pclmul,vpclmulqdq")))

static inline QW_TARGET void clmul64(uint64_t a, uint64_t b, uint64_t *high, uint64_t *low) {
    const __m128i p = _mm_clmulepi64_si128(_mm_cvtsi64_si128((long long)a), _mm_cvtsi64_si128((long long)b), 0);
    *low = (uint64_t)_mm_cvtsi128_si64(p);
    *high = (uint64_t)_mm_extract_epi64(p, 1);
}

#include "clmul_fields.h"

const struct qw_clmul_table qw_clmul_vpclmul = {products, gf64_horner, gf128_horner, gf128_multiply};
#else
typedef int qw_clmul_vpclmul_absent;
#endif
