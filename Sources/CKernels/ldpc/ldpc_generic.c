// SPDX-License-Identifier: GPL-3.0-or-later
// The specification of the decoder: plain integers, one check at a time.
#include "ldpc_table.h"

#include <stdlib.h>

static int saturate(int value) { return value > 127 ? 127 : value < -128 ? -128 : value; }

static int smaller(int a, int b) { return a < b ? a : b; }

/// 2 artanh(tanh(a / 2) tanh(b / 2)), near enough.
static int boxplus(int a, int b, const uint8_t *corrections) {
    const int sum = smaller(a + b, 15), difference = smaller(abs(a - b), 15);
    const int value = smaller(a, b) + corrections[sum] - corrections[difference];
    return value < 0 ? 0 : value;
}

/// One check: `values` are its bits' posteriors without this check's last messages, which are replaced.
static void check(
    const struct qw_ldpc_code *code, const int *values, int *messages, int degree, int parity) {
    const uint8_t *corrections = qw_ldpc_corrections(code);
    const int clamp = qw_ldpc_clamp(code);
    int magnitude[QW_LDPC_DEGREE_LIMIT], behind[QW_LDPC_DEGREE_LIMIT + 1];
    for (int k = 0; k < degree; k++) {
        magnitude[k] = smaller(abs(values[k]), 127);
        parity ^= values[k] < 0;
    }
    // behind[k] joins the edges after k, `ahead` those before k; an edge gets what all others say.
    behind[degree - 1] = 127;
    if (degree > 1) behind[degree - 2] = magnitude[degree - 1];
    for (int k = degree - 3; k >= 0; k--) behind[k] = boxplus(behind[k + 1], magnitude[k + 1], corrections);
    int ahead = 127;
    for (int k = 0; k < degree; k++) {
        const int joined = k == 0 ? behind[0] : k == degree - 1 ? ahead : boxplus(ahead, behind[k], corrections);
        ahead = k == 0 ? magnitude[0] : boxplus(ahead, magnitude[k], corrections);
        const int message = smaller(joined, clamp);
        messages[k] = parity ^ (values[k] < 0) ? -message : message;
    }
}

static void sweep(const struct qw_ldpc_code *code, const uint64_t *syndrome, int8_t *posteriors, int8_t *messages) {
    const uint32_t lift = code->lift;
    const size_t stride = qw_ldpc_stride(lift);
    for (uint32_t row = 0; row < code->rows; row++) {
        const struct qw_ldpc_edge *edges = code->edges + code->bounds[row];
        const int degree = (int)(code->bounds[row + 1] - code->bounds[row]);
        int8_t *said = messages + code->bounds[row] * stride;
        for (uint32_t z = 0; z < lift; z++) {
            const int parity = syndrome[((size_t)row * lift + z) / 64] >> (z % 64) & 1;
            int values[QW_LDPC_DEGREE_LIMIT], renewed[QW_LDPC_DEGREE_LIMIT];
            for (int k = 0; k < degree; k++) {
                const uint32_t place = code->shifted ? (z + edges[k].shift) % lift : z;
                values[k] = saturate(posteriors[edges[k].column * stride + place] - said[k * stride + z]);
            }
            check(code, values, renewed, degree, parity);
            for (int k = 0; k < degree; k++) {
                const uint32_t place = code->shifted ? (z + edges[k].shift) % lift : z;
                said[k * stride + z] = (int8_t)renewed[k];
                posteriors[edges[k].column * stride + place] = (int8_t)saturate(values[k] + renewed[k]);
            }
        }
    }
}

static void signs(const int8_t *values, uint64_t *words, size_t count) {
    for (size_t w = 0; w < count / 64; w++) {
        uint64_t word = 0;
        for (int z = 0; z < 64; z++) word |= (uint64_t)(values[64 * w + z] < 0) << z;
        words[w] = word;
    }
}

static void load(const uint64_t *words, int8_t magnitude, int8_t *values, size_t count) {
    for (size_t i = 0; i < count; i++) values[i] = words[i / 64] >> (i % 64) & 1 ? -magnitude : magnitude;
}

const struct qw_ldpc_table qw_ldpc_generic = {sweep, signs, load};
