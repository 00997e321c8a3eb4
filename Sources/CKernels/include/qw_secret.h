// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef QW_SECRET_H
#define QW_SECRET_H
#include <stddef.h>

/// `count` zero bytes for a secret, aligned to 16: in pages that hold nothing but secrets, locked into memory where
/// the system allows it, left out of core dumps and not inherited by children. Null when memory runs out.
void *qw_secret_allocate(size_t count);

/// Wipes and gives back what `qw_secret_allocate(count)` returned.
void qw_secret_free(void *bytes, size_t count);

/// No core file of this process, and with `isPrivate` set nobody else may look into its memory; 0, or an errno.
int qw_protect_process(int isPrivate);
#endif
