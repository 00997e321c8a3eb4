// SPDX-License-Identifier: GPL-3.0-or-later
#define _GNU_SOURCE 1
#include "qw_punch.h"

#include <errno.h>
#include <fcntl.h>

int qw_punch_hole(int descriptor, int64_t offset, int64_t count) {
#if defined(__linux__)
    return fallocate(descriptor, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset, count) == 0 ? 0 : errno;
#else
    (void)descriptor, (void)offset, (void)count;
    return EOPNOTSUPP;
#endif
}
