// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef QW_BUTTERFLIES_H
#define QW_BUTTERFLIES_H
// The additive transform of Lin, Chung and Han over 2^l points of GF(2^64): the points basis[l+32] + the span of
// basis[0 ... l-1], whose conjugates over GF(2) are all different (Frobenius partitions, arXiv:1803.11301). The
// including file also defines `multiply_lanes(a, c)`, the products of the lanes in GF(2^64).
//
// Level j joins elements 2^j apart; block b of 2^(j+1) elements has the twiddle basis[l+32-j] + the sum of
// basis[q+1] over the ones q of b. Modes as in basis.h: dual and transposed butterflies.
#include "basis.h"
#include "fft_constants.h"

QW_INLINE uint64_t twiddle(const struct qw_fft_constants *k, size_t b) {
    return k->twiddles[0][b & 511] ^ k->twiddles[1][b >> 9 & 511] ^ k->twiddles[2][b >> 18 & 511];
}

QW_INLINE void butterfly(vec *a, vec *b, vec c, enum mode mode) {
    if (mode == FORWARD) {
        *a ^= multiply_lanes(*b, c);
        *b ^= *a;
    } else if (mode == DUAL) {
        *b ^= multiply_lanes(*a, c);
        *a ^= *b;
    } else {
        *a ^= *b;
        *b ^= multiply_lanes(*a, c);
    }
}

/// One level over a block of 2s elements.
QW_INLINE void one_level(uint64_t *x, size_t s, uint64_t c, enum mode mode) {
    for (size_t i = 0; i < s; i += QW_LANES) {
        vec a = get(x + i), b = get(x + s + i);
        butterfly(&a, &b, all(c), mode);
        put(x + i, a);
        put(x + s + i, b);
    }
}

/// Two levels over a block of 4s elements, of twiddles c[0], then c[1] and c[2].
QW_INLINE void two_levels(uint64_t *x, size_t s, const uint64_t c[3], enum mode mode) {
    const vec c0 = all(c[0]), c1 = all(c[1]), c2 = all(c[2]);
    for (size_t i = 0; i < s; i += QW_LANES) {
        vec r[4] = {get(x + i), get(x + s + i), get(x + 2 * s + i), get(x + 3 * s + i)};
        if (mode != TRANSPOSED) {
            butterfly(&r[0], &r[2], c0, mode);
            butterfly(&r[1], &r[3], c0, mode);
        }
        butterfly(&r[0], &r[1], c1, mode);
        butterfly(&r[2], &r[3], c2, mode);
        if (mode == TRANSPOSED) {
            butterfly(&r[0], &r[2], c0, mode);
            butterfly(&r[1], &r[3], c0, mode);
        }
        put(x + i, r[0]), put(x + s + i, r[1]), put(x + 2 * s + i, r[2]), put(x + 3 * s + i, r[3]);
    }
}

#if QW_LANES == 8
#define QW_LANE_BITS 3
#elif QW_LANES == 4
#define QW_LANE_BITS 2
#else
#define QW_LANE_BITS 1
#endif

/// The last levels, between and inside QW_LANES vectors; block is the number of this one. In the order of points
/// that the transposition in the middle leaves: products of two transforms don't care.
QW_INLINE void last_levels(
    const struct qw_fft_constants *k, uint64_t *x, size_t block, unsigned l, enum mode mode) {
    const int p = QW_LANE_BITS;
    vec r[QW_LANES], index[QW_LANE_BITS];
    QW_UNROLL for (int t = 0; t < p; t++) {
        QW_UNROLL for (int i = 0; i < QW_LANES; i++) index[t][i] = k->twiddles[0][i << (p - 1 - t)];
    }
    QW_UNROLL for (int i = 0; i < QW_LANES; i++) r[i] = get(x + i * QW_LANES);
    QW_UNROLL for (int step = 0; step < 2 * p; step++) {
        const int level = mode == TRANSPOSED ? step : 2 * p - 1 - step, inside = level < p;
        const int t = inside ? level : level - p, d = 1 << t;
        if (mode != TRANSPOSED && level == p - 1) transpose(r);
        if (mode == TRANSPOSED && level == p) transpose(r);
        const uint64_t base = k->basis[l + 32 - (unsigned)level]
            ^ twiddle(k, (inside ? block * QW_LANES : block) << (p - 1 - t));
        QW_UNROLL for (int i = 0; i < QW_LANES; i++) {
            if (i & d) continue;
            const vec c = all(base ^ k->twiddles[0][i >> (t + 1)]);
            butterfly(&r[i], &r[i + d], inside ? c ^ index[t] : c, mode);
        }
    }
    QW_UNROLL for (int i = 0; i < QW_LANES; i++) put(x + i * QW_LANES, r[i]);
}

