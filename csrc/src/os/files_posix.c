#define _GNU_SOURCE /* fallocate, flock */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "vocana/files.h"

static int result(int failed) {
    return failed < 0 ? -errno : failed;
}

static int open_folder(void *self, const char *path) {
    (void)self;
    return result(open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

static int same_folder(void *self, int folder) {
    (void)self;
    return result(fcntl(folder, F_DUPFD_CLOEXEC, 0));
}

/* The lock tells others that the file's writer lives; it goes with the process. A file system
   without locks does without. */
static int create(void *self, int folder, const char *name) {
    (void)self;
    int file = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (file < 0) return -errno;
    flock(file, LOCK_EX | LOCK_NB);
    return file;
}

static int64_t write_at(void *self, int file, const void *bytes, uint64_t n, uint64_t at) {
    (void)self;
    ssize_t written = pwrite(file, bytes, (size_t)n, (off_t)at);
    return written < 0 ? -errno : written;
}

static int reserve(void *self, int file, uint64_t at, uint64_t bytes) {
    (void)self;
#ifdef __linux__
    return result(fallocate(file, FALLOC_FL_KEEP_SIZE, (off_t)at, (off_t)bytes));
#else
    (void)file, (void)at, (void)bytes;
    return -ENOTSUP;
#endif
}

static int set_length(void *self, int file, uint64_t bytes) {
    (void)self;
    return result(ftruncate(file, (off_t)bytes));
}

static int sync_file(void *self, int file) {
    (void)self;
#ifdef __APPLE__
    return result(fcntl(file, F_FULLFSYNC)); /* fsync leaves the drive's own cache alone there */
#else
    return result(fdatasync(file));
#endif
}

static int sync_folder(void *self, int folder) {
    (void)self;
    return result(fsync(folder));
}

static int replace(void *self, int folder, const char *from, const char *to) {
    (void)self;
    return result(renameat(folder, from, folder, to));
}

static int remove_name(void *self, int folder, const char *name) {
    (void)self;
    return result(unlinkat(folder, name, 0));
}

static int close_file(void *self, int file) {
    (void)self;
    return result(close(file));
}

static int find(void *self, int folder, const char *name, int file) {
    (void)self;
    struct stat there, own;
    if (fstatat(folder, name, &there, AT_SYMLINK_NOFOLLOW)) return -errno;
    if (file < 0 || fstat(file, &own)) return -ESTALE;
    return there.st_dev == own.st_dev && there.st_ino == own.st_ino ? 0 : -ESTALE;
}

static int64_t free_bytes(void *self, int folder) {
    (void)self;
    struct statvfs space;
    if (fstatvfs(folder, &space)) return -errno;
    return (int64_t)((uint64_t)space.f_bavail * space.f_frsize);
}

static const vo_files of_the_system = {
    open_folder, same_folder, create,      write_at,   reserve, set_length, sync_file,
    sync_folder, replace,     remove_name, close_file, find,    free_bytes, NULL,
};

const vo_files *vo_files_default(void) {
    return &of_the_system;
}
