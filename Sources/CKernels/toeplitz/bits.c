// SPDX-License-Identifier: GPL-3.0-or-later
#include "bits.h"

#include <string.h>

uint64_t qw_bits_get(const uint64_t *source, size_t from, size_t count) {
    const size_t k = from / 64, b = from % 64;
    uint64_t word = source[k] >> b;
    if (b + count > 64) word |= source[k + 1] << (64 - b);
    return word & ~(uint64_t)0 >> (64 - count);
}

void qw_bits_copy(uint64_t *target, size_t words, const uint64_t *source, size_t from, size_t count) {
    const size_t k = from / 64, b = from % 64, whole = count / 64, rest = count % 64;
    size_t i = 0;
    if (b == 0) {
        memcpy(target, source + k, whole * sizeof *target);
        i = whole;
    } else {
        for (; i < whole; i++) target[i] = source[k + i] >> b | source[k + i + 1] << (64 - b);
    }
    if (rest > 0) target[i++] = qw_bits_get(source, from + 64 * whole, rest);
    memset(target + i, 0, (words - i) * sizeof *target);
}

void qw_bits_copy_reversed(uint64_t *target, size_t words, const uint64_t *source, size_t from, size_t count) {
    const size_t whole = count / 64, rest = count % 64, low = from + rest, k = low / 64, b = low % 64;
    size_t i = 0;
    for (; i < whole; i++) {
        const size_t at = k + whole - 1 - i;
        uint64_t word = source[at] >> b;
        if (b > 0) word |= source[at + 1] << (64 - b);
        target[i] = __builtin_bitreverse64(word);
    }
    if (rest > 0) target[i++] = __builtin_bitreverse64(qw_bits_get(source, from, rest)) >> (64 - rest);
    memset(target + i, 0, (words - i) * sizeof *target);
}

void qw_bits_copy_up(
    uint64_t *target, size_t words, size_t up, const uint64_t *source, size_t from, size_t count) {
    const size_t skipped = up / 64, bits = up % 64;
    memset(target, 0, skipped * sizeof *target);
    target += skipped, words -= skipped;
    if (bits > 0) {
        const size_t first = count < 64 - bits ? count : 64 - bits;
        *target = qw_bits_get(source, from, first) << bits;
        target++, words--, from += first, count -= first;
    }
    qw_bits_copy(target, words, source, from, count);
}
