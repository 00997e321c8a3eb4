// SPDX-License-Identifier: GPL-3.0-or-later
// AArch64: 16 lanes.
#if defined(__aarch64__)
#include <arm_neon.h>
#include <stddef.h>
#include <stdint.h>

#define QW_TARGET
#define QW_VECTOR static inline __attribute__((always_inline))
#define LANES 16

typedef int8x16_t vec;

QW_VECTOR vec load_bytes(const int8_t *bytes) { return vld1q_s8(bytes); }
QW_VECTOR void store_bytes(int8_t *bytes, vec x) { vst1q_s8(bytes, x); }
QW_VECTOR vec every(int8_t value) { return vdupq_n_s8(value); }
QW_VECTOR vec minus(vec a, vec b) { return vqsubq_s8(a, b); }
QW_VECTOR vec plus(vec a, vec b) { return vqaddq_s8(a, b); }
QW_VECTOR vec magnitude(vec a) { return vqabsq_s8(a); }
QW_VECTOR vec lesser(vec a, vec b) { return vminq_s8(a, b); }
QW_VECTOR vec either(vec a, vec b) { return veorq_s8(a, b); }
QW_VECTOR vec signed_by(vec a, vec sign) { return vbslq_s8(vcltzq_s8(sign), vnegq_s8(a), a); }
QW_VECTOR vec signs_of(uint64_t word) {
    const uint8x16_t own = vreinterpretq_u8_u64(vdupq_n_u64(0x8040201008040201u));
    const uint8x16_t bytes = vcombine_u8(vdup_n_u8((uint8_t)word), vdup_n_u8((uint8_t)(word >> 8)));
    return vreinterpretq_s8_u8(vtstq_u8(bytes, own));
}
QW_VECTOR vec first_lanes(size_t count, vec a, vec b) {
    const int8x16_t lanes = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    return vbslq_s8(vcltq_s8(lanes, vdupq_n_s8((int8_t)count)), a, b);
}

QW_VECTOR vec table_of(const uint8_t *bytes) { return vreinterpretq_s8_u8(vld1q_u8(bytes)); }
QW_VECTOR vec boxplus(vec a, vec b, vec table) {
    // A look-up gives zero beyond its 16 places.
    const uint8x16_t x = vreinterpretq_u8_s8(a), y = vreinterpretq_u8_s8(b);
    const uint8x16_t more = vreinterpretq_u8_s8(vqtbl1q_s8(table, vqaddq_u8(x, y)));
    const uint8x16_t less = vreinterpretq_u8_s8(vqtbl1q_s8(table, vabdq_u8(x, y)));
    return vreinterpretq_s8_u8(vqsubq_u8(vaddq_u8(vminq_u8(x, y), more), less));
}

#include "ldpc_rows.h"

static void signs(const int8_t *values, uint64_t *words, size_t count) {
    const uint8x16_t own = vreinterpretq_u8_u64(vdupq_n_u64(0x8040201008040201u));
    for (size_t w = 0; w < count / 64; w++) {
        uint8x16_t part[4];
        for (size_t i = 0; i < 4; i++) part[i] = vandq_u8(vcltzq_s8(load_bytes(values + 64 * w + 16 * i)), own);
        // Three rounds of adding neighbors leave one byte of bits for eight lanes.
        const uint8x16_t sum = vpaddq_u8(vpaddq_u8(part[0], part[1]), vpaddq_u8(part[2], part[3]));
        words[w] = vgetq_lane_u64(vreinterpretq_u64_u8(vpaddq_u8(sum, sum)), 0);
    }
}

static void load(const uint64_t *words, int8_t value, int8_t *values, size_t count) {
    for (size_t i = 0; i < count; i += 16) {
        store_bytes(values + i, signed_by(every(value), signs_of(words[i / 64] >> (i % 64))));
    }
}

const struct qw_ldpc_table qw_ldpc_neon = {sweep, signs, load};
#else
typedef int qw_ldpc_neon_absent;
#endif
