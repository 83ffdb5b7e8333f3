#include "link.h"

struct vo_link_receiver {
    vo_link_end end;
    vo_capture *capture;
    uint32_t channels;
    vo_allocator allocator;

    /* The thread only. */
    uint64_t seq; /* of the packet that comes next */
    float *frames;
};

vo_status vo_link_receiver_new(vo_link_receiver **out, int descriptor, uint32_t channels,
                               vo_capture *capture, const vo_allocator *allocator) {
    *out = NULL;
    size_t frame = sizeof(float) * VO_LINK_MAX_FRAMES;
    if (!channels) return VO_BAD_ARG;
    if (channels > UINT32_MAX / frame) return VO_TOO_BIG;
    if (!allocator) allocator = vo_allocator_default();
    vo_link_receiver *receiver = vo_alloc(allocator, sizeof *receiver, VO_CACHE_LINE);
    if (!receiver) return VO_NO_MEM;
    receiver->allocator = *allocator;
    receiver->capture = capture;
    receiver->channels = channels;
    receiver->frames = vo_alloc(allocator, channels * frame, VO_CACHE_LINE);
    vo_status status = receiver->frames ? vo_link_end_open(&receiver->end, descriptor) : VO_NO_MEM;
    if (status) {
        vo_link_receiver_free(receiver);
        return status;
    }
    *out = receiver;
    return VO_OK;
}

void vo_link_receiver_free(vo_link_receiver *receiver) {
    if (!receiver) return;
    vo_allocator allocator = receiver->allocator;
    vo_link_end_close(&receiver->end);
    vo_release(&allocator, receiver->frames);
    vo_release(&allocator, receiver);
}

/* --- The thread ---------------------------------------------------------- */

/* False when the other end has gone before the last byte, or this one was cut. */
static bool receive_bytes(vo_link_receiver *receiver, void *bytes, size_t n) {
    for (char *at = bytes; n;) {
        int64_t got = vo_pipe_read(receiver->end.descriptor, at, n, &receiver->end.nudge);
        if (got == VO_PIPE_GONE || vo_link_end_cut(&receiver->end)) return false;
        at += got;
        n -= (size_t)got;
    }
    return true;
}

static bool expected(const vo_link_receiver *receiver, const vo_link_header *header) {
    return header->magic == VO_LINK_MAGIC && header->channels == receiver->channels &&
           header->seq == receiver->seq && header->frames <= VO_LINK_MAX_FRAMES &&
           header->lost <= VO_LINK_MAX_LOST && !(header->flags & VO_LINK_LAST && header->frames);
}

/* One packet: RUNNING when another may follow. GONE is STOPPED when this end was cut. */
static vo_link_state receive(vo_link_receiver *receiver) {
    vo_link_header header;
    if (!receive_bytes(receiver, &header, sizeof header)) return VO_LINK_GONE;
    if (!expected(receiver, &header)) return VO_LINK_GARBAGE;
    size_t bytes = (size_t)header.frames * receiver->channels * sizeof(float);
    if (!receive_bytes(receiver, receiver->frames, bytes)) return VO_LINK_GONE;
    bool last = header.flags & VO_LINK_LAST;
    uint32_t flags = header.flags & ~VO_LINK_LAST;
    receiver->seq++;
    vo_link_end_count(&receiver->end, header.frames, header.lost);
    if (!last || header.lost || flags)
        vo_capture_process_at(receiver->capture, receiver->frames, header.frames, header.lost,
                              flags, header.ns);
    return last ? VO_LINK_ENDED : VO_LINK_RUNNING;
}

static void *run(void *self) {
    vo_link_receiver *receiver = self;
    vo_thread_enter(&receiver->end.thread, "vo-link");
    vo_link_state state = VO_LINK_RUNNING;
    while (state == VO_LINK_RUNNING) state = receive(receiver);
    if (vo_link_end_cut(&receiver->end)) state = VO_LINK_STOPPED;
    vo_link_end_tell(&receiver->end, state);
    return NULL;
}

/* --- Control ------------------------------------------------------------- */

vo_status vo_link_receiver_start(vo_link_receiver *receiver) {
    return vo_link_end_start(&receiver->end, run, receiver);
}

void vo_link_receiver_stop(vo_link_receiver *receiver, int64_t timeout_ns) {
    vo_link_end_join(&receiver->end, timeout_ns);
}

vo_link_state vo_link_receiver_state(const vo_link_receiver *receiver) {
    return vo_link_end_state(&receiver->end);
}

vo_link_stats vo_link_receiver_stats(const vo_link_receiver *receiver) {
    return vo_link_end_stats(&receiver->end);
}
