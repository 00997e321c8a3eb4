// SPDX-License-Identifier: GPL-3.0-or-later
// x86-64 with PCLMULQDQ: one 64 x 64 product an instruction.
#if defined(__x86_64__)
#include "clmul_table.h"

#include <immintrin.h>

#define QW_TARGET __attribute__((target("sse2,pclmul")))

static inline QW_TARGET void clmul64(uint64_t a, uint64_t b, uint64_t *high, uint64_t *low) {
    const __m128i p = _mm_clmulepi64_si128(_mm_cvtsi64_si128((long long)a), _mm_cvtsi64_si128((long long)b), 0);
    *low = (uint64_t)_mm_cvtsi128_si64(p);
    *high = (uint64_t)_mm_cvtsi128_si64(_mm_unpackhi_epi64(p, p));
}

#include "clmul_fields.h"

QW_INLINE __m128i pair(const uint64_t *words) { return _mm_loadu_si128((const __m128i *)(const void *)words); }

/// sum over both words of v of t[-b]*v[b], where the pair at `t - 1` holds t[-1] and t[0].
QW_INLINE __m128i two(const uint64_t *t, __m128i v) {
    const __m128i words = pair(t - 1);
    return _mm_xor_si128(_mm_clmulepi64_si128(words, v, 0x01), _mm_clmulepi64_si128(words, v, 0x10));
}

QW_TARGET static void leaf(uint64_t *y, const uint64_t *t, const uint64_t *v, size_t w) {
    __m128i carried = _mm_setzero_si128();
    for (size_t b = 0; b < w; b += 2) carried = _mm_xor_si128(carried, two(t + w - 1 - b, pair(v + b)));
    for (size_t k = 0; k < w; k += 4) {
        __m128i d[4] = {_mm_setzero_si128(), _mm_setzero_si128(), _mm_setzero_si128(), _mm_setzero_si128()};
        for (size_t b = 0; b < w; b += 2) {
            const __m128i words = pair(v + b);
            for (size_t i = 0; i < 4; i++) d[i] = _mm_xor_si128(d[i], two(t + w + k + i - b, words));
        }
        for (size_t i = 0; i < 4; i++) {
            const __m128i word = _mm_xor_si128(d[i], _mm_unpackhi_epi64(carried, carried));
            _mm_storel_epi64((__m128i *)(void *)(y + k + i), word);
            carried = d[i];
        }
    }
}

const struct qw_clmul_table qw_clmul_pclmul = {products, gf64_horner, gf128_horner, gf128_multiply, leaf, 32};
#else
typedef int qw_clmul_pclmul_absent;
#endif
