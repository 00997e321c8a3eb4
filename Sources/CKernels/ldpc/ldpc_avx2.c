// SPDX-License-Identifier: GPL-3.0-or-later
// x86-64 with AVX2: 32 lanes.
#if defined(__x86_64__)
#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>

#define QW_TARGET __attribute__((target("avx2")))
#define QW_VECTOR static inline __attribute__((always_inline)) QW_TARGET
#define LANES 32

typedef __m256i vec;

QW_VECTOR vec load_bytes(const int8_t *bytes) { return _mm256_loadu_si256((const __m256i *)(const void *)bytes); }
QW_VECTOR void store_bytes(int8_t *bytes, vec x) { _mm256_storeu_si256((__m256i *)(void *)bytes, x); }
QW_VECTOR vec every(int8_t value) { return _mm256_set1_epi8(value); }
QW_VECTOR vec minus(vec a, vec b) { return _mm256_subs_epi8(a, b); }
QW_VECTOR vec plus(vec a, vec b) { return _mm256_adds_epi8(a, b); }
QW_VECTOR vec magnitude(vec a) { return _mm256_min_epu8(_mm256_abs_epi8(a), _mm256_set1_epi8(127)); }
QW_VECTOR vec lesser(vec a, vec b) { return _mm256_min_epu8(a, b); }
QW_VECTOR vec either(vec a, vec b) { return _mm256_xor_si256(a, b); }
QW_VECTOR vec signed_by(vec a, vec sign) {
    // The low bit keeps a zero from wiping the lane.
    return _mm256_sign_epi8(a, _mm256_or_si256(sign, _mm256_set1_epi8(1)));
}
QW_VECTOR vec signs_of(uint64_t word) {
    // Each byte of the word to eight lanes, of which each looks at its own bit.
    const vec places = _mm256_set_epi64x(0x0303030303030303, 0x0202020202020202, 0x0101010101010101, 0);
    const vec own = _mm256_set1_epi64x((long long)0x8040201008040201u);
    const vec bytes = _mm256_shuffle_epi8(_mm256_set1_epi32((int)word), places);
    return _mm256_cmpeq_epi8(_mm256_and_si256(bytes, own), own);
}
QW_VECTOR vec first_lanes(size_t count, vec a, vec b) {
    const vec lanes = _mm256_setr_epi8(
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28,
        29, 30, 31);
    return _mm256_blendv_epi8(b, a, _mm256_cmpgt_epi8(_mm256_set1_epi8((char)count), lanes));
}

QW_VECTOR vec table_of(const uint8_t *bytes) {
    return _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(const void *)bytes));
}
QW_VECTOR vec boxplus(vec a, vec b, vec table) {
    // A shuffle gives zero where bit 7 is set, which the bias does for everything above 15.
    const vec bias = _mm256_set1_epi8(0x70);
    const vec low = _mm256_min_epu8(a, b), difference = _mm256_sub_epi8(_mm256_max_epu8(a, b), low);
    const vec sum = _mm256_adds_epu8(_mm256_adds_epu8(a, b), bias);
    const vec more = _mm256_shuffle_epi8(table, sum);
    const vec less = _mm256_shuffle_epi8(table, _mm256_adds_epu8(difference, bias));
    return _mm256_subs_epu8(_mm256_add_epi8(low, more), less);
}

#include "ldpc_rows.h"

QW_TARGET static void signs(const int8_t *values, uint64_t *words, size_t count) {
    for (size_t w = 0; w < count / 64; w++) {
        const uint32_t low = (uint32_t)_mm256_movemask_epi8(load_bytes(values + 64 * w));
        const uint32_t high = (uint32_t)_mm256_movemask_epi8(load_bytes(values + 64 * w + 32));
        words[w] = low | (uint64_t)high << 32;
    }
}

QW_TARGET static void load(const uint64_t *words, int8_t value, int8_t *values, size_t count) {
    for (size_t i = 0; i < count; i += 32) {
        store_bytes(values + i, signed_by(every(value), signs_of(words[i / 64] >> (i % 64))));
    }
}

const struct qw_ldpc_table qw_ldpc_avx2 = {sweep, signs, load};
#else
typedef int qw_ldpc_avx2_absent;
#endif
