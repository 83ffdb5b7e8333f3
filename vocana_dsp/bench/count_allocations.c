/* Loaded before a program: counts the calls of the allocator that come from the code in the
   directory VOCANA_BENCH_CODE, or on a thread that has run a device's callback. Needs glibc. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

extern void *__libc_malloc(size_t bytes);
extern void *__libc_calloc(size_t count, size_t bytes);
extern void *__libc_realloc(void *memory, size_t bytes);
extern void *__libc_memalign(size_t align, size_t bytes);

static atomic_ulong counted;
static const char *code;
static _Thread_local int audio_thread;

__attribute__((constructor)) static void begin(void) {
    code = getenv("VOCANA_BENCH_CODE");
}

/* The engine calls these at both ends of a callback. */
void vo_guard_enter(void) {
    audio_thread = 1;
}

void vo_guard_exit(void) {}

unsigned long vocana_bench_allocations(void) {
    return atomic_load(&counted);
}

static void count(const void *caller) {
    Dl_info where;
    if (audio_thread || (code && dladdr(caller, &where) && where.dli_fname &&
                         strncmp(where.dli_fname, code, strlen(code)) == 0))
        atomic_fetch_add(&counted, 1);
}

#define COUNT() count(__builtin_return_address(0))

void *malloc(size_t bytes) {
    COUNT();
    return __libc_malloc(bytes);
}

void *calloc(size_t number, size_t bytes) {
    COUNT();
    return __libc_calloc(number, bytes);
}

void *realloc(void *memory, size_t bytes) {
    COUNT();
    return __libc_realloc(memory, bytes);
}

void *memalign(size_t align, size_t bytes) {
    COUNT();
    return __libc_memalign(align, bytes);
}

void *aligned_alloc(size_t align, size_t bytes) {
    COUNT();
    return __libc_memalign(align, bytes);
}

int posix_memalign(void **out, size_t align, size_t bytes) {
    COUNT();
    void *memory = __libc_memalign(align, bytes);
    if (!memory) return ENOMEM;
    *out = memory;
    return 0;
}
