// SPDX-License-Identifier: GPL-3.0-or-later
// What answers say: intervals are cut, bits corrected, what turns odd is searched.
#include "cascade_state.h"

#include <stdlib.h>

int push(qw_cascade *c, struct items *items, item value) {
    if (items->count == items->capacity) {
        const size_t capacity = items->capacity < 256 ? 256 : 2 * items->capacity;
        item *list = realloc(items->list, capacity * sizeof *list);
        if (list == NULL) {
            c->state = QW_CASCADE_NO_MEMORY;
            return 0;
        }
        items->list = list;
        items->capacity = capacity;
    }
    items->list[items->count++] = value;
    return 1;
}

static inline void flip(uint64_t *words, uint32_t index) { words[index >> 6] ^= (uint64_t)1 << (index & 63); }
static inline void set(uint64_t *words, uint32_t index) { words[index >> 6] |= (uint64_t)1 << (index & 63); }
static inline void clear(uint64_t *words, uint32_t index) { words[index >> 6] &= ~((uint64_t)1 << (index & 63)); }
static inline void write(uint64_t *words, uint32_t index, uint32_t bit) {
    words[index >> 6] = (words[index >> 6] & ~((uint64_t)1 << (index & 63))) | (uint64_t)bit << (index & 63);
}

static inline int is_known(const qw_cascade *c, uint32_t position) {
    return position == QW_NOWHERE || bit_at(c->known, position);
}

/// The smallest known interval around a position: its start; the level goes to `level`.
static inline uint32_t locate(const struct tree *tree, uint32_t position, uint32_t *level) {
    uint32_t l = section_of(tree, position)->level;
    uint32_t start = position >> l << l;
    if (l <= 6) {
        const uint32_t block = start & 63, bit = position & 63;
        const uint64_t cuts = tree->bound[start >> 6] | (uint64_t)1 << block;
        const uint32_t left = 63 - (uint32_t)__builtin_clzll(cuts & (~(uint64_t)0 >> (63 - bit)));
        const uint64_t later = (cuts >> bit >> 1) << 1 << bit;
        uint32_t right = later ? (uint32_t)__builtin_ctzll(later) : 64;
        if (right > block + (1u << l)) right = block + (1u << l);
        *level = (uint32_t)__builtin_ctz(right - left);
        return (position & ~63u) | left;
    }
    while (l > 0 && bit_at(tree->bound, start | 1u << (l - 1))) {
        l--;
        start |= position & 1u << l;
    }
    *level = l;
    return start;
}

/// A bit without an error: where it was the last but one open bit of an even interval of the first pass, the last
/// one has none either.
void mark_known(qw_cascade *c, uint32_t position) {
    const struct tree *tree = &c->trees[0];
    while (position != QW_NOWHERE && !bit_at(c->known, position)) {
        set(c->known, position);
        c->known_count++;
        if (c->fresh == 0) return;
        uint32_t level;
        const uint32_t start = locate(tree, position, &level);
        if (level > 6 || bit_at(tree->odd, start)) return;
        const uint64_t open = ~c->known[start >> 6] >> (start & 63) & low_mask(1u << level);
        if (open == 0 || (open & (open - 1)) != 0) return;
        position = start + (uint32_t)__builtin_ctzll(open);
    }
}

/// Cuts an interval in halves, the left one of parity `left`; returns the start of the odd half of an odd
/// interval, which takes its place on the list of questions.
static inline uint32_t cut(struct tree *tree, uint32_t start, uint32_t half, uint32_t left) {
    const uint32_t middle = start + half;
    set(tree->bound, middle);
    write(tree->odd, start, left);
    write(tree->odd, middle, left ^ 1);
    return left ? start : middle;
}

