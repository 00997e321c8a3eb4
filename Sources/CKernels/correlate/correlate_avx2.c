// SPDX-License-Identifier: GPL-3.0-or-later
// x86-64 with AVX2: eight blocks at a time, folded together.
#if defined(__x86_64__)
#include "correlate_table.h"

#include <immintrin.h>

#define QW_TARGET __attribute__((target("avx2")))
#define QW_INLINE static inline __attribute__((always_inline)) QW_TARGET
#include "correlate_screen.h"

/// Lanes 0 to 7 of `fold`'s first step, w[i] = lanes[i] + lanes[i + 8], from the block's four products.
QW_INLINE __m256 halve(__m256 a, __m256 b, __m256 c, __m256 d) {
    return _mm256_add_ps(_mm256_add_ps(a, c), _mm256_add_ps(b, d));
}

/// The folds of eight blocks; `w[i]` belongs to block 4 * (i % 2) + i / 2.
QW_INLINE __m256 fold(const __m256 w[8], int alternating) {
    __m256 x[4], y[2];
    for (int i = 0; i < 4; i++) {
        x[i] = _mm256_add_ps(
            _mm256_permute2f128_ps(w[2 * i], w[2 * i + 1], 0x20),
            _mm256_permute2f128_ps(w[2 * i], w[2 * i + 1], 0x31));
    }
    for (int i = 0; i < 2; i++) {
        y[i] = _mm256_add_ps(
            _mm256_shuffle_ps(x[2 * i], x[2 * i + 1], 0x44), _mm256_shuffle_ps(x[2 * i], x[2 * i + 1], 0xEE));
    }
    const __m256 even = _mm256_shuffle_ps(y[0], y[1], 0x88), odd = _mm256_shuffle_ps(y[0], y[1], 0xDD);
    return alternating ? _mm256_sub_ps(even, odd) : _mm256_add_ps(even, odd);
}

/// Asks for what the search reads 8 KiB later; a signal lies in memory, and the processor by itself looks ahead too
/// short. An address behind the end is no fault.
QW_INLINE void fetch(const float *y) {
    const uintptr_t ahead = (uintptr_t)y + 8192;
    _mm_prefetch((const char *)ahead, _MM_HINT_T0);
    _mm_prefetch((const char *)(ahead + 64), _MM_HINT_T0);
}

QW_TARGET static void blocks(
    const float *samples, size_t count, size_t lag, float *re, float *im, float *energy) {
    size_t q = 0;
    for (; q + 8 <= count; q += 8) {
        __m256 r[8], s[8], e[8];
        for (size_t i = 0; i < 8; i++) {
            const float *x = samples + 32 * (q + 4 * (i % 2) + i / 2), *y = x + 32 * lag;
            fetch(y);
            __m256 a[4], b[4], c[4];
            for (size_t j = 0; j < 4; j++) {
                const __m256 u = _mm256_loadu_ps(x + 8 * j), v = _mm256_loadu_ps(y + 8 * j);
                a[j] = _mm256_mul_ps(u, v);
                b[j] = _mm256_mul_ps(u, _mm256_permute_ps(v, 0xB1));
                c[j] = _mm256_mul_ps(u, u);
            }
            r[i] = halve(a[0], a[1], a[2], a[3]);
            s[i] = halve(b[0], b[1], b[2], b[3]);
            e[i] = halve(c[0], c[1], c[2], c[3]);
        }
        _mm256_storeu_ps(re + q, fold(r, 0));
        _mm256_storeu_ps(im + q, fold(s, 1));
        _mm256_storeu_ps(energy + q, fold(e, 0));
    }
    qw_correlate_generic.blocks(samples + 32 * q, count - q, lag, re + q, im + q, energy + q);
}

const struct qw_correlate_table qw_correlate_avx2 = {blocks, screen};
#else
typedef int qw_correlate_avx2_absent;
#endif
