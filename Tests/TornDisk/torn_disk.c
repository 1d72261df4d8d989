#include "torn_disk.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    sqlite3_file base;
    char *name;  // NULL: not watched
    sqlite3_file real[];
} watched;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static sqlite3_vfs *under;
static sqlite3_vfs own;
static char prefix[1024];
static torn_step *steps;
static int64_t count, room;
static int failure;
static int64_t passing, failing;

static char *name_below(const char *path) {
    if (!path || !prefix[0] || strncmp(path, prefix, strlen(prefix)) != 0) return NULL;
    return strdup(path + strlen(prefix));
}

static void remember(int kind, const char *file, int64_t offset, const void *bytes, int64_t size) {
    if (!file) return;
    pthread_mutex_lock(&lock);
    if (count == room) {
        room = room ? room * 2 : 1024;
        steps = realloc(steps, sizeof(torn_step) * (size_t)room);
    }
    uint8_t *copy = NULL;
    if (size > 0) memcpy(copy = malloc((size_t)size), bytes, (size_t)size);
    steps[count++] = (torn_step){kind, strdup(file), offset, size, copy};
    pthread_mutex_unlock(&lock);
}

static int refusal(const char *file) {
    int code = SQLITE_OK;
    pthread_mutex_lock(&lock);
    if (file && failing > 0) {
        if (passing > 0) {
            passing--;
        } else {
            failing--;
            code = failure;
        }
    }
    pthread_mutex_unlock(&lock);
    return code;
}

static sqlite3_file *real(sqlite3_file *file) { return ((watched *)file)->real; }

static int closes(sqlite3_file *file) {
    int code = real(file)->pMethods ? real(file)->pMethods->xClose(real(file)) : SQLITE_OK;
    free(((watched *)file)->name);
    return code;
}
static int reads(sqlite3_file *f, void *p, int n, sqlite3_int64 o) { return real(f)->pMethods->xRead(real(f), p, n, o); }
static int writes(sqlite3_file *f, const void *p, int n, sqlite3_int64 o) {
    int code = refusal(((watched *)f)->name);
    if (code == SQLITE_OK) code = real(f)->pMethods->xWrite(real(f), p, n, o);
    if (code == SQLITE_OK) remember(torn_write, ((watched *)f)->name, o, p, n);
    return code;
}
static int truncates(sqlite3_file *f, sqlite3_int64 size) {
    int code = real(f)->pMethods->xTruncate(real(f), size);
    if (code == SQLITE_OK) remember(torn_truncate, ((watched *)f)->name, size, NULL, 0);
    return code;
}
static int syncs(sqlite3_file *f, int flags) {
    int code = refusal(((watched *)f)->name);
    if (code == SQLITE_OK) code = real(f)->pMethods->xSync(real(f), flags);
    if (code == SQLITE_OK) remember(torn_sync, ((watched *)f)->name, 0, NULL, 0);
    return code;
}
static int sizes(sqlite3_file *f, sqlite3_int64 *s) { return real(f)->pMethods->xFileSize(real(f), s); }
static int locks(sqlite3_file *f, int l) { return real(f)->pMethods->xLock(real(f), l); }
static int unlocks(sqlite3_file *f, int l) { return real(f)->pMethods->xUnlock(real(f), l); }
static int reserved(sqlite3_file *f, int *r) { return real(f)->pMethods->xCheckReservedLock(real(f), r); }
static int controls(sqlite3_file *f, int op, void *p) { return real(f)->pMethods->xFileControl(real(f), op, p); }
static int sectors(sqlite3_file *f) { return real(f)->pMethods->xSectorSize(real(f)); }
// No promises of the disk's: SQLite is to expect the worst.
static int traits(sqlite3_file *f) {
    (void)f;
    return 0;
}
static int maps(sqlite3_file *f, int i, int n, int e, void volatile **p) { return real(f)->pMethods->xShmMap(real(f), i, n, e, p); }
static int shm_locks(sqlite3_file *f, int o, int n, int l) { return real(f)->pMethods->xShmLock(real(f), o, n, l); }
static void barriers(sqlite3_file *f) { real(f)->pMethods->xShmBarrier(real(f)); }
static int unmaps(sqlite3_file *f, int d) { return real(f)->pMethods->xShmUnmap(real(f), d); }

static const sqlite3_io_methods methods = {
    2, closes, reads, writes, truncates, syncs, sizes, locks, unlocks, reserved, controls, sectors, traits, maps, shm_locks, barriers, unmaps,
    NULL, NULL,
};

static int opens(sqlite3_vfs *vfs, const char *path, sqlite3_file *file, int flags, int *out) {
    (void)vfs;
    watched *own_file = (watched *)file;
    own_file->base.pMethods = NULL;
    own_file->name = name_below(path);
    int code = under->xOpen(under, path, own_file->real, flags, out);
    if (own_file->real->pMethods) {
        own_file->base.pMethods = &methods;
    } else {
        free(own_file->name);
    }
    return code;
}

static int deletes(sqlite3_vfs *vfs, const char *path, int sync) {
    (void)vfs;
    int code = under->xDelete(under, path, sync);
    char *name = name_below(path);
    if (code == SQLITE_OK) remember(torn_delete, name, 0, NULL, 0);
    free(name);
    return code;
}

int torn_install(void) {
    if (under) return SQLITE_OK;
    under = sqlite3_vfs_find(NULL);
    if (!under) return SQLITE_ERROR;
    own = *under;
    own.zName = "torn";
    own.szOsFile = (int)sizeof(watched) + under->szOsFile;
    own.xOpen = opens;
    own.xDelete = deletes;
    return sqlite3_vfs_register(&own, 1);
}

void torn_watch(const char *path) {
    pthread_mutex_lock(&lock);
    for (int64_t i = 0; i < count; i++) {
        free((void *)steps[i].file);
        free((void *)steps[i].bytes);
    }
    count = 0;
    failing = 0;
    strncpy(prefix, path, sizeof prefix - 1);
    pthread_mutex_unlock(&lock);
}

int64_t torn_count(void) {
    pthread_mutex_lock(&lock);
    int64_t now = count;
    pthread_mutex_unlock(&lock);
    return now;
}

torn_step torn_at(int64_t index) {
    pthread_mutex_lock(&lock);
    torn_step step = steps[index];
    pthread_mutex_unlock(&lock);
    return step;
}

void torn_fail(int code, int64_t after, int64_t times) {
    pthread_mutex_lock(&lock);
    failure = code;
    passing = after;
    failing = times;
    pthread_mutex_unlock(&lock);
}
