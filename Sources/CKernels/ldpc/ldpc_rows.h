// SPDX-License-Identifier: GPL-3.0-or-later
// The layered sweep that every vector instruction set shares. The including file defines, before it includes this,
// QW_TARGET (its function attribute), LANES, the type `vec` of LANES bytes, and for these
//   load_bytes, store_bytes   unaligned
//   minus, plus               signed and saturating
//   magnitude                 min(|x|, 127)
//   boxplus                   of two magnitudes, as ldpc_generic.c defines it
//   lesser, either            unsigned minimum; exclusive or
//   signed_by(m, s)           -m where s is negative
//   signs_of(word)            negative where one of the LANES low bits is set
//   first_lanes(n, a, b)      the first n lanes of a, the others of b
//   every                     a constant
// and, where a vector holds a whole block of 64, QW_LDPC_ROTATES and
//   rotated(x, shift)         lane z from lane (z + shift) mod 64
#include "ldpc_table.h"
#include "qw_wipe.h"

#include <string.h>

#define QW_INLINE static inline __attribute__((always_inline)) QW_TARGET

/// What a row keeps of its edges between its two passes.
struct row_scratch {
    vec values[QW_LDPC_DEGREE_LIMIT];
    vec behind[QW_LDPC_DEGREE_LIMIT];
};

#ifndef QW_LDPC_ROTATES
/// to[z] = from[(z + shift) mod 64]; the two don't overlap.
QW_INLINE void rotate(const int8_t *from, size_t shift, int8_t *to) {
    int8_t twice[128];
    for (size_t z = 0; z < 64; z += LANES) {
        const vec part = load_bytes(from + z);
        store_bytes(twice + z, part);
        store_bytes(twice + 64 + z, part);
    }
    for (size_t z = 0; z < 64; z += LANES) store_bytes(to + z, load_bytes(twice + shift + z));
}
#endif

/// The checks of LANES lanes of a row: `values` hold the posteriors; left there are the new ones.
QW_INLINE void checks(
    const size_t degree, vec *values, vec *behind, int8_t *messages, const size_t stride, vec parity) {
    vec joined = parity;
    for (size_t k = degree; k-- > 0;) {
        values[k] = minus(values[k], load_bytes(messages + k * stride));
        parity = either(parity, values[k]);
        if (k + 1 < degree) behind[k] = joined;
        const vec own = magnitude(values[k]);
        joined = k + 1 == degree ? own : boxplus(joined, own);
    }
    vec ahead = magnitude(values[0]);
    for (size_t k = 0; k < degree; k++) {
        const vec own = magnitude(values[k]);
        vec message = ahead;
        if (k == 0) {
            message = degree == 1 ? every(127) : behind[0];
        } else if (k + 1 < degree) {
            message = boxplus(ahead, behind[k]);
        }
        if (k > 0) ahead = boxplus(ahead, own);
        message = signed_by(lesser(message, every(QW_LDPC_CLAMP)), either(parity, values[k]));
        store_bytes(messages + k * stride, message);
        values[k] = plus(values[k], message);
    }
}

/// All lanes of a row of a lift over 64, whose columns have mirrors. 
QW_INLINE void long_row(
    const size_t degree, const struct qw_ldpc_edge *edges, const size_t lift, const uint64_t *syndrome,
    int8_t *posteriors, int8_t *messages, vec *values, vec *behind) {
    const size_t stride = lift + 64;
    int8_t *column[QW_LDPC_DEGREE_LIMIT];
    size_t place[QW_LDPC_DEGREE_LIMIT];
    for (size_t k = 0; k < degree; k++) {
        column[k] = posteriors + edges[k].column * stride;
        place[k] = edges[k].shift;
    }
    for (size_t z = 0; z < lift; z += LANES) {
        for (size_t k = 0; k < degree; k++) values[k] = load_bytes(column[k] + place[k]);
        checks(degree, values, behind, messages + z, stride, signs_of(syndrome[z / 64] >> (z % 64)));
        for (size_t k = 0; k < degree; k++) {
            store_bytes(column[k] + place[k], values[k]);
            const size_t next = place[k] + LANES;
            place[k] = next < lift ? next : next - lift;
        }
    }
    // The vector that crossed a column's end left its tail in the mirror; the others' heads belong there.
    for (size_t k = 0; k < degree; k++) {
        const vec head = first_lanes(edges[k].shift % LANES, load_bytes(column[k] + lift), load_bytes(column[k]));
        store_bytes(column[k], head);
        store_bytes(column[k] + lift, head);
    }
}

