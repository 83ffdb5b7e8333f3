/* What both ends of a link share: the packet, and a thread that moves bytes until it is told to
   stop. */
#ifndef VOCANA_SRC_LINK_H
#define VOCANA_SRC_LINK_H

#include <stdatomic.h>

#include "os/os.h"
#include "vocana/link.h"

#define VO_LINK_MAGIC 0x6B4C6F56u /* "VoLk" */

/* Flags of the device are below this. */
#define VO_LINK_LAST ((uint32_t)1 << 31)

/* More than any device loses in a year: positions cannot overflow. */
#define VO_LINK_MAX_LOST ((uint64_t)1 << 45)

/* Stands before the frames of a packet; whole words, so that it fits a ring of words. */
typedef struct vo_link_header {
    uint32_t magic;
    uint32_t channels;
    uint64_t seq;
    uint64_t lost;
    uint64_t ns; /* monotonic clock, one for all processes, when the callback began */
    uint32_t frames;
    uint32_t flags;
} vo_link_header;

enum { VO_LINK_HEADER_WORDS = sizeof(vo_link_header) / sizeof(float) };

_Static_assert(sizeof(vo_link_header) == 40, "a header has no padding");

/* The thread of an end. */
typedef struct vo_link_end {
    int descriptor;
    vo_thread thread;
    vo_wake nudge, ended; /* told to it when it should look; told by it when it has ended */
    bool nudge_is_open, ended_is_open, started;
    _Atomic bool cut; /* leave everything as it is, now */
    _Atomic int state;
    _Atomic uint64_t packets, frames, lost; /* each stored by one thread */
} vo_link_end;

VO_NODISCARD vo_status vo_link_end_open(vo_link_end *end, int descriptor);
void vo_link_end_close(vo_link_end *end);
VO_NODISCARD vo_status vo_link_end_start(vo_link_end *end, void *(*run)(void *), void *self);

/* The thread's last act. */
void vo_link_end_tell(vo_link_end *end, vo_link_state state);

/* Wait until the thread has told, or cut it at the timeout; then join it. */
void vo_link_end_join(vo_link_end *end, int64_t timeout_ns);

bool vo_link_end_cut(const vo_link_end *end) VO_REALTIME;
vo_link_state vo_link_end_state(const vo_link_end *end) VO_REALTIME;
vo_link_stats vo_link_end_stats(const vo_link_end *end) VO_REALTIME;

/* Count a packet; only one thread does. */
void vo_link_end_count(vo_link_end *end, uint64_t frames, uint64_t lost) VO_REALTIME;

#endif
