// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef QW_CLMUL64_GENERIC_H
#define QW_CLMUL64_GENERIC_H
#include <stdint.h>

/// The carry-less product of two words by integer multiplication: with operands that keep one bit in four, at most
/// 15 ones meet in a place, and their sum stays inside its four bits; the lowest of them is the sum over GF(2). The
/// top four bits of `a` would make a sixteenth, so they are multiplied by masked shifts.
static inline __attribute__((always_inline)) void clmul64(uint64_t a, uint64_t b, uint64_t *high, uint64_t *low) {
    const uint64_t comb = 0x1111111111111111u;
    uint64_t x[4], y[4];
    for (int i = 0; i < 4; i++) {
        x[i] = a & (comb << i) & 0x0fffffffffffffffu;
        y[i] = b & (comb << i);
    }
    uint64_t top = 0, bottom = 0;
    for (int i = 0; i < 4; i++) {
        unsigned __int128 sum = 0;
        for (int j = 0; j < 4; j++) sum ^= (unsigned __int128)x[j] * y[(i - j) & 3];
        bottom |= (uint64_t)sum & (comb << i);
        top |= (uint64_t)(sum >> 64) & (comb << i);
    }
    for (int i = 60; i < 64; i++) {
        const uint64_t mask = -(a >> i & 1);
        bottom ^= (b << i) & mask;
        top ^= (b >> (64 - i)) & mask;
    }
    *high = top;
    *low = bottom;
}
#endif
