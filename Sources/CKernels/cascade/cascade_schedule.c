// SPDX-License-Identifier: GPL-3.0-or-later
// What is asked next: odd intervals, then the next pass, then subsets.
#include "cascade_state.h"

#include <string.h>

size_t qw_cascade_fresh(const qw_cascade *c) {
    if (c->fresh < 0) return 0;
    const struct tree *tree = &c->trees[c->fresh];
    size_t count = 0;
    for (uint32_t i = 0; i < tree->section_count; i++) {
        count += tree->sections[i].blocks - tree->sections[i].total_known;
    }
    return count;
}

/// The bits that a pass takes of a group, as a mask over the key's words; returns how many.
static uint32_t select_bits(qw_cascade *c, uint32_t group, int leaves_out) {
    uint64_t *mask = c->scratch[1];
    uint32_t count = 0;
    for (uint32_t w = c->group_start[group] >> 6; w < c->group_start[group + 1] >> 6; w++) {
        const uint32_t first = w * 64 - c->group_start[group];
        uint64_t bits = first >= c->groups[group].bits ? 0 : low_mask(c->groups[group].bits - first);
        if (leaves_out) bits &= ~c->known[w];
        if (c->passes > 0 && c->groups[group].pairs) bits &= 0x5555555555555555u;
        mask[w] = bits;
        count += (uint32_t)__builtin_popcountll(bits);
    }
    return count;
}

/// Joins sections that have too few blocks with the next smaller size; a pass of one block tells nothing that the
/// subsets don't.
static uint32_t join(struct section *sections, uint32_t count) {
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i++) {
        struct section s = sections[i];
        if (kept > 0 && sections[kept - 1].bits < 4u << sections[kept - 1].level) {
            s.bits += sections[kept - 1].bits;
            s.groups |= sections[kept - 1].groups;
            s.total_known &= sections[kept - 1].total_known;
            kept--;
        }
        sections[kept++] = s;
    }
    if (kept > 0 && sections[kept - 1].bits <= 1u << sections[kept - 1].level) kept--;
    return kept;
}

static int begin_pass(qw_cascade *c) {
    const uint32_t pass = c->passes;
    if (pass >= c->settings.passes) return 0;
    // Leaving known bits out saves parities and costs time.
    const int are_many = c->known_count * c->settings.leave_out > c->bits;
    const int leaves_out = pass > 0 && (c->settings.groups > 1 || c->groups[0].pairs || are_many);
    struct section sections[QW_CASCADE_GROUPS];
    uint32_t count = 0;
    for (uint32_t g = 0; g < c->settings.groups; g++) {
        const uint32_t bits = select_bits(c, g, leaves_out), level = c->groups[g].levels[pass];
        const uint32_t total_known = pass > 0 && !c->groups[g].pairs;
        uint32_t i = 0;
        while (i < count && sections[i].level > level) i++;
        if (pass == 0 || i == count || sections[i].level != level) {
            // The first pass keeps groups apart: its positions are the key's.
            if (pass == 0) i = count;
            memmove(sections + i + 1, sections + i, (count - i) * sizeof *sections);
            sections[i] = (struct section){
                .bits = bits, .level = level, .total_known = total_known, .groups = (uint64_t)1 << g};
            count++;
        } else {
            sections[i].bits += bits;
            sections[i].groups |= (uint64_t)1 << g;
            sections[i].total_known &= total_known;
        }
    }
    if (pass > 0) count = join(sections, count);
    if (count == 0 || !qw_cascade_make_pass(c, sections, count, leaves_out)) {
        c->settings.passes = pass;
        return 0;
    }
    c->fresh = (int32_t)c->tree_count - 1;
    c->passes++;
    return 1;
}

