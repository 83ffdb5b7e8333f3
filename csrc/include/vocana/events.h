/* What happened on a real-time thread, told through a single-producer single-consumer queue. */
#ifndef VOCANA_EVENTS_H
#define VOCANA_EVENTS_H

#include <stdint.h>

#include "alloc.h"
#include "status.h"

VO_BEGIN_DECLS

/* name, what value means */
#define VO_EVENT_MAP(X)                                                                            \
    X(OVERFLOW_BEGAN, "overflow_began", "frames queued")                                           \
    X(OVERFLOW_ENDED, "overflow_ended", "frames lost")                                             \
    X(DEVICE_LOST, "device_lost", "frames that the device lost")                                   \
    X(XRUN, "xrun", "status flags of the device")                                                  \
    X(BREAKER_OPEN, "breaker_open", "rest in frames")                                              \
    X(BREAKER_HALF_OPEN, "breaker_half_open", "0")                                                 \
    X(BREAKER_CLOSED, "breaker_closed", "0")                                                       \
    X(REJECTED, "rejected", "frames of a block refused by the input policy")                       \
    X(SKIPPED, "skipped", "frames skipped to give latency back")                                   \
    X(FILE_OPENED, "file_opened", "number of the file")                                            \
    X(FILE_ROLLED, "file_rolled", "number of the file that is full")                               \
    X(FILE_SEALED, "file_sealed", "errno of what failed")                                          \
    X(SPOOLING, "spooling", "errno of what failed")                                                \
    X(IN_MEMORY, "in_memory", "errno of what failed")                                              \
    X(BACK, "back", "frames that had waited in memory")                                            \
    X(RECORD_STOPPED, "record_stopped", "errno of what failed")                                    \
    X(DISK_LOW, "disk_low", "seconds left")                                                        \
    X(ENDED, "ended", "1 when the device was lost, 0 when the source ended")

typedef enum vo_event_kind {
#define X(name, text, value) VO_EVENT_##name,
    VO_EVENT_MAP(X)
#undef X
} vo_event_kind;

typedef struct vo_event {
    uint64_t seq;   /* counts from 0, also over events that found the queue full */
    uint64_t frame; /* on the device's timeline */
    uint64_t value;
    uint32_t kind;
} vo_event;

typedef struct vo_events vo_events;

/* --- Setup thread ------------------------------------------------------- */

/* Holds capacity events, rounded up to a power of two. */
VO_NODISCARD vo_status vo_events_new(vo_events **out, uint32_t capacity,
                                     const vo_allocator *allocator);
void vo_events_free(vo_events *events);

/* --- Writer thread only ------------------------------------------------- */

/* A full queue drops the event and counts it. */
void vo_events_push(vo_events *events, vo_event_kind kind, uint64_t frame,
                    uint64_t value) VO_REALTIME;

/* --- Reader thread only ------------------------------------------------- */

/* Up to n events, oldest first. */
uint32_t vo_events_pop(vo_events *events, vo_event *out, uint32_t n) VO_REALTIME;

/* --- Any thread -------------------------------------------------------- */

uint64_t vo_events_dropped(const vo_events *events) VO_REALTIME;
const char *vo_event_text(uint32_t kind) VO_REALTIME;

VO_END_DECLS

#endif
