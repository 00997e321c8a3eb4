// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef QW_VECTOR_H
#define QW_VECTOR_H
// Vectors of QW_LANES words for the file of one instruction set, which defines QW_TARGET (its function attribute)
// and QW_LANES (2, 4 or 8) before it includes this.
#include <stddef.h>
#include <stdint.h>

#define QW_INLINE static inline __attribute__((always_inline)) QW_TARGET
#define QW_UNROLL _Pragma("clang loop unroll(full)")

typedef uint64_t vec __attribute__((vector_size(8 * QW_LANES), may_alias));
typedef uint64_t vec_in_memory __attribute__((vector_size(8 * QW_LANES), aligned(8), may_alias));

QW_INLINE vec get(const uint64_t *p) { return *(const vec_in_memory *)p; }
QW_INLINE void put(uint64_t *p, vec v) { *(vec_in_memory *)p = v; }
QW_INLINE vec all(uint64_t word) { return word - (vec){0}; }

/// The words one place below those of `current`, and one place above; `previous` and `next` lie beside them.
#if QW_LANES == 2
#define QW_BELOW(previous, current) __builtin_shufflevector(previous, current, 1, 2)
#define QW_ABOVE(current, next) __builtin_shufflevector(current, next, 1, 2)
#elif QW_LANES == 4
#define QW_BELOW(previous, current) __builtin_shufflevector(previous, current, 3, 4, 5, 6)
#define QW_ABOVE(current, next) __builtin_shufflevector(current, next, 1, 2, 3, 4)
#else
#define QW_BELOW(previous, current) __builtin_shufflevector(previous, current, 7, 8, 9, 10, 11, 12, 13, 14)
#define QW_ABOVE(current, next) __builtin_shufflevector(current, next, 1, 2, 3, 4, 5, 6, 7, 8)
#endif

#if QW_LANES == 8
/// Four words, for rows that are shorter than a vector.
typedef uint64_t quad __attribute__((vector_size(32), may_alias));
typedef uint64_t quad_in_memory __attribute__((vector_size(32), aligned(8), may_alias));
QW_INLINE quad get4(const uint64_t *p) { return *(const quad_in_memory *)p; }
QW_INLINE void put4(uint64_t *p, quad v) { *(quad_in_memory *)p = v; }
#endif

/// Lane j of r[i] and lane i of r[j] change places, for QW_LANES vectors.
QW_INLINE void transpose(vec *r) {
#if QW_LANES == 2
    const vec low = __builtin_shufflevector(r[0], r[1], 0, 2);
    r[1] = __builtin_shufflevector(r[0], r[1], 1, 3);
    r[0] = low;
#elif QW_LANES == 4
    const vec a = __builtin_shufflevector(r[0], r[1], 0, 4, 2, 6), b = __builtin_shufflevector(r[0], r[1], 1, 5, 3, 7);
    const vec c = __builtin_shufflevector(r[2], r[3], 0, 4, 2, 6), d = __builtin_shufflevector(r[2], r[3], 1, 5, 3, 7);
    r[0] = __builtin_shufflevector(a, c, 0, 1, 4, 5);
    r[1] = __builtin_shufflevector(b, d, 0, 1, 4, 5);
    r[2] = __builtin_shufflevector(a, c, 2, 3, 6, 7);
    r[3] = __builtin_shufflevector(b, d, 2, 3, 6, 7);
#else
    vec t[8], u[8];
    QW_UNROLL for (int i = 0; i < 8; i += 2) {
        t[i] = __builtin_shufflevector(r[i], r[i + 1], 0, 8, 2, 10, 4, 12, 6, 14);
        t[i + 1] = __builtin_shufflevector(r[i], r[i + 1], 1, 9, 3, 11, 5, 13, 7, 15);
    }
    QW_UNROLL for (int g = 0; g < 8; g += 4) {
        QW_UNROLL for (int k = 0; k < 2; k++) {
            u[g + k] = __builtin_shufflevector(t[g + k], t[g + 2 + k], 0, 1, 8, 9, 4, 5, 12, 13);
            u[g + 2 + k] = __builtin_shufflevector(t[g + k], t[g + 2 + k], 2, 3, 10, 11, 6, 7, 14, 15);
        }
    }
    QW_UNROLL for (int k = 0; k < 4; k++) {
        r[k] = __builtin_shufflevector(u[k], u[4 + k], 0, 1, 2, 3, 8, 9, 10, 11);
        r[4 + k] = __builtin_shufflevector(u[k], u[4 + k], 4, 5, 6, 7, 12, 13, 14, 15);
    }
#endif
}

/// target ^= source, `count` words.
QW_INLINE void add(uint64_t *target, const uint64_t *source, size_t count) {
    size_t i = 0;
    for (; i + QW_LANES <= count; i += QW_LANES) put(target + i, get(target + i) ^ get(source + i));
    for (; i < count; i++) target[i] ^= source[i];
}

/// target = a ^ b, `count` words.
QW_INLINE void sum(uint64_t *target, const uint64_t *a, const uint64_t *b, size_t count) {
    size_t i = 0;
    for (; i + QW_LANES <= count; i += QW_LANES) put(target + i, get(a + i) ^ get(b + i));
    for (; i < count; i++) target[i] = a[i] ^ b[i];
}
#endif
