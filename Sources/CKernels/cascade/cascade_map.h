// SPDX-License-Identifier: GPL-3.0-or-later
// Where bits of the key stand in a tree, and back. Included with QW_TARGET and `nth` defined: see
// cascade_search.h.
#include "cascade_state.h"

struct place {
    uint32_t word, bit;
};

/// Of the heights of tiles, times 2^20, rounded up: exact for dividing what is below 2^12.
static const uint32_t reciprocals[65] = {
    0,     0,     0,     0,     0,     0,     0,     0,     0,     0,     0,     0,     0,
    0,     0,     0,     0,     0,     0,     0,     0,     0,     0,     0,     0,     0,
    0,     0,     0,     0,     0,     0,     32768, 31776, 30841, 29960, 29128, 28340, 27595,
    26887, 26215, 25576, 24967, 24386, 23832, 23302, 22796, 22311, 21846, 21400, 20972, 20561,
    20165, 19785, 19419, 19066, 18725, 18397, 18079, 17773, 17477, 17190, 16913, 16645, 16384};

QW_TARGET static inline struct place transposed(struct place p, uint32_t tile) {
    const uint32_t start = tile & 0xffffff, height = tile >> 24;
    const uint32_t index = p.bit * height + p.word - start;
    return (struct place){start + (index >> 6), index & 63};
}

QW_TARGET static inline struct place untransposed(struct place p, uint32_t tile) {
    const uint32_t start = tile & 0xffffff, height = tile >> 24;
    const uint32_t index = (p.word - start) * 64 + p.bit, column = index * reciprocals[height] >> 20;
    return (struct place){start + index - column * height, column};
}

QW_TARGET static inline uint32_t permuted(const struct tree *tree, const struct section *s, uint32_t position) {
    const uint32_t relative = position - s->base * 64;
    if (s->is_short) return s->base * 64 + tree->bit_to[s->shuffle * 64 + relative];
    struct place p = {relative >> 6, relative & 63};
    for (int i = 0; i < 2; i++) {
        p = transposed(p, tree->tile[s->base + p.word]);
        const uint32_t to = tree->to[i][s->base + p.word];
        p = (struct place){to & 0x3ffffff, (p.bit + (to >> 26)) & 63};
    }
    return (s->base + p.word) * 64 + p.bit;
}

QW_TARGET static inline uint32_t unpermuted(const struct tree *tree, const struct section *s, uint32_t position) {
    const uint32_t relative = position - s->base * 64;
    if (s->is_short) return s->base * 64 + tree->bit_from[s->shuffle * 64 + relative];
    struct place p = {relative >> 6, relative & 63};
    for (int i = 1; i >= 0; i--) {
        const uint32_t from = tree->from[i][s->base + p.word];
        p = (struct place){from & 0x3ffffff, (p.bit - (from >> 26)) & 63};
        p = untransposed(p, tree->tile[s->base + p.word]);
    }
    return (s->base + p.word) * 64 + p.bit;
}

/// Where a bit of the key stands in a tree, or QW_NOWHERE.
QW_TARGET static inline uint32_t to_tree(const struct tree *tree, uint32_t position) {
    if (!tree->is_plain && bit_at(tree->mask, position) == 0) return QW_NOWHERE;
    if (tree->is_direct) return position;
    if (!tree->is_plain) {
        const uint32_t word = position >> 6;
        const uint64_t below = tree->mask[word] & low_mask(position & 63);
        position = tree->rank[tree->place[word]] + (uint32_t)__builtin_popcountll(below);
    }
    return permuted(tree, section_of(tree, position), position);
}

/// The rest of `to_key` where bits were left out.
QW_TARGET static __attribute__((noinline)) uint32_t pushed_to_key(const struct tree *tree, uint32_t position) {
    uint32_t number = tree->hint[position >> 6];
    while (number + 1 < tree->order_count && tree->rank[number + 1] <= position) number++;
    const uint32_t word = tree->order[number];
    return word * 64 + nth(tree->mask[word], position - tree->rank[number]);
}

/// The bit of the key at a position of a tree, or QW_NOWHERE for padding.
QW_TARGET static inline __attribute__((always_inline)) uint32_t to_key(const struct tree *tree, uint32_t position) {
    if (tree->is_direct) return bit_at(tree->mask, position) ? position : QW_NOWHERE;
    const struct section *s = section_of(tree, position);
    if (position >= s->end) return QW_NOWHERE;
    position = unpermuted(tree, s, position);
    if (position >= s->base * 64 + s->bits) return QW_NOWHERE;
    return tree->is_plain ? position : pushed_to_key(tree, position);
}
