// SPDX-License-Identifier: GPL-3.0-or-later
// Products above the crossover. Multiplying by the reversed input is evaluation, pointwise multiplication and
// interpolation; its transpose over GF(2) takes the seed to the wanted coefficients. So transforms of n + m bits are
// enough for a product of 2n + m.
#include "bits.h"
#include "products.h"

#include <pthread.h>

enum { LEAST = 9, MOST = 26 };

struct qw_transform_plan qw_transform_plan(size_t m, size_t n) {
    struct qw_transform_plan best = {0};
    for (unsigned l = LEAST; l <= MOST; l++) {
        const size_t bits = (size_t)64 << l;
        if (bits < m) continue;
        const size_t most = bits - m + 1, blocks = (n + most - 1) / most;
        // Two transforms for each block and one in the end. Beside the l levels, the change of basis and the encoding
        // cost about as much as 16 more, and blocks that don't fit the caches more again.
        const double level = 16 + l + (l > 17 ? 1.5 * (l - 17) : 0);
        const double cost = (2.0 * (double)blocks + 1) * level * (double)((size_t)1 << l);
        if (best.blocks == 0 || cost < best.cost) {
            // Equal blocks rather than a short last one.
            best = (struct qw_transform_plan){l, (n + blocks - 1) / blocks, blocks, cost};
        }
        if (blocks == 1) break;
    }
    return best;
}

size_t qw_toeplitz_columns(size_t m, unsigned log_elements) {
    unsigned l = log_elements < LEAST ? LEAST : log_elements > MOST ? MOST : log_elements;
    while (l < MOST && (size_t)64 << l < m + m / 2) l++;
    return ((size_t)64 << l) - m + 1;
}

/// One of the two transforms of a block.
struct task {
    const struct qw_toeplitz_table *table;
    uint64_t *elements, *bits;
    const uint64_t *source;
    size_t from, count;
    unsigned l;
    enum qw_direction direction;
};

static void *perform(void *argument) {
    const struct task *task = argument;
    const size_t words = (size_t)1 << task->l;
    if (task->direction == QW_FORWARD) {
        qw_bits_copy_reversed(task->bits, words, task->source, task->from, task->count);
    } else {
        qw_bits_copy(task->bits, words, task->source, task->from, task->count);
    }
    task->table->analyze(task->elements, task->bits, task->l, task->direction);
    return NULL;
}

int qw_transform_add(
    const struct qw_toeplitz_table *table, uint64_t *output, const struct qw_toeplitz_product *p) {
    const size_t m = p->m, n = p->n;
    const struct qw_transform_plan plan = qw_transform_plan(m, n);
    const size_t words = (size_t)1 << plan.l;
    const int threaded = p->threads > 1 && plan.l >= 12, summed = plan.blocks > 1, in_place = plan.l >= QW_IN_PLACE;
    // The arrays: input, seed, sums, and bits of each thread where they can't be in place.
    const size_t total = words * (size_t)(2 + summed + (in_place ? 0 : 1 + threaded));
    uint64_t *memory = qw_scratch_new(total);
    if (memory == NULL) return -1;
    uint64_t *a = memory, *t = a + words, *sums = summed ? t + words : NULL;
    uint64_t *bits = in_place ? NULL : t + words * (size_t)(1 + summed);
    for (size_t b = 0, from = 0; b < plan.blocks; b++, from += plan.columns) {
        const size_t count = n - from < plan.columns ? n - from : plan.columns;
        struct task input = {
            table, a, in_place ? a : bits, p->input, p->input_offset + from, count, plan.l, QW_FORWARD,
        };
        struct task seed = {
            table, t, in_place ? t : threaded ? bits + words : bits, p->seed,
            p->seed_offset + n - from - count, count + m - 1, plan.l, QW_DUAL,
        };
        pthread_t thread;
        const int started = threaded && pthread_create(&thread, NULL, perform, &input) == 0;
        if (!started) perform(&input);
        perform(&seed);
        if (started) pthread_join(thread, NULL);
        table->multiply(t, a, summed && b > 0 ? sums : NULL, words);
        if (summed) {
            uint64_t *filled = t;
            t = sums, sums = filled;
        }
    }
    uint64_t *product = summed ? sums : t;
    if (in_place) bits = product;
    table->synthesize(bits, product, plan.l);
    qw_output_add(output, bits, m);
    qw_scratch_free(memory, total);
    return 0;
}
