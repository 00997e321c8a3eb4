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

void qw_cascade_draw_order(struct tree *tree, const struct section *s, struct stream *stream) {
    if (!s->is_short) {
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

static void shuffle(uint64_t *out, const uint64_t *in, const uint32_t *from, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        const uint64_t word = in[from[i] & 0x3ffffff];
        const uint32_t turn = from[i] >> 26;
        out[i] = word << turn | word >> (-turn & 63);
    }
}

void qw_cascade_permute(
    const qw_cascade *c, const struct tree *tree, const struct section *s, uint64_t *data, uint64_t *other) {
    if (!s->is_short) {
        transpose_tiles(c, tree->tile + s->base, data, s->words);
        shuffle(other, data, tree->from[0] + s->base, s->words);
        transpose_tiles(c, tree->tile + s->base, other, s->words);
        shuffle(data, other, tree->from[1] + s->base, s->words);
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
