// SPDX-License-Identifier: GPL-3.0-or-later
// x86-64 with AVX2, BMI2 and PCLMULQDQ.
#if defined(__x86_64__)
#include "cascade_state.h"

#include <immintrin.h>

#define QW_TARGET __attribute__((target("avx2,bmi,bmi2,lzcnt,pclmul,popcnt")))

int qw_cascade_has_x86(void) {
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi")
        && __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("lzcnt") && __builtin_cpu_supports("popcnt")
        && __builtin_cpu_supports("pclmul");
}

/// A product with all ones is the sum of all shifts: the parity of the bits up to each place.
QW_TARGET static void prefix(uint64_t *out, const uint64_t *in, size_t count) {
    const __m128i ones = _mm_set1_epi64x(-1);
    uint64_t carry = 0;
    for (size_t i = 0; i < count; i++) {
        const uint64_t w = (uint64_t)_mm_cvtsi128_si64(
            _mm_clmulepi64_si128(_mm_cvtsi64_si128((long long)in[i]), ones, 0));
        out[i] = w << 1 ^ carry;
        carry ^= (uint64_t)((int64_t)w >> 63);
    }
}

/// One step of the transposition inside pairs of words that lie `width` apart, four pairs at a time.
#define QW_STEP(width, constant)                                                                              \
    do {                                                                                                      \
        const __m256i mask = _mm256_set1_epi64x((long long)(constant));                                       \
        for (unsigned i = 0; i < 64; i += 2 * (width)) {                                                      \
            for (unsigned j = i; j < i + (width); j += 4) {                                                   \
                __m256i *low = (__m256i *)(void *)(tile + j), *high = (__m256i *)(void *)(tile + j + (width)); \
                const __m256i a = _mm256_loadu_si256(low), b = _mm256_loadu_si256(high);                      \
                const __m256i swap = _mm256_and_si256(_mm256_xor_si256(_mm256_srli_epi64(a, width), b), mask); \
                _mm256_storeu_si256(low, _mm256_xor_si256(a, _mm256_slli_epi64(swap, width)));                \
                _mm256_storeu_si256(high, _mm256_xor_si256(b, swap));                                         \
            }                                                                                                 \
        }                                                                                                     \
    } while (0)

QW_TARGET static void transpose(uint64_t *tile) {
    QW_STEP(32, 0x00000000ffffffff);
    QW_STEP(16, 0x0000ffff0000ffff);
    QW_STEP(8, 0x00ff00ff00ff00ff);
    QW_STEP(4, 0x0f0f0f0f0f0f0f0f);
    const __m256i two = _mm256_set1_epi64x(0x3333333333333333), one = _mm256_set1_epi64x(0x5555555555555555);
    for (unsigned i = 0; i < 64; i += 4) {
        __m256i *at = (__m256i *)(void *)(tile + i);
        __m256i v = _mm256_loadu_si256(at);
        // The words 0, 1 with 2, 3, then 0 with 1 and 2 with 3: the partner's lanes come by a permutation.
        __m256i other = _mm256_permute4x64_epi64(v, 0x4e);
        __m256i swap = _mm256_and_si256(_mm256_xor_si256(_mm256_srli_epi64(v, 2), other), two);
        __m256i given = _mm256_permute4x64_epi64(swap, 0x4e);
        v = _mm256_xor_si256(v, _mm256_blend_epi32(_mm256_slli_epi64(swap, 2), given, 0xf0));
        other = _mm256_shuffle_epi32(v, 0x4e);
        swap = _mm256_and_si256(_mm256_xor_si256(_mm256_srli_epi64(v, 1), other), one);
        given = _mm256_shuffle_epi32(swap, 0x4e);
        v = _mm256_xor_si256(v, _mm256_blend_epi32(_mm256_slli_epi64(swap, 1), given, 0xcc));
        _mm256_storeu_si256(at, v);
    }
}

QW_TARGET static uint64_t squeeze(uint64_t word, uint64_t mask) { return _pext_u64(word, mask); }

QW_TARGET static inline uint32_t nth(uint64_t mask, uint32_t n) {
    return (uint32_t)_tzcnt_u64(_pdep_u64((uint64_t)1 << n, mask));
}

#include "cascade_search.h"
#include "cascade_take.h"
#include "cascade_speak.h"

const struct qw_cascade_kernels qw_cascade_x86 = {prefix, transpose, squeeze, take, settle, say};
#else
typedef int qw_cascade_x86_absent;
#endif
