// SPDX-License-Identifier: GPL-3.0-or-later
// What answers say: intervals are cut, blocks become known. Included after cascade_search.h.

/// `count` answers, at most 64, from number `index` on.
QW_TARGET static inline uint64_t answers(const uint8_t *errors, size_t index, uint32_t count) {
    uint64_t low = 0, high = 0;
    const uint32_t shift = index & 7, bytes = (shift + count + 7) / 8;
    memcpy(&low, errors + (index >> 3), bytes < 8 ? bytes : 8);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    low = __builtin_bswap64(low);
#endif
    if (bytes > 8) high = errors[(index >> 3) + 8];
    return (low >> shift | high << 1 << (63 - shift)) & low_mask(count);
}

/// The parities of the blocks of one section of a new tree.
QW_TARGET static void take_blocks(
    qw_cascade *c, struct tree *tree, const struct section *s, const uint8_t *errors, size_t index) {
    const uint32_t base = s->base * 64, asked = s->blocks - s->total_known, number = (uint32_t)(tree - c->trees);
    uint32_t sum = 0;
    if (!qw_cascade_reserve(c, &c->candidates, s->blocks)) return;
    struct item *list = c->candidates.list + c->candidates.count;
    for (uint32_t block = 0; block < s->blocks; block += 64) {
        const uint32_t count = block >= asked ? 0 : asked - block < 64 ? asked - block : 64;
        uint64_t odd = count ? answers(errors, index + block, count) : 0;
        sum ^= (uint32_t)__builtin_parityll(odd);
        if (s->total_known && s->blocks - block <= 64) {
            const uint32_t last = sum ^ (uint32_t)__builtin_parityll(c->totals & s->groups);
            odd |= (uint64_t)last << (s->blocks - 1 - block);
        }
        for (; odd != 0; odd &= odd - 1) {
            const uint32_t start = base + ((block + (uint32_t)__builtin_ctzll(odd)) << s->level);
            tree->cells[start >> 6].odd |= one(start);
            *list++ = (struct item){place_of(number, s->level, start), 0};
        }
    }
    c->candidates.count = (size_t)(list - c->candidates.list);
    if (s->level > 0) return;
    // Each bit was told.
    for (uint32_t block = 0; block < s->blocks; block++) {
        const uint32_t bit = to_key(tree, base + block);
        const int odd = (tree->cells[(base + block) >> 6].odd & one(base + block)) != 0;
        if (!odd && bit != QW_NOWHERE && !bit_at(c->known, bit)) mark(c, bit);
    }
}

QW_TARGET static void take_fresh(qw_cascade *c, const uint8_t *errors, size_t index) {
    struct tree *tree = &c->trees[c->fresh];
    for (uint32_t i = 0; i < tree->section_count; i++) {
        const struct section *s = &tree->sections[i];
        take_blocks(c, tree, s, errors, index);
        index += s->blocks - s->total_known;
    }
    if (c->fresh == 0) {
        // The first pass tells how many errors each group holds, modulo two.
        for (uint32_t g = 0; g < c->settings.groups; g++) {
            uint64_t total = 0;
            for (uint32_t w = c->group_start[g] >> 6; w < c->group_start[g + 1] >> 6; w++) total ^= tree->cells[w].odd;
            c->totals |= (uint64_t)__builtin_parityll(total) << g;
        }
    }
    c->fresh = -1;
}

/// Where take_items puts what it cut.
struct halves {
    struct item *next, *candidates, *wrong;
};

/// Both bits of a pair that was cut are known now, the wrong one when it is corrected. Its number goes along.
QW_TARGET static inline void take_pair(
    qw_cascade *c, struct halves *to, const struct tree *tree, uint32_t number, uint32_t pair, uint32_t left,
    uint64_t keys) {
    if (tree->is_direct) keys = (uint64_t)(pair + 1) << 32 | pair;
    const uint32_t right = (uint32_t)(keys >> 32 * left), wrong = (uint32_t)(keys >> 32 * (left ^ 1));
    if (right != QW_NOWHERE && !bit_at(c->known, right)) {
        if (number == 0) {
            mark(c, right);
        } else if (!tree->is_direct || bit_at(tree->mask, right)) {
            mark_known(c, right);
        }
    }
    *to->wrong++ = (struct item){place_of(number, 0, pair + 1 - left), wrong};
}

