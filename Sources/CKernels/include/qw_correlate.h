// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef QW_CORRELATE_H
#define QW_CORRELATE_H
#include <stddef.h>
#include <stdint.h>

/// The delay correlator: how much a signal repeats itself after a lag, at every sample.
///
/// At position n, P = sum over i < window of conj(x[n+i]) * x[n+i+lag] and E = sum over i < window of
/// (|x[n+i]|^2 + |x[n+i+lag]|^2) / 2; |P| <= E always, and |P| / E near 1 says "periodic". Samples are pairs of
/// floats, in-phase first. Lag and window are multiples of QW_CORRELATE_BLOCK.
///
/// The generic kernel is the specification; each other gives the same answer bit for bit (no fused
/// multiply-adds, sums in one fixed order).
enum qw_correlate_kernel {
    QW_CORRELATE_AUTOMATIC = 0,
    QW_CORRELATE_GENERIC = 1,
    QW_CORRELATE_AVX2 = 2,
    QW_CORRELATE_AVX512 = 3,
    QW_CORRELATE_NEON = 4
};

/// Samples of a block, and the most blocks of a window.
enum { QW_CORRELATE_BLOCK = 16, QW_CORRELATE_MOST_BLOCKS = 64 };

/// 1 when this machine can run `kernel`.
int qw_correlate_available(int kernel);

/// The kernel that `QW_CORRELATE_AUTOMATIC` stands for: the fastest here, or what the environment variable
/// QWAVE_KERNEL (generic, avx2, avx512, neon) names, when this machine has it. Decided once.
int qw_correlate_chosen(void);

/// The first position below `positions` with |P| > threshold * E, or `positions`.
///
/// `stride` 1 looks at every position, 16 at multiples of 16. Reads positions + window + lag samples;
/// `positions` is a multiple of 16, 0 < threshold < 1, window at least 32 and at most 1,024.
size_t qw_correlate_find(
    int kernel, const float *samples, size_t positions, size_t lag, size_t window, size_t stride,
    float threshold);

/// Block sums: re[q] and im[q] of conj(x[i]) * x[i+lag], energy[q] of |x[i]|^2, over i in block q < count.
/// Reads 16 * count + lag samples.
void qw_correlate_blocks(
    int kernel, const float *samples, size_t count, size_t lag, float *re, float *im, float *energy);

/// P (re, im) and E at each position below `positions`, without blocks. Reads positions + window + lag samples.
void qw_correlate_sums(
    const float *samples, size_t positions, size_t lag, size_t window, float *re, float *im, float *energy);
#endif
