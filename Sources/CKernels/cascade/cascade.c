// SPDX-License-Identifier: GPL-3.0-or-later
// The life of a search, its key, and what tests see of it.
#include "cascade_state.h"

/// The mapping is built for tests only here; one instruction set will do.
#define QW_TARGET
static inline uint32_t nth(uint64_t mask, uint32_t n) {
    while (n-- > 0) mask &= mask - 1;
    return (uint32_t)__builtin_ctzll(mask);
}
#include "cascade_map.h"

#include <string.h>

/// One block for what has a bit for each bit of the key: key and scratch, which are secret, first.
static int allocate_words(qw_cascade *c) {
    const size_t words = (size_t)c->words + 1;
    c->key = qw_cascade_allocate(5 * words * sizeof(uint64_t));
    if (c->key == NULL) return 0;
    c->scratch[0] = c->key + words;
    c->scratch[1] = c->key + 2 * words;
    c->known = c->key + 3 * words;
    c->wrong = c->key + 4 * words;
    return 1;
}

qw_cascade *qw_cascade_create(
    const struct qw_cascade_settings *settings, const struct qw_cascade_group *groups, int kernel) {
    qw_cascade *c = qw_cascade_allocate(sizeof *c);
    if (c == NULL) return NULL;
    memset(c, 0, sizeof *c);
    c->settings = *settings;
    c->kernels = qw_cascade_select(kernel);
    c->fresh = -1;
    uint64_t position = 0;
    for (uint32_t g = 0; g < settings->groups; g++) {
        c->groups[g] = groups[g];
        c->bits += groups[g].bits;
        // Blocks larger than words start at multiples of their size.
        const uint64_t unit = (uint64_t)1 << (groups[g].levels[0] > 6 ? groups[g].levels[0] : 6);
        c->group_start[g] = (uint32_t)position;
        position += (groups[g].bits + unit - 1) / unit * unit;
    }
    c->group_start[settings->groups] = (uint32_t)position;
    c->words = (uint32_t)(position / 64);
    if (!allocate_words(c)) {
        qw_cascade_destroy(c);
        return NULL;
    }
    const size_t bytes = ((size_t)c->words + 1) * sizeof(uint64_t);
    memset(c->key, 0, bytes);
    memset(c->wrong, 0, bytes);
    memset(c->known, 0xff, bytes);
    for (uint32_t g = 0; g < settings->groups; g++) {
        uint32_t left = groups[g].bits;
        for (uint32_t w = c->group_start[g] >> 6; left > 0; w++) {
            c->known[w] = ~low_mask(left);
            left = left > 64 ? left - 64 : 0;
        }
    }
    return c;
}

void qw_cascade_destroy(qw_cascade *c) {
    if (c == NULL) return;
    for (int i = 0; i < QW_CASCADE_TREES; i++) qw_cascade_free_tree(&c->trees[i]);
    qw_cascade_release(c->key, 3 * ((size_t)c->words + 1) * sizeof(uint64_t));
    qw_cascade_release(c->singles.list, 0);
    qw_cascade_release(c->items.list, 0);
    qw_cascade_release(c->next.list, 0);
    qw_cascade_release(c->candidates.list, 0);
    qw_cascade_release(c->leaves.list, 0);
    qw_cascade_release(c, 0);
}

static int copy_items(struct items *to, const struct items *from) {
    const size_t bytes = from->count * sizeof *from->list;
    *to = (struct items){NULL, from->count, from->count};
    if (bytes == 0) return 1;
    to->list = qw_cascade_allocate(bytes);
    if (to->list != NULL) memcpy(to->list, from->list, bytes);
    return to->list != NULL;
}

