// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef QW_BASIS_H
#define QW_BASIS_H
// The change of basis in front of the additive transform, on packed bits: from powers of x to the products of
// subspace polynomials of Lin, Chung and Han (arXiv:1404.3458), which have coefficients in GF(2) in a Cantor basis
// (arXiv:1803.11301). A polynomial is divided by s = x^(2^k) + x, its powers and the like, recursively: each
// division is an addition of a block's upper half, moved down by almost half a block.
//
// Modes: forward; dual, the transposed inverse, which has the same steps with source and target exchanged; and
// transposed, which has the dual's steps in reverse order.
#include "vector.h"

enum mode { FORWARD, DUAL, TRANSPOSED };

/// One division, blocks of 2 * half words: coefficients from `half` on also count half - shift words lower.
QW_INLINE void divide_words(uint64_t *f, size_t half, size_t shift, enum mode mode) {
    uint64_t *upper = f + half;
    if (mode == FORWARD) {
        add(upper, upper + half - shift, shift);
        add(f + shift, upper, half - shift);
    } else if (mode == DUAL) {
        add(upper + half - shift, upper, shift);
        add(upper, f + shift, half - shift);
    } else {
        add(upper, f + shift, half - shift);
        add(upper + half - shift, upper, shift);
    }
}

/// The same with a shift of fewer than 64 bits, half >= 4 words.
QW_INLINE void divide_bits(uint64_t *f, size_t half, unsigned shift, enum mode mode) {
    uint64_t *lower = f, *upper = f + half;
    const unsigned back = 64 - shift;
    if (mode == FORWARD) {
        upper[0] ^= upper[half - 1] >> back;
        // The word below `upper` isn't one of its own, so the first sum is mended afterwards.
        const uint64_t first = lower[0] ^ upper[0] << shift;
        size_t i = 0;
        for (; i + QW_LANES <= half; i += QW_LANES) {
            put(lower + i, get(lower + i) ^ get(upper + i) << shift ^ get(upper + i - 1) >> back);
        }
#if QW_LANES == 8
        if (i < half) put4(lower, get4(lower) ^ get4(upper) << shift ^ get4(upper - 1) >> back);
#endif
        lower[0] = first;
        return;
    }
    if (mode == DUAL) upper[half - 1] ^= upper[0] << back;
    const uint64_t last = upper[half - 1] ^ lower[half - 1] >> shift;
    size_t i = 0;
    for (; i + QW_LANES <= half; i += QW_LANES) {
        put(upper + i, get(upper + i) ^ get(lower + i) >> shift ^ get(lower + i + 1) << back);
    }
#if QW_LANES == 8
    if (i < half) put4(upper, get4(upper) ^ get4(lower) >> shift ^ get4(lower + 1) << back);
#endif
    upper[half - 1] = last;
    if (mode == TRANSPOSED) upper[half - 1] ^= upper[0] << back;
}

/// The change of basis of 16 rows, in registers.
#define QW_SIXTEEN(NAME, TYPE, GET, PUT)                                                         \
    QW_INLINE void NAME##_step(TYPE *r, int half, int shift, enum mode mode) {                   \
        if (mode == FORWARD) {                                                                   \
            QW_UNROLL for (int s = 2 * half - 1; s >= half; s--) r[s - half + shift] ^= r[s];    \
        } else if (mode == DUAL) {                                                               \
            QW_UNROLL for (int s = 2 * half - 1; s >= half; s--) r[s] ^= r[s - half + shift];    \
        } else {                                                                                 \
            QW_UNROLL for (int s = half; s < 2 * half; s++) r[s] ^= r[s - half + shift];         \
        }                                                                                        \
    }                                                                                            \
    QW_INLINE void NAME(uint64_t *f, size_t row, enum mode mode) {                               \
        TYPE r[16];                                                                              \
        QW_UNROLL for (int i = 0; i < 16; i++) r[i] = GET(f + (size_t)i * row);                  \
        if (mode != TRANSPOSED) {                                                                \
            NAME##_step(r, 8, 2, mode);                                                          \
            NAME##_step(r, 4, 1, mode);                                                          \
            NAME##_step(r + 8, 4, 1, mode);                                                      \
            NAME##_step(r, 8, 4, mode);                                                          \
            QW_UNROLL for (int q = 0; q < 4; q++) NAME##_step(r + 4 * q, 2, 1, mode);            \
        } else {                                                                                 \
            QW_UNROLL for (int q = 0; q < 4; q++) NAME##_step(r + 4 * q, 2, 1, mode);            \
            NAME##_step(r, 8, 4, mode);                                                          \
            NAME##_step(r, 4, 1, mode);                                                          \
            NAME##_step(r + 8, 4, 1, mode);                                                      \
            NAME##_step(r, 8, 2, mode);                                                          \
        }                                                                                        \
        QW_UNROLL for (int i = 0; i < 16; i++) PUT(f + (size_t)i * row, r[i]);                   \
    }
