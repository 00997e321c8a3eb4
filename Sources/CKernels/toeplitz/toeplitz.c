// SPDX-License-Identifier: GPL-3.0-or-later
// The Toeplitz product as a middle product over GF(2): output bit i is coefficient n-1+i of seed * input.
#include "bits.h"
#include "products.h"
#include "qw_clmul.h"
#include "qw_toeplitz.h"

static const struct qw_toeplitz_table *select(int kernel) {
    if (kernel == QW_CLMUL_AUTOMATIC) {
        kernel = qw_clmul_chosen();
    } else if (!qw_clmul_available(kernel)) {
        kernel = QW_CLMUL_GENERIC;
    }
    switch (kernel) {
#if defined(__x86_64__)
    case QW_CLMUL_PCLMUL:
        return &qw_toeplitz_pclmul;
    case QW_CLMUL_VPCLMUL:
        return &qw_toeplitz_vpclmul;
    case QW_CLMUL_AVX512:
        return &qw_toeplitz_avx512;
#elif defined(__aarch64__)
    case QW_CLMUL_PMULL:
        return &qw_toeplitz_pmull;
#endif
    default:
        return &qw_toeplitz_generic;
    }
}

static int prefers_transform(const struct qw_toeplitz_table *table, size_t m, size_t n) {
    const size_t rows = (m + 63) / 64, columns = (n + 63) / 64;
    // Far below any crossover the plans themselves would cost time.
    if (rows < table->transform_rows || columns < table->transform_rows) return 0;
    const struct qw_transform_plan transform = qw_transform_plan(m, n);
    const struct qw_recursion_plan recursion = qw_recursion_plan(rows, columns, table);
    return transform.cost * table->transform_cost < recursion.cost;
}

int qw_toeplitz_method_for(int kernel, size_t m, size_t n) {
    return prefers_transform(select(kernel), m, n) ? QW_TOEPLITZ_TRANSFORM : QW_TOEPLITZ_RECURSION;
}

int qw_toeplitz_add(uint64_t *output, const struct qw_toeplitz_product *product) {
    const size_t m = product->m, n = product->n;
    if (m == 0 || n == 0) return 0;
    if (m > (size_t)1 << 31) return -1;
    const struct qw_toeplitz_table *table = select(product->kernel);
    const int transform = product->method == QW_TOEPLITZ_AUTOMATIC
        ? prefers_transform(table, m, n)
        : product->method == QW_TOEPLITZ_TRANSFORM;
    return transform ? qw_transform_add(table, output, product) : qw_recursion_add(table, output, product);
}

void qw_copy_bits(uint64_t *target, const uint64_t *source, size_t from, size_t count) {
    qw_bits_copy(target, (count + 63) / 64, source, from, count);
}
