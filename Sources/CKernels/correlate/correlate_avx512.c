// SPDX-License-Identifier: GPL-3.0-or-later
// x86-64 with AVX-512: sixteen blocks at a time, folded together.
#if defined(__x86_64__)
#include "correlate_table.h"

#include <immintrin.h>

#define QW_TARGET __attribute__((target("avx512f,avx512dq")))
#define QW_INLINE static inline __attribute__((always_inline)) QW_TARGET
#include "correlate_screen.h"

/// The specification's first two steps for four blocks: x[0] to x[3] of each, in one lane a block.
QW_INLINE __m512 fold4(__m512 a, __m512 b, __m512 c, __m512 d) {
    const __m512 u = _mm512_add_ps(_mm512_shuffle_f32x4(a, b, 0x44), _mm512_shuffle_f32x4(a, b, 0xEE));
    const __m512 v = _mm512_add_ps(_mm512_shuffle_f32x4(c, d, 0x44), _mm512_shuffle_f32x4(c, d, 0xEE));
    return _mm512_add_ps(_mm512_shuffle_f32x4(u, v, 0x88), _mm512_shuffle_f32x4(u, v, 0xDD));
}

/// The last two steps for sixteen blocks.
QW_INLINE __m512 fold16(const __m512 x[4], int alternating) {
    const __m512 a = _mm512_add_ps(_mm512_shuffle_ps(x[0], x[1], 0x44), _mm512_shuffle_ps(x[0], x[1], 0xEE));
    const __m512 b = _mm512_add_ps(_mm512_shuffle_ps(x[2], x[3], 0x44), _mm512_shuffle_ps(x[2], x[3], 0xEE));
    const __m512 even = _mm512_shuffle_ps(a, b, 0x88), odd = _mm512_shuffle_ps(a, b, 0xDD);
    // Lane k now holds blocks k, 4+k, 8+k, 12+k.
    const __m512i order = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
    return _mm512_permutexvar_ps(order, alternating ? _mm512_sub_ps(even, odd) : _mm512_add_ps(even, odd));
}

QW_TARGET static void blocks(
    const float *samples, size_t count, size_t lag, float *re, float *im, float *energy) {
    size_t q = 0;
    for (; q + 16 <= count; q += 16) {
        __m512 r[4], s[4], e[4];
        for (size_t j = 0; j < 4; j++) {
            __m512 u[4], v[4], w[4];
            for (size_t k = 0; k < 4; k++) {
                const float *x = samples + 32 * (q + 4 * j + k), *y = x + 32 * lag;
                const __m512 a = _mm512_loadu_ps(x), b = _mm512_loadu_ps(x + 16);
                const __m512 c = _mm512_loadu_ps(y), d = _mm512_loadu_ps(y + 16);
                u[k] = _mm512_add_ps(_mm512_mul_ps(a, c), _mm512_mul_ps(b, d));
                v[k] = _mm512_add_ps(
                    _mm512_mul_ps(a, _mm512_permute_ps(c, 0xB1)),
                    _mm512_mul_ps(b, _mm512_permute_ps(d, 0xB1)));
                w[k] = _mm512_add_ps(_mm512_mul_ps(a, a), _mm512_mul_ps(b, b));
            }
            r[j] = fold4(u[0], u[1], u[2], u[3]);
            s[j] = fold4(v[0], v[1], v[2], v[3]);
            e[j] = fold4(w[0], w[1], w[2], w[3]);
        }
        _mm512_storeu_ps(re + q, fold16(r, 0));
        _mm512_storeu_ps(im + q, fold16(s, 1));
        _mm512_storeu_ps(energy + q, fold16(e, 0));
    }
    qw_correlate_generic.blocks(samples + 32 * q, count - q, lag, re + q, im + q, energy + q);
}

const struct qw_correlate_table qw_correlate_avx512 = {blocks, screen};
#else
typedef int qw_correlate_avx512_absent;
#endif
