// SPDX-License-Identifier: GPL-3.0-or-later
// Making trees: one allocation each, the bits pushed together, permuted, summed.
#include "cascade_state.h"
#include "qw_clmul.h"

#include <string.h>

/// The next `count` words of the tree's memory; NULL while that is only measured.
static void *carve(uint64_t *memory, size_t *used, size_t count) {
    void *here = memory == NULL ? NULL : memory + *used;
    *used += count;
    return here;
}

/// Sets the pointers into `memory`; returns how many bytes are needed. What depends on the key comes first, then
/// `zeroed` bytes that start as zero, then what is written whole.
static size_t lay_out(
    struct tree *tree, uint64_t *memory, uint32_t key_words, uint32_t short_words, int corrects, size_t *zeroed) {
    size_t used = 0;
    const size_t words = tree->words, tables = (words + 1) / 2;
    tree->prefix = carve(memory, &used, words + 1);
    tree->secret = used * 8;
    tree->cells = carve(memory, &used, words * (sizeof(struct cell) / 8));
    for (size_t i = 0, level = words / 64 + 1; i < 3; i++, level = level / 64 + 1) {
        tree->flips[i] = carve(memory, &used, corrects ? level : 0);
    }
    *zeroed = used * 8 - tree->secret;
    tree->mask = carve(memory, &used, tree->is_plain ? 0 : key_words);
    tree->sections = carve(memory, &used, (tree->section_count * sizeof *tree->sections + 7) / 8);
    if (!tree->is_direct) {
        for (int i = 0; i < 2; i++) {
            tree->from[i] = carve(memory, &used, tables);
            tree->to[i] = carve(memory, &used, tables);
        }
        tree->tile = carve(memory, &used, tables);
        tree->bit_from = carve(memory, &used, (size_t)short_words * 16);
        tree->bit_to = carve(memory, &used, (size_t)short_words * 16);
        if (!tree->is_plain) {
            tree->order = carve(memory, &used, (key_words + 1) / 2);
            tree->place = carve(memory, &used, (key_words + 1) / 2);
            tree->rank = carve(memory, &used, (key_words + 1) / 2);
            tree->hint = carve(memory, &used, tables);
        }
    }
    return used * 8;
}

static struct tree *allocate(qw_cascade *c, uint32_t slot, struct tree form, const struct section *sections) {
    uint32_t short_words = 0;
    for (uint32_t i = 0; i < form.section_count; i++) {
        if (sections[i].is_short) short_words += sections[i].words;
        // Halves of a block are told apart at the level below its own.
        const uint32_t scales = sections[i].level > 7 ? (sections[i].level - 2) / 6 : 0;
        if (form.scales < scales) form.scales = scales;
    }
    size_t zeroed = 0;
    form.bytes = lay_out(&form, NULL, c->words, short_words, c->settings.corrects != 0, &zeroed);
    form.memory = qw_cascade_allocate(form.bytes);
    if (form.memory == NULL) {
        c->state = QW_CASCADE_NO_MEMORY;
        return NULL;
    }
    (void)lay_out(&form, form.memory, c->words, short_words, c->settings.corrects != 0, &zeroed);
    memset(form.cells, 0, zeroed);
    memcpy(form.sections, sections, form.section_count * sizeof *sections);
    for (uint32_t i = 0; i < form.section_count; i++) {
        if (sections[i].level > 6) continue;
        const uint64_t starts = block_starts(sections[i].level);
        for (uint32_t w = 0; w < sections[i].words; w++) form.cells[sections[i].base + w].bound = starts;
    }
    qw_cascade_free_tree(&c->trees[slot]);
    c->trees[slot] = form;
    if (slot >= c->tree_count) c->tree_count = slot + 1;
    return &c->trees[slot];
}