QW_SIXTEEN(sixteen_vectors, vec, get, put)
#if QW_LANES == 8
QW_SIXTEEN(sixteen_quads, quad, get4, put4)
#endif

/// 2^l rows of `row` words each, a multiple of 4.
QW_INLINE void rows_body(
    uint64_t *f, unsigned l, size_t row, enum mode mode, void (*recurse)(uint64_t *, unsigned, size_t)) {
    if (l <= 1) return;
    if (l == 4) {
#if QW_LANES == 8
        if (row < QW_LANES) {
            sixteen_quads(f, row, mode);
            return;
        }
#endif
        for (size_t i = 0; i < row; i += QW_LANES) sixteen_vectors(f + i, row, mode);
        return;
    }
    unsigned k = 1;
    while (2 * k < l) k *= 2;
    if (mode == TRANSPOSED) {
        for (size_t r = 0; r < (size_t)1 << (l - k); r++) recurse(f + (r << k) * row, k, row);
        recurse(f, l - k, row << k);
        for (unsigned level = k + 1; level <= l; level++) {
            for (size_t b = 0; b < (size_t)1 << (l - level); b++) {
                divide_words(f + (b << level) * row, row << (level - 1), row << (level - 1 - k), mode);
            }
        }
    } else {
        for (unsigned level = l; level > k; level--) {
            for (size_t b = 0; b < (size_t)1 << (l - level); b++) {
                divide_words(f + (b << level) * row, row << (level - 1), row << (level - 1 - k), mode);
            }
        }
        recurse(f, l - k, row << k);
        for (size_t r = 0; r < (size_t)1 << (l - k); r++) recurse(f + (r << k) * row, k, row);
    }
}
QW_TARGET static void rows_forward(uint64_t *f, unsigned l, size_t row) {
    rows_body(f, l, row, FORWARD, rows_forward);
}
QW_TARGET static void rows_dual(uint64_t *f, unsigned l, size_t row) { rows_body(f, l, row, DUAL, rows_dual); }
QW_TARGET static void rows_transposed(uint64_t *f, unsigned l, size_t row) {
    rows_body(f, l, row, TRANSPOSED, rows_transposed);
}
QW_INLINE void rows(uint64_t *f, unsigned l, size_t row, enum mode mode) {
    if (mode == FORWARD) rows_forward(f, l, row);
    if (mode == DUAL) rows_dual(f, l, row);
    if (mode == TRANSPOSED) rows_transposed(f, l, row);
}

/// Bits [from, to) of each field of 2 * half bits.
#define FIELDS(half, from, to) \
    (~(uint64_t)0 / ((half) == 32 ? ~(uint64_t)0 : ((uint64_t)1 << (2 * (half) % 64)) - 1) \
     * (((to) == 64 ? 0 : (uint64_t)1 << (to)) - ((uint64_t)1 << (from))))

/// A division inside each word.
QW_INLINE vec divide_inside(vec w, const int half, const int shift, enum mode mode) {
    const int distance = half - shift;
    if (mode == FORWARD) {
        w ^= w >> distance & all(FIELDS(half, half, half + shift));
        return w ^ (w >> distance & all(FIELDS(half, shift, half)));
    }
    const vec top = all(FIELDS(half, half, 2 * half) & ~FIELDS(half, half, 2 * half - shift));
    const vec rest = all(FIELDS(half, half, 2 * half - shift));
    if (mode == DUAL) {
        w ^= w << distance & top;
        return w ^ (w << distance & rest);
    }
    w ^= w << distance & rest;
    return w ^ (w << distance & top);
}

