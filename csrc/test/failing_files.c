#include "failing_files.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

/* Whether this call is to fail. */
static bool fails(failing_files *disk, files_call call, int folder) {
    uint64_t n = ++disk->calls[call];
    if (!disk->fail_at || call != disk->fail_call) return false;
    if (disk->only_folder >= 0 && folder != disk->only_folder) return false;
    if (disk->from_then_on ? n < disk->fail_at : n != disk->fail_at) return false;
    disk->failures++;
    return true;
}

static memory_name *find(failing_files *disk, int folder, const char *name) {
    for (int i = 0; i < FILES_MOST; i++)
        if (disk->names[i].file >= 0 && disk->names[i].folder == folder &&
            !strcmp(disk->names[i].name, name))
            return &disk->names[i];
    return NULL;
}

static memory_name *free_name(failing_files *disk) {
    for (int i = 0; i < FILES_MOST; i++)
        if (disk->names[i].file < 0) return &disk->names[i];
    CHECK(!"a name is free");
    return NULL;
}

static int descriptor(failing_files *disk, bool is_folder, int at, int folder) {
    for (int i = 0; i < FILES_DESCRIPTORS; i++)
        if (!disk->descriptors[i].open) {
            disk->descriptors[i].open = true;
            disk->descriptors[i].is_folder = is_folder;
            disk->descriptors[i].at = at;
            disk->descriptors[i].folder = folder;
            return i + 3;
        }
    CHECK(!"a descriptor is free");
    return -EMFILE;
}

static int folder_of(failing_files *disk, int number) {
    CHECK(number >= 3 && disk->descriptors[number - 3].open);
    return disk->descriptors[number - 3].folder;
}

static memory_file *file_of(failing_files *disk, int number) {
    folder_of(disk, number);
    CHECK(!disk->descriptors[number - 3].is_folder);
    return &disk->files[disk->descriptors[number - 3].at];
}

static void resize(uint8_t **bytes, uint64_t *room, uint64_t size) {
    if (size <= *room) return;
    uint64_t more = size * 2;
    *bytes = realloc(*bytes, more);
    CHECK(*bytes);
    memset(*bytes + *room, 0, more - *room);
    *room = more;
}

/* Bytes of the disk from its begin to there; false when there are too few. */
static bool hold(failing_files *disk, int folder, memory_file *file, uint64_t until) {
    if (until <= file->held) return true;
    if (until - file->held > disk->space[folder]) return false;
    disk->space[folder] -= until - file->held;
    file->held = until;
    return true;
}

static void give_back(failing_files *disk, int folder, memory_file *file, uint64_t until) {
    if (until >= file->held) return;
    disk->space[folder] += file->held - until;
    file->held = until;
}

/* A file without a name and a descriptor is gone. */
static void let_go(failing_files *disk, int folder, memory_file *file) {
    if (!file->names && !file->handles) give_back(disk, folder, file, 0);
}

static void pass_time(failing_files *disk) {
    if (disk->clock_ns) *disk->clock_ns += disk->block_ns;
}

/* --- The table ---------------------------------------------------------------- */

static int open_folder(void *self, const char *path) {
    failing_files *disk = self;
    for (int i = 0; i < FILES_FOLDERS; i++)
        if (!strcmp(disk->folders[i], path)) {
            if (fails(disk, FILES_OPEN_FOLDER, i)) return disk->error;
            return descriptor(disk, true, i, i);
        }
    return -ENOENT;
}

static int same_folder(void *self, int number) {
    failing_files *disk = self;
    int folder = folder_of(disk, number);
    if (fails(disk, FILES_SAME_FOLDER, folder)) return disk->error;
    return descriptor(disk, true, folder, folder);
}

static int create(void *self, int number, const char *name) {
    failing_files *disk = self;
    int folder = folder_of(disk, number);
    if (fails(disk, FILES_CREATE, folder)) return disk->error;
    if (find(disk, folder, name)) return -EEXIST;
    CHECK(disk->file_count < FILES_MOST && strlen(name) < FILES_NAME_BYTES && !strchr(name, '/'));
    memory_name *entry = free_name(disk);
    strcpy(entry->name, name);
    entry->folder = folder;
    entry->file = disk->file_count++;
    disk->files[entry->file].names = disk->files[entry->file].handles = 1;
    return descriptor(disk, false, entry->file, folder);
}

static bool is_audio(failing_files *disk, int number) {
    int file = disk->descriptors[number - 3].at;
    for (int i = 0; i < FILES_MOST; i++)
        if (disk->names[i].file == file) return !strstr(disk->names[i].name, ".json");
    return false;
}

static int64_t write_at(void *self, int number, const void *bytes, uint64_t n, uint64_t at) {
    failing_files *disk = self;
    memory_file *file = file_of(disk, number);
    int folder = folder_of(disk, number);
    pass_time(disk);
    bool fault = fails(disk, FILES_WRITE, folder);
    if (fault && disk->error) return disk->error;
    if (fault) n = n > 1 ? n / 2 : n;
    if (disk->most_write_bytes && n > disk->most_write_bytes) n = disk->most_write_bytes;
    uint64_t room = file->held + disk->space[folder];
    if (room <= at) return -ENOSPC;
    if (at + n > room) n = room - at;
    hold(disk, folder, file, at + n);
    resize(&file->bytes, &file->room, at + n);
    memcpy(file->bytes + at, bytes, n);
    if (at + n > file->size) file->size = at + n;
    if (!is_audio(disk, number))
        disk->sidecar_bytes += n;
    else if (at >= 4096) {
        disk->audio_bytes += n;
        if (disk->write_count < FILES_MOST) disk->writes[disk->write_count++] = n;
    }
    return (int64_t)n;
}

