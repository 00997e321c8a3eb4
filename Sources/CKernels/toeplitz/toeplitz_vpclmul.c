// SPDX-License-Identifier: GPL-3.0-or-later
// x86-64 with AVX2 and VPCLMULQDQ: two 64 x 64 products an instruction.
#if defined(__x86_64__)
#include <immintrin.h>

#define QW_TARGET __attribute__((target("avx2,pclmul,vpclmulqdq")))
#define QW_LANES 4
#include "fold.h"

/// The lanes' products modulo x^64+x^4+x^3+x+1.
QW_INLINE vec multiply_lanes(vec a, vec c) {
    const __m256i x = (__m256i)a, y = (__m256i)c;
    const __m256i even = _mm256_clmulepi64_epi128(x, y, 0x00), odd = _mm256_clmulepi64_epi128(x, y, 0x11);
    return fold((vec)_mm256_unpacklo_epi64(even, odd), (vec)_mm256_unpackhi_epi64(even, odd));
}

QW_INLINE __m128i pair(const uint64_t *words) { return _mm_loadu_si128((const __m128i *)(const void *)words); }

/// Two of the sums of `leaf`, those of t and t + 2: the four words at `t - 1` lie as the lanes want them.
QW_INLINE __m256i two(const uint64_t *t, __m256i v) {
    const __m256i words = _mm256_loadu_si256((const __m256i *)(const void *)(t - 1));
    return _mm256_xor_si256(_mm256_clmulepi64_epi128(words, v, 0x01), _mm256_clmulepi64_epi128(words, v, 0x10));
}

QW_TARGET static void leaf(uint64_t *y, const uint64_t *t, const uint64_t *v, size_t w) {
    __m128i first = _mm_setzero_si128();
    for (size_t b = 0; b < w; b += 2) {
        const __m128i words = pair(t + w - 2 - b), factor = pair(v + b);
        first = _mm_xor_si128(first, _mm_clmulepi64_si128(words, factor, 0x01));
        first = _mm_xor_si128(first, _mm_clmulepi64_si128(words, factor, 0x10));
    }
    uint64_t carried = (uint64_t)_mm_extract_epi64(first, 1);
    for (size_t k = 0; k < w; k += 4) {
        // Lanes: the sums of words k and k+2, and of k+1 and k+3.
        __m256i even = _mm256_setzero_si256(), odd = even;
        for (size_t b = 0; b < w; b += 2) {
            const __m256i factor = _mm256_broadcastsi128_si256(pair(v + b));
            even = _mm256_xor_si256(even, two(t + w + k - b, factor));
            odd = _mm256_xor_si256(odd, two(t + w + k + 1 - b, factor));
        }
        y[k] = (uint64_t)_mm256_extract_epi64(even, 0) ^ carried;
        y[k + 1] = (uint64_t)_mm256_extract_epi64(odd, 0) ^ (uint64_t)_mm256_extract_epi64(even, 1);
        y[k + 2] = (uint64_t)_mm256_extract_epi64(even, 2) ^ (uint64_t)_mm256_extract_epi64(odd, 1);
        y[k + 3] = (uint64_t)_mm256_extract_epi64(odd, 2) ^ (uint64_t)_mm256_extract_epi64(even, 3);
        carried = (uint64_t)_mm256_extract_epi64(odd, 3);
    }
}

#include "toeplitz_body.h"

const struct qw_toeplitz_table qw_toeplitz_vpclmul = {
    block, analyze, multiply, synthesize, 4, 48, 1, 1, 1.05, 100};
#else
typedef int qw_toeplitz_vpclmul_absent;
#endif