/// Levels level ... 0 of block b, depth first so that the blocks come to fit the caches.
QW_INLINE void levels_body(
    const struct qw_fft_constants *k, uint64_t *x, unsigned level, size_t b, unsigned l, enum mode mode,
    void (*recurse)(const struct qw_fft_constants *, uint64_t *, unsigned, size_t, unsigned)) {
    const uint64_t *basis = k->basis + l + 32;
    if (level == 2 * QW_LANE_BITS - 1) {
        last_levels(k, x, b, l, mode);
    } else if (level == 2 * QW_LANE_BITS) {
        const size_t s = (size_t)1 << level;
        const uint64_t c = *(basis - level) ^ twiddle(k, b);
        if (mode != TRANSPOSED) one_level(x, s, c, mode);
        last_levels(k, x, 2 * b, l, mode);
        last_levels(k, x + s, 2 * b + 1, l, mode);
        if (mode == TRANSPOSED) one_level(x, s, c, mode);
    } else {
        const size_t s = (size_t)1 << (level - 1);
        const uint64_t low = *(basis - level + 1) ^ twiddle(k, 2 * b);
        const uint64_t c[3] = {*(basis - level) ^ twiddle(k, b), low, low ^ k->basis[1]};
        if (mode != TRANSPOSED) two_levels(x, s, c, mode);
        for (size_t q = 0; q < 4; q++) recurse(k, x + q * s, level - 2, 4 * b + q, l);
        if (mode == TRANSPOSED) two_levels(x, s, c, mode);
    }
}

/// Levels level ... 6 of a row of segments of 64 elements, which aren't touched inside.
QW_INLINE void segments_body(
    const struct qw_fft_constants *k, uint64_t *x, unsigned level, size_t b, unsigned l, enum mode mode,
    void (*recurse)(const struct qw_fft_constants *, uint64_t *, unsigned, size_t, unsigned)) {
    const uint64_t *basis = k->basis + l + 32;
    if (level < 6) return;
    if (level == 6) {
        one_level(x, 64, *(basis - level) ^ twiddle(k, b), mode);
        return;
    }
    const size_t s = (size_t)1 << (level - 1);
    const uint64_t low = *(basis - level + 1) ^ twiddle(k, 2 * b);
    const uint64_t c[3] = {*(basis - level) ^ twiddle(k, b), low, low ^ k->basis[1]};
    if (mode != TRANSPOSED) two_levels(x, s, c, mode);
    for (size_t q = 0; q < 4; q++) recurse(k, x + q * s, level - 2, 4 * b + q, l);
    if (mode == TRANSPOSED) two_levels(x, s, c, mode);
}

#define QW_LEVELS(NAME, SEGMENTS, MODE)                                                                  \
    QW_TARGET static void NAME(                                                                          \
        const struct qw_fft_constants *k, uint64_t *x, unsigned level, size_t b, unsigned l) {           \
        levels_body(k, x, level, b, l, MODE, NAME);                                                      \
    }                                                                                                    \
    QW_TARGET static void SEGMENTS(                                                                      \
        const struct qw_fft_constants *k, uint64_t *x, unsigned level, size_t b, unsigned l) {           \
        segments_body(k, x, level, b, l, MODE, SEGMENTS);                                                \
    }
QW_LEVELS(levels_forward, segments_forward, FORWARD)
QW_LEVELS(levels_dual, segments_dual, DUAL)
QW_LEVELS(levels_transposed, segments_transposed, TRANSPOSED)
#endif
