/* The parts of a recording: its backlog, its file, and what holds them together. */
#ifndef VOCANA_RECORD_PRIVATE_H
#define VOCANA_RECORD_PRIVATE_H

#include "histogram.h"
#include "record_backlog.h"
#include "snapshot.h"
#include "vocana/record.h"

/* --- File -------------------------------------------------------------------- */

typedef struct vo_record_file {
    int folder, descriptor; /* descriptor < 0: no file is open */
    vo_record_place place;
    uint32_t number;
    uint64_t first;          /* frame of the recording */
    uint64_t frames, most;   /* written; that it may hold */
    uint64_t reserved_bytes; /* room for the file up to there */
    bool reserves;           /* its file system can */
    vo_sidecar *sidecar;
    bool gap_is_due;        /* one is not in the sidecar on the disk yet */
    bool lacks_crc;         /* memory failed: its sidecar tells of no further second */
    uint64_t unsided_bytes; /* of audio since its sidecar was written */
    uint64_t sidecar_bytes; /* of the last one */
    uint64_t opened_ns;
} vo_record_file;

/* A folder to record in: when it may be tried again, and how long to leave it alone after that. */
typedef struct vo_record_folder {
    char path[VO_SIDECAR_PATH_BYTES - VO_SIDECAR_NAME_BYTES]; /* with room for a name */
    uint64_t retry_at_ns, wait_ns;
} vo_record_folder;

enum {
    VO_RECORD_FRAMES,
    VO_RECORD_WRITTEN,
    VO_RECORD_DURABLE,
    VO_RECORD_WAITING,
    VO_RECORD_GAPS,
    VO_RECORD_SILENCE,
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
    /* Of each file in turn: number * 2, + 1 in the spool. Written before the count is published. */
    _Atomic uint32_t files[VO_RECORD_FILES];
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

/* --- Names -------------------------------------------------------------------- */

/* Name of a file of the recording by its number. */
void vo_record_name(const vo_record *record, uint32_t number, char out[VO_SIDECAR_NAME_BYTES]);

/* 0 or a negated errno, as all below. A file that could not be made is not left behind. */
int vo_record_file_open(vo_record *record, vo_record_place place);

/* Whether a folder has room again: a file of the reserve's size is made there and removed. */
int vo_record_file_probe(vo_record *record, vo_record_place place);

/* Writes n bytes of audio; *written of them are in the file, whatever is returned. */
int vo_record_file_write(vo_record *record, const uint8_t *bytes, uint64_t n, uint64_t *written);

int vo_record_file_sync(vo_record *record);

/* Room ahead of what will be written next, as far as the file system can. */
int vo_record_file_reserve(vo_record *record);

/* Its sidecar as it is now: written beside it, then put in the place of the old one. */
int vo_record_file_sidecar(vo_record *record);

/* Whether it tells too little of what the file holds, and is short beside that. */
bool vo_record_file_sidecar_is_due(const vo_record *record);

/* The end of a file that holds this many durable frames. It is closed whatever fails. */
int vo_record_file_end(vo_record *record, uint64_t frames, vo_sidecar_end end);

#endif
