/* Files in memory, as a table that fails when it is told to and knows what a crash would leave.

   failing_files disk;
   failing_files_init(&disk);
   disk.fail_call = FILES_SYNC, disk.fail_at = 3, disk.error = -EIO;
   ... config.files = &disk.table ...
   failing_files_free(&disk); */
#ifndef FAILING_FILES_H
#define FAILING_FILES_H

#include <stdbool.h>
#include <stdint.h>

#include "vocana/files.h"

typedef enum files_call {
    FILES_OPEN_FOLDER,
    FILES_SAME_FOLDER,
    FILES_CREATE,
    FILES_WRITE,
    FILES_RESERVE,
    FILES_TRUNCATE,
    FILES_SYNC,
    FILES_SYNC_FOLDER,
    FILES_RENAME,
    FILES_REMOVE,
    FILES_CLOSE,
    FILES_FIND,
    FILES_FREE_BYTES,
    FILES_CALLS,
} files_call;

enum { FILES_MOST = 512, FILES_FOLDERS = 4, FILES_DESCRIPTORS = 64, FILES_NAME_BYTES = 300 };

/* What a file holds, and what of that a sync has made to stay. */
typedef struct memory_file {
    int names, handles; /* that lead to it */
    uint64_t held;      /* bytes of the disk, those among them that are only reserved */
    uint8_t *bytes, *durable;
    uint64_t size, durable_size, room, durable_room;
} memory_file;

typedef struct memory_name {
    char name[FILES_NAME_BYTES];
    int folder, file; /* file < 0: the name is free */
} memory_name;

typedef struct failing_files {
    vo_files table; /* its self points at this struct */

    /* The fail_at-th call of this kind fails, counted from 1; 0: none does. */
    files_call fail_call;
    uint64_t fail_at;
    bool from_then_on; /* and so does every later one */
    int error;         /* negated errno; 0 with FILES_WRITE: half of it is written */
    int only_folder;   /* >= 0: only in this one */

    uint64_t calls[FILES_CALLS], failures;
    uint64_t space[FILES_FOLDERS]; /* bytes left, of all files there */
    uint64_t most_write_bytes;     /* a write takes no more */
    uint64_t block_ns, *clock_ns;  /* each write and sync lets so much time pass */

    char folders[FILES_FOLDERS][FILES_NAME_BYTES];
    memory_file files[FILES_MOST];
    memory_name names[FILES_MOST], durable_names[FILES_MOST];
    struct {
        bool open, is_folder;
        int at; /* folder or file */
        int folder;
    } descriptors[FILES_DESCRIPTORS];
    int file_count;

    uint64_t writes[FILES_MOST], write_count; /* length of each write of audio */
    uint64_t audio_bytes, sidecar_bytes;      /* written */
} failing_files;

/* Folders "/main" and "/spool", empty, with all the space there is. */
void failing_files_init(failing_files *disk);
void failing_files_free(failing_files *disk);

/* The file of that name, NULL when there is none. */
const memory_file *failing_files_find(const failing_files *disk, int folder, const char *name);

/* Somebody else makes an empty file. */
void failing_files_make(failing_files *disk, const char *folder, const char *name);

/* Descriptors that are open. */
int failing_files_open(const failing_files *disk);

#endif
