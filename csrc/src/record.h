/* The parts of a recording: its backlog, its file, and what holds them together. */
#ifndef VOCANA_RECORD_PRIVATE_H
#define VOCANA_RECORD_PRIVATE_H

#include "histogram.h"
#include "record_backlog.h"
#include "record_file.h"
#include "snapshot.h"
#include "vocana/record.h"

/* A folder to record in: when it may be tried again, and how long to leave it alone after that. */
typedef struct vo_record_folder {
    char path[VO_SIDECAR_PATH_BYTES - VO_SIDECAR_NAME_BYTES]; /* with room for a name */
    int held; /* the one that the last file is in, which may be moved; < 0: it is in another */
    uint64_t retry_at_ns, wait_ns;
} vo_record_folder;

enum {
    VO_RECORD_FRAMES,
    VO_RECORD_WRITTEN,
    VO_RECORD_DURABLE,
    VO_RECORD_WAITING,
    VO_RECORD_GAPS,
    VO_RECORD_SILENCE,
    VO_RECORD_GONE,
    VO_RECORD_DROPPED,
    VO_RECORD_FIRST_DROPPED,
    VO_RECORD_FILE_COUNT,
    VO_RECORD_WRITES,
    VO_RECORD_WRITTEN_BYTES,
    VO_RECORD_FAILURES,
    VO_RECORD_ERROR,
    VO_RECORD_SECONDS_LEFT,
    VO_RECORD_PLACE,
    VO_RECORD_WORDS,
};

struct vo_record {
    vo_record_config config; /* its texts are in folders and name */
    vo_allocator allocator;
    uint32_t frame_bytes;
    uint64_t second_bytes, ahead_bytes, file_frames;
    uint8_t open_head[VO_WAV_HEAD_BYTES]; /* of a file whose length is not known */
    char name[VO_SIDECAR_NAME_BYTES];
    vo_record_folder folders[2]; /* VO_RECORD_MAIN, VO_RECORD_SPOOL */
    vo_backlog backlog;
    vo_record_file file;
    vo_record_seal seals[2];          /* of each folder */
    vo_sidecar_head head;             /* of the file that is open */
    char last[VO_SIDECAR_PATH_BYTES]; /* path of the last file that was made */
    uint32_t number;                  /* of the last file */
    bool began, closed;
    uint64_t oldest_ns; /* when the oldest frame that is not durable came */
    uint64_t owed;      /* frames to come as silence before any other */
    vo_cause owed_cause;
    bool dropping, low;
    uint64_t words[VO_RECORD_WORDS];
    vo_snapshot published;
    vo_histogram writes, syncs;
    /* Of each file in turn: number * 4, + 2 when it is gone, + 1 in the spool; and its first frame.
       Written before the count is published. */
    _Atomic uint32_t files[VO_RECORD_FILES];
    uint64_t firsts[VO_RECORD_FILES];
};

static inline uint64_t vo_record_now(const vo_record *record) {
    return record->config.clock->now_ns(record->config.clock->self);
}

void vo_record_tell(vo_record *record, vo_event_kind kind, uint64_t value);
void vo_record_publish(vo_record *record);

/* In the child of a fork: the descriptors go, the files stay as they are. */
void vo_record_abandon(vo_record *record);

/* --- Places ------------------------------------------------------------------ */

void vo_record_count_failure(vo_record *record, int error);

/* The file that is open, up to that frame, is no longer in its folder, and files before it may be
   gone too. */
void vo_record_count_gone(vo_record *record, uint64_t end);

/* The file that is open now is the recording's next one. */
void vo_record_note_file(vo_record *record);

/* Leave a folder alone: for a second at first, for twice as long when what was made there held for
   less than that. */
void vo_record_rest(vo_record *record, vo_record_place place, uint64_t held_ns);

/* A new file for what waits, in the best folder that takes one, else none: memory. Tells where
   frames go now, if that is not where they went, and why. */
void vo_record_move(vo_record *record, vo_record_place from, int why);

/* The first file's sidecar says when and where the recording began: before a frame is in the file,
   since a disk that fills up may take no later one. */
void vo_record_tell_start(vo_record *record);

/* Write what waits: blocks that are full, or all. */
void vo_record_send(vo_record *record, bool all);

/* Make all that waits durable, unless no file takes it. */
void vo_record_write_out(vo_record *record);

#endif