/// Asks for the parities of random subsets; where fewer bits than that are open, for the bits themselves.
static void ask_subsets(qw_cascade *c) {
    const uint64_t open = c->bits - c->known_count;
    if (c->subset_bundles == 0 && open <= c->settings.tail) {
        c->is_closed = 1;
        for (uint32_t w = 0; w < c->words; w++) {
            for (uint64_t bits = ~c->known[w]; bits != 0; bits &= bits - 1) {
                const uint32_t position = w * 64 + (uint32_t)__builtin_ctzll(bits);
                // The right one of a pair whose parity is known follows from the left one.
                uint64_t start, length;
                (void)qw_cascade_interval(c, 0, position, &start, &length);
                if (length == 2 && position != start && !bit_at(c->known, (uint32_t)start)) continue;
                if (!qw_cascade_reserve(c, &c->singles, 1)) return;
                c->singles.list[c->singles.count++] = (struct item){position, 0};
            }
        }
        return;
    }
    struct stream stream = stream_of(c->seed, ((uint64_t)1 << 32) + c->subset_bundles);
    c->subset_point = draw(&stream);
    c->subset_factor = draw(&stream) | (uint64_t)1 << 63;
    c->subset_bundles++;
    c->openings = 0;
    c->subsets_now = c->settings.tail;
}

/// Begins the search in odd subsets; 0 when all are even.
static int open_subsets(qw_cascade *c) {
    uint32_t opened = 0;
    // More at a time when there turn out to be many errors left.
    uint32_t most = c->settings.parallel * (1 + c->openings++ / 4);
    if (most > QW_CASCADE_SUBSET_TREES / 2) most = QW_CASCADE_SUBSET_TREES / 2;
    for (uint32_t j = 0; j < c->settings.tail && opened < most; j++) {
        if ((c->subset_odd >> j & 1) == 0) continue;
        for (uint32_t side = 0; side <= (c->settings.complement ? 1u : 0u); side++) {
            const int number = qw_cascade_make_subset(c, j, (int)side);
            if (number < 0) return 0;
            struct tree *tree = &c->trees[number];
            // All errors together are even or odd in number: so are those outside the subset.
            if (side == 1 && __builtin_parityll(c->totals)) continue;
            tree->cells[0].odd |= 1;
            if (!qw_cascade_reserve(c, &c->candidates, 1)) return 0;
            c->candidates.list[c->candidates.count++] =
                (struct item){place_of((uint32_t)number, tree->sections[0].level, 0), 0};
        }
        opened++;
    }
    if (opened == 0) return 0;
    c->next.count = 0;
    c->kernels->settle(c);
    const struct items swap = c->items;
    c->items = c->next;
    c->next = swap;
    return 1;
}

void qw_cascade_advance(qw_cascade *c) {
    size_t questions = 0;
    while (c->state == QW_CASCADE_ASKING) {
        if (c->items.count <= c->settings.overlap) (void)begin_pass(c);
        questions = qw_cascade_questions(c);
        if (questions > 0) break;
        if (c->subset_odd & low_mask(c->settings.tail)) {
            // An odd subset without an open bit comes from a lying peer.
            const uint64_t corrected = c->corrected;
            if (!open_subsets(c) || (c->items.count == 0 && c->corrected == corrected)) break;
            continue;
        }
        // Each opening is one more chance for errors to escape: after many, others are asked.
        if (c->settings.streak == 1 && c->subset_bundles > 0 && c->openings <= 3) break;
        if (c->settings.streak > 1 && c->streak >= c->settings.streak) break;
        if (c->is_closed || (c->subset_bundles == 0 && c->bits == c->known_count)) break;
        ask_subsets(c);
        if (qw_cascade_questions(c) == 0) break;
    }
    if (c->state != QW_CASCADE_ASKING) return;
    if (questions == 0) questions = qw_cascade_questions(c);
    if (questions == 0) {
        c->state = QW_CASCADE_DONE;
    } else if (c->asked + questions > c->settings.parity_limit) {
        c->state = QW_CASCADE_TOO_MANY_PARITIES;
    } else if (c->rounds == c->settings.round_limit) {
        c->state = QW_CASCADE_TOO_MANY_ROUNDS;
    } else {
        c->asked += questions;
        c->rounds++;
    }
}
