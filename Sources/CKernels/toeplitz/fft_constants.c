// SPDX-License-Identifier: GPL-3.0-or-later
// The Cantor basis and the matrices of the transforms. Everything here is public and branches freely.
#include "fft_constants.h"

#include <pthread.h>
#include <string.h>

static struct qw_fft_constants constants;

static uint64_t multiply(uint64_t a, uint64_t b) {
    uint64_t product = 0;
    for (; b != 0; b >>= 1) {
        if (b & 1) product ^= a;
        a = (a << 1) ^ (a >> 63 ? 0x1b : 0);
    }
    return product;
}

/// 0 or 1: the sum of the 64 conjugates.
static uint64_t trace(uint64_t a) {
    uint64_t sum = 0;
    for (int i = 0; i < 64; i++, a = multiply(a, a)) sum ^= a;
    return sum;
}

/// rows[r] holds the matrix's row r, bit h the entry of column h.
static void set(struct qw_bit_matrix *matrix, const uint64_t rows[64]) {
    for (int r = 0; r < 64; r++) {
        for (int g = 0; g < 16; g++) matrix->choices[r][g] = (uint8_t)(rows[r] >> (4 * g) & 15);
        for (int c = 0; c < 8; c++) {
            matrix->blocks[r / 8 * 8 + c] |= (rows[r] >> (8 * c) & 255) << (8 * (7 - r % 8));
        }
    }
}

/// Gauss and Jordan; the matrix is regular.
static void invert(uint64_t inverse[64], uint64_t rows[64]) {
    for (int r = 0; r < 64; r++) inverse[r] = (uint64_t)1 << r;
    for (int column = 0; column < 64; column++) {
        int pivot = column;
        while (!(rows[pivot] >> column & 1)) pivot++;
        const uint64_t row = rows[pivot], image = inverse[pivot];
        rows[pivot] = rows[column], inverse[pivot] = inverse[column];
        rows[column] = row, inverse[column] = image;
        for (int r = 0; r < 64; r++) {
            if (r != column && (rows[r] >> column & 1)) rows[r] ^= row, inverse[r] ^= image;
        }
    }
}

static void compute(void) {
    uint64_t *basis = constants.basis;
    // From any element of trace 1 the 63 steps end at its trace.
    basis[63] = 1;
    while (trace(basis[63]) == 0) basis[63] <<= 1;
    for (int i = 63; i > 0; i--) basis[i - 1] = multiply(basis[i], basis[i]) ^ basis[i];
    for (int t = 0; t < 3; t++) {
        for (int i = 1; i < 512; i++) {
            const int top = 31 - __builtin_clz((unsigned)i);
            constants.twiddles[t][i] = constants.twiddles[t][i ^ 1 << top] ^ basis[9 * t + top + 1];
        }
    }
    // The coefficient with number h among its 64 stands before the product of basis[32 - t] over the ones t of h.
    uint64_t values[64], rows[64], inverse[64];
    for (int h = 0; h < 64; h++) {
        values[h] = 1;
        for (int t = 0; t < 6; t++) {
            if (h >> t & 1) values[h] = multiply(values[h], basis[32 - t]);
        }
    }
    memset(rows, 0, sizeof rows);
    for (int r = 0; r < 64; r++) {
        for (int h = 0; h < 64; h++) rows[r] |= (values[h] >> r & 1) << h;
    }
    set(&constants.encode, rows);
    // Over GF(2) the transpose of a multiplication is that multiplication seen in the dual basis of the trace form.
    memset(rows, 0, sizeof rows);
    for (int h = 0; h < 64; h++) {
        for (int r = 0; r < 64; r++) rows[h] |= trace(multiply(values[h], (uint64_t)1 << r)) << r;
    }
    set(&constants.dual_decode, rows);
    invert(inverse, rows);
    set(&constants.dual_encode, inverse);
}

const struct qw_fft_constants *qw_fft_constants(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, compute);
    return &constants;
}
