// SPDX-License-Identifier: GPL-3.0-or-later
// The field arithmetic that every instruction set shares. The including file defines QW_TARGET (its
// function attribute) and `clmul64(a, b, &high, &low)` before it includes this.
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define QW_INLINE static inline __attribute__((always_inline)) QW_TARGET

/// (high, low) mod x^64+x^4+x^3+x+1.
QW_INLINE uint64_t gf64_reduce(uint64_t high, uint64_t low) {
    // What the first folding pushes beyond x^63 has degree 3 at the most, so a second one ends it.
    uint64_t over = (high >> 63) ^ (high >> 61) ^ (high >> 60);
    high ^= over;
    return low ^ high ^ (high << 1) ^ (high << 3) ^ (high << 4);
}

QW_INLINE uint64_t gf64_multiply(uint64_t a, uint64_t b) {
    uint64_t high, low;
    clmul64(a, b, &high, &low);
    return gf64_reduce(high, low);
}

QW_TARGET static void products(
    const uint64_t *a, const uint64_t *b, uint64_t *low, uint64_t *high, size_t count) {
    for (size_t i = 0; i < count; i++) clmul64(a[i], b[i], &high[i], &low[i]);
}

// Four words share a reduction: ((((s^a)k ^ b)k ^ c)k ^ d)k = (s^a)k^4 ^ bk^3 ^ ck^2 ^ dk.
QW_TARGET static uint64_t gf64_horner(uint64_t state, uint64_t key, const uint64_t *words, size_t count) {
    const uint64_t k2 = gf64_multiply(key, key), k3 = gf64_multiply(k2, key), k4 = gf64_multiply(k2, k2);
    for (; count >= 4; count -= 4, words += 4) {
        uint64_t high, low, h, l;
        clmul64(state ^ words[0], k4, &high, &low);
        clmul64(words[1], k3, &h, &l);
        high ^= h, low ^= l;
        clmul64(words[2], k2, &h, &l);
        high ^= h, low ^= l;
        clmul64(words[3], key, &h, &l);
        state = gf64_reduce(high ^ h, low ^ l);
    }
    for (; count > 0; count--, words++) state = gf64_multiply(state ^ *words, key);
    return state;
}

// An element of GF(2^128) is a pair (high, low) of big-endian words: the coefficient of x^0 is the top bit
// of high. Products of reflected numbers come out reflected, one bit low.

/// sum ^= the 256-bit product of a and b, least significant word first, by Karatsuba's three multiplications.
QW_INLINE void gf128_accumulate(uint64_t sum[4], const uint64_t a[2], const uint64_t b[2]) {
    uint64_t hh, hl, lh, ll, mh, ml;
    clmul64(a[0], b[0], &hh, &hl);
    clmul64(a[1], b[1], &lh, &ll);
    clmul64(a[0] ^ a[1], b[0] ^ b[1], &mh, &ml);
    sum[0] ^= ll;
    sum[1] ^= lh ^ ml ^ hl ^ ll;
    sum[2] ^= hl ^ mh ^ hh ^ lh;
    sum[3] ^= hh;
}

/// result = sum mod x^128+x^7+x^2+x+1.
QW_INLINE void gf128_reduce(uint64_t result[2], const uint64_t sum[4]) {
    uint64_t v3 = (sum[3] << 1) | (sum[2] >> 63), v2 = (sum[2] << 1) | (sum[1] >> 63);
    uint64_t v1 = (sum[1] << 1) | (sum[0] >> 63), v0 = sum[0] << 1;
    v2 ^= v0 ^ (v0 >> 1) ^ (v0 >> 2) ^ (v0 >> 7);
    v1 ^= (v0 << 63) ^ (v0 << 62) ^ (v0 << 57);
    v3 ^= v1 ^ (v1 >> 1) ^ (v1 >> 2) ^ (v1 >> 7);
    v2 ^= (v1 << 63) ^ (v1 << 62) ^ (v1 << 57);
    result[0] = v3;
    result[1] = v2;
}

QW_TARGET static void gf128_multiply(uint64_t a[2], const uint64_t b[2]) {
    uint64_t sum[4] = {0, 0, 0, 0};
    gf128_accumulate(sum, a, b);
    gf128_reduce(a, sum);
}

QW_INLINE void gf128_load(uint64_t element[2], const uint8_t *block) {
    memcpy(element, block, 16);
    element[0] = __builtin_bswap64(element[0]);
    element[1] = __builtin_bswap64(element[1]);
}

QW_TARGET static void gf128_horner(
    uint64_t state[2], const uint64_t powers[8], const uint8_t *blocks, size_t count) {
    uint64_t element[2];
    for (; count >= 4; count -= 4, blocks += 64) {
        uint64_t sum[4] = {0, 0, 0, 0};
        gf128_load(element, blocks);
        element[0] ^= state[0];
        element[1] ^= state[1];
        gf128_accumulate(sum, element, powers + 6);
        for (size_t i = 1; i < 4; i++) {
            gf128_load(element, blocks + 16 * i);
            gf128_accumulate(sum, element, powers + 2 * (3 - i));
        }
        gf128_reduce(state, sum);
    }
    for (; count > 0; count--, blocks += 16) {
        gf128_load(element, blocks);
        state[0] ^= element[0];
        state[1] ^= element[1];
        gf128_multiply(state, powers);
    }
}
