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
        // Targets on the borders of vectors, for stores that cross lines are dear.
        const size_t first = shift < QW_LANES ? QW_LANES - shift : 0;
        for (size_t i = 0; i < first; i++) f[shift + i] ^= upper[i];
        add(f + shift + first, upper + first, half - shift - first);
    } else if (mode == DUAL) {
        add(upper + half - shift, upper, shift);
        add(upper, f + shift, half - shift);
    } else {
        add(upper, f + shift, half - shift);
        add(upper + half - shift, upper, shift);
    }
}

/// The same with a shift of fewer than 64 bits and at least QW_LANES words in `half`.
QW_INLINE void divide_bits(uint64_t *f, size_t half, unsigned shift, enum mode mode) {
    uint64_t *lower = f, *upper = f + half;
    const unsigned back = 64 - shift;
    if (mode == FORWARD) {
        upper[0] ^= upper[half - 1] >> back;
        vec previous = all(0);
        for (size_t i = 0; i < half; i += QW_LANES) {
            const vec current = get(upper + i);
            put(lower + i, get(lower + i) ^ current << shift ^ QW_BELOW(previous, current) >> back);
            previous = current;
        }
        return;
    }
    if (mode == DUAL) upper[half - 1] ^= upper[0] << back;
    vec current = get(lower);
    for (size_t i = 0; i < half; i += QW_LANES) {
        const vec next = i + QW_LANES < half ? get(lower + i + QW_LANES) : all(0);
        put(upper + i, get(upper + i) ^ current >> shift ^ QW_ABOVE(current, next) << back);
        current = next;
    }
    if (mode == TRANSPOSED) upper[half - 1] ^= upper[0] << back;
}

/// Divisions of 8 vectors of 8 words, in registers: by shifts of 8, 4, 2 and 1 bits for blocks of 64, 32, 16 and 8
/// words.
#if QW_LANES == 8
QW_INLINE void divide_vectors(vec *r, const int half, const int shift, enum mode mode) {
    const vec zero = all(0);
    const int back = 64 - shift;
    vec *upper = r + half;
    const vec top = __builtin_shufflevector(zero, upper[half - 1], 15, 0, 0, 0, 0, 0, 0, 0);
    if (mode == FORWARD) {
        upper[0] ^= top >> back;
        QW_UNROLL for (int i = 0; i < half; i++) {
            r[i] ^= upper[i] << shift ^ QW_BELOW(i > 0 ? upper[i - 1] : zero, upper[i]) >> back;
        }
        return;
    }
    if (mode == DUAL) {
        upper[half - 1] ^= __builtin_shufflevector(zero, upper[0], 0, 0, 0, 0, 0, 0, 0, 8) << back;
    }
    QW_UNROLL for (int i = 0; i < half; i++) {
        upper[i] ^= r[i] >> shift ^ QW_ABOVE(r[i], i + 1 < half ? r[i + 1] : zero) << back;
    }
    if (mode == TRANSPOSED) {
        upper[half - 1] ^= __builtin_shufflevector(zero, upper[0], 0, 0, 0, 0, 0, 0, 0, 8) << back;
    }
}

/// The halves of one vector, by one bit.
QW_INLINE vec divide_vector(vec r, enum mode mode) {
    const vec zero = all(0);
    if (mode == FORWARD) {
        r ^= __builtin_shufflevector(r, zero, 8, 8, 8, 8, 7, 8, 8, 8) >> 63;
        return r ^ __builtin_shufflevector(r, zero, 4, 5, 6, 7, 8, 8, 8, 8) << 1
            ^ __builtin_shufflevector(r, zero, 8, 4, 5, 6, 8, 8, 8, 8) >> 63;
    }
    if (mode == DUAL) r ^= __builtin_shufflevector(r, zero, 8, 8, 8, 8, 8, 8, 8, 4) << 63;
    r ^= __builtin_shufflevector(r, zero, 8, 8, 8, 8, 0, 1, 2, 3) >> 1
        ^ __builtin_shufflevector(r, zero, 8, 8, 8, 8, 1, 2, 3, 8) << 63;
    if (mode == TRANSPOSED) r ^= __builtin_shufflevector(r, zero, 8, 8, 8, 8, 8, 8, 8, 4) << 63;
    return r;
}

QW_INLINE void four_levels(uint64_t *f, enum mode mode) {
    vec r[8];
    QW_UNROLL for (int i = 0; i < 8; i++) r[i] = get(f + 8 * i);
    if (mode == TRANSPOSED) {
        QW_UNROLL for (int i = 0; i < 8; i++) r[i] = divide_vector(r[i], mode);
        QW_UNROLL for (int i = 0; i < 8; i += 2) divide_vectors(r + i, 1, 2, mode);
        QW_UNROLL for (int i = 0; i < 8; i += 4) divide_vectors(r + i, 2, 4, mode);
        divide_vectors(r, 4, 8, mode);
    } else {
        divide_vectors(r, 4, 8, mode);
        QW_UNROLL for (int i = 0; i < 8; i += 4) divide_vectors(r + i, 2, 4, mode);
        QW_UNROLL for (int i = 0; i < 8; i += 2) divide_vectors(r + i, 1, 2, mode);
        QW_UNROLL for (int i = 0; i < 8; i++) r[i] = divide_vector(r[i], mode);
    }
    QW_UNROLL for (int i = 0; i < 8; i++) put(f + 8 * i, r[i]);
}
#endif

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

/// Divisions of 2^level bits by the like of x^(2^k) + x, for level = l ... least.
QW_INLINE void top_levels(uint64_t *f, unsigned l, unsigned least, unsigned k, enum mode mode) {
    for (unsigned step = 0; step <= l - least; step++) {
        const unsigned level = mode == TRANSPOSED ? least + step : l - step;
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

/// The same for k = 8, down to level 9; l is 13 at least.
QW_INLINE void middle_levels(uint64_t *f, unsigned l, enum mode mode) {
#if QW_LANES == 8
    const size_t words = (size_t)1 << (l - 6);
    if (mode != TRANSPOSED) top_levels(f, l, 13, 8, mode);
    for (size_t i = 0; i < words; i += 64) four_levels(f + i, mode);
    if (mode == TRANSPOSED) top_levels(f, l, 13, 8, mode);
#else
    top_levels(f, l, 9, 8, mode);
#endif
}

/// 13 to 16 levels.
QW_INLINE void small_basis(uint64_t *f, unsigned l, enum mode mode) {
    const size_t words = (size_t)1 << (l - 6);
    if (mode != TRANSPOSED) {
        middle_levels(f, l, mode);
        rows(f, l - 8, 4, mode);
        for (size_t i = 0; i < words; i += 4 * QW_LANES) blocks_256(f + i, mode);
    } else {
        for (size_t i = 0; i < words; i += 4 * QW_LANES) blocks_256(f + i, mode);
        rows(f, l - 8, 4, mode);
        middle_levels(f, l, mode);
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
        top_levels(f, l, 17, 16, mode);
        rows(f, l - 16, 1024, mode);
        for (size_t i = 0; i < words; i += 1024) small_basis(f + i, 16, mode);
    } else {
        for (size_t i = 0; i < words; i += 1024) small_basis(f + i, 16, mode);
        rows(f, l - 16, 1024, mode);
        top_levels(f, l, 17, 16, mode);
    }
}
#endif
