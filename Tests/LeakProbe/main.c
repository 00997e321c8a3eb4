// SPDX-License-Identifier: GPL-3.0-or-later
// Runs one Toeplitz product under valgrind's memcheck with key and seed marked undefined: memcheck then complains about
// each branch and each address that depends on them.
//
// leakprobe KERNEL METHOD M N [branch|address]: exit status 0, or 2 where this isn't valgrind on x86-64, or 3 where the
// kernel isn't there. With the last word a leak of that sort follows, which memcheck has to find.
#include "qw_clmul.h"
#include "qw_toeplitz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/// valgrind's client requests (valgrind.h, memcheck.h): rotations that add up to nothing, then an exchange of a register
/// with itself. On a bare processor the default comes back.
static unsigned long request(unsigned long number, const void *bytes, size_t count) {
    volatile unsigned long arguments[6] = {number, (unsigned long)bytes, count, 0, 0, 0};
    unsigned long result = 0;
#if defined(__x86_64__)
    __asm__ volatile(
        "rolq $3, %%rdi\n\trolq $13, %%rdi\n\trolq $61, %%rdi\n\trolq $51, %%rdi\n\txchgq %%rbx, %%rbx"
        : "=d"(result)
        : "a"(&arguments[0]), "0"(result)
        : "cc", "memory");
#endif
    return result;
}
enum { RUNNING = 0x1001, MEMCHECK = 'M' << 24 | 'C' << 16, UNDEFINED = MEMCHECK + 1, DEFINED = MEMCHECK + 2 };

static uint64_t *secret(size_t bits) {
    const size_t words = (bits + 63) / 64;
    uint64_t *result = malloc(words * sizeof *result);
    if (result == NULL) exit(70);
    uint64_t state = bits;
    for (size_t i = 0; i < words; i++) result[i] = state = state * 6364136223846793005u + 1442695040888963407u;
    request(UNDEFINED, result, words * sizeof *result);
    return result;
}

int main(int count, char **arguments) {
    if (count < 5) return 64;
    if (request(RUNNING, NULL, 0) == 0) return 2;
    const int kernel = atoi(arguments[1]), method = atoi(arguments[2]);
    const size_t m = strtoul(arguments[3], NULL, 10), n = strtoul(arguments[4], NULL, 10);
    if (!qw_clmul_available(kernel)) return 3;
    uint64_t *input = secret(n), *seed = secret(n + m - 1), *output = secret(m);
    const struct qw_toeplitz_product product = {kernel, method, 1, m, n, input, 0, seed, 0};
    if (qw_toeplitz_add(output, &product) != 0) return 70;
    if (count > 5 && strcmp(arguments[5], "branch") == 0 && (output[0] & 1)) puts("one");
    if (count > 5 && strcmp(arguments[5], "address") == 0) {
        static volatile char table[4096];
        table[output[0] & 4095] = 1;
    }
    request(DEFINED, output, (m + 63) / 64 * sizeof *output);
    printf("%016lx\n", (unsigned long)output[0]);
    free(input);
    free(seed);
    free(output);
    return 0;
}
