/* A thread that writes what comes through its tap, and waits for nobody: vo_record with a ring
   before it. A disk that blocks for as long as the ring is costs nothing. */
#ifndef VOCANA_RECORDER_H
#define VOCANA_RECORDER_H

#include "outlets.h"
#include "record.h"

VO_BEGIN_DECLS

typedef struct vo_recorder vo_recorder;

typedef struct vo_recorder_config {
    vo_record_config record; /* its events are the recorder's own, its buffer is chosen */
    uint64_t ring_frames;    /* of the tap; 0: ten seconds */
    uint64_t frames;         /* of the timeline, after which it ends by itself; 0: never */
} vo_recorder_config;

typedef enum vo_recorder_state {
    VO_RECORDER_OPEN,    /* its first file is made; not started */
    VO_RECORDER_RUNNING, /* its thread writes */
    VO_RECORDER_ENDED, /* all is written and closed: by its source's end, by its own, or stopped */
} vo_recorder_state;

/* --- Setup thread ------------------------------------------------------- */

/* Makes the first file. SYSTEM when that is refused: *error is then the negated errno. */
VO_NODISCARD vo_status vo_recorder_new(vo_recorder **out, const vo_recorder_config *config,
                                       int *error, const vo_allocator *allocator);

/* Only after vo_recorder_stop returned OK, or when never started. Closes what is open. */
void vo_recorder_free(vo_recorder *recorder);

/* In the child of a fork, where its thread is not: lets go of the file without a change to it. */
void vo_recorder_abandon(vo_recorder *recorder);

/* --- Control thread, one at a time --------------------------------------- */

/* For who feeds it directly, from one thread. */
vo_tap *vo_recorder_tap(vo_recorder *recorder) VO_REALTIME;

/* Take what comes there from now on; one stream at a time. As vo_outlets_attach and _detach. */
VO_NODISCARD vo_status vo_recorder_attach(vo_recorder *recorder, vo_outlets *outlets);
VO_NODISCARD vo_status vo_recorder_detach(vo_recorder *recorder, int64_t timeout_ns);

/* Once, and not after a stop. SYSTEM when no thread can be had. */
VO_NODISCARD vo_status vo_recorder_start(vo_recorder *recorder);

/* Until it has ended: OK; else TIMED_OUT, INTERRUPTED. Any thread. */
vo_status vo_recorder_wait(vo_recorder *recorder, int64_t timeout_ns);

/* Nothing will come through the tap any more: write what is queued and close. OK when that is done;
   TIMED_OUT when it is not yet: ask again, or let it be for ever. Silence for a loss of hours is
   written for half a second more: the rest, and what came after, is in the sidecar as a gap. */
vo_status vo_recorder_stop(vo_recorder *recorder, int64_t timeout_ns);

/* Up to n of its events, oldest first. 1,024 wait at most; later ones are dropped and counted. */
uint32_t vo_recorder_events(vo_recorder *recorder, vo_event *out, uint32_t n);

/* --- Any thread -------------------------------------------------------- */

vo_recorder_state vo_recorder_state_now(const vo_recorder *recorder) VO_REALTIME;

/* Of the recording alone: what its tap has dropped is in vo_tap_stats_now, and becomes a gap. */
vo_record_stats vo_recorder_stats_now(const vo_recorder *recorder);
uint64_t vo_recorder_events_dropped(const vo_recorder *recorder) VO_REALTIME;
bool vo_recorder_path(const vo_recorder *recorder, uint32_t index, char *out, uint64_t bytes);

/* Number of its thread for the system, 0 before it runs. */
int64_t vo_recorder_thread(const vo_recorder *recorder) VO_REALTIME;

VO_END_DECLS

#endif
