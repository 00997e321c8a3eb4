// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef QW_CASCADE_KERNELS_H
#define QW_CASCADE_KERNELS_H
#include "qw_cascade.h"

struct tree;

/// What one instruction set gives; the generic table is the specification.
struct qw_cascade_kernels {
    /// out[i] bit j = parity of all bits before bit j of word i. `out` may be `in`.
    void (*prefix)(uint64_t *out, const uint64_t *in, size_t count);
    /// Transposes 64 x 64 bits in place: bit j of word i becomes bit i of word j.
    void (*transpose)(uint64_t *tile);
    /// The bits of `word` under `mask`, pushed together at the low end.
    uint64_t (*squeeze)(uint64_t word, uint64_t mask);
    /// The search, the same source for each instruction set (cascade_search.h, cascade_take.h, cascade_speak.h).
    void (*take)(qw_cascade *c, const uint8_t *errors);
    void (*settle)(qw_cascade *c);
    void (*say)(qw_cascade *c, uint8_t *parities);
};

extern const struct qw_cascade_kernels qw_cascade_generic;
#if defined(__x86_64__)
extern const struct qw_cascade_kernels qw_cascade_x86;
int qw_cascade_has_x86(void);
#elif defined(__aarch64__)
extern const struct qw_cascade_kernels qw_cascade_neon;
int qw_cascade_has_neon(void);
#endif

/// 0: the fastest table of this machine (the generic one when QWAVE_KERNEL says so); 1: the generic one.
const struct qw_cascade_kernels *qw_cascade_select(int kernel);
#endif
