// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef QW_TOEPLITZ_H
#define QW_TOEPLITZ_H
#include <stddef.h>
#include <stdint.h>

/// How to make a Toeplitz product: by the lengths, by recursion on halves over carry-less products, or by an additive
/// transform. All give the same bits.
enum qw_toeplitz_method { QW_TOEPLITZ_AUTOMATIC = 0, QW_TOEPLITZ_RECURSION = 1, QW_TOEPLITZ_TRANSFORM = 2 };

/// A Toeplitz matrix-vector product over GF(2) with m rows and n columns.
///
/// Bits are packed in little-endian words, as BitString packs them. Control flow and addresses depend on the lengths
/// and offsets only, never on bits.
struct qw_toeplitz_product {
    /// A qw_clmul_kernel (qw_clmul.h); one that this machine lacks is replaced by the generic one.
    int kernel;
    /// A qw_toeplitz_method.
    int method;
    /// Threads to use, 1 or 2.
    int threads;
    size_t m, n;
    /// n bits from bit `input_offset` on.
    const uint64_t *input;
    size_t input_offset;
    /// n + m - 1 bits from bit `seed_offset` on.
    const uint64_t *seed;
    size_t seed_offset;
};

/// output bit i, i < m, ^= the sum over j < n of seed bit i - j + n - 1 & input bit j; m is at most 2^31, and bits of
/// `output` beyond m stay as they are.
///
/// Returns 0, or -1 when there was no memory or m is too large. Scratch memory is wiped.
int qw_toeplitz_add(uint64_t *output, const struct qw_toeplitz_product *product);

/// QW_TOEPLITZ_RECURSION or QW_TOEPLITZ_TRANSFORM: what QW_TOEPLITZ_AUTOMATIC stands for with this kernel and size.
int qw_toeplitz_method_for(int kernel, size_t m, size_t n);

/// The most columns that a product with m rows takes at once by transforms of 2^(l+6) bits, where l is `log_elements`
/// but at least enough for m rows.
size_t qw_toeplitz_columns(size_t m, unsigned log_elements);

/// target = bits from ... from + count - 1 of source, and zeros up to a whole word.
void qw_copy_bits(uint64_t *target, const uint64_t *source, size_t from, size_t count);
#endif
