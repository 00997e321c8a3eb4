// SPDX-License-Identifier: GPL-3.0-or-later
// The public order of a pass: whole words are moved wherever that serves.
//
// The words of a section are divided into tiles of nearly equal height, 32 to 64 words. Each tile is transposed: its
// bits are read column by column. Then the words are shuffled and rotated at random, transposed again and shuffled
// again. So bits of a word hardly meet in a word again; else pairs, and pairs of pairs, meet as often as under a
// uniform random permutation (CascadeOrderTests). Sections that fill no tile are permuted bit by bit, uniformly.
#include "cascade_state.h"

#include <string.h>

/// Fisher-Yates, with a rotation for each word; the bias of the multiplication is below 2^-14.
static void draw_shuffle(uint32_t *from, uint32_t *to, uint32_t count, struct stream *stream) {
    for (uint32_t i = 0; i < count; i++) from[i] = i;
    for (uint32_t left = count; left > 0; left--) {
        const uint64_t drawn = draw(stream);
        const uint32_t turn = (uint32_t)drawn & 63;
        const uint32_t chosen = (uint32_t)((drawn >> 32) * left >> 32);
        const uint32_t word = from[chosen];
        from[chosen] = from[left - 1];
        from[left - 1] = word | turn << 26;
        to[word] = (left - 1) | turn << 26;
    }
}

void draw_order(struct tree *tree, const struct section *s, struct stream *stream) {
    if (s->words >= QW_CASCADE_TILE) {
        const uint32_t tiles = (s->words + 63) / 64;
        uint32_t start = 0;
        for (uint32_t t = 0; t < tiles; t++) {
            const uint32_t height = s->words / tiles + (t < s->words % tiles);
            for (uint32_t i = 0; i < height; i++) tree->tile[s->base + start + i] = start | height << 24;
            start += height;
        }
        for (int i = 0; i < 2; i++) draw_shuffle(tree->from[i] + s->base, tree->to[i] + s->base, s->words, stream);
        return;
    }
    uint16_t *from = tree->bit_from + (size_t)s->shuffle * 64, *to = tree->bit_to + (size_t)s->shuffle * 64;
    for (uint32_t i = 0; i < s->words * 64; i++) from[i] = (uint16_t)i;
    for (uint32_t left = s->bits; left > 1; left--) {
        const uint32_t chosen = (uint32_t)((draw(stream) >> 32) * left >> 32);
        const uint16_t bit = from[chosen];
        from[chosen] = from[left - 1];
        from[left - 1] = bit;
    }
    for (uint32_t i = 0; i < s->words * 64; i++) to[from[i]] = (uint16_t)i;
}

static void transpose_tiles(const qw_cascade *c, const uint32_t *tiles, uint64_t *data, uint32_t words) {
    uint64_t tile[64];
    for (uint32_t start = 0, height; start < words; start += height) {
        height = tiles[start] >> 24;
        if (height == 64) {
            c->kernels->transpose(data + start);
            continue;
        }
        memcpy(tile, data + start, height * sizeof *tile);
        memset(tile + height, 0, (64 - height) * sizeof *tile);
        c->kernels->transpose(tile);
        uint64_t *out = data + start, word = 0;
        uint32_t fill = 0;
        for (uint32_t column = 0; column < 64; column++) {
            word |= tile[column] << fill;
            fill += height;
            if (fill < 64) continue;
            *out++ = word;
            fill -= 64;
            // A column that ends with its word leaves nothing: the shift is below 64 since columns are.
            word = tile[column] >> (height - fill);
        }
    }
}

void permute(const qw_cascade *c, struct tree *tree, const struct section *s, uint64_t *data, uint64_t *other) {
    if (s->words >= QW_CASCADE_TILE) {
        transpose_tiles(c, tree->tile + s->base, data, s->words);
        c->kernels->shuffle(other, data, tree->from[0] + s->base, s->words);
        transpose_tiles(c, tree->tile + s->base, other, s->words);
        c->kernels->shuffle(data, other, tree->from[1] + s->base, s->words);
        return;
    }
    const uint16_t *from = tree->bit_from + (size_t)s->shuffle * 64;
    for (uint32_t w = 0; w < s->words; w++) {
        uint64_t word = 0;
        for (uint32_t j = 0; j < 64; j++) word |= (uint64_t)bit_at(data, from[w * 64 + j]) << j;
        other[w] = word;
    }
    for (uint32_t w = 0; w < s->words; w++) data[w] = other[w];
}

