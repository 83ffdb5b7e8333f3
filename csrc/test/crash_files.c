#include "crash_files.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

enum { FOLDER = 1000 };

/* --- The table ------------------------------------------------------------------ */

static crash_operation *note(crash_files *disk, crash_kind kind, int file) {
    CHECK(disk->operations < CRASH_OPERATIONS);
    crash_operation *operation = &disk->log[disk->operations++];
    operation->kind = kind;
    operation->file = file;
    operation->told = disk->told;
    return operation;
}

static crash_name *find(crash_name *names, int count, const char *name) {
    for (int i = 0; i < count; i++)
        if (!strcmp(names[i].name, name)) return &names[i];
    return NULL;
}

static void forget(crash_name *names, int *count, crash_name *name) {
    *name = names[--*count];
}

static void link_name(crash_name *names, int *count, const char *name, int file) {
    CHECK(*count < CRASH_NAMES && strlen(name) < CRASH_NAME_BYTES);
    strcpy(names[*count].name, name);
    names[(*count)++].file = file;
}

static int open_folder(void *self, const char *path) {
    (void)self, (void)path;
    return FOLDER;
}

static int same_folder(void *self, int folder) {
    (void)self;
    return folder;
}

static int create(void *self, int folder, const char *name) {
    crash_files *disk = self;
    (void)folder;
    if (find(disk->names, disk->name_count, name)) return -EEXIST;
    CHECK(disk->files < CRASH_FILES && disk->descriptors < CRASH_FILES);
    link_name(disk->names, &disk->name_count, name, disk->files);
    strcpy(note(disk, CRASH_CREATE, disk->files)->to, name);
    disk->open[disk->descriptors] = disk->files++;
    return disk->descriptors++;
}

static int64_t write_at(void *self, int file, const void *bytes, uint64_t n, uint64_t at) {
    crash_files *disk = self;
    CHECK(at + n <= CRASH_FILE_BYTES);
    crash_operation *operation = note(disk, CRASH_WRITE, disk->open[file]);
    operation->at = at;
    operation->n = n;
    operation->bytes = malloc(n);
    CHECK(operation->bytes);
    memcpy(operation->bytes, bytes, n);
    return (int64_t)n;
}

static int reserve(void *self, int file, uint64_t at, uint64_t bytes) {
    (void)self, (void)file, (void)at, (void)bytes;
    return 0;
}

static int set_length(void *self, int file, uint64_t bytes) {
    crash_files *disk = self;
    note(disk, CRASH_TRUNCATE, disk->open[file])->n = bytes;
    return 0;
}

static int sync_file(void *self, int file) {
    crash_files *disk = self;
    note(disk, CRASH_SYNC, disk->open[file]);
    return 0;
}

static int sync_folder(void *self, int folder) {
    (void)folder;
    note(self, CRASH_SYNC_FOLDER, -1);
    return 0;
}

/* Without a trace when `from` is not there. */
static void rename_in(crash_name *names, int *count, const char *from, const char *to) {
    crash_name *moved = find(names, *count, from);
    if (!moved) return;
    int file = moved->file;
    forget(names, count, moved);
    crash_name *old = find(names, *count, to);
    if (old) forget(names, count, old);
    link_name(names, count, to, file);
}

static int rename_to(void *self, int folder, const char *from, const char *to) {
    crash_files *disk = self;
    (void)folder;
    if (!find(disk->names, disk->name_count, from)) return -ENOENT;
    rename_in(disk->names, &disk->name_count, from, to);
    crash_operation *operation = note(disk, CRASH_RENAME, -1);
    strcpy(operation->from, from);
    strcpy(operation->to, to);
    return 0;
}

static int remove_name(void *self, int folder, const char *name) {
    crash_files *disk = self;
    (void)folder;
    crash_name *gone = find(disk->names, disk->name_count, name);
    if (!gone) return -ENOENT;
    forget(disk->names, &disk->name_count, gone);
    strcpy(note(disk, CRASH_REMOVE, -1)->from, name);
    return 0;
}

static int close_one(void *self, int file) {
    (void)self, (void)file;
    return 0;
}

static int find_file(void *self, int folder, const char *name, int file) {
    crash_files *disk = self;
    (void)folder;
    crash_name *there = find(disk->names, disk->name_count, name);
    if (!there) return -ENOENT;
    return file >= 0 && there->file == disk->open[file] ? 0 : -ESTALE;
}

static int64_t free_bytes(void *self, int folder) {
    (void)self, (void)folder;
    return INT64_MAX;
}

void crash_files_init(crash_files *disk) {
    memset(disk, 0, sizeof *disk);
    disk->table = (vo_files){open_folder, same_folder, create,      write_at,  reserve,
                             set_length,  sync_file,   sync_folder, rename_to, remove_name,
                             close_one,   find_file,   free_bytes,  disk};
}

void crash_files_free(crash_files *disk) {
    for (int i = 0; i < disk->operations; i++) free(disk->log[i].bytes);
}

/* --- Images ----------------------------------------------------------------------- */

