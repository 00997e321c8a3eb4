// SPDX-License-Identifier: GPL-3.0-or-later
// The screen that every instruction set shares: plain loops, which the compiler turns into vectors of the
// including file's QW_TARGET without changing a bit.
#include "correlate_table.h"

/// A window that starts inside block q covers blocks q+1 to q+window-1 whole, and parts of q and q+window whose
/// energies together are some u. There |P| <= |middle| + u and E = E_middle + u; as the threshold is below 1,
/// |P| > threshold * E needs |middle| > threshold * E_middle - (1 - threshold) * U with all of both blocks, U.
/// So nothing that a look at every position would find is passed over. The slack covers rounding.
QW_TARGET static uint32_t screen(
    const struct qw_correlate_search *search, const float *re, const float *im, const float *mean) {
#pragma STDC FP_CONTRACT OFF
    enum { GROUP = QW_CORRELATE_GROUP };
    const size_t window = search->window;
    const float threshold = search->threshold;
    const float scale = search->coarse ? threshold : threshold * 0.9999f;
    const float edge = search->coarse ? 0.0f : (1.0f - threshold) * 1.0001f;
    float p[GROUP] = {0}, s[GROUP] = {0}, e[GROUP] = {0}, margin[GROUP];
    // Where only the first position counts, its window is block q to q+window-1.
    for (size_t j = search->coarse ? 0 : 1; j < window; j++) {
        for (size_t i = 0; i < GROUP; i++) {
            p[i] += re[i + j];
            s[i] += im[i + j];
            e[i] += mean[i + j];
        }
    }
    float largest = 0;
    for (size_t i = 0; i < GROUP; i++) {
        float bound = scale * e[i] - edge * (mean[i] + mean[i + window]);
        // A bound that is not positive lets everything pass that isn't silence.
        bound = bound > 0 ? bound * bound : bound;
        margin[i] = p[i] * p[i] + s[i] * s[i] - bound;
        largest = margin[i] > largest ? margin[i] : largest;
    }
    if (!(largest > 0)) return 0;
    uint32_t mask = 0;
    for (size_t i = 0; i < GROUP; i++) mask |= (uint32_t)(margin[i] > 0) << i;
    return mask;
}
