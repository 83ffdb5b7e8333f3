#include "small_disk.h"

#include <errno.h>

static bool disk_fails(small_disk *disk, int call) {
    return disk->broken[call] || (disk->fails_in[call] && !--disk->fails_in[call]);
}

disk_name *disk_find(disk_name names[DISK_NAMES], const char *text) {
    for (int i = 0; i < DISK_NAMES; i++)
        if (names[i].file >= 0 && !strcmp(names[i].text, text)) return &names[i];
    return NULL;
}

static bool disk_uses(const small_disk *disk, int file) {
    bool used = disk->open[file];
    for (int folder = 0; folder < 2; folder++)
        for (int i = 0; i < DISK_NAMES; i++)
            used |=
                disk->names[folder][i].file == file || disk->durable_names[folder][i].file == file;
    return used;
}

/* Descriptors: 0 and 1 are the folders, others are files. */
static int disk_open_folder(void *self, const char *path) {
    return disk_fails(self, 0) ? -EIO : !strcmp(path, "/spool");
}

static int disk_same_folder(void *self, int folder) {
    return disk_fails(self, 12) ? -EIO : folder;
}

static int disk_create(void *self, int folder, const char *text) {
    small_disk *disk = self;
    REQUIRE(strlen(text) < DISK_NAME && !strchr(text, '/'));
    if (disk_fails(disk, 1)) return -EROFS;
    if (disk_find(disk->names[folder], text)) return -EEXIST;
    int file = 0, at = 0;
    while (file < DISK_FILES && disk_uses(disk, file)) file++;
    while (at < DISK_NAMES && disk->names[folder][at].file >= 0) at++;
    if (file == DISK_FILES || at == DISK_NAMES) return -ENOSPC;
    disk->names[folder][at].file = file;
    strcpy(disk->names[folder][at].text, text);
    disk->files[file].size = disk->files[file].durable_size = 0;
    disk->open[file] = true;
    return file + 2;
}

static disk_file *disk_at(small_disk *disk, int number) {
    REQUIRE(number >= 2 && number < DISK_FILES + 2 && disk->open[number - 2]);
    return &disk->files[number - 2];
}

static int64_t disk_write(void *self, int number, const void *bytes, uint64_t n, uint64_t at) {
    small_disk *disk = self;
    disk_file *file = disk_at(disk, number);
    if (disk_fails(disk, 2)) return -EIO;
    if (disk->short_writes && n > 1) n = n / 2;
    if (at + n > DISK_BYTES) n = at < DISK_BYTES ? DISK_BYTES - at : 0;
    if ((int64_t)n > disk->space) n = (uint64_t)disk->space;
    if (!n) return -ENOSPC;
    disk->space -= (int64_t)n;
    if (at > file->size) memset(file->bytes + file->size, 0, at - file->size);
    memcpy(file->bytes + at, bytes, n);
    if (at + n > file->size) file->size = at + n;
    return (int64_t)n;
}

static int disk_reserve(void *self, int number, uint64_t at, uint64_t bytes) {
    (void)number, (void)at;
    if (disk_fails(self, 3)) return -EOPNOTSUPP;
    return (int64_t)bytes > ((small_disk *)self)->space ? -ENOSPC : 0;
}

static int disk_truncate(void *self, int number, uint64_t bytes) {
    disk_file *file = disk_at(self, number);
    if (disk_fails(self, 4)) return -EIO;
    REQUIRE(bytes <= DISK_BYTES);
    if (bytes > file->size) memset(file->bytes + file->size, 0, bytes - file->size);
    file->size = bytes;
    return 0;
}

/* After a failure what was not on the disk yet is gone, whatever comes later. */
static int disk_sync(void *self, int number) {
    disk_file *file = disk_at(self, number);
    if (disk_fails(self, 5)) {
        for (uint64_t i = file->durable_size; i < file->size; i++) file->bytes[i] = 0xEE;
        return -EIO;
    }
    memcpy(file->durable, file->bytes, file->size);
    file->durable_size = file->size;
    return 0;
}

static int disk_sync_folder(void *self, int folder) {
    small_disk *disk = self;
    if (disk_fails(disk, 6)) return -EIO;
    memcpy(disk->durable_names[folder], disk->names[folder], sizeof disk->names[folder]);
    return 0;
}

static int disk_rename(void *self, int folder, const char *from, const char *to) {
    small_disk *disk = self;
    disk_name *name = disk_find(disk->names[folder], from);
    if (disk_fails(disk, 7)) return -EIO;
    if (!name) return -ENOENT;
    disk_name *old = disk_find(disk->names[folder], to);
    if (old) old->file = -1;
    strcpy(name->text, to);
    return 0;
}

static int disk_remove(void *self, int folder, const char *text) {
    small_disk *disk = self;
    disk_name *name = disk_find(disk->names[folder], text);
    if (disk_fails(disk, 8)) return -EIO;
    if (!name) return -ENOENT;
    name->file = -1;
    return 0;
}

static int disk_close(void *self, int number) {
    small_disk *disk = self;
    if (number >= 2) disk_at(disk, number);
    if (number >= 2) disk->open[number - 2] = false;
    return disk_fails(disk, 9) ? -EIO : 0;
}

/* 0: it is where it was made, as long as nobody removes it. */
static int disk_find_file(void *self, int folder, const char *text, int number) {
    small_disk *disk = self;
    disk_name *name = disk_find(disk->names[folder], text);
    if (disk_fails(disk, 11)) return -EIO;
    if (!name) return -ENOENT;
    return name->file == number - 2 ? 0 : -ESTALE;
}

static int64_t disk_free_bytes(void *self, int folder) {
    (void)folder;
    return disk_fails(self, 10) ? -EIO : ((small_disk *)self)->space;
}

void disk_begin(small_disk *disk) {
    memset(disk, 0, offsetof(small_disk, files));
    disk->table =
        (vo_files){disk_open_folder, disk_same_folder, disk_create,      disk_write,  disk_reserve,
                   disk_truncate,    disk_sync,        disk_sync_folder, disk_rename, disk_remove,
                   disk_close,       disk_find_file,   disk_free_bytes,  disk};
    disk->space = 1 << 30;
    for (int folder = 0; folder < 2; folder++)
        for (int i = 0; i < DISK_NAMES; i++)
            disk->names[folder][i].file = disk->durable_names[folder][i].file = -1;
}
