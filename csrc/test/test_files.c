/* The files and the clock of the system itself. */
#define _GNU_SOURCE /* mkdtemp, symlinkat */
#include "vocana/files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "check.h"
#include "vocana/clock.h"

static const vo_files *files;

static void a_file_from_its_first_byte_to_its_last(int folder) {
    int file = files->create(files->self, folder, "a");
    CHECK(file >= 0 && files->create(files->self, folder, "a") == -EEXIST);
    struct stat told;
    CHECK(fstat(file, &told) == 0 && (told.st_mode & 0777) == 0600);
    CHECK(fcntl(file, F_GETFD) & FD_CLOEXEC);
    CHECK(files->write(files->self, file, "bytes", 5, 3) == 5);
    int reserved = files->reserve(files->self, file, 8, 100000);
    CHECK(reserved == 0 || reserved == -EOPNOTSUPP || reserved == -ENOTSUP);
    CHECK(fstat(file, &told) == 0 && told.st_size == 8); /* the size stays */
    CHECK(files->truncate(files->self, file, 6) == 0);
    CHECK(fstat(file, &told) == 0 && told.st_size == 6);
    CHECK(files->sync(files->self, file) == 0 && files->sync_folder(files->self, folder) == 0);
    int other = openat(folder, "a", O_RDONLY);
    CHECK(flock(other, LOCK_EX | LOCK_NB) == -1 && errno == EWOULDBLOCK); /* its writer lives */
    CHECK(files->close(files->self, file) == 0);
    CHECK(flock(other, LOCK_EX | LOCK_NB) == 0);
    char bytes[8] = {0};
    CHECK(read(other, bytes, 8) == 6 && !memcmp(bytes, "\0\0\0byt", 6));
    close(other);
    CHECK(files->free_bytes(files->self, folder) > 0);
}

/* Fault row 25: by the folder, whatever its path is meanwhile. */
static void what_is_where(const char *path) {
    char old[64], moved[64];
    snprintf(old, sizeof old, "%s/old", path);
    snprintf(moved, sizeof moved, "%s/moved", path);
    CHECK(mkdir(old, 0700) == 0);
    int first = files->open_folder(files->self, old);
    int folder = files->same_folder(files->self, first);
    CHECK(folder >= 0 && folder != first && (fcntl(folder, F_GETFD) & FD_CLOEXEC));
    close(first);
    int file = files->create(files->self, folder, "a");
    CHECK(rename(old, moved) == 0);
    CHECK(files->find(files->self, folder, "a", file) == 0);
    CHECK(files->find(files->self, folder, "a", -1) == -ESTALE);
    CHECK(files->find(files->self, folder, "b", file) == -ENOENT);
    CHECK(files->rename(files->self, folder, "a", "b") == 0 && symlinkat("b", folder, "a") == 0);
    CHECK(files->find(files->self, folder, "a", file) == -ESTALE);
    CHECK(files->find(files->self, folder, "b", file) == 0);
    CHECK(unlinkat(folder, "a", 0) == 0 && unlinkat(folder, "b", 0) == 0 && rmdir(moved) == 0);
    CHECK(files->find(files->self, folder, "b", file) == -ENOENT);
    CHECK(files->create(files->self, folder, "c") == -ENOENT);
    close(file);
    close(folder);
}

/* Fault rows 49 50. */
static void names(int folder) {
    close(files->create(files->self, folder, "b"));
    CHECK(files->rename(files->self, folder, "b", "a") == 0);
    CHECK(faccessat(folder, "b", F_OK, 0) == -1 && faccessat(folder, "a", F_OK, 0) == 0);
    CHECK(files->rename(files->self, folder, "b", "a") == -ENOENT);
    CHECK(symlinkat("target", folder, "link") == 0);
    CHECK(files->create(files->self, folder, "link") == -EEXIST);
    CHECK(faccessat(folder, "target", F_OK, 0) == -1);
    CHECK(files->remove(files->self, folder, "link") == 0);
    CHECK(files->remove(files->self, folder, "link") == -ENOENT);
    CHECK(files->remove(files->self, folder, "a") == 0);
}

static void failures_are_negated_errnos(void) {
    CHECK(files->open_folder(files->self, "/does/not/exist") == -ENOENT);
    CHECK(files->open_folder(files->self, "/dev/null") == -ENOTDIR);
    CHECK(files->same_folder(files->self, -1) == -EBADF);
    CHECK(files->create(files->self, -1, "a") == -EBADF);
    CHECK(files->write(files->self, -1, "a", 1, 0) == -EBADF);
    CHECK(files->reserve(files->self, -1, 0, 1) < 0);
    CHECK(files->truncate(files->self, -1, 0) < 0 && files->sync(files->self, -1) == -EBADF);
    CHECK(files->sync_folder(files->self, -1) == -EBADF);
    CHECK(files->close(files->self, -1) == -EBADF);
    CHECK(files->free_bytes(files->self, -1) == -EBADF);
}

static void the_clock(void) {
    const vo_clock *clock = vo_clock_default();
    uint64_t before = clock->now_ns(clock->self);
    CHECK(clock->now_ns(clock->self) >= before);
    CHECK(llabs(clock->wall_ns(clock->self) / 1000000000 - (int64_t)time(NULL)) < 60);
}

int main(void) {
    files = vo_files_default();
    char path[] = "/tmp/vocana-files-XXXXXX";
    CHECK(mkdtemp(path));
    int folder = files->open_folder(files->self, path);
    CHECK(folder >= 0 && (fcntl(folder, F_GETFD) & FD_CLOEXEC));
    a_file_from_its_first_byte_to_its_last(folder);
    names(folder);
    what_is_where(path);
    CHECK(files->close(files->self, folder) == 0 && rmdir(path) == 0);
    failures_are_negated_errnos();
    the_clock();
    return 0;
}
