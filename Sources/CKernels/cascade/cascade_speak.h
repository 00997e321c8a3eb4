// SPDX-License-Identifier: GPL-3.0-or-later
// One end's own parities. Included after cascade_search.h.

struct packer {
    uint8_t *out;
    uint64_t word;
    uint32_t count;
};

/// Appends `count` bits, at most 64; those of `bits` beyond are zero.
QW_TARGET static inline void pack(struct packer *p, uint64_t bits, uint32_t count) {
    p->word |= bits << p->count;
    p->count += count;
    if (p->count < 64) return;
    for (int i = 0; i < 8; i++) p->out[i] = (uint8_t)(p->word >> 8 * i);
    p->out += 8;
    p->count -= 64;
    p->word = p->count ? bits >> (count - p->count) : 0;
}

/// The parity of the corrections in an aligned interval.
QW_TARGET static inline uint32_t flips(const struct tree *tree, uint32_t start, uint32_t level) {
    if (level <= 6) {
        return (uint32_t)__builtin_parityll(
            tree->cells[start >> 6].flips >> (start & 63) & low_mask(1u << level));
    }
    uint32_t scale = 0;
    for (level -= 6, start >>= 6; level > 6; level -= 6, start >>= 6) scale++;
    return (uint32_t)__builtin_parityll(tree->flips[scale][start >> 6] >> (start & 63) & low_mask(1u << level));
}

QW_TARGET static inline void say_blocks(struct packer *p, const struct tree *tree, const struct section *s) {
    const uint32_t asked = s->blocks - s->total_known, level = s->level;
    if (level >= 6) {
        const uint64_t *word = tree->prefix + s->base;
        const size_t step = (size_t)1 << (level - 6);
        for (uint32_t block = 0; block < asked; block++, word += step) pack(p, (word[0] ^ word[step]) & 1, 1);
        return;
    }
    // The prefix and itself one block later, at the starts of blocks.
    const uint32_t size = 1u << level, each = 64 >> level;
    for (uint32_t block = 0; block < asked; block += each) {
        const uint64_t *word = tree->prefix + s->base + (block >> (6 - level));
        const uint64_t bits = squeeze(word[0] ^ (word[0] >> size | word[1] << (64 - size)), block_starts(level));
        const uint32_t count = asked - block < each ? asked - block : each;
        pack(p, bits & low_mask(count), count);
    }
}

QW_TARGET static void say(qw_cascade *c, uint8_t *parities) {
    struct packer p = {parities, 0, 0};
    const uint32_t corrects = c->settings.corrects;
    for (size_t k = 0; k < c->items.count; k++) {
        const struct item i = c->items.list[k];
        const struct tree *tree = &c->trees[tree_of(i)];
        const uint32_t level = level_of(i) - 1, start = start_of(i);
        uint32_t bit = bit_at(tree->prefix, start) ^ bit_at(tree->prefix, start + (1u << level));
        if (corrects) bit ^= flips(tree, start, level);
        pack(&p, bit, 1);
    }
    for (size_t k = 0; k < c->singles.count; k++) pack(&p, bit_at(c->key, start_of(c->singles.list[k])), 1);
    if (c->fresh >= 0) {
        const struct tree *tree = &c->trees[c->fresh];
        for (uint32_t k = 0; k < tree->section_count; k++) say_blocks(&p, tree, &tree->sections[k]);
    }
    if (c->subsets_now) pack(&p, qw_cascade_subset_sum(c) & low_mask(c->subsets_now), c->subsets_now);
    for (uint32_t i = 0; i < p.count; i += 8) *p.out++ = (uint8_t)(p.word >> i);
}
