/* A fork at any moment of a recording: its child lets go of the file, and nothing else. */
#define _DEFAULT_SOURCE /* fork */
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "failing_files.h"
#include "record.h"

static int (*close_through)(void *, int);
static vo_record *being_ended;
static int forks, failed_children;

static int fork_and_close(void *self, int file) {
    vo_record *record = being_ended;
    if (record) {
        pid_t child = fork();
        if (!child) {
            being_ended = NULL;
            vo_record_abandon(record);
            _exit(0);
        }
        int status;
        forks++;
        failed_children += waitpid(child, &status, 0) != child || status != 0;
    }
    return close_through(self, file);
}

/* Fault row 41. */
static void a_fork_at_the_end_of_a_file_harms_no_child(void) {
    failing_files disk;
    failing_files_init(&disk);
    close_through = disk.table.close;
    disk.table.close = fork_and_close;
    vo_record *record;
    vo_record_config config = {.format = {48000, 1, VO_WAV_FLOAT32},
                               .folder = "/main",
                               .name = "a.wav",
                               .flush_ns = 50000000,
                               .memory_bytes = 1 << 20,
                               .files = &disk.table};
    CHECK(vo_record_new(&record, &config, NULL) == VO_OK && vo_record_open(record) == 0);
    being_ended = record;
    vo_record_free(record);
    being_ended = NULL;
    CHECK(forks > 0 && failed_children == 0);
    failing_files_free(&disk);
}

int main(void) {
    a_fork_at_the_end_of_a_file_harms_no_child();
    return 0;
}