static uint64_t draw(uint64_t *state) {
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * 0x2545F4914F6CDD1Du;
}

static uint64_t below(uint64_t *state, uint64_t n) {
    return (draw(state) >> 33) % n;
}

static void apply(crash_content *content, const crash_operation *write, uint64_t at, uint64_t end) {
    memcpy(content->bytes + at, write->bytes + (at - write->at), end - at);
}

static uint64_t least(uint64_t a, uint64_t b) {
    return a < b ? a : b;
}

/* A write that no sync has followed: each page is there, is not, or is there in some sectors. */
static void maybe(crash_image *image, crash_content *content, const crash_operation *write,
                  uint64_t *state) {
    uint64_t end = write->at + write->n, part;
    for (uint64_t at = write->at; at < end; at = part) {
        part = least(end, (at / CRASH_PAGE_BYTES + 1) * CRASH_PAGE_BYTES);
        uint64_t fate = below(state, 4);
        if (fate < 2) {
            apply(content, write, at, part);
        } else if (fate == 2) {
            image->pages_lost++;
        } else {
            image->pages_torn++;
            for (uint64_t s = at, next; s < part; s = next) {
                next = least(part, (s / CRASH_SECTOR_BYTES + 1) * CRASH_SECTOR_BYTES);
                if (below(state, 2)) apply(content, write, s, next);
            }
        }
    }
    /* The length is brought to the disk by itself: with all of it, some sectors, or nothing. */
    uint64_t size = write->at + below(state, write->n + 1);
    size = below(state, 2) ? end : size - size % CRASH_SECTOR_BYTES;
    if (size > content->size && below(state, 4)) content->size = size;
}

static void make_file(crash_image *image, const crash_files *disk, int file, int moment,
                      uint64_t *state) {
    crash_content *content = &image->files[file];
    int synced = -1;
    for (int i = 0; i < moment; i++)
        if (disk->log[i].file == file && disk->log[i].kind == CRASH_SYNC) synced = i;
    content->size = 0;
    memset(content->bytes, 0, sizeof content->bytes);
    for (int i = 0; i < moment; i++) {
        const crash_operation *o = &disk->log[i];
        if (o->file != file) continue;
        bool sure = i < synced;
        if (o->kind == CRASH_WRITE && sure) {
            apply(content, o, o->at, o->at + o->n);
            if (o->at + o->n > content->size) content->size = o->at + o->n;
        } else if (o->kind == CRASH_WRITE) {
            maybe(image, content, o, state);
        } else if (o->kind == CRASH_TRUNCATE && (sure || below(state, 2))) {
            memset(content->bytes + o->n, 0, sizeof content->bytes - o->n);
            content->size = o->n;
        }
    }
    memset(content->bytes + content->size, 0, sizeof content->bytes - content->size);
}

/* Names since the last sync of the folder came to the disk up to some point, or one by one. */
static void make_names(crash_image *image, const crash_files *disk, int moment, uint64_t *state) {
    int synced = -1, since = 0;
    for (int i = 0; i < moment; i++)
        if (disk->log[i].kind == CRASH_SYNC_FOLDER) synced = i;
    for (int i = synced + 1; i < moment; i++) since += disk->log[i].kind != CRASH_WRITE;
    bool in_order = below(state, 2);
    uint64_t kept = below(state, (uint64_t)since + 1);
    image->name_count = 0;
    for (int i = 0; i < moment; i++) {
        const crash_operation *o = &disk->log[i];
        if (o->kind == CRASH_WRITE) continue;
        if (i > synced && (in_order ? kept == 0 : below(state, 2) == 0)) {
            image->names_lost++;
            continue;
        }
        if (i > synced && in_order) kept--;
        crash_name *gone = find(image->names, image->name_count, o->from);
        if (o->kind == CRASH_CREATE && !find(image->names, image->name_count, o->to))
            link_name(image->names, &image->name_count, o->to, o->file);
        if (o->kind == CRASH_REMOVE && gone) forget(image->names, &image->name_count, gone);
        if (o->kind == CRASH_RENAME) rename_in(image->names, &image->name_count, o->from, o->to);
    }
}

void crash_image_make(crash_image *image, const crash_files *disk, uint64_t seed) {
    uint64_t state = (seed + 1) * 0x9E3779B97F4A7C15u;
    int moment = (int)below(&state, (uint64_t)disk->operations + 1);
    image->told = moment < disk->operations ? disk->log[moment].told : disk->told;
    make_names(image, disk, moment, &state);
    for (int i = 0; i < image->name_count; i++)
        make_file(image, disk, image->names[i].file, moment, &state);
}

crash_image *crash_image_new(void) {
    crash_image *image = calloc(1, sizeof *image);
    CHECK(image && (image->files = calloc(CRASH_FILES, sizeof *image->files)));
    return image;
}

void crash_image_free(crash_image *image) {
    free(image->files);
    free(image);
}

const crash_content *crash_image_find(const crash_image *image, const char *name) {
    for (int i = 0; i < image->name_count; i++)
        if (!strcmp(image->names[i].name, name)) return &image->files[image->names[i].file];
    return NULL;
}
