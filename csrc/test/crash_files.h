/* A disk that keeps a log of all that is done to it, and makes of any moment of that the images
   that a power cut could leave: what was not synced is there, is gone, or is torn, page by page and
   name by name. */
#ifndef CRASH_FILES_H
#define CRASH_FILES_H

#include <stdbool.h>
#include <stdint.h>

#include "vocana/files.h"

enum {
    CRASH_OPERATIONS = 4096,
    CRASH_FILES = 128, /* made in all */
    CRASH_NAMES = 32,  /* at once */
    CRASH_NAME_BYTES = 64,
    CRASH_FILE_BYTES = 1 << 18,
    CRASH_PAGE_BYTES = 4096,
    CRASH_SECTOR_BYTES = 512,
};

typedef enum crash_kind {
    CRASH_CREATE,
    CRASH_WRITE,
    CRASH_TRUNCATE,
    CRASH_SYNC,
    CRASH_SYNC_FOLDER,
    CRASH_RENAME,
    CRASH_REMOVE,
} crash_kind;

typedef struct crash_operation {
    crash_kind kind;
    int file;
    uint64_t at, n;
    uint8_t *bytes;
    char from[CRASH_NAME_BYTES], to[CRASH_NAME_BYTES];
    uint64_t told; /* what had been promised before it */
} crash_operation;

typedef struct crash_name {
    char name[CRASH_NAME_BYTES];
    int file;
} crash_name;

typedef struct crash_content {
    uint8_t bytes[CRASH_FILE_BYTES];
    uint64_t size;
} crash_content;

/* What is found after a crash. */
typedef struct crash_image {
    crash_name names[CRASH_NAMES];
    int name_count;
    crash_content *files; /* CRASH_FILES of them */
    uint64_t told;        /* promised before the crash */
    uint64_t pages_lost, pages_torn, names_lost;
} crash_image;

typedef struct crash_files {
    vo_files table; /* its self points at this struct */
    crash_operation log[CRASH_OPERATIONS];
    int operations, files;
    crash_name names[CRASH_NAMES];
    int name_count;
    int open[CRASH_FILES]; /* file of a descriptor */
    int descriptors;
    uint64_t told; /* the test's: what has been promised so far */
} crash_files;

void crash_files_init(crash_files *disk);
void crash_files_free(crash_files *disk);

crash_image *crash_image_new(void);
void crash_image_free(crash_image *image);

/* One image of a crash at a random moment; the same for the same seed. */
void crash_image_make(crash_image *image, const crash_files *disk, uint64_t seed);

/* NULL when there is none of that name. */
const crash_content *crash_image_find(const crash_image *image, const char *name);

#endif
