#include <string.h>

#include "link.h"

/* Words that are sent at a time, so that their room is soon free again. */
enum { SENT_WORDS = 4096 };

/* How long the thread sleeps when nobody wakes it. */
#define SLEEP_NS ((int64_t)3600 * 1000000000)

struct vo_link_sender {
    vo_link_end end;
    vo_ring *ring; /* of words: packet after packet, each published whole */
    uint32_t channels;
    vo_allocator allocator;

    _Atomic bool waiting;   /* the thread sleeps, or is about to */
    _Atomic bool finishing; /* no callback comes any more; releases what the last one left below */

    /* Audio thread only, and the thread when finishing. */
    uint64_t seq;
    uint64_t lost;  /* frames that found no room since the last packet */
    uint32_t flags; /* of their callbacks */
};

vo_status vo_link_sender_new(vo_link_sender **out, int descriptor, uint32_t channels,
                             uint64_t capacity_frames, const vo_allocator *allocator) {
    *out = NULL;
    if (!channels || !capacity_frames) return VO_BAD_ARG;
    if (capacity_frames > UINT32_MAX / channels) return VO_TOO_BIG;
    if (!allocator) allocator = vo_allocator_default();
    vo_link_sender *sender = vo_alloc(allocator, sizeof *sender, VO_CACHE_LINE);
    if (!sender) return VO_NO_MEM;
    sender->allocator = *allocator;
    sender->channels = channels;
    /* A header for each 32 frames: no device calls as often as that for long. */
    uint64_t words = capacity_frames * channels + (capacity_frames / 32 + 1) * VO_LINK_HEADER_WORDS;
    vo_status status = vo_ring_new(&sender->ring, words, 1, allocator);
    if (!status) status = vo_link_end_open(&sender->end, descriptor);
    if (status) {
        vo_link_sender_free(sender);
        return status;
    }
    *out = sender;
    return VO_OK;
}

void vo_link_sender_free(vo_link_sender *sender) {
    if (!sender) return;
    vo_allocator allocator = sender->allocator;
    vo_link_end_close(&sender->end);
    vo_ring_free(sender->ring);
    vo_release(&allocator, sender);
}

/* --- Audio thread -------------------------------------------------------- */

/* Copy words to `at` words behind the start of the spans. */
static void put(const vo_spans *spans, uint32_t at, const void *words, uint32_t n) VO_REALTIME;

static void put(const vo_spans *spans, uint32_t at, const void *words, uint32_t n) {
    uint32_t first = at < spans->first_frames ? spans->first_frames - at : 0;
    if (first > n) first = n;
    if (first) memcpy(spans->first + at, words, first * sizeof(float));
    if (n > first)
        memcpy(spans->second + (at + first - spans->first_frames),
               (const char *)words + first * sizeof(float), (n - first) * sizeof(float));
}

/* One packet, or what it would have held counts as lost. */
static void queue(vo_link_sender *sender, const float *frames, uint32_t n, uint64_t ns) VO_REALTIME;

static void queue(vo_link_sender *sender, const float *frames, uint32_t n, uint64_t ns) {
    uint64_t samples = (uint64_t)n * sender->channels, words = VO_LINK_HEADER_WORDS + samples;
    if (vo_ring_writable(sender->ring) < words) {
        sender->lost += n;
        return;
    }
    vo_spans room = vo_ring_acquire(sender->ring, (uint32_t)words);
    vo_link_header header = {.magic = VO_LINK_MAGIC,
                             .channels = sender->channels,
                             .seq = sender->seq++,
                             .lost = sender->lost,
                             .ns = ns,
                             .frames = n,
                             .flags = sender->flags};
    put(&room, 0, &header, VO_LINK_HEADER_WORDS);
    put(&room, VO_LINK_HEADER_WORDS, frames, (uint32_t)samples);
    vo_ring_commit(sender->ring, (uint32_t)words);
    vo_link_end_count(&sender->end, n, sender->lost);
    sender->lost = sender->flags = 0;
}

