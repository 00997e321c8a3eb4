// SPDX-License-Identifier: GPL-3.0-or-later
// What follows from a cut: bits are corrected, and what turns odd is searched.
//
// The same source for every instruction set, included with these defined: QW_TARGET, the attribute of every
// function; `nth(mask, n)`, the place of bit number n of a mask; `squeeze(word, mask)`.
#include "cascade_map.h"

#include <string.h>

QW_TARGET static inline int append(qw_cascade *c, struct items *items, struct item value) {
    if (items->count == items->capacity && !qw_cascade_reserve(c, items, 1)) return 0;
    items->list[items->count++] = value;
    return 1;
}

QW_TARGET static inline uint64_t one(uint32_t index) { return (uint64_t)1 << (index & 63); }

/// The smallest known interval around a position: its start; the level goes to `level`.
QW_TARGET static inline uint32_t locate(const struct tree *tree, uint32_t position, uint32_t *level) {
    uint32_t l = section_of(tree, position)->level;
    if (l <= 6) {
        // Starts of such blocks are bounds from the beginning.
        const uint64_t cuts = tree->cells[position >> 6].bound, later = cuts & ~(uint64_t)1 << (position & 63);
        const uint32_t left = 63 - (uint32_t)__builtin_clzll(cuts & (~(uint64_t)0 >> (~position & 63)));
        const uint32_t right = later != 0 ? (uint32_t)__builtin_ctzll(later) : 64;
        *level = (uint32_t)__builtin_ctz(right - left);
        return (position & ~63u) | left;
    }
    uint32_t start = position >> l << l;
    while (l > 0) {
        const uint32_t middle = start | 1u << (l - 1);
        if ((tree->cells[middle >> 6].bound & one(middle)) == 0) break;
        l--;
        start |= position & 1u << l;
    }
    *level = l;
    return start;
}

/// Cuts an interval in halves of 2^level, the left one of parity `left`; returns the start of the odd half of an
/// odd interval.
QW_TARGET static inline uint32_t cut(struct tree *tree, uint32_t start, uint32_t level, uint32_t left) {
    const uint32_t middle = start + (1u << level);
    struct cell *a = &tree->cells[start >> 6], *b = &tree->cells[middle >> 6];
    b->bound |= one(middle);
    // The start is odd and the middle no start yet, so it is even.
    a->odd ^= (uint64_t)(left ^ 1) << (start & 63);
    b->odd |= (uint64_t)(left ^ 1) << (middle & 63);
    return start + ((left ^ 1) << level);
}

/// Where only one bit of an even interval of the first pass is open, it is right.
QW_TARGET static inline uint32_t last_open(const qw_cascade *c, uint32_t start, uint32_t level) {
    if (level > 6 || c->trees[0].cells[start >> 6].odd & one(start)) return QW_NOWHERE;
    const uint64_t open = ~c->known[start >> 6] >> (start & 63) & low_mask(1u << level);
    if (open == 0 || (open & (open - 1)) != 0) return QW_NOWHERE;
    return start + (uint32_t)__builtin_ctzll(open);
}

QW_TARGET static inline void mark(qw_cascade *c, uint32_t position) {
    c->known[position >> 6] |= one(position);
    c->known_count++;
}

/// A bit without an error, and what follows from it in the first pass.
QW_TARGET static void mark_known(qw_cascade *c, uint32_t position) {
    while (position != QW_NOWHERE && !bit_at(c->known, position)) {
        mark(c, position);
        if (c->fresh == 0) return;
        uint32_t level;
        const uint32_t start = locate(&c->trees[0], position, &level);
        position = last_open(c, start, level);
    }
}

/// A wrong bit: inverted, and with it the parity of the interval around it in every tree. `places`, where it is
/// given, holds its position in each tree.
QW_TARGET static inline __attribute__((always_inline)) void correct_at(
    qw_cascade *c, uint32_t number, uint32_t position, uint32_t bit, const uint32_t *places) {
    // Two trees may find the same bit; a lying peer may have one found that was told to be right.
    if (bit == QW_NOWHERE || bit_at(c->known, bit)) return;
    c->wrong[bit >> 6] |= one(bit);
    mark(c, bit);
    c->corrected++;
    uint32_t group = 0;
    while (bit >= c->group_start[group + 1]) group++;
    c->totals ^= (uint64_t)1 << group;
    const uint32_t corrects = c->settings.corrects;
    if (corrects) c->key[bit >> 6] ^= one(bit);
    if (c->subset_bundles) c->subset_odd ^= qw_cascade_subset_column(c, bit);
    if (c->candidates.capacity - c->candidates.count < QW_CASCADE_TREES
        && !qw_cascade_reserve(c, &c->candidates, QW_CASCADE_TREES)) {
        return;
    }
    uint32_t right = QW_NOWHERE;
    for (uint32_t i = 0; i < c->tree_count; i++) {
        struct tree *tree = &c->trees[i];
        const uint32_t place = places != NULL ? places[i] : i == number ? position : to_tree(tree, bit);
        if (place == QW_NOWHERE) continue;
        uint32_t level;
        const uint32_t start = locate(tree, place, &level);
        struct cell *cell = &tree->cells[start >> 6];
        cell->odd ^= one(start);
        if (cell->odd & one(start)) {
            c->candidates.list[c->candidates.count++] = (struct item){place_of(i, level, start), 0};
        } else if (i == 0) {
            right = last_open(c, start, level);
        }
        if (corrects) {
            tree->cells[place >> 6].flips ^= one(place);
            for (uint32_t j = 0; j < tree->scales; j++) {
                tree->flips[j][place >> (6 * j + 12)] ^= one(place >> (6 * j + 6));
            }
        }
    }
    if (right != QW_NOWHERE) mark_known(c, right);
}

