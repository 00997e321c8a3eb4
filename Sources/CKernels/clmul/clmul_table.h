// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef QW_CLMUL_TABLE_H
#define QW_CLMUL_TABLE_H
#include <stddef.h>
#include <stdint.h>

/// What one instruction set gives.
struct qw_clmul_table {
    void (*products)(const uint64_t *a, const uint64_t *b, uint64_t *low, uint64_t *high, size_t count);
    uint64_t (*gf64_horner)(uint64_t state, uint64_t key, const uint64_t *words, size_t count);
    /// state and the four powers are pairs (high, low); see clmul_fields.h.
    void (*gf128_horner)(uint64_t state[2], const uint64_t powers[8], const uint8_t *blocks, size_t count);
    void (*gf128_multiply)(uint64_t a[2], const uint64_t b[2]);
};

extern const struct qw_clmul_table qw_clmul_generic;
#if defined(__x86_64__)
extern const struct qw_clmul_table qw_clmul_pclmul;
extern const struct qw_clmul_table qw_clmul_vpclmul;
#elif defined(__aarch64__)
extern const struct qw_clmul_table qw_clmul_pmull;
#endif

/// The table of a kernel that this machine can run.
const struct qw_clmul_table *qw_clmul_select(int kernel);
#endif
