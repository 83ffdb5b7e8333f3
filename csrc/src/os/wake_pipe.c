#ifndef __linux__
#    include <fcntl.h>
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
    VO_REALTIME_TRUST_END(void) written; /* a full pipe is a post already */
}

void vo_wake_drain(const vo_wake *wake) {
    char posts[64];
    while (read(wake->readable, posts, sizeof posts) > 0) {
    }
}
#else
typedef int vo_wake_is_elsewhere;
#endif
