/* A library for LD_PRELOAD that counts what must not be called on a real-time thread.

   The product calls vo_guard_enter and vo_guard_exit around its callback (src/guard.h). Between
   the two, on that thread, every call of a function listed in guard.h is counted and carried out.

   VOCANA_GUARD_FILE   file that keeps the account of all processes; read it with guard_report
   VOCANA_GUARD_TRACE  set: print where each forbidden call comes from
   Without a file, a process that had a section prints its counts when it ends. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "guard.h"

#define VISIBLE __attribute__((visibility("default")))

/* May go below zero: a post that a program makes outside any section is bracketed by exit and
   enter as well, and must leave the thread as it was. initial-exec, so that reading it never
   allocates. */
static _Thread_local int depth __attribute__((tls_model("initial-exec")));

static guard_account own;
static guard_account *account = &own;
static int tracing;

static const char *const names[] = {
#define ONE(name) #name,
#define ONE_FORWARDED(type, name, parameters, arguments) #name,
    GUARD_ALLOCATING(ONE) GUARD_FORWARDED(ONE_FORWARDED) GUARD_VARIADIC(ONE)
#undef ONE
#undef ONE_FORWARDED
};

VISIBLE void vo_guard_enter(void);
VISIBLE void vo_guard_exit(void);

void vo_guard_enter(void) {
    if (++depth == 1) atomic_fetch_add_explicit(&account->sections, 1, memory_order_relaxed);
}

void vo_guard_exit(void) {
    depth--;
}

static void trace(int kind) {
    int within = depth;
    depth = 0;
    void *frames[16];
    dprintf(2, "guard: %s in a real-time section\n", names[kind]);
    backtrace_symbols_fd(frames, backtrace(frames, 16), 2);
    depth = within;
}

static inline void count(int kind) {
    if (__builtin_expect(depth <= 0, 1)) return;
    atomic_fetch_add_explicit(&account->calls[kind], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&account->forbidden, 1, memory_order_relaxed);
    if (tracing) trace(kind);
}

/* --- The account --------------------------------------------------------- */

__attribute__((constructor)) static void start(void) {
    tracing = getenv("VOCANA_GUARD_TRACE") != NULL;
    const char *path = getenv("VOCANA_GUARD_FILE");
    if (!path) return;
    int fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    void *shared = MAP_FAILED;
    if (fd >= 0 && !ftruncate(fd, sizeof own))
        shared = mmap(NULL, sizeof own, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (shared == MAP_FAILED) {
        dprintf(2, "guard: cannot use %s\n", path);
        _exit(97);
    }
    syscall(SYS_close, fd);
    account = shared;
    account->magic = GUARD_MAGIC;
}

__attribute__((destructor)) static void finish(void) {
    if (account != &own || !own.sections) return;
    for (int i = 0; i < GUARD_KINDS; i++)
        if (own.calls[i]) dprintf(2, "%s %llu\n", names[i], (unsigned long long)own.calls[i]);
    dprintf(2, "guard: %llu forbidden calls in %llu sections\n", (unsigned long long)own.forbidden,
            (unsigned long long)own.sections);
}

/* --- Memory -------------------------------------------------------------- */
/* Forwarded to glibc's own entry points: dlsym itself allocates. */

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);
extern void __libc_free(void *);

VISIBLE void *malloc(size_t n) {
    count(GUARD_malloc);
    return __libc_malloc(n);
}

VISIBLE void *calloc(size_t n, size_t size) {
    count(GUARD_calloc);
    return __libc_calloc(n, size);
}

VISIBLE void *realloc(void *p, size_t n) {
    count(GUARD_realloc);
    return __libc_realloc(p, n);
}

VISIBLE void free(void *p) {
    if (p) count(GUARD_free);
    __libc_free(p);
}

VISIBLE void *aligned_alloc(size_t align, size_t n) {
    count(GUARD_aligned_alloc);
    return __libc_memalign(align, n);
}

VISIBLE void *memalign(size_t align, size_t n) {
    count(GUARD_memalign);
    return __libc_memalign(align, n);
}

VISIBLE int posix_memalign(void **out, size_t align, size_t n) {
    count(GUARD_posix_memalign);
    if (align % sizeof(void *) || align & (align - 1) || !align) return EINVAL;
    void *p = __libc_memalign(align, n);
    if (!p) return ENOMEM;
    *out = p;
    return 0;
}

/* --- Everything else ----------------------------------------------------- */

/* The next definition of a function, looked up once. A pointer is stored whole, so two threads that
   look it up at the same time store the same. */
#define NEXT(name)                                                                                 \
    static void *_Atomic found;                                                                    \
    void *next = atomic_load_explicit(&found, memory_order_relaxed);                               \
    if (!next) {                                                                                   \
        next = dlsym(RTLD_NEXT, #name);                                                            \
        atomic_store_explicit(&found, next, memory_order_relaxed);                                 \
    }

#define FORWARD(type, name, parameters, arguments)                                                 \
    VISIBLE type name parameters {                                                                 \
        count(GUARD_##name);                                                                       \
        NEXT(name)                                                                                 \
        return ((type(*) parameters)next)arguments;                                                \
    }

#pragma GCC diagnostic ignored "-Wpedantic" /* a function's address kept in a void * (POSIX) */
GUARD_FORWARDED(FORWARD)

VISIBLE void *mmap(void *at, size_t n, int protection, int flags, int fd, off_t offset) {
    count(GUARD_mmap);
    return (void *)syscall(SYS_mmap, at, n, protection, flags, fd, offset);
}

/* The mode is there only when the flags ask for it; passing on what may not be there is harmless
   in every calling convention of Linux. */
VISIBLE int open(const char *path, int flags, ...) {
    va_list list;
    va_start(list, flags);
    unsigned mode = va_arg(list, unsigned);
    va_end(list);
    count(GUARD_open);
    NEXT(open)
    return ((int (*)(const char *, int, ...))next)(path, flags, mode);
}

VISIBLE int openat(int folder, const char *path, int flags, ...) {
    va_list list;
    va_start(list, flags);
    unsigned mode = va_arg(list, unsigned);
    va_end(list);
    count(GUARD_openat);
    NEXT(openat)
    return ((int (*)(int, const char *, int, ...))next)(folder, path, flags, mode);
}

VISIBLE int ioctl(int fd, unsigned long request, ...) {
    va_list list;
    va_start(list, request);
    void *argument = va_arg(list, void *);
    va_end(list);
    count(GUARD_ioctl);
    NEXT(ioctl)
    return ((int (*)(int, unsigned long, ...))next)(fd, request, argument);
}

VISIBLE long syscall(long number, ...) {
    long a[6];
    va_list list;
    va_start(list, number);
    for (int i = 0; i < 6; i++) a[i] = va_arg(list, long);
    va_end(list);
    count(GUARD_syscall);
    NEXT(syscall)
    return ((long (*)(long, ...))next)(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

VISIBLE int printf(const char *format, ...) {
    va_list list;
    va_start(list, format);
    count(GUARD_printf);
    int within = depth;
    depth = 0; /* counted once, not again as vfprintf */
    int n = vfprintf(stdout, format, list);
    depth = within;
    va_end(list);
    return n;
}

VISIBLE int fprintf(FILE *file, const char *format, ...) {
    va_list list;
    va_start(list, format);
    count(GUARD_fprintf);
    int within = depth;
    depth = 0;
    int n = vfprintf(file, format, list);
    depth = within;
    va_end(list);
    return n;
}
