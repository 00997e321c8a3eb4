// SPDX-License-Identifier: GPL-3.0-or-later
#define _DEFAULT_SOURCE 1
#include "clmul_table.h"
#include "qw_clmul.h"
#include "qw_wipe.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#if defined(__aarch64__) && defined(__linux__)
#include <sys/auxv.h>
#endif

int qw_clmul_available(int kernel) {
    switch (kernel) {
    case QW_CLMUL_AUTOMATIC:
    case QW_CLMUL_GENERIC:
        return 1;
#if defined(__x86_64__)
    case QW_CLMUL_PCLMUL:
        __builtin_cpu_init();
        return __builtin_cpu_supports("pclmul") != 0;
    case QW_CLMUL_VPCLMUL:
        __builtin_cpu_init();
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("pclmul")
            && __builtin_cpu_supports("vpclmulqdq");
    case QW_CLMUL_AVX512:
        __builtin_cpu_init();
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")
            && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq")
            && __builtin_cpu_supports("pclmul") && __builtin_cpu_supports("vpclmulqdq")
            && __builtin_cpu_supports("gfni");
#elif defined(__aarch64__)
    case QW_CLMUL_PMULL:
#if defined(__linux__)
        return (getauxval(AT_HWCAP) & (1ul << 4)) != 0;  // HWCAP_PMULL
#else
        return 1;  // every Apple AArch64 processor has it
#endif
#endif
    default:
        return 0;
    }
}

static int choose(void) {
    static const char *const names[] = {"", "generic", "pclmul", "vpclmul", "pmull", "avx512"};
    const char *wanted = getenv("QWAVE_KERNEL");
    for (int kernel = QW_CLMUL_GENERIC; wanted && kernel <= QW_CLMUL_AVX512; kernel++) {
        if (strcmp(wanted, names[kernel]) == 0 && qw_clmul_available(kernel)) return kernel;
    }
    for (int kernel = QW_CLMUL_AVX512; kernel > QW_CLMUL_GENERIC; kernel--) {
        if (qw_clmul_available(kernel)) return kernel;
    }
    return QW_CLMUL_GENERIC;
}

int qw_clmul_chosen(void) {
    // Two threads that race here find the same answer.
    static atomic_int chosen;
    int kernel = atomic_load_explicit(&chosen, memory_order_relaxed);
    if (kernel == QW_CLMUL_AUTOMATIC) {
        kernel = choose();
        atomic_store_explicit(&chosen, kernel, memory_order_relaxed);
    }
    return kernel;
}

const struct qw_clmul_table *qw_clmul_select(int kernel) {
    if (kernel == QW_CLMUL_AUTOMATIC) {
        kernel = qw_clmul_chosen();
    } else if (!qw_clmul_available(kernel)) {
        kernel = QW_CLMUL_GENERIC;
    }
    switch (kernel) {
#if defined(__x86_64__)
    case QW_CLMUL_PCLMUL:
        return &qw_clmul_pclmul;
    case QW_CLMUL_VPCLMUL:
    case QW_CLMUL_AVX512:  // one element at a time gains nothing from wider registers
        return &qw_clmul_vpclmul;
#elif defined(__aarch64__)
    case QW_CLMUL_PMULL:
        return &qw_clmul_pmull;
#endif
    default:
        return &qw_clmul_generic;
    }
}

void qw_clmul64(int kernel, const uint64_t *a, const uint64_t *b, uint64_t *low, uint64_t *high, size_t count) {
    qw_clmul_select(kernel)->products(a, b, low, high, count);
}

uint64_t qw_gf64_multiply(int kernel, uint64_t a, uint64_t b) {
    return qw_clmul_select(kernel)->gf64_horner(a, b, &(uint64_t){0}, 1);
}

uint64_t qw_gf64_horner(int kernel, uint64_t state, uint64_t key, const uint64_t *words, size_t count) {
    return qw_clmul_select(kernel)->gf64_horner(state, key, words, count);
}

static void load(uint64_t element[2], const uint8_t *bytes) {
    memcpy(element, bytes, 16);
    element[0] = __builtin_bswap64(element[0]);
    element[1] = __builtin_bswap64(element[1]);
}

static void store(uint8_t *bytes, const uint64_t element[2]) {
    const uint64_t swapped[2] = {__builtin_bswap64(element[0]), __builtin_bswap64(element[1])};
    memcpy(bytes, swapped, 16);
}

void qw_gf128_multiply(int kernel, const uint8_t *a, const uint8_t *b, uint8_t *product) {
    uint64_t x[2], y[2];
    load(x, a);
    load(y, b);
    qw_clmul_select(kernel)->gf128_multiply(x, y);
    store(product, x);
    qw_wipe(x, sizeof x);
    qw_wipe(y, sizeof y);
}

/// A context: the state, then the key's powers 1 to 4, each as a pair (high, low).
struct context {
    uint64_t state[2];
    uint64_t powers[8];
};
_Static_assert(sizeof(struct context) == QW_GHASH_CONTEXT_BYTES, "the header tells the size of a context");

void qw_ghash_begin(int kernel, uint8_t *bytes, const uint8_t *key) {
    const struct qw_clmul_table *table = qw_clmul_select(kernel);
    struct context context;
    memset(&context, 0, sizeof context);
    load(context.powers, key);
    for (int i = 1; i < 4; i++) {
        memcpy(context.powers + 2 * i, context.powers + 2 * (i - 1), 16);
        table->gf128_multiply(context.powers + 2 * i, context.powers);
    }
    memcpy(bytes, &context, sizeof context);
    qw_wipe(&context, sizeof context);
}

void qw_ghash_blocks(int kernel, uint8_t *bytes, const uint8_t *blocks, size_t count) {
    struct context context;
    memcpy(&context, bytes, sizeof context);
    qw_clmul_select(kernel)->gf128_horner(context.state, context.powers, blocks, count);
    memcpy(bytes, context.state, sizeof context.state);
    qw_wipe(&context, sizeof context);
}

void qw_ghash_append(int kernel, uint8_t *bytes, const uint8_t *other, uint64_t count) {
    const struct qw_clmul_table *table = qw_clmul_select(kernel);
    struct context context;
    uint64_t square[2], added[2];
    memcpy(&context, bytes, sizeof context);
    memcpy(square, context.powers, sizeof square);
    memcpy(added, other, sizeof added);
    for (; count > 0; count >>= 1) {
        if (count & 1) table->gf128_multiply(context.state, square);
        uint64_t copy[2] = {square[0], square[1]};
        table->gf128_multiply(square, copy);
        qw_wipe(copy, sizeof copy);
    }
    context.state[0] ^= added[0];
    context.state[1] ^= added[1];
    memcpy(bytes, context.state, sizeof context.state);
    qw_wipe(&context, sizeof context);
    qw_wipe(square, sizeof square);
    qw_wipe(added, sizeof added);
}

void qw_ghash_state(const uint8_t *context, uint8_t *bytes) {
    uint64_t state[2];
    memcpy(state, context, sizeof state);
    store(bytes, state);
    qw_wipe(state, sizeof state);
}
