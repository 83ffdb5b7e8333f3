#ifdef __linux__
#    define _GNU_SOURCE /* ppoll */
#    include <errno.h>
#    include <poll.h>
#    include <sys/eventfd.h>
#    include <unistd.h>

#    include "os/os.h"

vo_status vo_wake_open(vo_wake *wake) {
    int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (fd < 0) return VO_SYSTEM;
    wake->readable = wake->writable = fd;
    return VO_OK;
}

void vo_wake_close(vo_wake *wake) {
    close(wake->readable);
}

void vo_wake_post(const vo_wake *wake) {
    uint64_t one = 1;
    VO_REALTIME_TRUST_BEGIN /* non-blocking by EFD_NONBLOCK; once per sleeping reader */
    ssize_t written = write(wake->writable, &one, sizeof one);
    VO_REALTIME_TRUST_END(void)
    written; /* a full counter is a post already */
}

void vo_wake_drain(const vo_wake *wake) {
    uint64_t posts;
    ssize_t taken = read(wake->readable, &posts, sizeof posts);
    (void)taken; /* nothing there is fine */
}

vo_status vo_wake_wait(const vo_wake *wake, int64_t timeout_ns) {
    struct pollfd fd = {.fd = wake->readable, .events = POLLIN};
    if (timeout_ns < 0) timeout_ns = 0;
    struct timespec timeout = {timeout_ns / 1000000000, timeout_ns % 1000000000};
    int ready = ppoll(&fd, 1, &timeout, NULL);
    if (ready < 0) return errno == EINTR ? VO_INTERRUPTED : VO_SYSTEM;
    if (!ready) return VO_TIMED_OUT;
    vo_wake_drain(wake);
    return VO_OK;
}
#else
typedef int vo_wake_is_elsewhere;
#endif
