/* One file of a recording, its sidecar, and the room that is kept for the last one. */
#ifndef VOCANA_RECORD_FILE_H
#define VOCANA_RECORD_FILE_H

#include "vocana/record.h"

enum { VO_RECORD_NAME_BYTES = VO_SIDECAR_NAME_BYTES + 16 }; /* of a sidecar */

typedef struct vo_record_file {
    int folder, descriptor; /* descriptor < 0: no file is open */
    vo_record_place place;
    uint32_t number;
    uint64_t first;          /* frame of the recording */
    uint64_t frames, most;   /* written; that it may hold */
    uint64_t reserved_bytes; /* room for the file up to there */
    bool reserves;           /* its file system can */
    bool watched;            /* and can tell whether the file is in its folder */
    vo_sidecar *sidecar;
    bool gap_is_due;        /* one is not in the sidecar on the disk yet */
    bool lacks_crc;         /* memory failed: its sidecar tells of no further second */
    uint64_t unsided_bytes; /* of audio since its sidecar was written */
    uint64_t sidecar_bytes; /* of the last one */
    uint64_t told_seconds;  /* in it */
    uint64_t told_ns;       /* when it was written */
    int spare;              /* a file without a name, whose room is the last sidecar's; < 0: none */
    uint64_t spare_bytes;
    uint64_t opened_ns;
} vo_record_file;

/* The last file of a folder that failed: its sidecar, until the disk has taken it and another file
   follows. */
typedef struct vo_record_seal {
    int folder; /* < 0: none */
    uint32_t number;
    bool told; /* it is on the disk */
    vo_sidecar *sidecar;
} vo_record_seal;

/* --- Calls -------------------------------------------------------------------- */

enum { VO_RECORD_TRIES = 100 }; /* of a call that signals interrupt */

/* A call of the table, made again while a signal interrupts it. */
#define VO_RECORD_CALL(record, result, name, ...)                                                  \
    do {                                                                                           \
        const vo_files *files_ = (record)->config.files;                                           \
        int tries_ = VO_RECORD_TRIES;                                                              \
        do (result) = files_->name(files_->self, __VA_ARGS__);                                     \
        while ((result) == -EINTR && --tries_);                                                    \
    } while (0)

/* 0 or a negated errno, as all below. */
int vo_record_write_all(vo_record *record, int file, const void *bytes, uint64_t n, uint64_t at,
                        uint64_t *written);

/* Makes a file that nobody looks at before it is whole; one that a crash has left makes room. */
int vo_record_create_anew(vo_record *record, int folder, const char *name);

/* The name goes, if it is there. */
void vo_record_forget(vo_record *record, int folder, const char *name);
void vo_record_close_one(vo_record *record, int descriptor);

/* One that may be open; it is -1 before it is closed. */
void vo_record_close_kept(vo_record *record, int *descriptor);

/* --- File --------------------------------------------------------------------- */

/* Name of a file of the recording by its number. */
void vo_record_name(const vo_record *record, uint32_t number, char out[VO_SIDECAR_NAME_BYTES]);

/* A file that could not be made is not left behind. */
int vo_record_file_open(vo_record *record, vo_record_place place);

/* Whether a folder has room again: a file of the reserve's size is made there and removed. */
int vo_record_file_probe(vo_record *record, vo_record_place place);

/* Writes n bytes of audio; *written of them are in the file, whatever is returned. */
int vo_record_file_write(vo_record *record, const uint8_t *bytes, uint64_t n, uint64_t *written);

/* -ESTALE when all is on the disk, but the file is no longer in its folder. */
int vo_record_file_sync(vo_record *record);

/* Room ahead of what will be written next, as far as the file system can. */
int vo_record_file_reserve(vo_record *record);

/* The end of a file that holds this many durable frames. It is closed whatever fails. */
int vo_record_file_end(vo_record *record, uint64_t frames, vo_sidecar_end end);

/* --- Sidecar ------------------------------------------------------------------ */

/* Its sidecar as it is now: written beside it, then put in the place of the old one. */
int vo_record_file_sidecar(vo_record *record);

/* Whether it tells too little of what the file holds, and is short beside that. */
bool vo_record_file_sidecar_is_due(const vo_record *record);

/* Room for the sidecar that tells how the file ended, or as much of it as there is; and back. */
void vo_record_keep_room(vo_record *record);
void vo_record_give_room(vo_record *record);

/* Keep the sidecar of a file that has ended until the disk has taken it. */
void vo_record_seal_keep(vo_record *record, bool told);

/* A file follows, in that place: what was sealed there is told at last. */
void vo_record_seal_follow(vo_record *record, vo_record_place place);

/* None follows. The last file's sidecar tells that so many frames found no place after it. */
void vo_record_seal_end(vo_record *record, uint64_t waiting, uint64_t owed, vo_cause cause);

void vo_record_seal_drop(vo_record *record, vo_record_place place);

#endif
