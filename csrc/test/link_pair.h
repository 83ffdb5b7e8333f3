/* Both ends of a link in one process, and frames that tell their place. */
#ifndef LINK_PAIR_H
#define LINK_PAIR_H

#include <string.h>

#include "link.h"
#include "sim_device.h"

enum { CHANNELS = 2, RING = 1 << 16 };

static inline vo_capture *stereo_capture(uint64_t capacity) {
    vo_capture_config config = {.tap = {.channels = CHANNELS,
                                        .capacity_frames = capacity,
                                        .target_frames = capacity / 4,
                                        .events = 4096,
                                        .breaker = {1000, 1, 1}},
                                .input = {VO_INPUT_FLAG, VO_INPUT_FLAG, VO_INPUT_FLAG, 1e9f}};
    vo_capture *capture;
    CHECK(vo_capture_new(&capture, &config, NULL) == VO_OK);
    return capture;
}

/* Both ends of a pipe in one process. */
typedef struct link_pair {
    int read_end, write_end;
    vo_link_sender *sender;
    vo_link_receiver *receiver;
    vo_capture *capture;
} link_pair;

static inline link_pair open_link(uint64_t sender_frames) {
    link_pair l;
    int ends[2];
    CHECK(pipe(ends) == 0);
    l.read_end = ends[0];
    l.write_end = ends[1];
    l.capture = stereo_capture(RING);
    CHECK(vo_link_sender_new(&l.sender, l.write_end, CHANNELS, sender_frames, NULL) == VO_OK);
    CHECK(vo_link_receiver_new(&l.receiver, l.read_end, CHANNELS, l.capture, NULL) == VO_OK);
    return l;
}

static inline void close_link(link_pair l) {
    CHECK(vo_link_receiver_state(l.receiver) != VO_LINK_RUNNING);
    vo_link_sender_free(l.sender);
    vo_link_receiver_free(l.receiver);
    vo_capture_free(l.capture);
    if (l.write_end >= 0) close(l.write_end);
    if (l.read_end >= 0) close(l.read_end);
}

static inline void count(float *frames, uint64_t from, uint32_t n) {
    for (uint32_t i = 0; i < n * CHANNELS; i++)
        frames[i] = (float)((from + i / CHANNELS) % (1 << 24)) + (float)(i % CHANNELS) / 4;
}

/* Reads all that is queued: frames read, each of which is the one of its place. */
static inline uint64_t read_counted(vo_tap *tap) {
    static float got[1000 * CHANNELS], want[1000 * CHANNELS];
    uint64_t sum = 0;
    for (;;) {
        vo_tap_block block = vo_tap_read(tap, got, 1000);
        if (!block.frames) return sum;
        count(want, block.frame, block.frames);
        CHECK(!memcmp(got, want, block.frames * CHANNELS * sizeof(float)));
        sum += block.frames;
    }
}

/* 20000 callbacks of a device that is often in a hurry. */
static inline void *call_often(void *self) {
    static float frames[128 * CHANNELS];
    for (uint64_t i = 0; i < 20000; i++) {
        count(frames, i * 128, 128);
        vo_link_send(self, frames, 128, 0, 0);
        if (i % 16 == 0) usleep(50);
    }
    return NULL;
}

#endif
