// SPDX-License-Identifier: GPL-3.0-or-later
// The layered sweep that every vector instruction set shares. The including file defines, before it includes this,
// QW_TARGET (its function attribute), LANES, the type `vec` of LANES bytes, and for these
//   load_bytes, store_bytes   unaligned
//   minus, plus               signed and saturating
//   magnitude                 min(|x|, 127)
//   table_of(bytes)           the corrections of 0 to 15 as `boxplus` wants them
//   boxplus(a, b, table)      of two magnitudes, as ldpc_generic.c defines it
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

/// How a row finds its columns.
enum row_kind {
    ROW_OF_FRAMES,  // lift 64, no shifts
    ROW_OF_BLOCKS,  // lift 64, shifted
    ROW_OF_CIRCLES  // a larger lift, columns with mirrors
};

/// Where the lanes in hand of each edge's column stand, and what a row keeps from its first pass to its second.
struct row_state {
    int8_t *at[QW_LDPC_DEGREE_LIMIT];
    size_t wraps[QW_LDPC_DEGREE_LIMIT];
    vec values[QW_LDPC_DEGREE_LIMIT];
    vec behind[2 * QW_LDPC_DEGREE_LIMIT];
#ifndef QW_LDPC_ROTATES
    _Alignas(64) int8_t turned[QW_LDPC_DEGREE_LIMIT][64];
#endif
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

/// The rule that all rows of a sweep share.
struct row_rule {
    vec table;
    vec clamp;
};

/// The posteriors of an edge's lanes; a vector that holds a whole block can turn it on the way.
QW_INLINE vec take(const enum row_kind kind, const int8_t *at, uint32_t shift) {
    const vec value = load_bytes(at);
#ifdef QW_LDPC_ROTATES
    if (kind == ROW_OF_BLOCKS) return rotated(value, shift);
#endif
    (void)kind, (void)shift;
    return value;
}

QW_INLINE void put(const enum row_kind kind, int8_t *at, uint32_t shift, vec value) {
#ifdef QW_LDPC_ROTATES
    if (kind == ROW_OF_BLOCKS) value = rotated(value, -shift % 64);
#endif
    (void)kind, (void)shift;
    store_bytes(at, value);
}

#define PLACE(k, lane) (at[k] + lane - (kind == ROW_OF_CIRCLES && lane >= wraps[k] ? lift : 0))

/// The checks of `width` vectors of lanes of a row. A short row keeps its values in registers, a long one takes them
/// twice; the chains of a long row are slow one by one, so it works on two vectors at a time.
QW_INLINE void checks(
    const size_t degree, const int isShort, const size_t width, const enum row_kind kind,
    const struct row_rule rule, const struct qw_ldpc_edge *edges, int8_t *const *at, const size_t *wraps,
    const size_t lift, const size_t z, vec *values,
    vec *behind, int8_t *messages, const size_t stride, const uint64_t *syndrome) {
    vec joined[2], parity[2], ahead[2];
    for (size_t w = 0; w < width; w++) {
        const size_t lane = z + w * LANES;
        ahead[w] = joined[w] = parity[w] = signs_of(syndrome[lane / 64] >> (lane % 64));
    }
    for (size_t k = degree; k-- > 0;) {
        for (size_t w = 0; w < width; w++) {
            const size_t lane = z + w * LANES;
            const vec value = minus(take(kind, PLACE(k, lane), edges[k].shift), load_bytes(messages + k * stride + lane));
            if (isShort) values[k] = value;
            parity[w] = either(parity[w], value);
            behind[width * k + w] = joined[w];
            const vec own = magnitude(value);
            joined[w] = k + 1 == degree ? own : boxplus(joined[w], own, rule.table);
        }
    }
    for (size_t k = 0; k < degree; k++) {
        for (size_t w = 0; w < width; w++) {
            const size_t lane = z + w * LANES;
            const vec value = isShort ? values[k]
                                      : minus(
                                            take(kind, PLACE(k, lane), edges[k].shift),
                                            load_bytes(messages + k * stride + lane));
            const vec own = magnitude(value);
            vec message = ahead[w];
            if (k == 0) {
                message = degree == 1 ? rule.clamp : behind[w];
            } else if (k + 1 < degree) {
                message = boxplus(ahead[w], behind[width * k + w], rule.table);
            }
            ahead[w] = k == 0 ? own : boxplus(ahead[w], own, rule.table);
            message = signed_by(lesser(message, rule.clamp), either(parity[w], value));
            store_bytes(messages + k * stride + lane, message);
            put(kind, PLACE(k, lane), edges[k].shift, plus(value, message));
            // The next row's; at a million bits they are far away.
            if (kind == ROW_OF_CIRCLES) __builtin_prefetch(messages + (degree + k) * stride + lane);
        }
    }
}

/// A whole row.
QW_INLINE void row(
    const size_t degree, const int isShort, const enum row_kind kind, const struct row_rule rule,
    const struct qw_ldpc_edge *edges, const size_t lift, const uint64_t *syndrome, int8_t *posteriors,
    int8_t *messages, int8_t **at, vec *values, vec *behind, struct row_state *state) {
    const size_t stride = kind == ROW_OF_CIRCLES ? lift + 64 : 64;
    for (size_t k = 0; k < degree; k++) {
        at[k] = posteriors + edges[k].column * stride;
        if (kind == ROW_OF_CIRCLES) {
            at[k] += edges[k].shift;
            state->wraps[k] = (lift - edges[k].shift + LANES - 1) / LANES * LANES;
        }
#ifndef QW_LDPC_ROTATES
        if (kind == ROW_OF_BLOCKS) {
            rotate(at[k], edges[k].shift, state->turned[k]);
            at[k] = state->turned[k];
        }
#endif
    }
    size_t z = 0;
    for (; !isShort && z + LANES < lift; z += 2 * LANES) {
        checks(
            degree, isShort, 2, kind, rule, edges, at, state->wraps, lift, z, values, behind, messages, stride, syndrome);
    }
    for (; z < lift; z += LANES) {
        checks(
            degree, isShort, 1, kind, rule, edges, at, state->wraps, lift, z, values, behind, messages, stride, syndrome);
    }
    for (size_t k = 0; k < degree; k++) {
        int8_t *column = posteriors + edges[k].column * stride;
        if (kind == ROW_OF_CIRCLES) {
            // The vector that crossed the column's end left its tail in the mirror; the others' heads belong there.
            const vec head = first_lanes(edges[k].shift % LANES, load_bytes(column + lift), load_bytes(column));
            store_bytes(column, head);
            store_bytes(column + lift, head);
        }
#ifndef QW_LDPC_ROTATES
        if (kind == ROW_OF_BLOCKS) rotate(state->turned[k], -edges[k].shift % 64u, column);
#endif
    }
}

#define UNROLLED(d)                                                                                                \
    case d: {                                                                                                      \
        int8_t *at[d];                                                                                             \
        vec values[d], behind[2 * d];                                                                                \
        row(d, kind != ROW_OF_CIRCLES || d <= 7, kind, rule, edges, lift, checked, posteriors, said, at, values, behind, &state);                 \
        break;                                                                                                     \
    }

QW_INLINE void sweep_kind(
    const enum row_kind kind, const struct qw_ldpc_code *code, const uint64_t *syndrome, int8_t *posteriors,
    int8_t *messages) {
    struct row_state state;
    const struct row_rule rule = {table_of(qw_ldpc_corrections(code)), every((int8_t)qw_ldpc_clamp(code))};
    const size_t lift = kind == ROW_OF_CIRCLES ? code->lift : 64, stride = qw_ldpc_stride(code->lift);
    for (uint32_t r = 0; r < code->rows; r++) {
        const struct qw_ldpc_edge *edges = code->edges + code->bounds[r];
        const size_t degree = code->bounds[r + 1] - code->bounds[r];
        const uint64_t *checked = syndrome + r * (lift / 64);
        int8_t *said = messages + code->bounds[r] * stride;
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
            row(degree, 0, kind, rule, edges, lift, checked, posteriors, said, state.at, state.values, state.behind, &state);
        }
    }
    qw_wipe(&state, sizeof state);
}

QW_TARGET static void sweep_frames(
    const struct qw_ldpc_code *code, const uint64_t *syndrome, int8_t *posteriors, int8_t *messages) {
    sweep_kind(ROW_OF_FRAMES, code, syndrome, posteriors, messages);
}
QW_TARGET static void sweep_short(
    const struct qw_ldpc_code *code, const uint64_t *syndrome, int8_t *posteriors, int8_t *messages) {
    sweep_kind(ROW_OF_BLOCKS, code, syndrome, posteriors, messages);
}
QW_TARGET static void sweep_long(
    const struct qw_ldpc_code *code, const uint64_t *syndrome, int8_t *posteriors, int8_t *messages) {
    sweep_kind(ROW_OF_CIRCLES, code, syndrome, posteriors, messages);
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
