// SQLite's own file system, watched: every write, truncation, sync and removal of files under a prefix is remembered in its
// order, and can be made to fail. What a power cut may leave is put together from that by the tests.
#pragma once
#include <stdint.h>

enum { torn_write = 1, torn_truncate = 2, torn_sync = 3, torn_delete = 4 };

typedef struct {
    int kind;
    // The file's name without the prefix; lives as long as the log.
    const char *_Nonnull file;
    int64_t offset;  // of a write; the new size of a truncation
    int64_t count;
    const uint8_t *_Nullable bytes;
} torn_step;

// Becomes SQLite's default file system, once a process. Files beyond the prefix are not watched.
int torn_install(void);
// Begins a new log of files whose paths begin so.
void torn_watch(const char *_Nonnull prefix);
int64_t torn_count(void);
torn_step torn_at(int64_t index);
// From now on writes and syncs of watched files fail: the first `after` of them pass, then `times` give SQLite's code.
void torn_fail(int code, int64_t after, int64_t times);
