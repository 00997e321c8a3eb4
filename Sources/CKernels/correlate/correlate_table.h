// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef QW_CORRELATE_TABLE_H
#define QW_CORRELATE_TABLE_H
#include <stddef.h>
#include <stdint.h>

/// Blocks that a screen looks at together.
enum { QW_CORRELATE_GROUP = 32 };

/// What the screen needs to know of a search; lengths in blocks.
struct qw_correlate_search {
    size_t lag;
    size_t window;
    float threshold;
    /// 1 where only the first position of each block counts.
    int coarse;
};

/// What one instruction set gives.
struct qw_correlate_table {
    /// See `qw_correlate_blocks`; the lag in blocks.
    void (*blocks)(const float *samples, size_t count, size_t lag, float *re, float *im, float *energy);
    /// Which of QW_CORRELATE_GROUP blocks may hold a hit, the first in bit 0. `mean` holds E's block sums; the
    /// three arrays reach `window` blocks beyond the group.
    uint32_t (*screen)(
        const struct qw_correlate_search *search, const float *re, const float *im, const float *mean);
};

extern const struct qw_correlate_table qw_correlate_generic;
#if defined(__x86_64__)
extern const struct qw_correlate_table qw_correlate_avx2;
extern const struct qw_correlate_table qw_correlate_avx512;
#elif defined(__aarch64__)
extern const struct qw_correlate_table qw_correlate_neon;
#endif

/// The table of a kernel that this machine can run.
const struct qw_correlate_table *qw_correlate_select(int kernel);
#endif
