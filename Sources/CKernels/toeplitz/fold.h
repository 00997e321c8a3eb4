// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef QW_FOLD_H
#define QW_FOLD_H
#include "vector.h"

/// (high, low) modulo x^64+x^4+x^3+x+1, lane by lane.
QW_INLINE vec fold(vec low, vec high) {
    // What the first folding pushes beyond x^63 has degree 3 at the most, so a second one ends it.
    high ^= high >> 63 ^ high >> 61 ^ high >> 60;
    return low ^ high ^ high << 1 ^ high << 3 ^ high << 4;
}
#endif
