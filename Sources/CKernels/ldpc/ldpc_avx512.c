// SPDX-License-Identifier: GPL-3.0-or-later
// x86-64 with AVX-512 BW and VBMI: 64 lanes.
#if defined(__x86_64__)
#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>

#define QW_TARGET __attribute__((target("avx512f,avx512bw,avx512vl,avx512vbmi")))
#define QW_VECTOR static inline __attribute__((always_inline)) QW_TARGET
#define LANES 64
#define QW_LDPC_ROTATES

typedef __m512i vec;

QW_VECTOR vec load_bytes(const int8_t *bytes) { return _mm512_loadu_si512(bytes); }
QW_VECTOR void store_bytes(int8_t *bytes, vec x) { _mm512_storeu_si512(bytes, x); }
QW_VECTOR vec every(int8_t value) { return _mm512_set1_epi8(value); }
QW_VECTOR vec minus(vec a, vec b) { return _mm512_subs_epi8(a, b); }
QW_VECTOR vec plus(vec a, vec b) { return _mm512_adds_epi8(a, b); }
QW_VECTOR vec magnitude(vec a) { return _mm512_min_epu8(_mm512_abs_epi8(a), _mm512_set1_epi8(127)); }
QW_VECTOR vec lesser(vec a, vec b) { return _mm512_min_epu8(a, b); }
QW_VECTOR vec either(vec a, vec b) { return _mm512_xor_si512(a, b); }
QW_VECTOR vec signs_of(uint64_t word) { return _mm512_movm_epi8(word); }
QW_VECTOR vec signed_by(vec a, vec sign) {
    return _mm512_mask_sub_epi8(a, _mm512_movepi8_mask(sign), _mm512_setzero_si512(), a);
}
QW_VECTOR vec first_lanes(size_t count, vec a, vec b) {
    return _mm512_mask_blend_epi8(~(uint64_t)0 << count, a, b);
}
/// Lane numbers, twice round.
static const uint8_t lanes[128] = {
    0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31,
    32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63,
    0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31,
    32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63,
};

QW_VECTOR vec rotated(vec x, size_t shift) {
    return _mm512_permutexvar_epi8(_mm512_loadu_si512(lanes + shift), x);
}

QW_VECTOR vec table_of(const uint8_t *bytes) {
    return _mm512_zextsi128_si512(_mm_loadu_si128((const __m128i *)(const void *)bytes));
}
QW_VECTOR vec boxplus(vec a, vec b, vec table) {
    // Two-register look-ups take seven bits of index, so differences need no limit, and sums the signed one.
    const vec zero = _mm512_setzero_si512();
    const vec low = _mm512_min_epu8(a, b), difference = _mm512_sub_epi8(_mm512_max_epu8(a, b), low);
    const vec more = _mm512_permutex2var_epi8(table, _mm512_adds_epi8(a, b), zero);
    const vec less = _mm512_permutex2var_epi8(table, difference, zero);
    return _mm512_subs_epu8(_mm512_add_epi8(low, more), less);
}

#include "ldpc_rows.h"

QW_TARGET static void signs(const int8_t *values, uint64_t *words, size_t count) {
    for (size_t w = 0; w < count / 64; w++) words[w] = _mm512_movepi8_mask(load_bytes(values + 64 * w));
}

QW_TARGET static void load(const uint64_t *words, int8_t value, int8_t *values, size_t count) {
    for (size_t w = 0; w < count / 64; w++) {
        store_bytes(values + 64 * w, signed_by(every(value), signs_of(words[w])));
    }
}

const struct qw_ldpc_table qw_ldpc_avx512 = {sweep, signs, load};
#else
typedef int qw_ldpc_avx512_absent;
#endif
