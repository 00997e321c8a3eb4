// SPDX-License-Identifier: GPL-3.0-or-later
#define _DEFAULT_SOURCE 1
#include "correlate_table.h"
#include "qw_correlate.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

int qw_correlate_available(int kernel) {
    switch (kernel) {
    case QW_CORRELATE_AUTOMATIC:
    case QW_CORRELATE_GENERIC:
        return 1;
#if defined(__x86_64__)
    case QW_CORRELATE_AVX2:
        __builtin_cpu_init();
        return __builtin_cpu_supports("avx2") != 0;
    case QW_CORRELATE_AVX512:
        __builtin_cpu_init();
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq");
#elif defined(__aarch64__)
    case QW_CORRELATE_NEON:
        return 1;
#endif
    default:
        return 0;
    }
}

static int choose(void) {
    static const char *const names[] = {"", "generic", "avx2", "avx512", "neon"};
    const char *wanted = getenv("QWAVE_KERNEL");
    for (int kernel = QW_CORRELATE_GENERIC; wanted && kernel <= QW_CORRELATE_NEON; kernel++) {
        if (strcmp(wanted, names[kernel]) == 0 && qw_correlate_available(kernel)) return kernel;
    }
    for (int kernel = QW_CORRELATE_NEON; kernel > QW_CORRELATE_GENERIC; kernel--) {
        if (qw_correlate_available(kernel)) return kernel;
    }
    return QW_CORRELATE_GENERIC;
}

int qw_correlate_chosen(void) {
    // Two threads that race here find the same answer.
    static atomic_int chosen;
    int kernel = atomic_load_explicit(&chosen, memory_order_relaxed);
    if (kernel == QW_CORRELATE_AUTOMATIC) {
        kernel = choose();
        atomic_store_explicit(&chosen, kernel, memory_order_relaxed);
    }
    return kernel;
}

const struct qw_correlate_table *qw_correlate_select(int kernel) {
    if (kernel == QW_CORRELATE_AUTOMATIC) {
        kernel = qw_correlate_chosen();
    } else if (!qw_correlate_available(kernel)) {
        kernel = QW_CORRELATE_GENERIC;
    }
    switch (kernel) {
#if defined(__x86_64__)
    case QW_CORRELATE_AVX2:
        return &qw_correlate_avx2;
    case QW_CORRELATE_AVX512:
        return &qw_correlate_avx512;
#elif defined(__aarch64__)
    case QW_CORRELATE_NEON:
        return &qw_correlate_neon;
#endif
    default:
        return &qw_correlate_generic;
    }
}

void qw_correlate_blocks(
    int kernel, const float *samples, size_t count, size_t lag, float *re, float *im, float *energy) {
    qw_correlate_select(kernel)->blocks(samples, count, lag / QW_CORRELATE_BLOCK, re, im, energy);
}
