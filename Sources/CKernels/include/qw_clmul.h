// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef QW_CLMUL_H
#define QW_CLMUL_H
#include <stddef.h>
#include <stdint.h>

/// The carry-less multiplication kernels.
///
/// The generic one is the specification; each other gives the same answer bit for bit. Control flow and
/// addresses depend on lengths only, never on data. Each function takes one of these numbers; a kernel that
/// this machine lacks is replaced by the generic one.
enum qw_clmul_kernel {
    QW_CLMUL_AUTOMATIC = 0,
    QW_CLMUL_GENERIC = 1,
    QW_CLMUL_PCLMUL = 2,
    QW_CLMUL_VPCLMUL = 3,
    QW_CLMUL_PMULL = 4,
    QW_CLMUL_AVX512 = 5
};

/// 1 when this machine can run `kernel`.
int qw_clmul_available(int kernel);

/// The kernel that `QW_CLMUL_AUTOMATIC` stands for: the fastest here, or what the environment variable
/// QWAVE_KERNEL (generic, pclmul, vpclmul, pmull, avx512) names, when this machine has it. Decided once.
int qw_clmul_chosen(void);

/// For each i, the 127-bit product of a[i] and b[i] over GF(2), as low[i] and high[i].
void qw_clmul64(int kernel, const uint64_t *a, const uint64_t *b, uint64_t *low, uint64_t *high, size_t count);

/// The product in GF(2)[x]/(x^64+x^4+x^3+x+1), bit i the coefficient of x^i.
uint64_t qw_gf64_multiply(int kernel, uint64_t a, uint64_t b);

/// Horner's rule in GF(2^64): for each word, state = (state ^ word) * key.
uint64_t qw_gf64_horner(int kernel, uint64_t state, uint64_t key, const uint64_t *words, size_t count);

/// product = a * b in GF(2^128), 16 bytes each, in GHASH's bit order (NIST SP 800-38D, 6.3).
void qw_gf128_multiply(int kernel, const uint8_t *a, const uint8_t *b, uint8_t *product);

/// Bytes of a context of the polynomial hash over GF(2^128): the running state, then powers of the key.
enum { QW_GHASH_CONTEXT_BYTES = 80 };

/// Starts a context with the 16 bytes of `key` and a zero state.
void qw_ghash_begin(int kernel, uint8_t *context, const uint8_t *key);

/// For each 16-byte block, state = (state ^ block) * key; the state is the context's first 16 bytes, in host order.
void qw_ghash_blocks(int kernel, uint8_t *context, const uint8_t *blocks, size_t count);

/// state = state * key^count ^ the other context's state: what hashing the `count` blocks of `other` (same key,
/// started at zero) would have given. `count` is public.
void qw_ghash_append(int kernel, uint8_t *context, const uint8_t *other, uint64_t count);

/// The state as 16 bytes in GHASH's order.
void qw_ghash_state(const uint8_t *context, uint8_t *bytes);
#endif
