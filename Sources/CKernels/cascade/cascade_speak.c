// SPDX-License-Identifier: GPL-3.0-or-later
// One end's own parities.
#include "cascade_state.h"

#include <string.h>

struct packer {
    uint8_t *out;
    uint64_t word;
    uint32_t count;
};

static inline void pack(struct packer *p, uint64_t bit) {
    p->word |= bit << p->count;
    if (++p->count == 64) {
        for (int i = 0; i < 8; i++) *p->out++ = (uint8_t)(p->word >> 8 * i);
        p->word = 0;
        p->count = 0;
    }
}

static inline void finish(struct packer *p) {
    for (uint32_t i = 0; i < p->count; i += 8) *p->out++ = (uint8_t)(p->word >> i);
}

/// The parity of the corrections in an aligned interval.
static inline uint32_t flips(const struct tree *tree, uint32_t start, uint32_t level) {
    uint32_t scale = 0;
    while (level > 6) {
        level -= 6;
        start >>= 6;
        scale++;
    }
    return (uint32_t)__builtin_popcountll(tree->flips[scale][start >> 6] >> (start & 63) & low_mask(1u << level)) & 1;
}

static inline uint32_t parity(const struct tree *tree, uint32_t start, uint32_t length) {
    return bit_at(tree->prefix, start) ^ bit_at(tree->prefix, start + length);
}

void qw_cascade_say(qw_cascade *c, uint8_t *parities) {
    struct packer p = {parities, 0, 0};
    if (c->state != QW_CASCADE_ASKING) return;
    for (size_t i = 0; i < c->items.count; i++) {
        const item question = c->items.list[i];
        const struct tree *tree = &c->trees[item_tree(question)];
        const uint32_t level = item_level(question) - 1, start = item_start(question);
        uint32_t bit = parity(tree, start, 1u << level);
        if (c->settings.corrects) bit ^= flips(tree, start, level);
        pack(&p, bit);
    }
    for (size_t i = 0; i < c->singles.count; i++) pack(&p, bit_at(c->key, (uint32_t)c->singles.list[i]));
    if (c->fresh >= 0) {
        const struct tree *tree = &c->trees[c->fresh];
        for (uint32_t i = 0; i < tree->section_count; i++) {
            const struct section *s = &tree->sections[i];
            for (uint32_t block = 0; block < s->blocks - s->total_known; block++) {
                pack(&p, parity(tree, s->base * 64 + (block << s->level), 1u << s->level));
            }
        }
    }
    if (c->subsets_now) {
        const uint64_t sum = subset_sum(c);
        for (uint32_t i = 0; i < c->subsets_now; i++) pack(&p, sum >> i & 1);
    }
    finish(&p);
}

void qw_cascade_answer(qw_cascade *c, const uint8_t *theirs, uint8_t *errors) {
    const size_t bytes = (qw_cascade_questions(c) + 7) / 8;
    qw_cascade_say(c, errors);
    for (size_t i = 0; i < bytes; i++) errors[i] ^= theirs[i];
}