/// Cuts inside one word; returns 0 where something follows without asking.
QW_TARGET static inline void take_inside(
    qw_cascade *c, struct halves *to, struct tree *tree, uint32_t number, struct item question, uint32_t left) {
    const uint32_t level = level_of(question) - 1, pair = start_of(question), middle = pair + (1u << level);
    // Answers are fair coins: no branch depends on them.
    const uint32_t start = pair + ((left ^ 1) << level);
    struct cell *cell = &tree->cells[pair >> 6];
    // The odd half takes the interval's place on the list.
    const uint64_t moved = (one(pair) | one(middle)) & ((uint64_t)left - 1);
    cell->bound |= one(middle);
    cell->odd ^= moved;
    if (level > (tree->is_direct ? 0u : 2u)) {
        const uint64_t told = !tree->is_direct ? start + (1u << level) > tree->sections[0].end
            : number == 0                      ? c->known[start >> 6] >> (start & 63) & low_mask(1u << level)
                          : (c->known[start >> 6] | ~tree->mask[start >> 6]) >> (start & 63) & low_mask(1u << level);
        if (told == 0) {
            cell->asked ^= moved;
            *to->next++ = (struct item){place_of(number, level, start), 0};
            return;
        }
    }
    cell->asked &= ~one(pair);
    if (level == 0) {
        take_pair(c, to, tree, number, pair, left, question.keys);
    } else {
        *to->candidates++ = (struct item){place_of(number, level, start), 0};
    }
}

/// Cuts what was asked. Where nothing can follow without asking, the odd half is asked for next.
QW_TARGET static void take_items(qw_cascade *c, const uint8_t *errors) {
    const size_t count = c->items.count;
    if (!qw_cascade_reserve(c, &c->next, count) || !qw_cascade_reserve(c, &c->candidates, count)
        || !qw_cascade_reserve(c, &c->leaves, count)) {
        return;
    }
    struct halves to = {c->next.list, c->candidates.list, c->leaves.list};
    const struct item *list = c->items.list;
    for (size_t k = 0; k < count; k++) {
        const struct item question = list[k];
        const uint32_t number = tree_of(question), left = (uint32_t)errors[k >> 3] >> (k & 7) & 1;
        struct tree *tree = &c->trees[number];
        if (level_of(question) <= 6 && tree->section_count == 1) {
            take_inside(c, &to, tree, number, question, left);
            continue;
        }
        const uint32_t level = level_of(question) - 1, pair = start_of(question);
        tree->cells[pair >> 6].asked &= ~one(pair);
        const uint32_t start = cut(tree, pair, level, left);
        if (level == 0) {
            take_pair(c, &to, tree, number, pair, left, question.keys);
        } else if (tree->section_count == 1 && level > 6 && start + (1u << level) <= tree->sections[0].end) {
            tree->cells[start >> 6].asked |= one(start);
            *to.next++ = (struct item){place_of(number, level, start), 0};
        } else {
            *to.candidates++ = (struct item){place_of(number, level, start), 0};
        }
    }
    // As in correct_leaves: the looking up is done for all at once.
    for (struct item *i = c->candidates.list; i < to.candidates; i++) {
        const struct tree *tree = &c->trees[tree_of(*i)];
        if (level_of(*i) == 1 && !tree->is_direct) i->keys = pair_keys(tree, start_of(*i));
    }
    c->next.count = (size_t)(to.next - c->next.list);
    c->candidates.count = (size_t)(to.candidates - c->candidates.list);
    c->leaves.count = (size_t)(to.wrong - c->leaves.list);
}

QW_TARGET static void take(qw_cascade *c, const uint8_t *errors) {
    size_t index = c->items.count;
    c->next.count = 0;
    c->candidates.count = 0;
    c->leaves.count = 0;
    // All cuts first: the answers are about the errors that were left when they were given.
    take_items(c, errors);
    for (size_t k = 0; k < c->singles.count; k++, index++) {
        const uint32_t bit = start_of(c->singles.list[k]);
        if (answers(errors, index, 1)) {
            correct(c, QW_NOWHERE, 0, bit);
        } else {
            mark_known(c, bit);
        }
    }
    c->singles.count = 0;
    if (c->fresh >= 0) {
        const size_t count = qw_cascade_fresh(c);
        take_fresh(c, errors, index);
        index += count;
    }
    if (c->subsets_now) {
        c->subset_odd = answers(errors, index, c->subsets_now);
        c->streak = c->subset_odd ? 0 : c->streak + 1;
        c->subsets_now = 0;
    }
    settle(c);
    const struct items swap = c->items;
    c->items = c->next;
    c->next = swap;
}
