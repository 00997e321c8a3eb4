// SPDX-License-Identifier: GPL-3.0-or-later
#define _GNU_SOURCE 1
#include "qw_secret.h"

#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>
#if defined(__linux__)
#include <sys/prctl.h>
#endif

#include "qw_wipe.h"

// Small secrets share chunks of 64 KiB, one chunk for each size class; what is larger than a class has pages of its own.
// Locks don't nest and cover whole pages, so pages are shared among secrets only, and a chunk stays for good.
enum { kClasses = 9, kSmallest = 16, kChunk = 1 << 16 };

typedef struct Free {
    struct Free *next;
} Free;

static pthread_mutex_t gLock = PTHREAD_MUTEX_INITIALIZER;
static Free *gFree[kClasses];

static size_t pages(size_t count) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    return count > SIZE_MAX - page ? 0 : (count + page - 1) / page * page;
}

// Called under the lock: pages of zeros for secrets.
static void *map(size_t count) {
    void *base = mmap(NULL, count, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (base == MAP_FAILED) return NULL;
    (void)mlock(base, count);  // As far as RLIMIT_MEMLOCK allows.
#if defined(__linux__)
    madvise(base, count, MADV_DONTDUMP);
    madvise(base, count, MADV_WIPEONFORK);
#endif
    return base;
}

static int class_of(size_t count) {
    size_t size = kSmallest;
    for (int index = 0; index < kClasses; index++, size <<= 1) {
        if (count <= size) return index;
    }
    return -1;
}

void *qw_secret_allocate(size_t count) {
    int index = class_of(count);
    void *result = NULL;
    pthread_mutex_lock(&gLock);
    if (index < 0) {
        size_t whole = pages(count);
        if (whole > 0) result = map(whole);
    } else {
        if (!gFree[index]) {
            size_t size = (size_t)kSmallest << index;
            uint8_t *chunk = map(kChunk);
            for (size_t offset = kChunk; chunk && offset >= size; offset -= size) {
                Free *slot = (Free *)(void *)(chunk + offset - size);
                slot->next = gFree[index];
                gFree[index] = slot;
            }
        }
        Free *slot = gFree[index];
        if (slot) {
            gFree[index] = slot->next;
            slot->next = NULL;
            result = slot;
        }
    }
    pthread_mutex_unlock(&gLock);
    return result;
}

void qw_secret_free(void *bytes, size_t count) {
    if (!bytes) return;
    qw_wipe(bytes, count);
    int index = class_of(count);
    pthread_mutex_lock(&gLock);
    if (index < 0) {
        munmap(bytes, pages(count));
    } else {
        Free *slot = bytes;
        slot->next = gFree[index];
        gFree[index] = slot;
    }
    pthread_mutex_unlock(&gLock);
}

int qw_protect_process(int isPrivate) {
    struct rlimit none = {0, 0};
    if (setrlimit(RLIMIT_CORE, &none) != 0) return errno;
#if defined(__linux__)
    if (isPrivate && prctl(PR_SET_DUMPABLE, 0) != 0) return errno;
#endif
    return 0;
}