/// A wrong bit: inverted, and with it the parity of the interval around it in every tree.
void correct(qw_cascade *c, uint32_t number, uint32_t position) {
    const uint32_t bit = to_key(&c->trees[number], position);
    // Two trees may find the same bit; a lying peer may have one found that was told to be right.
    if (bit == QW_NOWHERE || bit_at(c->known, bit)) return;
    set(c->wrong, bit);
    c->corrected++;
    uint32_t group = 0;
    while (bit >= c->group_start[group + 1]) group++;
    c->totals ^= (uint64_t)1 << group;
    if (c->settings.corrects) flip(c->key, bit);
    if (c->subset_bundles) c->subset_odd ^= subset_column(c, bit);
    for (uint32_t i = 0; i < c->tree_count; i++) {
        struct tree *tree = &c->trees[i];
        const uint32_t place = i == number ? position : to_tree(tree, bit);
        if (place == QW_NOWHERE) continue;
        uint32_t level;
        const uint32_t start = locate(tree, place, &level);
        flip(tree->odd, start);
        if (c->settings.corrects) {
            for (int j = 0; j < 4; j++) flip(tree->flips[j], place >> 6 * j);
        }
        if (bit_at(tree->odd, start) && !push(c, &c->candidates, make_item(i, level, start))) return;
    }
    mark_known(c, bit);
}

/// 1 where the left half of an interval needn't be asked for: then `left` is its parity. Bits that are known hold
/// no error. 2 where nothing is open in either half: a lying peer said that it is odd.
static inline int follows(
    const qw_cascade *c, const struct tree *tree, uint32_t start, uint32_t level, uint32_t *left) {
    const uint32_t half = 1u << (level - 1);
    int left_known = 0, right_known = 0;
    if (tree->is_direct) {
        if (level <= 6) {
            const uint64_t known = (c->known[start >> 6] | ~tree->mask[start >> 6]) >> (start & 63);
            left_known = (~known & low_mask(half)) == 0;
            right_known = (~known >> half & low_mask(half)) == 0;
        } else {
            right_known = (start + half) >> 6 >= c->words;
        }
    } else if (level == 1) {
        left_known = is_known(c, to_key(tree, start));
        right_known = is_known(c, to_key(tree, start + 1));
    } else {
        const struct section *s = section_of(tree, start);
        const uint32_t end = s->base * 64 + (s->words < QW_CASCADE_TILE ? s->bits : s->words * 64);
        right_known = start + half >= end;
        if (level == 2 && !right_known && c->known_count * 8 > c->bits) {
            left_known = is_known(c, to_key(tree, start)) && is_known(c, to_key(tree, start + 1));
            right_known = is_known(c, to_key(tree, start + 2)) && is_known(c, to_key(tree, start + 3));
        }
    }
    *left = (uint32_t)right_known;
    return left_known && right_known ? 2 : left_known || right_known;
}

/// Both bits of a pair that is cut become known, the wrong one when it is corrected.
static inline void learn_pair(qw_cascade *c, const struct tree *tree, uint32_t start, uint32_t left) {
    mark_known(c, to_key(tree, start + left));
}

/// One odd interval: cut as far as goes without asking, then corrected or put on the list.
static inline void search(qw_cascade *c, item candidate) {
    const uint32_t number = item_tree(candidate);
    uint32_t level = item_level(candidate), start = item_start(candidate);
    struct tree *tree = &c->trees[number];
    if (!bit_at(tree->odd, start) || bit_at(tree->asked, start)) return;
    while (level > 0) {
        uint32_t left;
        const int answer = follows(c, tree, start, level, &left);
        if (answer == 2) return;
        if (answer == 0) {
            set(tree->asked, start);
            (void)push(c, &c->next, make_item(number, level, start));
            return;
        }
        level--;
        start = cut(tree, start, 1u << level, left);
    }
    correct(c, number, start);
}