qw_cascade *qw_cascade_copy(const qw_cascade *c) {
    qw_cascade *copy = qw_cascade_allocate(sizeof *copy);
    if (copy == NULL) return NULL;
    *copy = *c;
    memset(copy->trees, 0, sizeof copy->trees);
    int ok = allocate_words(copy);
    if (ok) memcpy(copy->key, c->key, 5 * ((size_t)c->words + 1) * sizeof(uint64_t));
    ok &= copy_items(&copy->singles, &c->singles) & copy_items(&copy->items, &c->items);
    ok &= copy_items(&copy->next, &c->next) & copy_items(&copy->candidates, &c->candidates);
    ok &= copy_items(&copy->leaves, &c->leaves);
    for (int i = 0; i < QW_CASCADE_TREES && ok; i++) {
        if (c->trees[i].memory != NULL) ok = qw_cascade_copy_tree(&copy->trees[i], &c->trees[i]);
    }
    if (ok) return copy;
    qw_cascade_destroy(copy);
    return NULL;
}

/// Moves a position in loading order past `count` bits; returns how many lie in one stretch.
static uint32_t stretch(qw_cascade *c, size_t count, uint32_t *position) {
    while (c->load_group < c->settings.groups && c->load_bit == c->groups[c->load_group].bits) {
        c->load_group++;
        c->load_bit = 0;
    }
    if (c->load_group == c->settings.groups) return 0;
    uint32_t length = c->groups[c->load_group].bits - c->load_bit;
    if (length > count) length = (uint32_t)count;
    *position = c->group_start[c->load_group] + c->load_bit;
    c->load_bit += length;
    return length;
}

/// Adds `count` bits of `from` to those of `to`.
static void add_bits(uint64_t *to, size_t target, const uint64_t *from, size_t source, size_t count) {
    while (count > 0) {
        const uint32_t shift = source & 63, place = target & 63;
        uint32_t step = 64 - (shift > place ? shift : place);
        if (step > count) step = (uint32_t)count;
        to[target >> 6] ^= (from[source >> 6] >> shift & low_mask(step)) << place;
        target += step;
        source += step;
        count -= step;
    }
}

void qw_cascade_load(qw_cascade *c, const uint64_t *words, size_t start, size_t count) {
    uint32_t position, length;
    while (count > 0 && (length = stretch(c, count, &position)) > 0) {
        add_bits(c->key, position, words, start, length);
        start += length;
        count -= length;
    }
}

void qw_cascade_unload(qw_cascade *c, uint64_t *words, size_t start, size_t count) {
    uint32_t position, length;
    while (count > 0 && (length = stretch(c, count, &position)) > 0) {
        add_bits(words, start, c->key, position, length);
        start += length;
        count -= length;
    }
}

void qw_cascade_begin(qw_cascade *c, uint64_t seed) {
    c->seed = seed;
    c->load_group = 0;
    c->load_bit = 0;
    qw_cascade_advance(c);
}

void qw_cascade_say(qw_cascade *c, uint8_t *parities) {
    if (c->state == QW_CASCADE_ASKING) c->kernels->say(c, parities);
}

void qw_cascade_answer(qw_cascade *c, const uint8_t *theirs, uint8_t *errors) {
    const size_t bytes = (qw_cascade_questions(c) + 7) / 8;
    qw_cascade_say(c, errors);
    for (size_t i = 0; i < bytes; i++) errors[i] ^= theirs[i];
}

void qw_cascade_take(qw_cascade *c, const uint8_t *errors) {
    if (c->state != QW_CASCADE_ASKING) return;
    c->kernels->take(c, errors);
    qw_cascade_advance(c);
}

int qw_cascade_reserve(qw_cascade *c, struct items *items, size_t count) {
    if (items->capacity - items->count >= count) return 1;
    size_t capacity = items->capacity < 256 ? 256 : 2 * items->capacity;
    if (capacity < items->count + count) capacity = items->count + count;
    struct item *list = qw_cascade_allocate(capacity * sizeof *list);
    if (list == NULL) {
        c->state = QW_CASCADE_NO_MEMORY;
        return 0;
    }
    if (items->count > 0) memcpy(list, items->list, items->count * sizeof *list);
    qw_cascade_release(items->list, 0);
    items->list = list;
    items->capacity = qw_cascade_capacity(list) / sizeof *list;
    return 1;
}

int qw_cascade_state(const qw_cascade *c) { return c->state; }
uint64_t qw_cascade_asked(const qw_cascade *c) { return c->asked; }
uint32_t qw_cascade_rounds(const qw_cascade *c) { return c->rounds; }
uint64_t qw_cascade_corrected(const qw_cascade *c) { return c->corrected; }

