// SPDX-License-Identifier: GPL-3.0-or-later
// Every kernel that this machine has against the generic one, on random data of many lengths. Built and run by
// Scripts/check-aarch64 for AArch64, where the Swift tests can't run. Status 1 when any differs.
#include "qw_cascade.h"
#include "qw_clmul.h"
#include "qw_correlate.h"
#include "qw_ldpc.h"
#include "qw_toeplitz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t state = 0x9E3779B97F4A7C15ULL;
static int failures;

static uint64_t next(void) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

static void fill(void *bytes, size_t count) {
    for (size_t i = 0; i < count; i++) ((uint8_t *)bytes)[i] = (uint8_t)(next() >> 24);
}

static void expect(int holds, const char *what, size_t size) {
    if (holds) return;
    failures++;
    fprintf(stderr, "%s differs at size %zu\n", what, size);
}

static void report(const char *name, int before, unsigned cases) {
    printf("%-24s %6u cases  %s\n", name, cases, failures == before ? "equal" : "DIFFERENT");
}

static void clmul(int kernel, const char *name) {
    enum { MOST = 300 };
    static uint64_t a[MOST], b[MOST], low[2][MOST], high[2][MOST];
    static uint8_t blocks[16 * MOST], context[2][QW_GHASH_CONTEXT_BYTES], products[2][16], hashes[2][16];
    const int before = failures;
    unsigned cases = 0;
    for (size_t count = 0; count < MOST; count += count < 40 ? 1 : 37, cases++) {
        fill(a, sizeof a);
        fill(b, sizeof b);
        fill(blocks, sizeof blocks);
        uint64_t horner[2];
        for (int which = 0; which < 2; which++) {
            const int k = which ? kernel : QW_CLMUL_GENERIC;
            qw_clmul64(k, a, b, low[which], high[which], count);
            horner[which] = qw_gf64_horner(k, a[0], b[0], a, count) ^ qw_gf64_multiply(k, a[1], b[1]);
            qw_gf128_multiply(k, blocks, blocks + 16, products[which]);
            qw_ghash_begin(k, context[which], blocks);
            qw_ghash_blocks(k, context[which], blocks + 16, count ? count - 1 : 0);
            uint8_t other[QW_GHASH_CONTEXT_BYTES];
            qw_ghash_begin(k, other, blocks);
            qw_ghash_blocks(k, other, blocks, count);
            qw_ghash_append(k, context[which], other, count);
            qw_ghash_state(context[which], hashes[which]);
        }
        expect(memcmp(low[0], low[1], 8 * count) == 0 && memcmp(high[0], high[1], 8 * count) == 0, name, count);
        expect(horner[0] == horner[1], name, count);
        expect(memcmp(products[0], products[1], 16) == 0 && memcmp(hashes[0], hashes[1], 16) == 0, name, count);
    }
    report(name, before, cases);
}

static void toeplitz(int kernel, const char *name) {
    static const size_t sizes[] = {1, 2, 63, 64, 65, 127, 129, 500, 1000, 4096, 5000, 20000};
    const int before = failures;
    unsigned cases = 0;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        for (size_t j = 0; j < sizeof sizes / sizeof *sizes; j++) {
            for (int method = QW_TOEPLITZ_RECURSION; method <= QW_TOEPLITZ_TRANSFORM; method++, cases++) {
                const size_t m = sizes[i], n = sizes[j];
                const size_t words = (m + n) / 64 + 3;
                uint64_t *input = calloc(words, 8), *seed = calloc(words, 8), *output = calloc(2 * words, 8);
                fill(input, 8 * words);
                fill(seed, 8 * words);
                int status = 0;
                for (int which = 0; which < 2; which++) {
                    struct qw_toeplitz_product product = {
                        .kernel = which ? kernel : QW_CLMUL_GENERIC,
                        .method = which ? method : QW_TOEPLITZ_RECURSION,
                        .threads = 1, .m = m, .n = n, .input = input, .input_offset = j % 5, .seed = seed,
                        .seed_offset = i % 7};
                    status |= qw_toeplitz_add(output + which * words, &product);
                }
                expect(status == 0 && memcmp(output, output + words, 8 * words) == 0, name, m + n);
                free(input);
                free(seed);
                free(output);
            }
        }
    }
    report(name, before, cases);
}

static void correlate(int kernel, const char *name) {
    enum { MOST = 16 * 180 };
    static float samples[2 * MOST], sums[2][3][200];
    const int before = failures;
    unsigned cases = 0;
    for (size_t count = 0; count < 130; count += count < 20 ? 1 : 13) {
        for (size_t lag = 16; lag <= 64; lag += 16, cases++) {
            for (size_t i = 0; i < 2 * MOST; i++) samples[i] = (float)((int64_t)next() >> 40) / 8388608.0f;
            for (int which = 0; which < 2; which++) {
                qw_correlate_blocks(
                    which ? kernel : QW_CORRELATE_GENERIC, samples, count, lag, sums[which][0], sums[which][1],
                    sums[which][2]);
            }
            for (int part = 0; part < 3; part++) {
                expect(memcmp(sums[0][part], sums[1][part], 4 * count) == 0, name, count);
            }
            for (float threshold = 0.1f; threshold < 0.9f; threshold += 0.1f) {
                // A stretch that repeats, so that both outcomes happen.
                for (size_t i = 700; i < 1100; i++) samples[2 * i] = samples[2 * (i - lag)];
                for (size_t stride = 1; stride <= 16; stride += 15) {
                    const size_t a = qw_correlate_find(QW_CORRELATE_GENERIC, samples, 1600, lag, 144, stride, threshold);
                    const size_t b = qw_correlate_find(kernel, samples, 1600, lag, 144, stride, threshold);
                    expect(a == b, name, count);
                }
            }
        }
    }
    report(name, before, cases);
}

