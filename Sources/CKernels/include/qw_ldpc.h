// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef QW_LDPC_H
#define QW_LDPC_H
#include <stddef.h>
#include <stdint.h>

/// The kernels of the layered syndrome decoder for LDPC codes.
///
/// The generic one is the specification; each other gives the same posteriors, messages and iteration counts. Each
/// function takes one of these numbers; a kernel that this machine lacks is replaced by the generic one. Running
/// time depends on the data through the number of iterations only.
enum qw_ldpc_kernel {
    QW_LDPC_AUTOMATIC = 0,
    QW_LDPC_GENERIC = 1,
    QW_LDPC_AVX2 = 2,
    QW_LDPC_AVX512 = 3,
    QW_LDPC_NEON = 4
};

/// 1 when this machine can run `kernel`.
int qw_ldpc_available(int kernel);

/// The kernel that `QW_LDPC_AUTOMATIC` stands for: the widest here, or what the environment variable QWAVE_KERNEL
/// (generic, avx2, avx512, neon) names, when this machine has it. Decided once.
int qw_ldpc_chosen(void);

/// Edges that a row has at the most.
enum { QW_LDPC_DEGREE_LIMIT = 128 };

/// One circulant: bit z of its row's block meets bit (z + shift) mod lift of the column's block.
struct qw_ldpc_edge {
    uint16_t column;
    uint16_t shift;
};

/// A code as the kernels see it, trusted: `columns` blocks of `lift` bits, `rows` blocks of `lift` checks.
///
/// Row r owns the edges bounds[r] ..< bounds[r + 1], 1 to QW_LDPC_DEGREE_LIMIT of them, with no column twice. Shifts
/// are below `lift`, a multiple of 64. When `shifted` is zero the shifts are taken for zeros: lane z of every block
/// then belongs to frame z.
struct qw_ldpc_code {
    const struct qw_ldpc_edge *edges;
    const uint32_t *bounds;
    uint32_t rows;
    uint32_t columns;
    uint32_t lift;
    uint32_t shifted;
    /// How many units of a log-likelihood ratio make one nat: 3 or 4. The finer one suits long rows.
    uint32_t unit;
};

/// Bytes from one column's posteriors, and from one edge's messages, to the next: `lift`, and 64 bytes of the
/// kernels' own after it when lift > 64.
static inline size_t qw_ldpc_stride(uint32_t lift) { return lift > 64 ? (size_t)lift + 64 : lift; }

/// Decodes until the hard decisions satisfy the syndrome or `limit` iterations are done; returns their number.
///
/// Values are log-likelihood ratios in the code's unit, positive for bit 0. Layered box-plus decoding, with int8
/// messages held to +-40 (unit 3) or +-32 (unit 4).
/// - syndrome: rows * lift / 64 words, bit z of row r in word r * lift / 64 + z / 64.
/// - posteriors: columns * stride bytes: the channel's values at first, what became of them at the end.
/// - messages: edges * stride bytes: zeros at first; kept as they are for a warm start, also when rows were split.
/// - decisions: columns * lift / 64 words, written; 1 where the posterior is negative. Without shifts, each lane's
///   are those of the first iteration that satisfied its checks, or else of the last one.
/// - unsatisfied: in, the lanes that matter; out, those of them whose checks aren't satisfied. For a shifted code,
///   lane z stands for the bits z, z + 64, ... of each block: pass all ones; zero afterwards means success.
int qw_ldpc_decode(
    int kernel, const struct qw_ldpc_code *code, const uint64_t *syndrome, int8_t *posteriors, int8_t *messages,
    uint64_t *decisions, uint64_t *unsatisfied, int limit);

/// The syndrome of packed bits: both laid out as for `qw_ldpc_decode`.
void qw_ldpc_syndrome(const struct qw_ldpc_code *code, const uint64_t *bits, uint64_t *syndrome);

/// Posteriors from packed bits: `magnitude` where a bit is 0, its negative where it is 1.
void qw_ldpc_load(
    int kernel, const struct qw_ldpc_code *code, const uint64_t *bits, int8_t magnitude, int8_t *posteriors);

/// Transposes 64 words of 64 bits: bit j of output[i] is bit i of input[j]. They may be the same.
void qw_ldpc_transpose(const uint64_t *input, uint64_t *output);
#endif