int qw_cascade_copy_tree(struct tree *to, const struct tree *from) {
    *to = *from;
    to->memory = qw_cascade_allocate(from->bytes);
    if (to->memory == NULL) return 0;
    memcpy(to->memory, from->memory, from->bytes);
#define QW_MOVE(field) \
    if (from->field != NULL) to->field = (void *)((char *)to->memory + ((char *)from->field - (char *)from->memory))
    QW_MOVE(sections);
    QW_MOVE(prefix);
    QW_MOVE(cells);
    for (int i = 0; i < 3; i++) QW_MOVE(flips[i]);
    QW_MOVE(mask);
    QW_MOVE(order);
    QW_MOVE(place);
    QW_MOVE(rank);
    QW_MOVE(hint);
    for (int i = 0; i < 2; i++) {
        QW_MOVE(from[i]);
        QW_MOVE(to[i]);
    }
    QW_MOVE(tile);
    QW_MOVE(bit_from);
    QW_MOVE(bit_to);
#undef QW_MOVE
    return 1;
}

void qw_cascade_free_tree(struct tree *tree) {
    qw_cascade_release(tree->memory, tree->secret);
    *tree = (struct tree){0};
}

/// Sums the words that stand in `tree->prefix`; what follows them holds no bits.
static void sum(qw_cascade *c, struct tree *tree) {
    tree->prefix[tree->words] = 0;
    c->kernels->prefix(tree->prefix, tree->prefix, tree->words + 1);
}

/// Pushes the wanted bits of a section's groups together, from the section's first position on.
static void gather(qw_cascade *c, struct tree *tree, struct section *s, const uint64_t *mask) {
    uint64_t *out = tree->prefix;
    uint32_t position = s->base * 64;
    for (uint32_t g = 0; g < c->settings.groups; g++) {
        if ((s->groups >> g & 1) == 0) continue;
        for (uint32_t w = c->group_start[g] >> 6; w < c->group_start[g + 1] >> 6; w++) {
            const uint64_t wanted = mask[w];
            tree->mask[w] = wanted;
            const uint32_t count = (uint32_t)__builtin_popcountll(wanted);
            if (count == 0) continue;
            const uint32_t number = tree->order_count++, bit = position & 63, word = position >> 6;
            tree->order[number] = w;
            tree->place[w] = number;
            tree->rank[number] = position;
            const uint64_t bits = wanted == ~(uint64_t)0 ? c->key[w] : c->kernels->squeeze(c->key[w], wanted);
            if (bit == 0) tree->hint[word] = number;
            out[word] |= bits << bit;
            if (bit + count > 64) {
                out[word + 1] |= bits >> (64 - bit);
                tree->hint[word + 1] = number;
            }
            position += count;
        }
    }
}

int qw_cascade_make_pass(qw_cascade *c, struct section *sections, uint32_t count, int leaves_out) {
    const uint32_t pass = c->passes;
    struct tree form = {0};
    form.section_count = count;
    uint32_t shuffle = 0;
    for (uint32_t i = 0; i < count; i++) {
        struct section *s = &sections[i];
        const uint32_t shift = s->level > 6 ? s->level - 6 : 0;
        s->base = form.words;
        s->shuffle = shuffle;
        s->words = (s->bits + 63) / 64;
        s->is_short = pass > 0 && s->words < (c->settings.uniform ? QW_CASCADE_UNIFORM : QW_CASCADE_TILE);
        if (s->is_short) shuffle += s->words;
        s->end = s->base * 64 + (s->is_short ? s->bits : s->words * 64);
        s->blocks = (s->words * 64 + (1u << s->level) - 1) >> s->level;
        form.words += (s->words + (1u << shift) - 1) >> shift << shift;
    }
    form.is_direct = pass == 0;
    form.is_plain = pass > 0 && count == 1 && c->settings.groups == 1 && !leaves_out;
    struct tree *tree = allocate(c, c->tree_count, form, sections);
    if (tree == NULL) return 0;
    memset(tree->prefix, 0, (tree->words + 1) * sizeof *tree->prefix);
    if (tree->is_direct) {
        memcpy(tree->prefix, c->key, c->words * sizeof *c->key);
        for (uint32_t i = 0; i < c->words; i++) tree->mask[i] = ~c->known[i];
    } else if (tree->is_plain) {
        memcpy(tree->prefix, c->key, sections[0].words * sizeof *c->key);
    } else {
        // `scratch` holds the mask that the schedule made.
        memset(tree->mask, 0, c->words * sizeof *tree->mask);
        for (uint32_t i = 0; i < count; i++) gather(c, tree, &sections[i], c->scratch[1]);
    }
    if (!tree->is_direct) {
        struct stream stream = stream_of(c->seed, pass);
        for (uint32_t i = 0; i < count; i++) {
            const struct section *s = &tree->sections[i];
            qw_cascade_draw_order(tree, s, &stream);
            qw_cascade_permute(c, tree, s, tree->prefix + s->base, c->scratch[0]);
        }
    }
    sum(c, tree);
    return 1;
}

