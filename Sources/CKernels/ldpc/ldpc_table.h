// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef QW_LDPC_TABLE_H
#define QW_LDPC_TABLE_H
#include "qw_ldpc.h"

/// round(unit * ln(1 + exp(-x / unit))) for x from 0 to 15; zero beyond.
const uint8_t *qw_ldpc_corrections(const struct qw_ldpc_code *code);

/// Largest magnitude of a message, so that no single check outweighs a column's others.
///
/// Short frames have columns of high degree, whose posteriors would come to the end of a byte and forget: they get
/// the smallest one.
static inline int qw_ldpc_clamp(const struct qw_ldpc_code *code) {
    if (!code->shifted) return 18;
    return code->unit == 4 ? 32 : 40;
}

/// What one instruction set gives.
struct qw_ldpc_table {
    /// One iteration: every row once, in order.
    void (*sweep)(
        const struct qw_ldpc_code *code, const uint64_t *syndrome, int8_t *posteriors, int8_t *messages);
    /// Packs the signs of `count` bytes, a multiple of 64; a set bit is a negative value.
    void (*signs)(const int8_t *values, uint64_t *words, size_t count);
    /// The reverse: `magnitude` with the sign that each bit tells.
    void (*load)(const uint64_t *words, int8_t magnitude, int8_t *values, size_t count);
};

extern const struct qw_ldpc_table qw_ldpc_generic;
#if defined(__x86_64__)
extern const struct qw_ldpc_table qw_ldpc_avx2;
extern const struct qw_ldpc_table qw_ldpc_avx512;
#elif defined(__aarch64__)
extern const struct qw_ldpc_table qw_ldpc_neon;
#endif

/// Words of row `row`'s syndrome; returns the lanes in which any of them differs from what `expected` holds.
uint64_t qw_ldpc_row_differs(
    const struct qw_ldpc_code *code, uint32_t row, const uint64_t *bits, const uint64_t *expected);
#endif