QW_TARGET static void correct(qw_cascade *c, uint32_t number, uint32_t position, uint32_t bit) {
    correct_at(c, number, position, bit, NULL);
}

/// The bits that a message found wrong. Their positions are looked up for many at once, where no guess about an
/// answer gets in between.
QW_TARGET static void correct_leaves(qw_cascade *c) {
    enum { BATCH = 16 };
    uint32_t places[BATCH][QW_CASCADE_TREES];
    for (size_t first = 0; first < c->leaves.count; first += BATCH) {
        const struct item *leaves = c->leaves.list + first;
        const size_t count = c->leaves.count - first < BATCH ? c->leaves.count - first : BATCH;
        for (uint32_t i = 0; i < c->tree_count; i++) {
            const struct tree *tree = &c->trees[i];
            for (size_t k = 0; k < count; k++) {
                const uint32_t bit = (uint32_t)leaves[k].keys;
                places[k][i] = tree_of(leaves[k]) == i ? start_of(leaves[k])
                    : bit == QW_NOWHERE               ? QW_NOWHERE
                                                      : to_tree(tree, bit);
            }
        }
        for (size_t k = 0; k < count && c->state != QW_CASCADE_NO_MEMORY; k++) {
            correct_at(c, tree_of(leaves[k]), start_of(leaves[k]), (uint32_t)leaves[k].keys, places[k]);
        }
    }
    c->leaves.count = 0;
}

QW_TARGET static inline int is_known(const qw_cascade *c, uint32_t position) {
    return position == QW_NOWHERE || bit_at(c->known, position);
}

/// The bits of the key at a position and the next; never zero.
QW_TARGET static inline uint64_t pair_keys(const struct tree *tree, uint32_t start) {
    const uint32_t first = to_key(tree, start), second = to_key(tree, start + 1);
    return (uint64_t)second << 32 | first;
}

/// 1 where the left half of an interval needn't be asked for: then `left` is its parity. Bits that are known hold
/// no error. 2 where nothing is open in either half: a lying peer said that it is odd.
QW_TARGET static inline int follows(
    const qw_cascade *c, const struct tree *tree, uint32_t start, uint32_t level, uint32_t *left, uint64_t *keys) {
    const uint32_t half = 1u << (level - 1);
    int left_known = 0, right_known = 0;
    if (tree->is_direct) {
        if (level <= 6) {
            const uint64_t open = (~c->known[start >> 6] & tree->mask[start >> 6]) >> (start & 63);
            left_known = (open & low_mask(half)) == 0;
            right_known = (open >> half & low_mask(half)) == 0;
        } else {
            right_known = (start + half) >> 6 >= c->words;
        }
    } else if (level == 1) {
        if (*keys == 0) *keys = pair_keys(tree, start);
        left_known = is_known(c, (uint32_t)*keys);
        right_known = is_known(c, (uint32_t)(*keys >> 32));
    } else {
        right_known = start + half >= section_of(tree, start)->end;
        if (level == 2 && !right_known && c->known_count * 8 > c->bits) {
            left_known = is_known(c, to_key(tree, start)) && is_known(c, to_key(tree, start + 1));
            right_known = is_known(c, to_key(tree, start + 2)) && is_known(c, to_key(tree, start + 3));
        }
    }
    *left = (uint32_t)right_known;
    return left_known && right_known ? 2 : left_known || right_known;
}

/// One odd interval: cut as far as goes without asking, then corrected or put on the list.
QW_TARGET static inline void search(qw_cascade *c, struct item candidate) {
    const uint32_t number = tree_of(candidate);
    uint32_t start = start_of(candidate), level = level_of(candidate);
    struct tree *tree = &c->trees[number];
    const struct cell *cell = &tree->cells[start >> 6];
    if ((cell->odd & ~cell->asked & one(start)) == 0) return;
    uint64_t keys = candidate.keys;
    uint32_t left = 1;
    while (level > 0) {
        const int answer = follows(c, tree, start, level, &left, &keys);
        if (answer == 2) return;
        if (answer == 0) {
            tree->cells[start >> 6].asked |= one(start);
            (void)append(c, &c->next, (struct item){place_of(number, level, start), keys});
            return;
        }
        start = cut(tree, start, --level, left);
    }
    const uint32_t bit = tree->is_direct || keys == 0 ? to_key(tree, start) : (uint32_t)(left ? keys : keys >> 32);
    correct(c, number, start, bit);
}

QW_TARGET static void settle(qw_cascade *c) {
    const uint64_t corrected = c->corrected;
    correct_leaves(c);
    while (c->candidates.count > 0 && c->state != QW_CASCADE_NO_MEMORY) {
        search(c, c->candidates.list[--c->candidates.count]);
    }
    if (c->corrected == corrected) return;
    // What turned even while others were corrected isn't asked.
    struct items *next = &c->next;
    size_t kept = 0;
    for (size_t i = 0; i < next->count; i++) {
        const struct item question = next->list[i];
        const uint32_t start = start_of(question);
        struct cell *cell = &c->trees[tree_of(question)].cells[start >> 6];
        if (cell->odd & one(start)) {
            next->list[kept++] = question;
        } else {
            cell->asked &= ~one(start);
        }
    }
    next->count = kept;
}
