// SPDX-License-Identifier: GPL-3.0-or-later
// Packed bits: syndromes and transposes.
#include "ldpc_table.h"

#include <string.h>

/// sum[w] ^= word w of the block turned down by `shift` bits.
static void add_rotated(uint64_t *restrict sum, const uint64_t *block, uint32_t words, uint32_t shift) {
    const uint32_t bits = shift % 64, first = shift / 64;
    if (bits == 0) {
        for (uint32_t w = 0; w < words - first; w++) sum[w] ^= block[w + first];
        for (uint32_t w = words - first; w < words; w++) sum[w] ^= block[w + first - words];
        return;
    }
    const uint32_t last = words - first - 1;
    for (uint32_t w = 0; w < last; w++) sum[w] ^= block[w + first] >> bits | block[w + first + 1] << (64 - bits);
    sum[last] ^= block[words - 1] >> bits | block[0] << (64 - bits);
    const uint64_t *start = block - (last + 1);
    for (uint32_t w = last + 1; w < words; w++) sum[w] ^= start[w] >> bits | start[w + 1] << (64 - bits);
}

static void row_syndrome(const struct qw_ldpc_code *code, uint32_t row, const uint64_t *bits, uint64_t *sum) {
    const uint32_t words = code->lift / 64;
    for (uint32_t k = code->bounds[row]; k < code->bounds[row + 1]; k++) {
        const struct qw_ldpc_edge edge = code->edges[k];
        add_rotated(sum, bits + (size_t)edge.column * words, words, code->shifted ? edge.shift : 0);
    }
}

void qw_ldpc_syndrome(const struct qw_ldpc_code *code, const uint64_t *bits, uint64_t *syndrome) {
    const uint32_t words = code->lift / 64;
    memset(syndrome, 0, (size_t)code->rows * words * sizeof *syndrome);
    for (uint32_t row = 0; row < code->rows; row++) row_syndrome(code, row, bits, syndrome + (size_t)row * words);
}

uint64_t qw_ldpc_row_differs(
    const struct qw_ldpc_code *code, uint32_t row, const uint64_t *bits, const uint64_t *expected) {
    const uint32_t words = code->lift / 64;
    if (words == 1) {
        uint64_t sum = *expected;
        for (uint32_t k = code->bounds[row]; k < code->bounds[row + 1]; k++) {
            const uint64_t word = bits[code->edges[k].column];
            const uint32_t shift = code->shifted ? code->edges[k].shift : 0;
            sum ^= word >> shift | word << (-shift & 63);
        }
        return sum;
    }
    uint64_t sum[UINT16_MAX / 64 + 1], lanes = 0;
    memcpy(sum, expected, words * sizeof *sum);
    row_syndrome(code, row, bits, sum);
    for (uint32_t w = 0; w < words; w++) lanes |= sum[w];
    return lanes;
}

void qw_ldpc_transpose(const uint64_t *input, uint64_t *output) {
    // Swaps ever smaller off-diagonal squares.
    uint64_t x[64];
    memcpy(x, input, sizeof x);
    uint64_t mask = 0x00000000ffffffffu;
    for (int size = 32; size > 0; size >>= 1, mask ^= mask << size) {
        for (int i = 0; i < 64; i = (i + size + 1) & ~size) {
            const uint64_t swapped = (x[i] >> size ^ x[i + size]) & mask;
            x[i] ^= swapped << size;
            x[i + size] ^= swapped;
        }
    }
    memcpy(output, x, sizeof x);
}
