// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef QW_TOEPLITZ_BODY_H
#define QW_TOEPLITZ_BODY_H
// The functions of a qw_toeplitz_table that every instruction set shares. The including file defines QW_TARGET,
// QW_LANES, `multiply_lanes` and `leaf` before it includes this.
#include "butterflies.h"
#include "encode.h"
#include "toeplitz_table.h"

#include <string.h>

/// y = T v. With the halves of v and the blocks T-, T0, T+ of T: P = T0 (v0 + v1), y0 = P + (T0 + T-) v1,
/// y1 = P + (T0 + T+) v0.
QW_TARGET static void block(
    uint64_t *y, const uint64_t *t, const uint64_t *v, size_t w, unsigned levels, uint64_t *scratch) {
    if (levels == 0) {
        leaf(y, t, v, w);
        return;
    }
    const size_t h = w / 2;
    uint64_t *s = scratch, *rest = scratch + w;
    sum(s, t, t + h, w);
    block(y, s, v + h, h, levels - 1, rest);
    sum(s, t + h, t + w, w);
    block(y + h, s, v, h, levels - 1, rest);
    sum(s, v, v + h, h);
    block(s + h, t + h, s, h, levels - 1, rest);
    add(y, s + h, h);
    add(y + h, s + h, h);
}

// Long transforms stay in place: rows of bits that lie far apart fall into the same few places of the caches anyway,
// so blocks of 64 x 64 words go through a tile. A tile's 4096 elements go back as 64 segments, one to each row; the
// upper levels then join segments inside rows, and the last twelve are made tile by tile, where the elements are in
// order again.

enum { TILE = 4096 };

/// Segment h of the tile is words 64b ... 64b + 63 of row h.
QW_INLINE void take_tile(uint64_t *tile, const uint64_t *x, size_t row, size_t b) {
    for (size_t h = 0; h < 64; h++) memcpy(tile + 64 * h, x + h * row + 64 * b, 64 * sizeof *tile);
}
QW_INLINE void give_tile(uint64_t *x, const uint64_t *tile, size_t row, size_t b) {
    for (size_t h = 0; h < 64; h++) memcpy(x + h * row + 64 * b, tile + 64 * h, 64 * sizeof *tile);
}

QW_INLINE void analyze_in_place(uint64_t *x, unsigned l, enum mode mode, const struct qw_bit_matrix *matrix) {
    const struct qw_fft_constants *k = qw_fft_constants();
    const size_t row = (size_t)1 << (l - 6);
    uint64_t bits[TILE], tile[TILE];
    for (size_t b = 0; b < row / 64; b++) {
        take_tile(bits, x, row, b);
        encode_columns(tile, bits, 64, 64, matrix);
        give_tile(x, tile, row, b);
    }
    for (size_t h = 0; h < 64; h++) {
        (mode == FORWARD ? segments_forward : segments_dual)(k, x + h * row, l - 7, 0, l - 6);
    }
    for (size_t b = 0; b < row / 64; b++) {
        take_tile(tile, x, row, b);
        (mode == FORWARD ? levels_forward : levels_dual)(k, tile, 11, b, l);
        give_tile(x, tile, row, b);
    }
    qw_wipe(bits, sizeof bits);
    qw_wipe(tile, sizeof tile);
}

QW_INLINE void synthesize_in_place(uint64_t *x, unsigned l) {
    const struct qw_fft_constants *k = qw_fft_constants();
    const size_t row = (size_t)1 << (l - 6);
    uint64_t bits[TILE], tile[TILE];
    for (size_t b = 0; b < row / 64; b++) {
        take_tile(tile, x, row, b);
        levels_transposed(k, tile, 11, b, l);
        give_tile(x, tile, row, b);
    }
    for (size_t h = 0; h < 64; h++) segments_transposed(k, x + h * row, l - 7, 0, l - 6);
    for (size_t b = 0; b < row / 64; b++) {
        take_tile(tile, x, row, b);
        decode_columns(bits, tile, 64, 64, &k->dual_decode);
        give_tile(x, bits, row, b);
    }
    qw_wipe(bits, sizeof bits);
    qw_wipe(tile, sizeof tile);
}

QW_TARGET static void analyze(uint64_t *elements, uint64_t *bits, unsigned l, enum qw_direction direction) {
    const struct qw_fft_constants *k = qw_fft_constants();
    const size_t row = (size_t)1 << (l - 6);
    if (direction == QW_FORWARD) {
        change_basis(bits, l + 6, FORWARD);
        if (elements == bits) {
            analyze_in_place(elements, l, FORWARD, &k->encode);
        } else {
            encode_columns(elements, bits, row, row, &k->encode);
            levels_forward(k, elements, l - 1, 0, l);
        }
    } else {
        change_basis(bits, l + 6, DUAL);
        if (elements == bits) {
            analyze_in_place(elements, l, DUAL, &k->dual_encode);
        } else {
            encode_columns(elements, bits, row, row, &k->dual_encode);
            levels_dual(k, elements, l - 1, 0, l);
        }
    }
}

QW_TARGET static void multiply(uint64_t *a, const uint64_t *b, const uint64_t *more, size_t count) {
    for (size_t i = 0; i < count; i += QW_LANES) {
        const vec product = multiply_lanes(get(a + i), get(b + i));
        put(a + i, more ? product ^ get(more + i) : product);
    }
}

QW_TARGET static void synthesize(uint64_t *bits, uint64_t *elements, unsigned l) {
    const struct qw_fft_constants *k = qw_fft_constants();
    const size_t row = (size_t)1 << (l - 6);
    if (elements == bits) {
        synthesize_in_place(bits, l);
    } else {
        levels_transposed(k, elements, l - 1, 0, l);
        decode_columns(bits, elements, row, row, &k->dual_decode);
    }
    change_basis(bits, l + 6, TRANSPOSED);
}
#endif