/// Divisions of w[0..4) as one block of 256 bits (half 128) or two of 128 (half 64), by less than a word.
QW_INLINE void divide_256(vec *w, const int shift, enum mode mode) {
    const int back = 64 - shift;
    if (mode == FORWARD) {
        w[2] ^= w[3] >> back;
        w[1] ^= w[3] << shift ^ w[2] >> back;
        w[0] ^= w[2] << shift;
        return;
    }
    if (mode == DUAL) w[3] ^= w[2] << back;
    w[2] ^= w[0] >> shift ^ w[1] << back;
    w[3] ^= w[1] >> shift;
    if (mode == TRANSPOSED) w[3] ^= w[2] << back;
}
QW_INLINE void divide_128(vec *w, const int shift, enum mode mode) {
    const int back = 64 - shift;
    if (mode == FORWARD) {
        w[1] ^= w[1] >> back;
        w[0] ^= w[1] << shift;
        return;
    }
    if (mode == DUAL) w[1] ^= w[1] << back;
    w[1] ^= w[0] >> shift;
    if (mode == TRANSPOSED) w[1] ^= w[1] << back;
}
/// Of whole words: w[3] counts as w[2], then w[2] as w[1].
QW_INLINE void divide_256_words(vec *w, enum mode mode) {
    if (mode == FORWARD) w[2] ^= w[3], w[1] ^= w[2];
    if (mode == DUAL) w[3] ^= w[2], w[2] ^= w[1];
    if (mode == TRANSPOSED) w[2] ^= w[1], w[3] ^= w[2];
}

/// Blocks of 256 bits, one in each lane of w[0..4): the last eight levels.
QW_INLINE void eight_levels(vec *w, enum mode mode) {
#define EACH(EXPRESSION) QW_UNROLL for (int i = 0; i < 4; i++) w[i] = EXPRESSION
    if (mode != TRANSPOSED) {
        divide_256(w, 8, mode);
        divide_128(w, 4, mode);
        divide_128(w + 2, 4, mode);
        EACH(divide_inside(w[i], 32, 2, mode));
        EACH(divide_inside(w[i], 16, 1, mode));
        divide_256(w, 32, mode);
        divide_128(w, 16, mode);
        divide_128(w + 2, 16, mode);
        divide_256_words(w, mode);
        EACH(divide_inside(w[i], 32, 16, mode));
        EACH(divide_inside(w[i], 8, 2, mode));
        EACH(divide_inside(w[i], 4, 1, mode));
        EACH(divide_inside(w[i], 8, 4, mode));
        EACH(divide_inside(w[i], 2, 1, mode));
    } else {
        EACH(divide_inside(w[i], 2, 1, mode));
        EACH(divide_inside(w[i], 8, 4, mode));
        EACH(divide_inside(w[i], 4, 1, mode));
        EACH(divide_inside(w[i], 8, 2, mode));
        EACH(divide_inside(w[i], 32, 16, mode));
        divide_256_words(w, mode);
        divide_128(w + 2, 16, mode);
        divide_128(w, 16, mode);
        divide_256(w, 32, mode);
        EACH(divide_inside(w[i], 16, 1, mode));
        EACH(divide_inside(w[i], 32, 2, mode));
        divide_128(w + 2, 4, mode);
        divide_128(w, 4, mode);
        divide_256(w, 8, mode);
    }
#undef EACH
}

