// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef QW_WIPE_H
#define QW_WIPE_H
#include <stddef.h>

/// Overwrites `count` bytes with zeros in a way that no optimizer removes.
void qw_wipe(void *bytes, size_t count);

/// 1 when the two regions are equal, else 0; time depends on `count` only.
int qw_equal(const void *left, const void *right, size_t count);

/// Fills `bytes` from the operating system's generator; 0 on success, else errno.
int qw_system_random(void *bytes, size_t count);
#endif
