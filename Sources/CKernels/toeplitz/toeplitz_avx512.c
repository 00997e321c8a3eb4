// SPDX-License-Identifier: GPL-3.0-or-later
// x86-64 with AVX-512, VPCLMULQDQ and GFNI: four 64 x 64 products an instruction.
#if defined(__x86_64__)
#include <immintrin.h>

#define QW_TARGET __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,vpclmulqdq,pclmul,gfni")))
#define QW_LANES 8
#include "vector.h"

/// The lanes' products modulo x^64+x^4+x^3+x+1.
QW_INLINE vec multiply_lanes(vec a, vec c) {
    const __m512i x = (__m512i)a, y = (__m512i)c;
    const __m512i even = _mm512_clmulepi64_epi128(x, y, 0x00), odd = _mm512_clmulepi64_epi128(x, y, 0x11);
    const __m512i low = _mm512_unpacklo_epi64(even, odd), high = _mm512_unpackhi_epi64(even, odd);
    // What the folding of `high` pushes beyond x^63 comes from its top four bits: a table of 16 in a register.
    const __m512i beyond = _mm512_shuffle_epi8(
        _mm512_broadcast_i32x4(_mm_setr_epi8(
            0x00, 0x1b, 0x2d, 0x36, 0x5a, 0x41, 0x77, 0x6c, (char)0xaf, (char)0xb4, (char)0x82, (char)0x99,
            (char)0xf5, (char)0xee, (char)0xd8, (char)0xc3)),
        _mm512_srli_epi64(high, 60));
    const __m512i by8 = _mm512_slli_epi64(high, 3);
    const __m512i folded = _mm512_ternarylogic_epi64(
        _mm512_add_epi64(high, high), by8, _mm512_add_epi64(by8, by8), 0x96);
    return (vec)_mm512_ternarylogic_epi64(_mm512_xor_si512(low, high), folded, beyond, 0x96);
}

QW_INLINE __m512i wide(const uint64_t *words) { return _mm512_loadu_si512(words); }

/// Adds to even[i] and odd[i] the sums of t + 8i: in lane j those of t + 8i + 2j, and of one word more.
QW_INLINE void tile(__m512i *even, __m512i *odd, const uint64_t *t, const uint64_t *v, size_t w, const int count) {
    __m512i words[2];
    QW_UNROLL for (int i = 0; i < count; i++) {
        even[i] = odd[i] = _mm512_setzero_si512();
        words[i] = wide(t + 8 * i);
    }
    for (size_t b = 0; b < w; b += 2) {
        const __m512i factor = _mm512_broadcast_i32x4(_mm_loadu_si128((const __m128i *)(const void *)(v + b)));
        QW_UNROLL for (int i = 0; i < count; i++) {
            const __m512i next = wide(t + 8 * i - b - 2);
            even[i] = _mm512_ternarylogic_epi64(
                even[i], _mm512_clmulepi64_epi128(words[i], factor, 0x00),
                _mm512_clmulepi64_epi128(next, factor, 0x11), 0x96);
            odd[i] = _mm512_ternarylogic_epi64(
                odd[i], _mm512_clmulepi64_epi128(words[i], factor, 0x01),
                _mm512_clmulepi64_epi128(words[i], factor, 0x10), 0x96);
            words[i] = next;
        }
    }
}

/// y[0..8) from the sums of eight words; returns what the last of them carries into the next word.
QW_INLINE __m512i eight_words(uint64_t *y, __m512i even, __m512i odd, __m512i carried) {
    const __m512i low = _mm512_unpacklo_epi64(even, odd), high = _mm512_unpackhi_epi64(even, odd);
    _mm512_storeu_si512(y, _mm512_xor_si512(low, _mm512_alignr_epi64(high, carried, 7)));
    return high;
}

QW_TARGET static void leaf(uint64_t *y, const uint64_t *t, const uint64_t *v, size_t w) {
    // The sum of word w - 1, of which only the upper half counts.
    const __m512i reversed = _mm512_set_epi64(0, 1, 2, 3, 4, 5, 6, 7);
    __m512i first = _mm512_setzero_si512();
    for (size_t b = 0; b < w; b += 8) {
        const __m512i words = _mm512_permutexvar_epi64(reversed, wide(t + w - 8 - b)), factor = wide(v + b);
        first = _mm512_ternarylogic_epi64(
            first, _mm512_clmulepi64_epi128(words, factor, 0x00), _mm512_clmulepi64_epi128(words, factor, 0x11),
            0x96);
    }
    first = _mm512_xor_si512(first, _mm512_shuffle_i64x2(first, first, 0x4e));
    __m512i carried = _mm512_xor_si512(first, _mm512_shuffle_i64x2(first, first, 0xb1));
    __m512i even[2], odd[2];
    size_t k = 0;
    for (; k + 16 <= w; k += 16) {
        tile(even, odd, t + w + k, v, w, 2);
        carried = eight_words(y + k, even[0], odd[0], carried);
        carried = eight_words(y + k + 8, even[1], odd[1], carried);
    }
    if (k < w) {
        tile(even, odd, t + w + k, v, w, 1);
        eight_words(y + k, even[0], odd[0], carried);
    }
}

#define QW_AFFINE(bytes, matrix) ((vec)_mm512_gf2p8affine_epi64_epi8((__m512i)(bytes), (__m512i)(matrix), 0))
#include "toeplitz_body.h"

const struct qw_toeplitz_table qw_toeplitz_avx512 = {
    block, analyze, multiply, synthesize, 8, 48, 3, 1, 1.45, 128};
#else
typedef int qw_toeplitz_avx512_absent;
#endif
