// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef QW_ENCODE_H
#define QW_ENCODE_H
// Between packed bits and elements of GF(2^64): element e is a linear map of the 64 bits e + h * 2^l, h < 64. Rows of
// bits go in, blocks of 64 x 64 bits are transposed, and on the way a public matrix is applied: where the including
// file defines QW_AFFINE(bytes, matrix), the products of bytes with an 8 x 8 matrix (as GFNI has them), between the
// levels of the transposition inside bytes and those between; else on rows, by the method of the four Russians.
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

#ifdef QW_AFFINE
/// The 64 x 64 matrix on the eight vectors r[c], each with one byte c of the words.
QW_INLINE void apply_blocks(vec *r, const uint64_t *blocks) {
    vec image[8];
    QW_UNROLL for (int g = 0; g < 8; g++) {
        vec even = QW_AFFINE(r[0], all(blocks[8 * g])), odd = QW_AFFINE(r[1], all(blocks[8 * g + 1]));
        QW_UNROLL for (int c = 2; c < 8; c += 2) {
            even ^= QW_AFFINE(r[c], all(blocks[8 * g + c]));
            odd ^= QW_AFFINE(r[c + 1], all(blocks[8 * g + c + 1]));
        }
        image[g] = even ^ odd;
    }
    QW_UNROLL for (int g = 0; g < 8; g++) r[g] = image[g];
}
#else
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
#endif

/// `row` columns of words, 64 rows `stride` words apart, to 64 * row elements.
QW_TARGET static void encode_columns(
    uint64_t *restrict elements, const uint64_t *restrict bits, size_t stride, size_t row,
    const struct qw_bit_matrix *matrix) {
    vec image[64], r[8];
#ifndef QW_AFFINE
    vec sums[256];
#endif
    for (size_t k = 0; k < row; k += QW_LANES) {
#ifdef QW_AFFINE
        for (size_t i = 0; i < 64; i += 8) {
            QW_UNROLL for (size_t q = 0; q < 8; q++) r[q] = get(bits + (i + q) * stride + k);
            exchange_near(r);
            QW_UNROLL for (size_t q = 0; q < 8; q++) image[i + q] = r[q];
        }
        for (size_t i = 0; i < 8; i++) {
            QW_UNROLL for (size_t q = 0; q < 8; q++) r[q] = image[i + 8 * q];
            apply_blocks(r, matrix->blocks);
            exchange_far(r);
            QW_UNROLL for (size_t q = 0; q < 8; q++) image[i + 8 * q] = r[q];
        }
#else
        for (size_t g = 0; g < 16; g++) {
            const uint64_t *p = bits + 4 * g * stride + k;
            sums_of_four(sums + 16 * g, get(p), get(p + stride), get(p + 2 * stride), get(p + 3 * stride));
        }
        for (size_t i = 0; i < 8; i++) {
            QW_UNROLL for (size_t q = 0; q < 8; q++) r[q] = matrix_row(sums, matrix->choices[i + 8 * q]);
            exchange_far(r);
            QW_UNROLL for (size_t q = 0; q < 8; q++) image[i + 8 * q] = r[q];
        }
#endif
        for (size_t i = 0; i < 64; i += 8) {
            QW_UNROLL for (size_t q = 0; q < 8; q++) r[q] = image[i + q];
#ifndef QW_AFFINE
            exchange_near(r);
#endif
            // Lane j of r[q] is element 64 (k + j) + i + q.
            QW_UNROLL for (size_t q = 0; q < 8; q += QW_LANES) {
                transpose(r + q);
                QW_UNROLL for (size_t j = 0; j < QW_LANES; j++) put(elements + 64 * (k + j) + i + q, r[q + j]);
            }
        }
    }
#ifndef QW_AFFINE
    qw_wipe(sums, sizeof sums);
#endif
    qw_wipe(image, sizeof image);
}

/// The way back, with another matrix.
QW_TARGET static void decode_columns(
    uint64_t *restrict bits, const uint64_t *restrict elements, size_t stride, size_t row,
    const struct qw_bit_matrix *matrix) {
    vec image[64], r[8];
#ifndef QW_AFFINE
    vec sums[256];
#endif
    for (size_t k = 0; k < row; k += QW_LANES) {
        for (size_t i = 0; i < 64; i += 8) {
            QW_UNROLL for (size_t q = 0; q < 8; q += QW_LANES) {
                QW_UNROLL for (size_t j = 0; j < QW_LANES; j++) r[q + j] = get(elements + 64 * (k + j) + i + q);
                transpose(r + q);
            }
#ifndef QW_AFFINE
            exchange_near(r);
#endif
            QW_UNROLL for (size_t q = 0; q < 8; q++) image[i + q] = r[q];
        }
        for (size_t i = 0; i < 8; i++) {
            QW_UNROLL for (size_t q = 0; q < 8; q++) r[q] = image[i + 8 * q];
            exchange_far(r);
#ifdef QW_AFFINE
            apply_blocks(r, matrix->blocks);
#endif
            QW_UNROLL for (size_t q = 0; q < 8; q++) image[i + 8 * q] = r[q];
        }
#ifdef QW_AFFINE
        for (size_t i = 0; i < 64; i += 8) {
            QW_UNROLL for (size_t q = 0; q < 8; q++) r[q] = image[i + q];
            exchange_near(r);
            QW_UNROLL for (size_t q = 0; q < 8; q++) put(bits + (i + q) * stride + k, r[q]);
        }
#else
        for (size_t g = 0; g < 16; g++) {
            const vec *p = image + 4 * g;
            sums_of_four(sums + 16 * g, p[0], p[1], p[2], p[3]);
        }
        for (size_t h = 0; h < 64; h++) put(bits + h * stride + k, matrix_row(sums, matrix->choices[h]));
#endif
    }
#ifndef QW_AFFINE
    qw_wipe(sums, sizeof sums);
#endif
    qw_wipe(image, sizeof image);
}
#endif
