// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef QW_CASCADE_KERNELS_H
#define QW_CASCADE_KERNELS_H
#include <stddef.h>
#include <stdint.h>

/// What one instruction set gives; the generic table is the specification.
struct qw_cascade_kernels {
    /// out[i] bit j = parity of all bits before bit j of word i. `out` may be `in`.
    void (*prefix)(uint64_t *out, const uint64_t *in, size_t count);
    /// Transposes 64 x 64 bits in place: bit j of word i becomes bit i of word j.
    void (*transpose)(uint64_t *tile);
    /// The bits of `word` under `mask`, pushed together at the low end.
    uint64_t (*squeeze)(uint64_t word, uint64_t mask);
    /// out[i] = in[from[i] & 0x3ffffff] rotated left by from[i] >> 26.
    void (*shuffle)(uint64_t *out, const uint64_t *in, const uint32_t *from, size_t count);
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
