// SPDX-License-Identifier: GPL-3.0-or-later
// AArch64 with PMULL.
#if defined(__aarch64__)
#define _DEFAULT_SOURCE 1
#include "cascade_kernels.h"

#include <arm_neon.h>
#if defined(__linux__)
#include <sys/auxv.h>
#endif

int qw_cascade_has_neon(void) {
#if defined(__linux__)
    return (getauxval(AT_HWCAP) & (1ul << 4)) != 0;  // HWCAP_PMULL
#else
    return 1;  // every Apple AArch64 processor has it
#endif
}

/// A product with all ones is the sum of all shifts: the parity of the bits up to each place.
__attribute__((target("aes"))) static void prefix(uint64_t *out, const uint64_t *in, size_t count) {
    uint64_t carry = 0;
    for (size_t i = 0; i < count; i++) {
        const uint64_t w = vgetq_lane_u64(vreinterpretq_u64_p128(vmull_p64((poly64_t)in[i], (poly64_t)~0ull)), 0);
        out[i] = w << 1 ^ carry;
        carry ^= -(w >> 63);
    }
}

static void transpose(uint64_t *tile) { qw_cascade_generic.transpose(tile); }

static uint64_t squeeze(uint64_t word, uint64_t mask) { return qw_cascade_generic.squeeze(word, mask); }

static void take(qw_cascade *c, const uint8_t *errors) { qw_cascade_generic.take(c, errors); }

static void settle(qw_cascade *c) { qw_cascade_generic.settle(c); }

static void say(qw_cascade *c, uint8_t *parities) { qw_cascade_generic.say(c, parities); }

const struct qw_cascade_kernels qw_cascade_neon = {prefix, transpose, squeeze, take, settle, say};
#else
typedef int qw_cascade_neon_absent;
#endif
