/* Loaded before a program: a disk that blocks once. Half a second after the first write to a file
   in the directory VOCANA_BENCH_FOLDER a write to one takes VOCANA_BENCH_BLOCK_MS longer. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { FIRST_MS = 500 };

static const char *folder;
static atomic_llong began_ms; /* 0 before the first write */
static atomic_ulong blocked;

unsigned long vocana_bench_blocked(void) {
    return atomic_load(&blocked);
}

static long long now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

static bool is_in_folder(int file) {
    char link[32], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path);
    size_t wanted = strlen(folder);
    return length > 0 && (size_t)length > wanted && strncmp(path, folder, wanted) == 0;
}

static void block_once(int file) {
    if (!folder || !is_in_folder(file)) return;
    long long first = 0, now = now_ms();
    if (atomic_compare_exchange_strong(&began_ms, &first, now) || now - first < FIRST_MS) return;
    unsigned long never = 0;
    if (!atomic_compare_exchange_strong(&blocked, &never, 1)) return;
    long ms = atol(getenv("VOCANA_BENCH_BLOCK_MS"));
    nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000}, NULL);
}

typedef ssize_t (*write_fn)(int, const void *, size_t);
typedef ssize_t (*pwrite_fn)(int, const void *, size_t, off_t);

static write_fn next_write;
static pwrite_fn next_pwrite;

__attribute__((constructor)) static void begin(void) {
    next_write = (write_fn)dlsym(RTLD_NEXT, "write");
    next_pwrite = (pwrite_fn)dlsym(RTLD_NEXT, "pwrite");
    folder = getenv("VOCANA_BENCH_FOLDER");
}

ssize_t write(int file, const void *bytes, size_t n) {
    block_once(file);
    return next_write(file, bytes, n);
}

ssize_t pwrite(int file, const void *bytes, size_t n, off_t at) {
    block_once(file);
    return next_pwrite(file, bytes, n, at);
}

#ifdef __GLIBC__
ssize_t pwrite64(int file, const void *bytes, size_t n, off64_t at) {
    block_once(file);
    return next_pwrite(file, bytes, n, at);
}
#endif
