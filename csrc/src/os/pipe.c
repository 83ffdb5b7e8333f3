#define _POSIX_C_SOURCE 200809L /* poll, fcntl */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "os/os.h"

vo_status vo_pipe_prepare(int descriptor) {
    int flags = fcntl(descriptor, F_GETFL);
    if (flags < 0 || fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) < 0) return VO_SYSTEM;
    return VO_OK;
}

/* Whether the descriptor was busy or interrupted, and is worth another look now. */
static bool again(int descriptor, short event, const vo_wake *nudge) {
    if (errno == EINTR) return true;
    if (errno != EAGAIN && errno != EWOULDBLOCK) return false;
    struct pollfd fds[2] = {{.fd = descriptor, .events = event},
                            {.fd = nudge->readable, .events = POLLIN}};
    if (poll(fds, 2, -1) < 0) return errno == EINTR;
    if (fds[1].revents) vo_wake_drain(nudge);
    return true;
}

int64_t vo_pipe_read(int descriptor, void *bytes, size_t n, const vo_wake *nudge) {
    ssize_t got = read(descriptor, bytes, n);
    if (got >= 0) return got ? got : VO_PIPE_GONE;
    return again(descriptor, POLLIN, nudge) ? 0 : VO_PIPE_GONE;
}

int64_t vo_pipe_write(int descriptor, const void *bytes, size_t n, const vo_wake *nudge) {
    ssize_t put = write(descriptor, bytes, n);
    if (put >= 0) return put;
    return again(descriptor, POLLOUT, nudge) ? 0 : VO_PIPE_GONE;
}