/// Subsets are those of a polynomial hash: the key's words are the coefficients of a polynomial that is evaluated
/// at a random point of GF(2^64) and multiplied by a random factor; subset j's parity is the coefficient of x^63
/// in the result times x^j. Whatever errors are left, t of these are all even with probability 2^-t plus
/// (words)/2^64.
static uint64_t coefficients(uint64_t element) {
    // Division by the field's polynomial gives the coefficients of x^63 one after the other, the first on top.
    uint64_t q = element ^ element >> 60 ^ element >> 61 ^ element >> 63;
    q = (q >> 1 & 0x5555555555555555u) | (q & 0x5555555555555555u) << 1;
    q = (q >> 2 & 0x3333333333333333u) | (q & 0x3333333333333333u) << 2;
    q = (q >> 4 & 0x0f0f0f0f0f0f0f0fu) | (q & 0x0f0f0f0f0f0f0f0fu) << 4;
    return __builtin_bswap64(q);
}

static uint64_t power(uint64_t base, uint64_t exponent) {
    uint64_t result = 1;
    for (; exponent > 0; exponent >>= 1) {
        if (exponent & 1) result = qw_gf64_multiply(0, result, base);
        base = qw_gf64_multiply(0, base, base);
    }
    return result;
}

/// Bit j: the parity of this end's bits in subset j.
uint64_t qw_cascade_subset_sum(const qw_cascade *c) {
    const uint64_t value = qw_gf64_horner(0, 0, c->subset_point, c->key, c->words);
    return coefficients(qw_gf64_multiply(0, value, c->subset_factor));
}

/// Bit j: whether `position` is in subset j.
uint64_t qw_cascade_subset_column(const qw_cascade *c, uint32_t position) {
    const uint64_t weight = qw_gf64_multiply(0, c->subset_factor, power(c->subset_point, c->words - (position >> 6)));
    return coefficients(qw_gf64_multiply(0, weight, (uint64_t)1 << (position & 63)));
}

/// The words of subset `number`.
static void subset_mask(const qw_cascade *c, uint32_t number, uint64_t *mask) {
    uint64_t weight = qw_gf64_multiply(0, c->subset_factor, (uint64_t)1 << number);
    for (uint32_t w = c->words; w-- > 0;) {
        weight = qw_gf64_multiply(0, weight, c->subset_point);
        mask[w] = coefficients(weight);
    }
}

int qw_cascade_make_subset(qw_cascade *c, uint32_t number, int complement) {
    uint32_t level = 6;
    while (((uint64_t)1 << level) < (uint64_t)c->words * 64) level++;
    struct tree form = {0};
    form.section_count = 1;
    form.words = 1u << (level - 6);
    form.is_direct = 1;
    const struct section s = {
        .words = c->words, .bits = c->words * 64, .level = level, .blocks = 1, .end = c->words * 64};
    // Nothing is being searched when subsets are opened, so the oldest tree holds nothing that is needed.
    const uint32_t slot = c->passes + c->subset_trees++ % QW_CASCADE_SUBSET_TREES;
    struct tree *tree = allocate(c, slot, form, &s);
    if (tree == NULL) return -1;
    subset_mask(c, number, tree->mask);
    for (uint32_t w = 0; w < c->words; w++) {
        if (complement) tree->mask[w] = ~tree->mask[w];
        tree->mask[w] &= ~c->known[w];
        tree->prefix[w] = c->key[w] & tree->mask[w];
    }
    memset(tree->prefix + c->words, 0, (tree->words + 1 - c->words) * sizeof *tree->prefix);
    sum(c, tree);
    return (int)slot;
}