void vo_link_send(vo_link_sender *sender, const float *frames, uint32_t n, uint64_t lost,
                  uint32_t flags) {
    uint64_t ns = vo_clock_ns();
    sender->lost += lost;
    sender->flags |= flags & ~VO_LINK_LAST;
    uint32_t done = 0;
    do {
        uint32_t run = n - done < VO_LINK_MAX_FRAMES ? n - done : VO_LINK_MAX_FRAMES;
        queue(sender, done ? frames + (size_t)done * sender->channels : frames, run, ns);
        done += run;
    } while (done < n);
    /* acq_rel: either this sees that the thread waits, or the thread sees what was queued. */
    if (atomic_exchange_explicit(&sender->waiting, false, memory_order_acq_rel))
        vo_wake_post(&sender->end.nudge);
}

int vo_link_portaudio(const void *input, void *output, unsigned long n, const void *time,
                      unsigned long flags, void *user) {
    (void)output;
    (void)time;
    if (input)
        vo_link_send(user, input, (uint32_t)n, 0, (uint32_t)flags);
    else /* the device calls, and has nothing to give */
        vo_link_send(user, NULL, 0, n, (uint32_t)flags);
    return 0; /* paContinue */
}

/* --- The thread ---------------------------------------------------------- */

/* False when the other end has gone, or this one was cut. */
static bool send_bytes(vo_link_sender *sender, const void *bytes, size_t n) {
    for (const char *at = bytes; n;) {
        int64_t put = vo_pipe_write(sender->end.descriptor, at, n, &sender->end.nudge);
        if (put == VO_PIPE_GONE || vo_link_end_cut(&sender->end)) return false;
        at += put;
        n -= (size_t)put;
    }
    return true;
}

static bool send_queued(vo_link_sender *sender) {
    for (;;) {
        vo_spans queued = vo_ring_peek(sender->ring, SENT_WORDS);
        if (!queued.first_frames) return true;
        if (!send_bytes(sender, queued.first, queued.first_frames * sizeof(float))) return false;
        vo_ring_consume(sender->ring, queued.first_frames);
    }
}

static bool send_last(vo_link_sender *sender) {
    vo_link_header header = {.magic = VO_LINK_MAGIC,
                             .channels = sender->channels,
                             .seq = sender->seq,
                             .lost = sender->lost,
                             .ns = vo_clock_ns(),
                             .flags = sender->flags | VO_LINK_LAST};
    return send_bytes(sender, &header, sizeof header);
}

/* Sleep until something is queued or the end is near, unless that is so already: whether it is the
   end. A nudge after the look at `finishing` is still there when the thread begins to sleep. */
static bool wait_for_packets(vo_link_sender *sender) {
    atomic_exchange_explicit(&sender->waiting, true, memory_order_acq_rel);
    bool last = atomic_load_explicit(&sender->finishing, memory_order_acquire);
    if (!last && !vo_ring_readable(sender->ring)) vo_wake_wait(&sender->end.nudge, SLEEP_NS);
    atomic_exchange_explicit(&sender->waiting, false, memory_order_acq_rel);
    return last;
}

static void *run(void *self) {
    vo_link_sender *sender = self;
    vo_thread_enter(&sender->end.thread, "vo-link");
    bool last = false, whole = true;
    while (whole && !last) {
        last = wait_for_packets(sender);
        whole = send_queued(sender) && (!last || send_last(sender));
    }
    vo_link_end_tell(&sender->end, whole                           ? VO_LINK_ENDED
                                   : vo_link_end_cut(&sender->end) ? VO_LINK_STOPPED
                                                                   : VO_LINK_GONE);
    return NULL;
}

/* --- Control ------------------------------------------------------------- */

vo_status vo_link_sender_start(vo_link_sender *sender) {
    return vo_link_end_start(&sender->end, run, sender);
}

vo_status vo_link_sender_stop(vo_link_sender *sender, int64_t timeout_ns) {
    atomic_store_explicit(&sender->finishing, true, memory_order_release);
    vo_wake_post(&sender->end.nudge);
    vo_link_end_join(&sender->end, timeout_ns);
    vo_link_state state = vo_link_sender_state(sender);
    return state == VO_LINK_ENDED || state == VO_LINK_IDLE ? VO_OK : VO_TIMED_OUT;
}

vo_link_state vo_link_sender_state(const vo_link_sender *sender) {
    return vo_link_end_state(&sender->end);
}

vo_link_stats vo_link_sender_stats(const vo_link_sender *sender) {
    return vo_link_end_stats(&sender->end);
}
