// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef QW_ENCODE_H
#define QW_ENCODE_H
// Between packed bits and elements of GF(2^64): element e is a linear map of the 64 bits e + h * 2^l, h < 64. The map
// takes rows of bits at a time, 64 rows by the method of the four Russians with sums that the public matrix alone
// chooses; then blocks of 64 x 64 bits are transposed.
#include "fft_constants.h"
#include "qw_wipe.h"
#include "vector.h"

/// One level of the transposition of 64 x 64 bits: of a and b, `distance` rows apart.
QW_INLINE void exchange(vec *a, vec *b, const int distance, uint64_t low) {
    const vec t = (*a >> distance ^ *b) & all(low);
    *b ^= t;
    *a ^= t << distance;
}

QW_INLINE void exchange_far(vec *r) {
    QW_UNROLL for (int i = 0; i < 4; i++) exchange(r + i, r + i + 4, 32, 0x00000000ffffffffu);
    QW_UNROLL for (int i = 0; i < 8; i += (i & 1) ? 3 : 1) exchange(r + i, r + i + 2, 16, 0x0000ffff0000ffffu);
    QW_UNROLL for (int i = 0; i < 8; i += 2) exchange(r + i, r + i + 1, 8, 0x00ff00ff00ff00ffu);
}
QW_INLINE void exchange_near(vec *r) {
    QW_UNROLL for (int i = 0; i < 4; i++) exchange(r + i, r + i + 4, 4, 0x0f0f0f0f0f0f0f0fu);
    QW_UNROLL for (int i = 0; i < 8; i += (i & 1) ? 3 : 1) exchange(r + i, r + i + 2, 2, 0x3333333333333333u);
    QW_UNROLL for (int i = 0; i < 8; i += 2) exchange(r + i, r + i + 1, 1, 0x5555555555555555u);
}

/// sums[16g + i] = the sum of rows 4g + q over the ones q of i.
QW_INLINE void sums_of_four(vec *restrict sums, vec a, vec b, vec c, vec d) {
    vec s[16];
    s[0] = all(0), s[1] = a, s[2] = b, s[3] = a ^ b, s[4] = c, s[8] = d;
    QW_UNROLL for (int i = 1; i < 4; i++) s[4 + i] = s[4] ^ s[i];
    QW_UNROLL for (int i = 1; i < 8; i++) s[8 + i] = s[8] ^ s[i];
    QW_UNROLL for (int i = 0; i < 16; i++) sums[i] = s[i];
}

QW_INLINE vec matrix_row(const vec *restrict sums, const uint8_t *restrict choice) {
    vec even = sums[choice[0]], odd = sums[16 + choice[1]];
    QW_UNROLL for (int g = 2; g < 16; g += 2) {
        even ^= sums[16 * g + choice[g]];
        odd ^= sums[16 * (g + 1) + choice[g + 1]];
    }
    return even ^ odd;
}

QW_TARGET static void encode(
    uint64_t *restrict elements, const uint64_t *restrict bits, unsigned l, const qw_bit_matrix matrix) {
    const size_t row = (size_t)1 << (l - 6);
    vec sums[256], image[64], r[8];
    for (size_t k = 0; k < row; k += QW_LANES) {
        for (size_t g = 0; g < 16; g++) {
            const uint64_t *p = bits + 4 * g * row + k;
            sums_of_four(sums + 16 * g, get(p), get(p + row), get(p + 2 * row), get(p + 3 * row));
        }
        for (size_t i = 0; i < 8; i++) {
            for (size_t q = 0; q < 8; q++) r[q] = matrix_row(sums, matrix[i + 8 * q]);
            exchange_far(r);
            QW_UNROLL for (size_t q = 0; q < 8; q++) image[i + 8 * q] = r[q];
        }
        for (size_t i = 0; i < 64; i += 8) {
            QW_UNROLL for (size_t q = 0; q < 8; q++) r[q] = image[i + q];
            exchange_near(r);
            // Lane j of r[q] is element 64 (k + j) + i + q.
            QW_UNROLL for (size_t q = 0; q < 8; q += QW_LANES) {
                transpose(r + q);
                QW_UNROLL for (size_t j = 0; j < QW_LANES; j++) put(elements + 64 * (k + j) + i + q, r[q + j]);
            }
        }
    }
    qw_wipe(sums, sizeof sums);
    qw_wipe(image, sizeof image);
}

/// The way back, with another matrix.
QW_TARGET static void decode(
    uint64_t *restrict bits, const uint64_t *restrict elements, unsigned l, const qw_bit_matrix matrix) {
    const size_t row = (size_t)1 << (l - 6);
    vec sums[256], image[64], r[8];
    for (size_t k = 0; k < row; k += QW_LANES) {
        for (size_t i = 0; i < 64; i += 8) {
            QW_UNROLL for (size_t q = 0; q < 8; q += QW_LANES) {
                QW_UNROLL for (size_t j = 0; j < QW_LANES; j++) r[q + j] = get(elements + 64 * (k + j) + i + q);
                transpose(r + q);
            }
            exchange_near(r);
            QW_UNROLL for (size_t q = 0; q < 8; q++) image[i + q] = r[q];
        }
        for (size_t i = 0; i < 8; i++) {
            QW_UNROLL for (size_t q = 0; q < 8; q++) r[q] = image[i + 8 * q];
            exchange_far(r);
            QW_UNROLL for (size_t q = 0; q < 8; q++) image[i + 8 * q] = r[q];
        }
        for (size_t g = 0; g < 16; g++) {
            const vec *p = image + 4 * g;
            sums_of_four(sums + 16 * g, p[0], p[1], p[2], p[3]);
        }
        for (size_t h = 0; h < 64; h++) put(bits + h * row + k, matrix_row(sums, matrix[h]));
    }
    qw_wipe(sums, sizeof sums);
    qw_wipe(image, sizeof image);
}
#endif
