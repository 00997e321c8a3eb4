// SPDX-License-Identifier: GPL-3.0-or-later
#define _DEFAULT_SOURCE 1
#include "products.h"
#include "qw_wipe.h"

#include <stdlib.h>
#if defined(__linux__)
#include <sys/mman.h>
#endif

uint64_t *qw_scratch_new(size_t words) {
    const size_t bytes = words * sizeof(uint64_t), large = (size_t)1 << 21;
    void *memory = NULL;
    if (posix_memalign(&memory, bytes >= large ? large : 64, bytes) != 0) return NULL;
#if defined(__linux__)
    // Rows of the transforms lie far apart: a small page for each would wear out the address caches.
    if (bytes >= large) madvise(memory, bytes / large * large, MADV_HUGEPAGE);
#endif
    return memory;
}

void qw_scratch_free(uint64_t *memory, size_t words) {
    qw_wipe(memory, words * sizeof *memory);
    free(memory);
}

void qw_output_add(uint64_t *output, const uint64_t *words, size_t m) {
    const size_t whole = m / 64;
    for (size_t i = 0; i < whole; i++) output[i] ^= words[i];
    if (m % 64 != 0) output[whole] ^= words[whole] & (((uint64_t)1 << (m % 64)) - 1);
}
