// SPDX-License-Identifier: GPL-3.0-or-later
// The specification of Cascade's word kernels, and the choice among them.
#define _DEFAULT_SOURCE 1
#include "cascade_state.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

static void prefix(uint64_t *out, const uint64_t *in, size_t count) {
    uint64_t carry = 0;
    for (size_t i = 0; i < count; i++) {
        uint64_t w = in[i];
        w ^= w << 1;
        w ^= w << 2;
        w ^= w << 4;
        w ^= w << 8;
        w ^= w << 16;
        w ^= w << 32;
        out[i] = w << 1 ^ carry;
        carry ^= -(w >> 63);
    }
}

static void transpose(uint64_t *tile) {
    static const uint64_t masks[6] = {0x00000000ffffffff, 0x0000ffff0000ffff, 0x00ff00ff00ff00ff,
                                      0x0f0f0f0f0f0f0f0f, 0x3333333333333333, 0x5555555555555555};
    for (unsigned step = 0; step < 6; step++) {
        const unsigned width = 32u >> step;
        const uint64_t mask = masks[step];
        for (unsigned i = 0; i < 64; i += 2 * width) {
            for (unsigned j = i; j < i + width; j++) {
                const uint64_t swap = ((tile[j] >> width) ^ tile[j + width]) & mask;
                tile[j] ^= swap << width;
                tile[j + width] ^= swap;
            }
        }
    }
}

/// Hacker's Delight (second edition), 7-4: bits move right by powers of two, those that must first.
static uint64_t squeeze(uint64_t word, uint64_t mask) {
    word &= mask;
    uint64_t holes = ~mask << 1;
    for (unsigned step = 0; step < 6; step++) {
        uint64_t odd = holes ^ holes << 1;
        odd ^= odd << 2;
        odd ^= odd << 4;
        odd ^= odd << 8;
        odd ^= odd << 16;
        odd ^= odd << 32;
        const uint64_t move = odd & mask;
        mask = (mask ^ move) | move >> (1u << step);
        const uint64_t moved = word & move;
        word = (word ^ moved) | moved >> (1u << step);
        holes &= ~odd;
    }
    return word;
}

/// The place of bit number n of a mask: a binary search by counts.
static inline uint32_t nth(uint64_t mask, uint32_t n) {
    uint32_t place = 0;
    for (uint32_t width = 32; width > 0; width /= 2) {
        const uint32_t count = (uint32_t)__builtin_popcountll(mask >> place & low_mask(width));
        if (n < count) continue;
        n -= count;
        place += width;
    }
    return place;
}

#define QW_TARGET
#include "cascade_search.h"
#include "cascade_take.h"
#include "cascade_speak.h"

const struct qw_cascade_kernels qw_cascade_generic = {prefix, transpose, squeeze, take, settle, say};

static const struct qw_cascade_kernels *best(void) {
    const char *wanted = getenv("QWAVE_KERNEL");
    if (wanted != NULL && strcmp(wanted, "generic") == 0) return &qw_cascade_generic;
#if defined(__x86_64__)
    if (qw_cascade_has_x86()) return &qw_cascade_x86;
#elif defined(__aarch64__)
    if (qw_cascade_has_neon()) return &qw_cascade_neon;
#endif
    return &qw_cascade_generic;
}

const struct qw_cascade_kernels *qw_cascade_select(int kernel) {
    // Two threads that race here find the same answer.
    static _Atomic(const struct qw_cascade_kernels *) chosen;
    if (kernel == 1) return &qw_cascade_generic;
    const struct qw_cascade_kernels *table = atomic_load_explicit(&chosen, memory_order_relaxed);
    if (table == NULL) {
        table = best();
        atomic_store_explicit(&chosen, table, memory_order_relaxed);
    }
    return table;
}

void qw_cascade_prefix(int kernel, uint64_t *out, const uint64_t *in, size_t count) {
    qw_cascade_select(kernel)->prefix(out, in, count);
}

void qw_cascade_transpose(int kernel, uint64_t *tile) { qw_cascade_select(kernel)->transpose(tile); }

uint64_t qw_cascade_squeeze(int kernel, uint64_t word, uint64_t mask) {
    return qw_cascade_select(kernel)->squeeze(word, mask);
}

int qw_cascade_accelerated(void) { return qw_cascade_select(0) != &qw_cascade_generic; }