void settle(qw_cascade *c) {
    while (c->candidates.count > 0 && c->state != QW_CASCADE_NO_MEMORY) {
        search(c, c->candidates.list[--c->candidates.count]);
    }
    // What turned even while others were corrected isn't asked.
    struct items *next = &c->next;
    size_t kept = 0;
    for (size_t i = 0; i < next->count; i++) {
        const item question = next->list[i];
        struct tree *tree = &c->trees[item_tree(question)];
        const uint32_t start = item_start(question);
        if (bit_at(tree->odd, start)) {
            next->list[kept++] = question;
        } else {
            clear(tree->asked, start);
        }
    }
    next->count = kept;
}

static inline uint32_t answer_at(const uint8_t *errors, size_t index) {
    return (uint32_t)errors[index >> 3] >> (index & 7) & 1;
}

/// The parities of the blocks of a new tree.
void take_fresh(qw_cascade *c, const uint8_t *errors, size_t index) {
    const uint32_t number = (uint32_t)c->fresh;
    struct tree *tree = &c->trees[number];
    c->fresh = -1;
    for (uint32_t i = 0; i < tree->section_count; i++) {
        const struct section *s = &tree->sections[i];
        const uint32_t base = s->base * 64, asked = s->blocks - s->total_known;
        uint32_t sum = 0;
        for (uint32_t block = 0; block < s->blocks; block++) {
            uint32_t odd;
            if (block < asked) {
                odd = answer_at(errors, index++);
                sum ^= odd;
            } else {
                odd = sum ^ (uint32_t)(__builtin_popcountll(c->totals & s->groups) & 1);
            }
            if (s->level == 0 && !odd) mark_known(c, to_key(tree, base + block));
            if (!odd) continue;
            set(tree->odd, base + (block << s->level));
            if (!push(c, &c->candidates, make_item(number, s->level, base + (block << s->level)))) return;
        }
        if (c->passes == 1) {
            // The first pass tells how many errors each group holds, modulo two.
            for (uint32_t g = 0; g < c->settings.groups; g++) {
                if ((s->groups >> g & 1) == 0) continue;
                uint64_t total = 0;
                for (uint32_t w = c->group_start[g] >> 6; w < c->group_start[g + 1] >> 6; w++) total ^= tree->odd[w];
                c->totals |= (uint64_t)(__builtin_popcountll(total) & 1) << g;
            }
        }
    }
}

void qw_cascade_take(qw_cascade *c, const uint8_t *errors) {
    if (c->state != QW_CASCADE_ASKING) return;
    size_t index = 0;
    c->next.count = 0;
    c->candidates.count = 0;
    // All cuts first: the answers are about the errors that were left when they were given.
    for (size_t i = 0; i < c->items.count; i++) {
        const item question = c->items.list[i];
        const uint32_t number = item_tree(question), level = item_level(question) - 1, start = item_start(question);
        struct tree *tree = &c->trees[number];
        const uint32_t left = answer_at(errors, index++);
        clear(tree->asked, start);
        const uint32_t odd = cut(tree, start, 1u << level, left);
        if (level == 0) learn_pair(c, tree, start, left);
        if (!push(c, &c->candidates, make_item(number, level, odd))) return;
    }
    for (size_t i = 0; i < c->singles.count; i++) {
        const uint32_t bit = (uint32_t)c->singles.list[i];
        if (answer_at(errors, index++)) {
            correct(c, 0, bit);
        } else {
            mark_known(c, bit);
        }
    }
    c->singles.count = 0;
    if (c->fresh >= 0) {
        const size_t count = fresh_count(c);
        take_fresh(c, errors, index);
        index += count;
    }
    if (c->subsets_now) {
        c->subset_odd = 0;
        for (uint32_t i = 0; i < c->subsets_now; i++) c->subset_odd |= (uint64_t)answer_at(errors, index++) << i;
        c->streak = c->subset_odd ? 0 : c->streak + 1;
        c->subsets_now = 0;
    }
    settle(c);
    struct items swap = c->items;
    c->items = c->next;
    c->next = swap;
    advance(c);
}
