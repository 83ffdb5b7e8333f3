/* What a sidecar is made of, for the files that write and read its text. */
#ifndef VOCANA_SIDECAR_PARTS_H
#define VOCANA_SIDECAR_PARTS_H

#include "crc32.h"
#include "vocana/sidecar.h"

/* Members of the JSON. Only the last three may be absent, and both of the rest. */
#define VO_SIDECAR_MEMBERS(X)                                                                      \
    X(VERSION, "vocana_sidecar")                                                                   \
    X(RECORDING, "recording")                                                                      \
    X(SEGMENT, "segment")                                                                          \
    X(PREVIOUS, "previous")                                                                        \
    X(STARTED, "started_utc")                                                                      \
    X(STARTED_NS, "started_monotonic_ns")                                                          \
    X(CAPTURE_FRAME, "capture_frame")                                                              \
    X(FIRST_FRAME, "first_frame")                                                                  \
    X(RATE, "rate_hz")                                                                             \
    X(CHANNELS, "channels")                                                                        \
    X(SUBTYPE, "subtype")                                                                          \
    X(DURABLE, "durable_frames")                                                                   \
    X(END, "end")                                                                                  \
    X(GAPS, "gaps")                                                                                \
    X(SECONDS, "seconds_crc32")                                                                    \
    X(REST_FRAMES, "rest_frames")                                                                  \
    X(REST, "rest_crc32")                                                                          \
    X(SPOOL, "spool")

typedef enum vo_sidecar_member {
#define X(name, text) VO_SIDECAR_MEMBER_##name,
    VO_SIDECAR_MEMBERS(X)
#undef X
        VO_SIDECAR_MEMBER_COUNT
} vo_sidecar_member;

enum {
    VO_SIDECAR_VERSION = 1,
    VO_SIDECAR_TIME_BYTES = sizeof "2026-01-31T23:59:59.123456789Z",
};

/* Bytes that grow. */
typedef struct vo_sidecar_bytes {
    char *at;
    uint64_t n, capacity;
} vo_sidecar_bytes;

struct vo_sidecar {
    vo_sidecar_head head;
    uint64_t durable_frames;
    vo_sidecar_end end;
    vo_sidecar_bytes gaps, seconds, text;
    uint64_t second_bytes; /* of audio */
    uint64_t begun_bytes;  /* of the second that is not whole yet, and their CRC */
    uint32_t begun_crc;
    vo_crc32 crc32;
    vo_allocator allocator;
};

extern const char *const vo_sidecar_members[VO_SIDECAR_MEMBER_COUNT];
extern const char *const vo_sidecar_subtypes[VO_WAV_PCM16 + 1];
extern const char *const vo_sidecar_ends[VO_SIDECAR_SEALED + 1];

/* A sidecar of nothing yet. */
vo_sidecar *vo_sidecar_make(const vo_allocator *allocator);

/* Take a head; false when it is none. */
bool vo_sidecar_begin(vo_sidecar *sidecar, const vo_sidecar_head *head);

/* Room for `more` bytes; false, and nothing changes, when there is no memory. */
bool vo_sidecar_reserve(vo_sidecar *sidecar, vo_sidecar_bytes *bytes, uint64_t more);

/* Nanoseconds since 1970 as a date and a time, UTC; and back: false when it is none, or too far
   from 1970 for 64 bits. */
void vo_sidecar_put_time(char out[VO_SIDECAR_TIME_BYTES], int64_t wall_ns);
bool vo_sidecar_read_time(const char text[VO_SIDECAR_TIME_BYTES], int64_t *wall_ns);

#endif