size_t qw_cascade_questions(const qw_cascade *c) {
    if (c->state != QW_CASCADE_ASKING) return 0;
    return c->items.count + c->singles.count + qw_cascade_fresh(c) + c->subsets_now;
}

void qw_cascade_question(const qw_cascade *c, size_t index, int *tree, uint64_t *start, uint64_t *length) {
    if (index < c->items.count) {
        const struct item question = c->items.list[index];
        *tree = (int)tree_of(question);
        *start = start_of(question);
        *length = (uint64_t)1 << (level_of(question) - 1);
        return;
    }
    index -= c->items.count;
    if (index < c->singles.count) {
        *tree = 0;
        *start = start_of(c->singles.list[index]);
        *length = 1;
        return;
    }
    index -= c->singles.count;
    if (c->fresh >= 0) {
        const struct tree *fresh = &c->trees[c->fresh];
        for (uint32_t i = 0; i < fresh->section_count; i++) {
            const struct section *s = &fresh->sections[i];
            const uint32_t asked = s->blocks - s->total_known;
            if (index < asked) {
                *tree = c->fresh;
                *start = (uint64_t)s->base * 64 + ((uint64_t)index << s->level);
                *length = (uint64_t)1 << s->level;
                return;
            }
            index -= asked;
        }
    }
    *tree = -1;
    *start = index;
    *length = 0;
}

int qw_cascade_trees(const qw_cascade *c) { return (int)c->tree_count; }

uint64_t qw_cascade_positions(const qw_cascade *c, int tree) { return (uint64_t)c->trees[tree].words * 64; }

uint64_t qw_cascade_group_start(const qw_cascade *c, uint32_t group) { return c->group_start[group]; }

int64_t qw_cascade_key_position(const qw_cascade *c, int tree, uint64_t position) {
    const uint32_t place = to_key(&c->trees[tree], (uint32_t)position);
    return place == QW_NOWHERE ? -1 : (int64_t)place;
}

int64_t qw_cascade_tree_position(const qw_cascade *c, int tree, uint64_t position) {
    const uint32_t place = to_tree(&c->trees[tree], (uint32_t)position);
    return place == QW_NOWHERE ? -1 : (int64_t)place;
}

int qw_cascade_known(const qw_cascade *c, uint64_t position) { return (int)bit_at(c->known, (uint32_t)position); }

int qw_cascade_wrong(const qw_cascade *c, uint64_t position) { return (int)bit_at(c->wrong, (uint32_t)position); }

uint64_t qw_cascade_subsets(const qw_cascade *c, uint64_t position) {
    return c->subset_bundles ? qw_cascade_subset_column(c, (uint32_t)position) : 0;
}

int qw_cascade_interval(
    const qw_cascade *c, int number, uint64_t position, uint64_t *start, uint64_t *length) {
    *start = position;
    *length = 1;
    if (number == c->fresh) return -1;
    const struct tree *tree = &c->trees[number];
    const struct section *s = section_of(tree, (uint32_t)position);
    if (position >= ((uint64_t)s->base + s->words) * 64) return -1;
    uint32_t level = s->level, first = (uint32_t)position >> level << level;
    while (level > 0) {
        const uint32_t middle = first | 1u << (level - 1);
        if ((tree->cells[middle >> 6].bound >> (middle & 63) & 1) == 0) break;
        level--;
        first |= (uint32_t)position & 1u << level;
    }
    *start = first;
    *length = (uint64_t)1 << level;
    return (int)(tree->cells[first >> 6].odd >> (first & 63) & 1);
}

size_t qw_cascade_bytes(const qw_cascade *c) {
    size_t bytes = sizeof *c + 5 * ((size_t)c->words + 1) * sizeof(uint64_t);
    bytes += (c->items.capacity + c->next.capacity + c->candidates.capacity) * sizeof(struct item);
    bytes += (c->leaves.capacity + c->singles.capacity) * sizeof(struct item);
    for (uint32_t i = 0; i < c->tree_count; i++) bytes += c->trees[i].bytes;
    return bytes;
}
