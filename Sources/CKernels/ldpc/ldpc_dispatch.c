// SPDX-License-Identifier: GPL-3.0-or-later
#define _DEFAULT_SOURCE 1
#include "ldpc_table.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

int qw_ldpc_available(int kernel) {
    switch (kernel) {
    case QW_LDPC_AUTOMATIC:
    case QW_LDPC_GENERIC:
        return 1;
#if defined(__x86_64__)
    case QW_LDPC_AVX2:
        __builtin_cpu_init();
        return __builtin_cpu_supports("avx2") != 0;
    case QW_LDPC_AVX512:
        __builtin_cpu_init();
        return __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl")
            && __builtin_cpu_supports("avx512vbmi");
#elif defined(__aarch64__)
    case QW_LDPC_NEON:
        return 1;
#endif
    default:
        return 0;
    }
}

static int choose(void) {
    static const char *const names[] = {"", "generic", "avx2", "avx512", "neon"};
    const char *wanted = getenv("QWAVE_KERNEL");
    for (int kernel = QW_LDPC_GENERIC; wanted && kernel <= QW_LDPC_NEON; kernel++) {
        if (strcmp(wanted, names[kernel]) == 0 && qw_ldpc_available(kernel)) return kernel;
    }
    for (int kernel = QW_LDPC_NEON; kernel > QW_LDPC_GENERIC; kernel--) {
        if (qw_ldpc_available(kernel)) return kernel;
    }
    return QW_LDPC_GENERIC;
}

int qw_ldpc_chosen(void) {
    // Two threads that race here find the same answer.
    static atomic_int chosen;
    int kernel = atomic_load_explicit(&chosen, memory_order_relaxed);
    if (kernel == QW_LDPC_AUTOMATIC) {
        kernel = choose();
        atomic_store_explicit(&chosen, kernel, memory_order_relaxed);
    }
    return kernel;
}

static const struct qw_ldpc_table *chosen_table(int kernel) {
    if (kernel == QW_LDPC_AUTOMATIC) {
        kernel = qw_ldpc_chosen();
    } else if (!qw_ldpc_available(kernel)) {
        kernel = QW_LDPC_GENERIC;
    }
    switch (kernel) {
#if defined(__x86_64__)
    case QW_LDPC_AVX2:
        return &qw_ldpc_avx2;
    case QW_LDPC_AVX512:
        return &qw_ldpc_avx512;
#elif defined(__aarch64__)
    case QW_LDPC_NEON:
        return &qw_ldpc_neon;
#endif
    default:
        return &qw_ldpc_generic;
    }
}

const uint8_t *qw_ldpc_corrections(const struct qw_ldpc_code *code) {
    static const uint8_t thirds[16] = {2, 2, 1, 1, 1, 1};
    static const uint8_t quarters[16] = {3, 2, 2, 2, 1, 1, 1, 1, 1};
    return code->unit == 4 ? quarters : thirds;
}

/// The lanes of `open` in which a check fails; looks no further once that is all of them.
static uint64_t failing(
    const struct qw_ldpc_code *code, const uint64_t *decisions, const uint64_t *syndrome, uint64_t open) {
    // One failing check is enough to go on with a code whose lanes are one frame.
    uint64_t found = 0;
    for (uint32_t row = 0; row < code->rows; row++) {
        found |= qw_ldpc_row_differs(code, row, decisions, syndrome + (size_t)row * (code->lift / 64)) & open;
        if (found == open || (found && code->shifted)) break;
    }
    return found;
}

int qw_ldpc_decode(
    int kernel, const struct qw_ldpc_code *code, const uint64_t *syndrome, int8_t *posteriors, int8_t *messages,
    uint64_t *decisions, uint64_t *unsatisfied, int limit) {
    const struct qw_ldpc_table *table = chosen_table(kernel);
    const size_t lift = code->lift, stride = qw_ldpc_stride(code->lift), words = lift / 64;
    for (uint32_t c = 0; lift > 64 && c < code->columns; c++) {
        memcpy(posteriors + c * stride + lift, posteriors + c * stride, 64);
    }
    uint64_t open = *unsatisfied, settled = 0;
    int iterations = 0;
    for (;; iterations++) {
        for (uint32_t c = 0; c < code->columns; c++) {
            if (code->shifted || words > 1) {
                table->signs(posteriors + c * stride, decisions + c * words, lift);
            } else {
                uint64_t word;
                table->signs(posteriors + c * stride, &word, 64);
                decisions[c] = (decisions[c] & settled) | (word & ~settled);
            }
        }
        // A frame that was done stays done; the lanes of one frame are only done together.
        open = failing(code, decisions, syndrome, code->shifted ? *unsatisfied : open);
        settled = code->shifted ? 0 : *unsatisfied & ~open;
        if (!open || iterations >= limit) break;
        table->sweep(code, syndrome, posteriors, messages);
    }
    *unsatisfied = open;
    return iterations;
}

void qw_ldpc_load(
    int kernel, const struct qw_ldpc_code *code, const uint64_t *bits, int8_t magnitude, int8_t *posteriors) {
    const struct qw_ldpc_table *table = chosen_table(kernel);
    const size_t stride = qw_ldpc_stride(code->lift), words = code->lift / 64;
    for (uint32_t c = 0; c < code->columns; c++) {
        table->load(bits + c * words, magnitude, posteriors + c * stride, code->lift);
    }
}