struct place {
    uint32_t word, bit;
};

static inline struct place transposed(struct place p, uint32_t tile) {
    const uint32_t start = tile & 0xffffff, height = tile >> 24;
    const uint32_t index = p.bit * height + p.word - start;
    return (struct place){start + (index >> 6), index & 63};
}

static inline struct place untransposed(struct place p, uint32_t tile) {
    const uint32_t start = tile & 0xffffff, height = tile >> 24;
    const uint32_t index = (p.word - start) * 64 + p.bit;
    // Exact: the index is below 2^12.
    const uint32_t column = index * (((1u << 20) + height - 1) / height) >> 20;
    return (struct place){start + index - column * height, column};
}

static inline uint32_t permuted(const struct tree *tree, const struct section *s, uint32_t position) {
    const uint32_t relative = position - s->base * 64;
    if (s->words < QW_CASCADE_TILE) return s->base * 64 + tree->bit_to[s->shuffle * 64 + relative];
    struct place p = {relative >> 6, relative & 63};
    for (int i = 0; i < 2; i++) {
        p = transposed(p, tree->tile[s->base + p.word]);
        const uint32_t to = tree->to[i][s->base + p.word];
        p = (struct place){to & 0x3ffffff, (p.bit + (to >> 26)) & 63};
    }
    return (s->base + p.word) * 64 + p.bit;
}

static inline uint32_t unpermuted(const struct tree *tree, const struct section *s, uint32_t position) {
    const uint32_t relative = position - s->base * 64;
    if (s->words < QW_CASCADE_TILE) return s->base * 64 + tree->bit_from[s->shuffle * 64 + relative];
    struct place p = {relative >> 6, relative & 63};
    for (int i = 1; i >= 0; i--) {
        const uint32_t from = tree->from[i][s->base + p.word];
        p = (struct place){from & 0x3ffffff, (p.bit - (from >> 26)) & 63};
        p = untransposed(p, tree->tile[s->base + p.word]);
    }
    return (s->base + p.word) * 64 + p.bit;
}

/// Where a bit of the key stands in a tree, or QW_NOWHERE.
uint32_t to_tree(const struct tree *tree, uint32_t position) {
    if (!tree->is_plain && bit_at(tree->mask, position) == 0) return QW_NOWHERE;
    if (tree->is_direct) return position;
    if (!tree->is_plain) {
        const uint32_t word = position >> 6;
        const uint64_t below = tree->mask[word] & low_mask(position & 63);
        position = tree->rank[tree->place[word]] + (uint32_t)__builtin_popcountll(below);
    }
    return permuted(tree, section_of(tree, position), position);
}

/// The bit of the key at a position of a tree, or QW_NOWHERE for padding.
uint32_t to_key(const struct tree *tree, uint32_t position) {
    if (tree->is_direct) return bit_at(tree->mask, position) ? position : QW_NOWHERE;
    const struct section *s = section_of(tree, position);
    if (position >= (s->base + s->words) * 64) return QW_NOWHERE;
    position = unpermuted(tree, s, position);
    if (position >= s->base * 64 + s->bits) return QW_NOWHERE;
    if (tree->is_plain) return position;
    uint32_t number = tree->hint[position >> 6];
    while (number + 1 < tree->order_count && tree->rank[number + 1] <= position) number++;
    const uint32_t word = tree->order[number];
    uint64_t bits = tree->mask[word];
    for (uint32_t skip = position - tree->rank[number]; skip > 0; skip--) bits &= bits - 1;
    return word * 64 + (uint32_t)__builtin_ctzll(bits);
}
