// SPDX-License-Identifier: GPL-3.0-or-later
// x86-64 with PCLMULQDQ: one 64 x 64 product an instruction.
#if defined(__x86_64__)
#include <immintrin.h>

#define QW_TARGET __attribute__((target("sse2,pclmul")))
#define QW_LANES 2
#include "fold.h"

/// The lanes' products modulo x^64+x^4+x^3+x+1.
QW_INLINE vec multiply_lanes(vec a, vec c) {
    const __m128i x = (__m128i)a, y = (__m128i)c;
    const __m128i even = _mm_clmulepi64_si128(x, y, 0x00), odd = _mm_clmulepi64_si128(x, y, 0x11);
    return fold((vec)_mm_unpacklo_epi64(even, odd), (vec)_mm_unpackhi_epi64(even, odd));
}

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

#include "toeplitz_body.h"

const struct qw_toeplitz_table qw_toeplitz_pclmul = {
    block, analyze, multiply, synthesize, 4, 48, 1, 1, 1, 100};
#else
typedef int qw_toeplitz_pclmul_absent;
#endif
