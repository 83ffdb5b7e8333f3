#ifndef __linux__
#    include <errno.h>
#    include <fcntl.h>
#    include <poll.h>
#    include <unistd.h>

#    include "os/os.h"

vo_status vo_wake_open(vo_wake *wake) {
    int ends[2];
    if (pipe(ends)) return VO_SYSTEM;
    for (int i = 0; i < 2; i++) {
        fcntl(ends[i], F_SETFL, O_NONBLOCK);
        fcntl(ends[i], F_SETFD, FD_CLOEXEC);
    }
    wake->readable = ends[0];
    wake->writable = ends[1];
    return VO_OK;
}

void vo_wake_close(vo_wake *wake) {
    close(wake->readable);
    close(wake->writable);
}

void vo_wake_post(const vo_wake *wake) {
    VO_REALTIME_TRUST_BEGIN /* non-blocking by O_NONBLOCK; once per sleeping reader */
    ssize_t written = write(wake->writable, "", 1);
    VO_REALTIME_TRUST_END(void)
    written; /* a full pipe is a post already */
}

void vo_wake_drain(const vo_wake *wake) {
    char posts[64];
    while (read(wake->readable, posts, sizeof posts) > 0) {
    }
}

vo_status vo_wake_wait(const vo_wake *wake, int64_t timeout_ns) {
    struct pollfd fd = {.fd = wake->readable, .events = POLLIN};
    int64_t timeout_ms = timeout_ns > 0 ? (timeout_ns + 999999) / 1000000 : 0;
    int ready = poll(&fd, 1, timeout_ms > 1000000 ? 1000000 : (int)timeout_ms);
    if (ready < 0) return errno == EINTR ? VO_INTERRUPTED : VO_SYSTEM;
    if (!ready) return VO_TIMED_OUT;
    vo_wake_drain(wake);
    return VO_OK;
}
#else
typedef int vo_wake_is_elsewhere;
#endif
