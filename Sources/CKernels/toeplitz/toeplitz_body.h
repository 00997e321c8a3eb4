// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef QW_TOEPLITZ_BODY_H
#define QW_TOEPLITZ_BODY_H
// The functions of a qw_toeplitz_table that every instruction set shares. The including file defines QW_TARGET,
// QW_LANES, `multiply_lanes` and `leaf` before it includes this.
#include "butterflies.h"
#include "encode.h"
#include "toeplitz_table.h"

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

QW_TARGET static void analyze(uint64_t *elements, uint64_t *bits, unsigned l, enum qw_direction direction) {
    const struct qw_fft_constants *k = qw_fft_constants();
    if (direction == QW_FORWARD) {
        change_basis(bits, l + 6, FORWARD);
        encode(elements, bits, l, k->encode);
        levels_forward(k, elements, l - 1, 0, l);
    } else {
        change_basis(bits, l + 6, DUAL);
        encode(elements, bits, l, k->dual_encode);
        levels_dual(k, elements, l - 1, 0, l);
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
    levels_transposed(k, elements, l - 1, 0, l);
    decode(bits, elements, l, k->dual_decode);
    change_basis(bits, l + 6, TRANSPOSED);
}
#endif
