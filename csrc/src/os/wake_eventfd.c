#ifdef __linux__
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
    VO_REALTIME_TRUST_END(void) written; /* a full counter is a post already */
}

void vo_wake_drain(const vo_wake *wake) {
    uint64_t posts;
    ssize_t taken = read(wake->readable, &posts, sizeof posts);
    (void)taken; /* nothing there is fine */
}
#else
typedef int vo_wake_is_elsewhere;
#endif
