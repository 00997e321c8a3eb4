// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef QW_PUNCH_H
#define QW_PUNCH_H
#include <stdint.h>

/// Gives the storage under `count` bytes at `offset` back to the file system; the range then reads as zeros and the
/// file keeps its size. 0 on success, else errno (EOPNOTSUPP where the file system or the platform can't).
int qw_punch_hole(int descriptor, int64_t offset, int64_t count);
#endif