static void ldpc(int kernel, const char *name) {
    enum { COLUMNS = 24, ROWS = 8, DEGREE = 7, MOST = 512 };
    static struct qw_ldpc_edge edges[ROWS * DEGREE];
    static uint32_t bounds[ROWS + 1];
    static int8_t posteriors[2][COLUMNS * (MOST + 64)], messages[2][ROWS * DEGREE * (MOST + 64)];
    static uint64_t syndrome[ROWS * MOST / 64], decisions[2][COLUMNS * MOST / 64];
    static const uint32_t lifts[] = {64, 128, 192, 512};
    const int before = failures;
    unsigned cases = 0;
    for (size_t which_lift = 0; which_lift < 4; which_lift++) {
        for (uint32_t shifted = 0; shifted < 2; shifted++) {
            for (uint32_t unit = 3; unit <= 4; unit++) {
                for (int limit = 1; limit <= 9; limit += 4, cases++) {
                    const uint32_t lift = lifts[which_lift];
                    if (!shifted && lift > 64) continue;
                    for (uint32_t row = 0; row <= ROWS; row++) bounds[row] = row * DEGREE;
                    for (uint32_t edge = 0; edge < ROWS * DEGREE; edge++) {
                        // No column twice in a row.
                        const uint32_t column = (edge % DEGREE * 3 + edge / DEGREE * 5) % COLUMNS;
                        edges[edge] = (struct qw_ldpc_edge){(uint16_t)column, (uint16_t)(next() % lift)};
                    }
                    const struct qw_ldpc_code code = {edges, bounds, ROWS, COLUMNS, lift, shifted, unit};
                    fill(syndrome, sizeof syndrome);
                    for (size_t i = 0; i < sizeof posteriors[0]; i++) posteriors[0][i] = (int8_t)(next() % 61) - 30;
                    memcpy(posteriors[1], posteriors[0], sizeof posteriors[0]);
                    memset(messages, 0, sizeof messages);
                    memset(decisions, 0, sizeof decisions);
                    uint64_t rest[2] = {~0ULL, ~0ULL};
                    int iterations[2];
                    for (int which = 0; which < 2; which++) {
                        iterations[which] = qw_ldpc_decode(
                            which ? kernel : QW_LDPC_GENERIC, &code, syndrome, posteriors[which], messages[which],
                            decisions[which], &rest[which], limit);
                    }
                    expect(iterations[0] == iterations[1] && rest[0] == rest[1], name, lift);
                    expect(memcmp(decisions[0], decisions[1], sizeof decisions[0]) == 0, name, lift);
                    const size_t stride = qw_ldpc_stride(lift);
                    for (size_t column = 0; column < COLUMNS; column++) {
                        expect(
                            memcmp(posteriors[0] + column * stride, posteriors[1] + column * stride, lift) == 0, name,
                            lift);
                    }
                }
            }
        }
    }
    report(name, before, cases);
}

static void cascade(void) {
    static uint64_t input[200], output[2][200];
    const int before = failures;
    unsigned cases = 0;
    for (size_t count = 0; count < 200; count += count < 70 ? 1 : 17, cases++) {
        fill(input, sizeof input);
        for (int which = 0; which < 2; which++) qw_cascade_prefix(which, output[which], input, count);
        expect(memcmp(output[0], output[1], 8 * count) == 0, "cascade prefix", count);
        if (count < 64) continue;
        for (int which = 0; which < 2; which++) {
            memcpy(output[which], input, 8 * 64);
            qw_cascade_transpose(which, output[which]);
        }
        expect(memcmp(output[0], output[1], 8 * 64) == 0, "cascade transpose", count);
        expect(
            qw_cascade_squeeze(0, input[0], input[1]) == qw_cascade_squeeze(1, input[0], input[1]),
            "cascade squeeze", count);
    }
    report(qw_cascade_accelerated() ? "cascade" : "cascade (generic only)", before, cases);
}

int main(void) {
    static const char *const products[] = {"", "", "pclmul", "vpclmul", "pmull", "avx512"};
    static const char *const vectors[] = {"", "", "avx2", "avx512", "neon"};
    char name[2][40];
    unsigned kernels = 0;
    for (int kernel = QW_CLMUL_PCLMUL; kernel <= QW_CLMUL_AVX512; kernel++) {
        if (!qw_clmul_available(kernel)) continue;
        snprintf(name[0], sizeof name[0], "clmul %s", products[kernel]);
        snprintf(name[1], sizeof name[1], "toeplitz %s", products[kernel]);
        clmul(kernel, name[0]);
        toeplitz(kernel, name[1]);
        kernels++;
    }
    for (int kernel = QW_LDPC_AVX2; kernel <= QW_LDPC_NEON; kernel++) {
        if (!qw_correlate_available(kernel) || !qw_ldpc_available(kernel)) continue;
        snprintf(name[0], sizeof name[0], "correlate %s", vectors[kernel]);
        snprintf(name[1], sizeof name[1], "ldpc %s", vectors[kernel]);
        correlate(kernel, name[0]);
        ldpc(kernel, name[1]);
        kernels++;
    }
    cascade();
    if (!kernels) {
        fprintf(stderr, "no kernel beside the generic ones was found here\n");
        return 1;
    }
    return failures ? 1 : 0;
}
