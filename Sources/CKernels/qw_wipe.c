// SPDX-License-Identifier: GPL-3.0-or-later
#define _DEFAULT_SOURCE 1
#include "qw_wipe.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>
#if defined(__linux__)
#include <sys/random.h>
#endif

void qw_wipe(void *bytes, size_t count) {
    if (count == 0) return;
    memset(bytes, 0, count);
    // The barrier tells the compiler that somebody reads the zeros.
    __asm__ __volatile__("" : : "r"(bytes) : "memory");
}

int qw_equal(const void *left, const void *right, size_t count) {
    const volatile uint8_t *l = left, *r = right;
    uint8_t difference = 0;
    for (size_t i = 0; i < count; i++) difference |= (uint8_t)(l[i] ^ r[i]);
    return (int)(((uint32_t)difference - 1u) >> 31);
}

int qw_system_random(void *bytes, size_t count) {
    uint8_t *p = bytes;
    while (count > 0) {
        size_t chunk = count < 256 ? count : 256;  // getentropy's limit
        if (getentropy(p, chunk) != 0) return errno ? errno : EIO;
        p += chunk;
        count -= chunk;
    }
    return 0;
}
