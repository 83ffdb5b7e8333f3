/* What the guard counts, and the file in which all processes of a run keep one account. */
#ifndef VOCANA_TEST_GUARD_H
#define VOCANA_TEST_GUARD_H

#include <stdatomic.h>
#include <stdint.h>

/* return type, name, parameters, arguments. Functions that allocate or free are written out. */
#define GUARD_ALLOCATING(X)                                                                        \
    X(malloc) X(calloc) X(realloc) X(free) X(aligned_alloc) X(posix_memalign) X(memalign)

#define GUARD_FORWARDED(X)                                                                         \
    X(int, pthread_mutex_lock, (pthread_mutex_t * m), (m))                                         \
    X(int, pthread_mutex_timedlock, (pthread_mutex_t * m, const struct timespec *t), (m, t))       \
    X(int, pthread_rwlock_rdlock, (pthread_rwlock_t * l), (l))                                     \
    X(int, pthread_rwlock_wrlock, (pthread_rwlock_t * l), (l))                                     \
    X(int, pthread_spin_lock, (pthread_spinlock_t * l), (l))                                       \
    X(int, pthread_cond_wait, (pthread_cond_t * c, pthread_mutex_t * m), (c, m))                   \
    X(int, pthread_cond_timedwait,                                                                 \
      (pthread_cond_t * c, pthread_mutex_t * m, const struct timespec *t), (c, m, t))              \
    X(int, pthread_cond_signal, (pthread_cond_t * c), (c))                                         \
    X(int, pthread_cond_broadcast, (pthread_cond_t * c), (c))                                      \
    X(int, pthread_create,                                                                         \
      (pthread_t * t, const pthread_attr_t *a, void *(*run)(void *), void *self),                  \
      (t, a, run, self))                                                                           \
    X(int, pthread_join, (pthread_t t, void **r), (t, r))                                          \
    X(int, sem_wait, (sem_t * s), (s))                                                             \
    X(int, sem_timedwait, (sem_t * s, const struct timespec *t), (s, t))                           \
    X(int, sem_post, (sem_t * s), (s))                                                             \
    X(int, sched_yield, (void), ())                                                                \
    X(unsigned, sleep, (unsigned s), (s))                                                          \
    X(int, usleep, (useconds_t us), (us))                                                          \
    X(int, nanosleep, (const struct timespec *t, struct timespec *left), (t, left))                \
    X(int, clock_nanosleep,                                                                        \
      (clockid_t c, int flags, const struct timespec *t, struct timespec *left),                   \
      (c, flags, t, left))                                                                         \
    X(ssize_t, write, (int fd, const void *p, size_t n), (fd, p, n))                               \
    X(ssize_t, read, (int fd, void *p, size_t n), (fd, p, n))                                      \
    X(ssize_t, pwrite, (int fd, const void *p, size_t n, off_t at), (fd, p, n, at))                \
    X(ssize_t, pread, (int fd, void *p, size_t n, off_t at), (fd, p, n, at))                       \
    X(ssize_t, send, (int fd, const void *p, size_t n, int flags), (fd, p, n, flags))              \
    X(ssize_t, recv, (int fd, void *p, size_t n, int flags), (fd, p, n, flags))                    \
    X(int, close, (int fd), (fd))                                                                  \
    X(int, fsync, (int fd), (fd))                                                                  \
    X(int, fdatasync, (int fd), (fd))                                                              \
    X(int, poll, (struct pollfd * fds, nfds_t n, int ms), (fds, n, ms))                            \
    X(int, select, (int n, fd_set *r, fd_set *w, fd_set *e, struct timeval *t), (n, r, w, e, t))   \
    X(int, epoll_wait, (int fd, struct epoll_event *e, int n, int ms), (fd, e, n, ms))             \
    X(int, munmap, (void *p, size_t n), (p, n))                                                    \
    X(int, puts, (const char *s), (s))                                                             \
    X(int, fflush, (FILE * f), (f))                                                                \
    X(size_t, fwrite, (const void *p, size_t size, size_t n, FILE *f), (p, size, n, f))            \
    X(int, vfprintf, (FILE * f, const char *format, va_list list), (f, format, list))

/* Written out because they take any number of arguments, or one that only some calls have. */
#define GUARD_VARIADIC(X) X(open) X(openat) X(ioctl) X(syscall) X(mmap) X(printf) X(fprintf)

enum {
#define ONE(name) GUARD_##name,
#define ONE_FORWARDED(type, name, parameters, arguments) GUARD_##name,
    GUARD_ALLOCATING(ONE) GUARD_FORWARDED(ONE_FORWARDED) GUARD_VARIADIC(ONE)
#undef ONE
#undef ONE_FORWARDED
        GUARD_KINDS
};

#define GUARD_MAGIC 0x647261756763706fu

/* The file, mapped and shared: processes that fork, are killed or leave by _exit lose no count. */
typedef struct guard_account {
    _Atomic uint64_t magic;
    _Atomic uint64_t sections;
    _Atomic uint64_t forbidden;
    _Atomic uint64_t calls[GUARD_KINDS];
} guard_account;

#endif