/// From 4 * QW_LANES words in order to w[q] with the words q of QW_LANES blocks, in some order of the blocks.
QW_INLINE void blocks_256(uint64_t *f, enum mode mode) {
    vec w[4];
#if QW_LANES == 4
    QW_UNROLL for (int i = 0; i < 4; i++) w[i] = get(f + 4 * i);
    transpose(w);
    eight_levels(w, mode);
    transpose(w);
    QW_UNROLL for (int i = 0; i < 4; i++) put(f + 4 * i, w[i]);
#elif QW_LANES == 2
    vec low[2] = {get(f), get(f + 4)}, high[2] = {get(f + 2), get(f + 6)};
    transpose(low);
    transpose(high);
    w[0] = low[0], w[1] = low[1], w[2] = high[0], w[3] = high[1];
    eight_levels(w, mode);
    low[0] = w[0], low[1] = w[1], high[0] = w[2], high[1] = w[3];
    transpose(low);
    transpose(high);
    put(f, low[0]), put(f + 4, low[1]), put(f + 2, high[0]), put(f + 6, high[1]);
#else
    vec z[4], t[4];
    QW_UNROLL for (int i = 0; i < 4; i++) z[i] = get(f + 8 * i);
    QW_UNROLL for (int i = 0; i < 4; i += 2) {
        t[i] = __builtin_shufflevector(z[i], z[i + 1], 0, 8, 2, 10, 4, 12, 6, 14);
        t[i + 1] = __builtin_shufflevector(z[i], z[i + 1], 1, 9, 3, 11, 5, 13, 7, 15);
    }
    QW_UNROLL for (int i = 0; i < 2; i++) {
        w[i] = __builtin_shufflevector(t[i], t[2 + i], 0, 1, 4, 5, 8, 9, 12, 13);
        w[2 + i] = __builtin_shufflevector(t[i], t[2 + i], 2, 3, 6, 7, 10, 11, 14, 15);
    }
    eight_levels(w, mode);
    QW_UNROLL for (int i = 0; i < 2; i++) {
        t[i] = __builtin_shufflevector(w[i], w[2 + i], 0, 1, 8, 9, 2, 3, 10, 11);
        t[2 + i] = __builtin_shufflevector(w[i], w[2 + i], 4, 5, 12, 13, 6, 7, 14, 15);
    }
    QW_UNROLL for (int i = 0; i < 4; i += 2) {
        put(f + 8 * i, __builtin_shufflevector(t[i], t[i + 1], 0, 8, 2, 10, 4, 12, 6, 14));
        put(f + 8 * i + 8, __builtin_shufflevector(t[i], t[i + 1], 1, 9, 3, 11, 5, 13, 7, 15));
    }
#endif
}

/// Divisions of 2^level bits by the like of x^(2^k) + x, for level = l ... k + 1.
QW_INLINE void top_levels(uint64_t *f, unsigned l, unsigned k, enum mode mode) {
    for (unsigned step = 0; step < l - k; step++) {
        const unsigned level = mode == TRANSPOSED ? k + 1 + step : l - step;
        const size_t half = (size_t)1 << (level - 7), shift = (size_t)1 << (level - 1 - k);
        for (size_t b = 0; b < (size_t)1 << (l - level); b++) {
            uint64_t *block = f + (b << (level - 6));
            if (shift < 64) {
                divide_bits(block, half, (unsigned)shift, mode);
            } else {
                divide_words(block, half, shift / 64, mode);
            }
        }
    }
}

/// 9 to 16 levels.
QW_INLINE void small_basis(uint64_t *f, unsigned l, enum mode mode) {
    const size_t words = (size_t)1 << (l - 6);
    if (mode != TRANSPOSED) {
        top_levels(f, l, 8, mode);
        rows(f, l - 8, 4, mode);
        for (size_t i = 0; i < words; i += 4 * QW_LANES) blocks_256(f + i, mode);
    } else {
        for (size_t i = 0; i < words; i += 4 * QW_LANES) blocks_256(f + i, mode);
        rows(f, l - 8, 4, mode);
        top_levels(f, l, 8, mode);
    }
}

/// The change of basis of 2^l packed bits, 15 <= l <= 32.
QW_INLINE void change_basis(uint64_t *f, unsigned l, enum mode mode) {
    if (l <= 16) {
        small_basis(f, l, mode);
        return;
    }
    const size_t words = (size_t)1 << (l - 6);
    if (mode != TRANSPOSED) {
        top_levels(f, l, 16, mode);
        rows(f, l - 16, 1024, mode);
        for (size_t i = 0; i < words; i += 1024) small_basis(f + i, 16, mode);
    } else {
        for (size_t i = 0; i < words; i += 1024) small_basis(f + i, 16, mode);
        rows(f, l - 16, 1024, mode);
        top_levels(f, l, 16, mode);
    }
}
#endif