/// All lanes of a row of lift 64.
QW_INLINE void short_row(
    const size_t degree, const struct qw_ldpc_edge *edges, const int shifted, uint64_t syndrome,
    int8_t *posteriors, int8_t *messages, vec *values, vec *behind) {
#ifndef QW_LDPC_ROTATES
    _Alignas(64) int8_t turned[QW_LDPC_DEGREE_LIMIT][64];
    for (size_t k = 0; shifted && k < degree; k++) rotate(posteriors + 64 * edges[k].column, edges[k].shift, turned[k]);
#endif
    for (size_t z = 0; z < 64; z += LANES) {
        for (size_t k = 0; k < degree; k++) {
            const int8_t *from = posteriors + 64 * edges[k].column + z;
#ifdef QW_LDPC_ROTATES
            values[k] = load_bytes(from);
            if (shifted) values[k] = rotated(values[k], edges[k].shift);
#else
            values[k] = load_bytes(shifted ? turned[k] + z : from);
#endif
        }
        checks(degree, values, behind, messages + z, 64, signs_of(syndrome >> z));
        for (size_t k = 0; k < degree; k++) {
            int8_t *to = posteriors + 64 * edges[k].column + z;
#ifdef QW_LDPC_ROTATES
            if (shifted) values[k] = rotated(values[k], (64 - edges[k].shift) % 64);
            store_bytes(to, values[k]);
#else
            store_bytes(shifted ? turned[k] + z : to, values[k]);
#endif
        }
    }
#ifndef QW_LDPC_ROTATES
    for (size_t k = 0; shifted && k < degree; k++) rotate(turned[k], (64 - edges[k].shift) % 64, posteriors + 64 * edges[k].column);
#endif
}

QW_INLINE void any_row(
    const size_t degree, const int kind, const struct qw_ldpc_edge *edges, const size_t lift,
    const uint64_t *syndrome, int8_t *posteriors, int8_t *messages, vec *values, vec *behind) {
    if (kind == 2) {
        long_row(degree, edges, lift, syndrome, posteriors, messages, values, behind);
    } else {
        short_row(degree, edges, kind, *syndrome, posteriors, messages, values, behind);
    }
}

#define UNROLLED(d)                                                                                      \
    case d: {                                                                                            \
        vec near[d], far[d];                                                                             \
        any_row(d, kind, edges, lift, checked, posteriors, said, near, far);                             \
        break;                                                                                           \
    }

QW_INLINE void sweep_kind(
    const int kind, const struct qw_ldpc_code *code, const uint64_t *syndrome, int8_t *posteriors, int8_t *messages) {
    struct row_scratch scratch;
    const size_t lift = code->lift, stride = qw_ldpc_stride(code->lift);
    for (uint32_t row = 0; row < code->rows; row++) {
        const struct qw_ldpc_edge *edges = code->edges + code->bounds[row];
        const size_t degree = code->bounds[row + 1] - code->bounds[row];
        const uint64_t *checked = syndrome + row * (lift / 64);
        int8_t *said = messages + code->bounds[row] * stride;
        switch (degree) {
            UNROLLED(2)
            UNROLLED(3)
            UNROLLED(4)
            UNROLLED(5)
            UNROLLED(6)
            UNROLLED(7)
            UNROLLED(8)
            UNROLLED(9)
            UNROLLED(10)
            UNROLLED(11)
            UNROLLED(12)
        default:
            any_row(degree, kind, edges, lift, checked, posteriors, said, scratch.values, scratch.behind);
        }
    }
    qw_wipe(&scratch, sizeof scratch);
}

QW_TARGET static void sweep_frames(
    const struct qw_ldpc_code *code, const uint64_t *syndrome, int8_t *posteriors, int8_t *messages) {
    sweep_kind(0, code, syndrome, posteriors, messages);
}
QW_TARGET static void sweep_short(
    const struct qw_ldpc_code *code, const uint64_t *syndrome, int8_t *posteriors, int8_t *messages) {
    sweep_kind(1, code, syndrome, posteriors, messages);
}
QW_TARGET static void sweep_long(
    const struct qw_ldpc_code *code, const uint64_t *syndrome, int8_t *posteriors, int8_t *messages) {
    sweep_kind(2, code, syndrome, posteriors, messages);
}

static void sweep(const struct qw_ldpc_code *code, const uint64_t *syndrome, int8_t *posteriors, int8_t *messages) {
    if (code->lift > 64) {
        sweep_long(code, syndrome, posteriors, messages);
    } else if (code->shifted) {
        sweep_short(code, syndrome, posteriors, messages);
    } else {
        sweep_frames(code, syndrome, posteriors, messages);
    }
}
