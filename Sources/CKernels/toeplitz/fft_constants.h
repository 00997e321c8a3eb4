// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef QW_FFT_CONSTANTS_H
#define QW_FFT_CONSTANTS_H
#include <stddef.h>
#include <stdint.h>

/// A 64 x 64 matrix over GF(2), in the two forms that kernels want.
struct qw_bit_matrix {
    /// For the method of the four Russians: for output row r and each group g of four input rows, which of the 16
    /// sums of that group belongs to it.
    uint8_t choices[64][16];
    /// Blocks of 8 x 8, the one from input byte c to output byte r in blocks[8r + c] as GF2P8AFFINEQB wants it: the
    /// row of output bit i in byte 7 - i.
    uint64_t blocks[64];
};

/// What the additive transforms over GF(2^64) = GF(2)[x]/(x^64+x^4+x^3+x+1) need; all of it public.
struct qw_fft_constants {
    /// A Cantor basis: basis[0] = 1 and basis[i]^2 + basis[i] = basis[i-1].
    uint64_t basis[64];
    /// twiddles[t][i] = the sum of basis[9t+q+1] over the ones q of i.
    uint64_t twiddles[3][512];
    /// From 64 coefficients to a point's value, and for the transposed transforms the dual of that and its inverse.
    struct qw_bit_matrix encode, dual_encode, dual_decode;
};

/// The constants, computed once; safe from any thread.
const struct qw_fft_constants *qw_fft_constants(void);
#endif
