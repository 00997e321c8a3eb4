// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef QW_BITS_H
#define QW_BITS_H
#include <stddef.h>
#include <stdint.h>

/// Copies of runs of bits between packed words; offsets and lengths are public. No word that holds none of the bits
/// is read.

/// `count` bits, 1 ... 64, from bit `from` on.
uint64_t qw_bits_get(const uint64_t *source, size_t from, size_t count);

/// target bit i = source bit from + i for i < count, zero beyond, `words` words in all.
void qw_bits_copy(uint64_t *target, size_t words, const uint64_t *source, size_t from, size_t count);

/// The same in reverse: target bit i = source bit from + count - 1 - i.
void qw_bits_copy_reversed(uint64_t *target, size_t words, const uint64_t *source, size_t from, size_t count);

/// The same, `up` bits higher, zero below.
void qw_bits_copy_up(
    uint64_t *target, size_t words, size_t up, const uint64_t *source, size_t from, size_t count);
#endif