static int reserve(void *self, int number, uint64_t at, uint64_t bytes) {
    failing_files *disk = self;
    int folder = folder_of(disk, number);
    memory_file *file = file_of(disk, number);
    if (fails(disk, FILES_RESERVE, folder)) return disk->error;
    return hold(disk, folder, file, at + bytes) ? 0 : -ENOSPC;
}

static int set_length(void *self, int number, uint64_t bytes) {
    failing_files *disk = self;
    memory_file *file = file_of(disk, number);
    if (fails(disk, FILES_TRUNCATE, folder_of(disk, number))) return disk->error;
    resize(&file->bytes, &file->room, bytes);
    if (bytes < file->size) memset(file->bytes + bytes, 0, file->size - bytes);
    give_back(disk, folder_of(disk, number), file, bytes);
    file->size = bytes;
    return 0;
}

static int sync_file(void *self, int number) {
    failing_files *disk = self;
    memory_file *file = file_of(disk, number);
    pass_time(disk);
    if (fails(disk, FILES_SYNC, folder_of(disk, number))) return disk->error;
    resize(&file->durable, &file->durable_room, file->size);
    if (file->size) memcpy(file->durable, file->bytes, file->size);
    file->durable_size = file->size;
    return 0;
}

static int sync_folder(void *self, int number) {
    failing_files *disk = self;
    if (fails(disk, FILES_SYNC_FOLDER, folder_of(disk, number))) return disk->error;
    memcpy(disk->durable_names, disk->names, sizeof disk->names);
    return 0;
}

static void unlink_name(failing_files *disk, int folder, memory_name *entry) {
    memory_file *file = &disk->files[entry->file];
    entry->file = -1;
    file->names--;
    let_go(disk, folder, file);
}

static int rename_to(void *self, int number, const char *from, const char *to) {
    failing_files *disk = self;
    int folder = folder_of(disk, number);
    if (fails(disk, FILES_RENAME, folder)) return disk->error;
    memory_name *entry = find(disk, folder, from), *old = find(disk, folder, to);
    if (!entry) return -ENOENT;
    if (old) unlink_name(disk, folder, old);
    strcpy(entry->name, to);
    return 0;
}

static int remove_name(void *self, int number, const char *name) {
    failing_files *disk = self;
    int folder = folder_of(disk, number);
    if (fails(disk, FILES_REMOVE, folder)) return disk->error;
    memory_name *entry = find(disk, folder, name);
    if (!entry) return -ENOENT;
    unlink_name(disk, folder, entry);
    return 0;
}

static int close_one(void *self, int number) {
    failing_files *disk = self;
    int folder = folder_of(disk, number);
    disk->descriptors[number - 3].open = false;
    if (!disk->descriptors[number - 3].is_folder) {
        memory_file *file = &disk->files[disk->descriptors[number - 3].at];
        file->handles--;
        let_go(disk, folder, file);
    }
    return fails(disk, FILES_CLOSE, folder) ? disk->error : 0;
}

static int find_file(void *self, int number, const char *name, int file) {
    failing_files *disk = self;
    int folder = folder_of(disk, number);
    if (fails(disk, FILES_FIND, folder)) return disk->error;
    memory_name *entry = find(disk, folder, name);
    if (!entry) return -ENOENT;
    return file >= 0 && file_of(disk, file) == &disk->files[entry->file] ? 0 : -ESTALE;
}

static int64_t free_bytes(void *self, int number) {
    failing_files *disk = self;
    int folder = folder_of(disk, number);
    if (fails(disk, FILES_FREE_BYTES, folder)) return disk->error;
    return (int64_t)disk->space[folder];
}

void failing_files_init(failing_files *disk) {
    memset(disk, 0, sizeof *disk);
    disk->table = (vo_files){open_folder, same_folder, create,      write_at,  reserve,
                             set_length,  sync_file,   sync_folder, rename_to, remove_name,
                             close_one,   find_file,   free_bytes,  disk};
    disk->only_folder = -1;
    strcpy(disk->folders[0], "/main");
    strcpy(disk->folders[1], "/spool");
    for (int i = 0; i < FILES_FOLDERS; i++) disk->space[i] = UINT64_C(1) << 50;
    for (int i = 0; i < FILES_MOST; i++) disk->names[i].file = disk->durable_names[i].file = -1;
}

void failing_files_free(failing_files *disk) {
    for (int i = 0; i < disk->file_count; i++) {
        free(disk->files[i].bytes);
        free(disk->files[i].durable);
    }
}

const memory_file *failing_files_find(const failing_files *disk, int folder, const char *name) {
    memory_name *entry = find((failing_files *)(uintptr_t)disk, folder, name);
    return entry ? &disk->files[entry->file] : NULL;
}

void failing_files_make(failing_files *disk, const char *folder, const char *name) {
    const vo_files *files = &disk->table;
    int number = files->open_folder(disk, folder);
    files->close(disk, files->create(disk, number, name));
    files->close(disk, number);
}

int failing_files_open(const failing_files *disk) {
    int open = 0;
    for (int i = 0; i < FILES_DESCRIPTORS; i++) open += disk->descriptors[i].open;
    return open;
}
