/* A recording: frames become WAV files with sidecars, and every frame that is told to be durable
   stays, whatever happens to the process, the disk or the machine.

   Encoded frames wait in a backlog until a sync of their file has succeeded. When a file fails, it
   is sealed at what is durable and the backlog is written again, into the next file: in the main
   folder, else in the spool, else it stays in memory until that is full. Then frames are dropped
   and counted, and stand as silence once there is room again: time in the files stays right.

   No thread, no sleep: time is the clock that is handed in. */
#ifndef VOCANA_RECORD_H
#define VOCANA_RECORD_H

#include "clock.h"
#include "events.h"
#include "files.h"
#include "sidecar.h"

VO_BEGIN_DECLS

typedef struct vo_record vo_record;

enum {
    VO_RECORD_WRITE_BYTES = 32768, /* a write has at least as many, but for a flush's last one */
    VO_RECORD_FILES = 9999,        /* of a recording */
};
#define VO_RECORD_LIMIT_BYTES (UINT64_C(2) << 30)               /* of a file, when none is given */
#define VO_RECORD_MOST_BYTES ((UINT64_C(4) << 30) - (64 << 10)) /* that can be given */
#define VO_RECORD_UNKNOWN UINT64_MAX

/* Where frames go now. */
typedef enum vo_record_place {
    VO_RECORD_MAIN,
    VO_RECORD_SPOOL,
    VO_RECORD_MEMORY,
    VO_RECORD_STOPPED, /* memory is full too: frames are dropped */
} vo_record_place;

typedef struct vo_record_config {
    vo_wav_format format;
    const char *folder;      /* of the recording; copied, as all text */
    const char *name;        /* of its first file, without a slash */
    const char *spool;       /* folder to go on in when the first one fails; NULL for none */
    uint64_t flush_ns;       /* how old a frame may be that is not durable */
    uint64_t segment_frames; /* after which a new file begins; 0: only limit_bytes ends one */
    uint64_t limit_bytes;    /* of a file; 0: VO_RECORD_LIMIT_BYTES */
    uint64_t buffer_bytes;   /* of the backlog; above 80 % of it, it is flushed */
    uint64_t memory_bytes;   /* of the backlog while no file takes it */
    vo_events *events;       /* where its events go; NULL for nowhere */
    const vo_files *files;   /* NULL for the default, as for the clock */
    const vo_clock *clock;
    bool (*hurries)(const void *self); /* asked while silence is written: the rest is to be left; */
    const void *self;                  /* NULL for never */
} vo_record_config;

typedef struct vo_record_times {
    uint64_t p50_ns, p99_ns, max_ns;
} vo_record_times;

/* frames == frames_durable + frames_gone + frames_waiting + those that are owed as silence. */
typedef struct vo_record_stats {
    uint64_t frames;         /* of the timeline so far */
    uint64_t frames_written; /* handed to a file that has not failed since */
    uint64_t frames_durable; /* that a sync has brought to the disk */
    uint64_t frames_waiting; /* in the backlog */
    uint64_t frames_gone;    /* were durable, in files that were removed or moved meanwhile */
    uint64_t gaps, silence_frames;
    uint64_t dropped_frames, first_dropped; /* by this recording; frame of the first one */
    uint64_t files, writes, bytes;          /* of audio */
    uint64_t failures;
    int32_t error;         /* negated errno of the last one, 0 without */
    uint64_t seconds_left; /* that the disk has room for, or VO_RECORD_UNKNOWN */
    vo_record_place place;
    vo_record_times write, sync;
} vo_record_stats;

/* --- Setup thread ------------------------------------------------------- */

VO_NODISCARD vo_status vo_record_new(vo_record **out, const vo_record_config *config,
                                     const vo_allocator *allocator);

/* Closes it first, when it is open. */
void vo_record_free(vo_record *record);

/* Makes the first file, in the spool when the folder is full: 0, or the negated errno of what
   refused, and then no file is left. */
VO_NODISCARD int vo_record_open(vo_record *record);

/* --- One thread at a time ------------------------------------------------ */

/* The first frame is this one of the capture. Before the first frame, else without effect. */
void vo_record_begin(vo_record *record, uint64_t capture_frame);

/* n frames, or n frames that were lost and stand as silence. */
void vo_record_take(vo_record *record, const float *frames, uint64_t n);
void vo_record_lose(vo_record *record, uint64_t n, vo_cause cause);

/* Does what is due: flush, go back to the main folder, try again. Returns nanoseconds until
   something is due next, UINT64_MAX when nothing is. */
uint64_t vo_record_step(vo_record *record);

/* Makes everything durable that can be. */
void vo_record_flush(vo_record *record);

/* The same, then ends the last file. What still finds no place is dropped. Again: nothing. */
void vo_record_close(vo_record *record);

/* --- Any thread -------------------------------------------------------- */

vo_record_stats vo_record_stats_now(const vo_record *record);

/* Path of a file by its place in the recording, from 0; false when there is none. `bytes` bytes
   hold a path of any length that a recording can have: VO_SIDECAR_PATH_BYTES. */
bool vo_record_path(const vo_record *record, uint32_t index, char *out, uint64_t bytes);

VO_END_DECLS

#endif
