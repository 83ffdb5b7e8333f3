/* Two folders in memory, each call of which can fail, and what of them a crash would leave: bytes
   that a file's sync brought to the disk, under names that a folder's sync brought there. */
#ifndef FUZZ_SMALL_DISK_H
#define FUZZ_SMALL_DISK_H

#include "fuzz.h"
#include "vocana/files.h"

enum { DISK_FILES = 24, DISK_NAMES = 24, DISK_BYTES = 1 << 14, DISK_CALLS = 13, DISK_NAME = 48 };

typedef struct disk_file {
    uint64_t size, durable_size;
    uint8_t bytes[DISK_BYTES], durable[DISK_BYTES];
} disk_file;

typedef struct disk_name {
    int file; /* < 0: free */
    char text[DISK_NAME];
} disk_name;

typedef struct small_disk {
    vo_files table;
    uint32_t fails_in[DISK_CALLS]; /* 1: the next one fails, once; 0: none does */
    bool broken[DISK_CALLS];       /* each one fails */
    int64_t space;
    bool short_writes;
    bool open[DISK_FILES];
    disk_name names[2][DISK_NAMES], durable_names[2][DISK_NAMES];
    disk_file files[DISK_FILES];
} small_disk;

/* Empty, and sound. */
void disk_begin(small_disk *disk);

/* The name that is `text`, NULL when there is none. */
disk_name *disk_find(disk_name names[DISK_NAMES], const char *text);

#endif
