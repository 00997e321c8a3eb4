// SPDX-License-Identifier: GPL-3.0-or-later
// The search: block sums of a stretch, a screen over them, and a look at every position of what it leaves.
#include "correlate_table.h"
#include "qw_correlate.h"

enum {
    BLOCK = QW_CORRELATE_BLOCK,
    STRETCH = 512,
    ROOM = STRETCH + 2 * QW_CORRELATE_MOST_BLOCKS + QW_CORRELATE_GROUP,
};

struct sums {
    float re, im, energy;
};

/// The products and mean energies of the block at x; `lag` in samples.
static void products(struct sums terms[BLOCK], const float *x, size_t lag) {
#pragma STDC FP_CONTRACT OFF
    for (size_t i = 0; i < BLOCK; i++) {
        const float *a = x + 2 * i, *b = a + 2 * lag;
        terms[i].re = a[0] * b[0] + a[1] * b[1];
        terms[i].im = a[0] * b[1] - a[1] * b[0];
        terms[i].energy = 0.5f * (a[0] * a[0] + a[1] * a[1] + b[0] * b[0] + b[1] * b[1]);
    }
}

static inline void add(struct sums *sum, const struct sums *term) {
    sum->re += term->re;
    sum->im += term->im;
    sum->energy += term->energy;
}

/// The first position of a block that is a hit, or BLOCK. `middle` sums the blocks between its two ends.
static size_t look(const float *x, const struct qw_correlate_search *search, struct sums middle) {
#pragma STDC FP_CONTRACT OFF
    struct sums tail[BLOCK], head[BLOCK], sum = middle;
    products(tail, x, BLOCK * search->lag);
    products(head, x + 2 * BLOCK * search->window, BLOCK * search->lag);
    for (size_t i = BLOCK; i-- > 0;) {
        add(&sum, &tail[i]);
        tail[i] = sum;
    }
    const float limit = search->threshold * search->threshold;
    sum = (struct sums){0, 0, 0};
    for (size_t i = 0; i < BLOCK; i++) {
        struct sums all = tail[i];
        add(&all, &sum);
        if (all.re * all.re + all.im * all.im > limit * (all.energy * all.energy)) return i;
        add(&sum, &head[i]);
    }
    return BLOCK;
}

/// The sums over the blocks between the two ends of a window that starts inside the first.
static struct sums middle(
    const struct qw_correlate_search *search, const float *re, const float *im, const float *mean) {
    struct sums sums = {0, 0, 0};
    for (size_t j = 1; j < search->window; j++) {
        sums.re += re[j];
        sums.im += im[j];
        sums.energy += mean[j];
    }
    return sums;
}

size_t qw_correlate_find(
    int kernel, const float *samples, size_t positions, size_t lag, size_t window, size_t stride,
    float threshold) {
#pragma STDC FP_CONTRACT OFF
    const struct qw_correlate_table *table = qw_correlate_select(kernel);
    const struct qw_correlate_search search = {lag / BLOCK, window / BLOCK, threshold, stride != 1};
    float re[ROOM], im[ROOM], energy[ROOM], mean[ROOM];
    for (size_t begin = 0; begin < positions / BLOCK; begin += STRETCH) {
        const float *x = samples + 2 * BLOCK * begin;
        const size_t left = positions / BLOCK - begin, count = left < STRETCH ? left : STRETCH;
        const size_t products = count + search.window;
        table->blocks(x, products, search.lag, re, im, energy);
        // With lag 0 a block is correlated with itself: the energies of the last blocks, which have no partner.
        float unused[QW_CORRELATE_MOST_BLOCKS];
        table->blocks(x + 2 * BLOCK * products, search.lag, 0, unused, unused, energy + products);
        for (size_t q = 0; q < products; q++) mean[q] = 0.5f * (energy[q] + energy[q + search.lag]);
        // Silence behind the end, so that the last group is a full one.
        for (size_t q = products; q < products + QW_CORRELATE_GROUP; q++) re[q] = im[q] = mean[q] = 0;
        for (size_t group = 0; group < count; group += QW_CORRELATE_GROUP) {
            uint32_t mask = table->screen(&search, re + group, im + group, mean + group);
            for (; mask; mask &= mask - 1) {
                const size_t q = group + (size_t)__builtin_ctz(mask);
                if (q >= count) break;
                if (search.coarse) return BLOCK * (begin + q);
                const size_t hit = look(x + 2 * BLOCK * q, &search, middle(&search, re + q, im + q, mean + q));
                if (hit < BLOCK) return BLOCK * (begin + q) + hit;
            }
        }
    }
    return positions;
}

void qw_correlate_sums(
    const float *samples, size_t positions, size_t lag, size_t window, float *re, float *im, float *energy) {
#pragma STDC FP_CONTRACT OFF
    // Running sums in double precision, so that what has left the window leaves no trace.
    double p = 0, s = 0, e = 0;
    for (size_t n = 0; n < positions + window; n++) {
        for (int side = 0; side < (n < window ? 1 : 2); side++) {
            const float *x = samples + 2 * (side == 0 ? n : n - window), *y = x + 2 * lag;
            const double sign = side == 0 ? 1 : -1;
            p += sign * ((double)x[0] * y[0] + (double)x[1] * y[1]);
            s += sign * ((double)x[0] * y[1] - (double)x[1] * y[0]);
            e += sign * 0.5 * ((double)x[0] * x[0] + (double)x[1] * x[1] + (double)y[0] * y[0] + (double)y[1] * y[1]);
        }
        if (n + 1 < window || n + 1 >= window + positions) continue;
        re[n + 1 - window] = (float)p;
        im[n + 1 - window] = (float)s;
        energy[n + 1 - window] = (float)e;
    }
}
