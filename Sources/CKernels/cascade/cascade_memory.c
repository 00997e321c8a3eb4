// SPDX-License-Identifier: GPL-3.0-or-later
// Memory that outlives a search: the next one of about the same size finds its pages in place.
#include "cascade_state.h"
#include "qw_wipe.h"

#include <stdatomic.h>
#include <stdlib.h>

enum {
    /// Blocks that are kept at the most, by all threads together, and their size: 48 MB altogether.
    KEPT = 24,
    KEPT_BYTES = 2 << 20
};

/// In front of each block; 64 bytes, so that the block is aligned as malloc's memory is.
struct header {
    size_t bytes;
    size_t unused[7];
};

static _Atomic(struct header *) kept[KEPT];

void *qw_cascade_allocate(size_t bytes) {
    // What is too large for a request stays; what is much too large isn't spent on it.
    for (int i = 0; i < KEPT; i++) {
        if (atomic_load_explicit(&kept[i], memory_order_relaxed) == NULL) continue;
        struct header *block = atomic_exchange_explicit(&kept[i], NULL, memory_order_acquire);
        if (block == NULL) continue;
        if (block->bytes >= bytes && block->bytes / 2 <= bytes) return block + 1;
        struct header *empty = NULL;
        if (!atomic_compare_exchange_strong_explicit(
                &kept[i], &empty, block, memory_order_release, memory_order_relaxed)) {
            free(block);
        }
    }
    struct header *block = malloc(sizeof *block + bytes);
    if (block == NULL) return NULL;
    block->bytes = bytes;
    return block + 1;
}

size_t qw_cascade_capacity(const void *memory) { return ((const struct header *)memory - 1)->bytes; }

void qw_cascade_release(void *memory, size_t secret) {
    if (memory == NULL) return;
    struct header *block = (struct header *)memory - 1;
    qw_wipe(memory, secret);
    if (block->bytes <= KEPT_BYTES) {
        for (int i = 0; i < KEPT; i++) {
            struct header *empty = NULL;
            if (atomic_load_explicit(&kept[i], memory_order_relaxed) != NULL) continue;
            if (atomic_compare_exchange_strong_explicit(
                    &kept[i], &empty, block, memory_order_release, memory_order_relaxed)) {
                return;
            }
        }
    }
    free(block);
}
