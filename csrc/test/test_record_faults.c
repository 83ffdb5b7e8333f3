/* The k-th call of a disk fails, once and from then on, for every k: nothing that was acknowledged
   is lost, what waits is in memory, and the account is exact. */
#include <errno.h>

#include "record_scene.h"

/* A short recording with everything in it: gaps, segments, flushes by age and by size. False when
   its first file was refused. */
static bool play(scene *s) {
    s->config.buffer_bytes = 64 << 10;
    s->config.memory_bytes = 1 << 20;
    s->config.segment_frames = 9000;
    CHECK(vo_record_new(&s->record, &s->config, &s->memory.allocator) == VO_OK);
    int error = vo_record_open(s->record);
    if (error) {
        CHECK(error == s->disk.error || (s->disk.fail_call == FILES_WRITE && error == -EIO));
        CHECK(failing_files_open(&s->disk) == 0 && vo_record_stats_now(s->record).files == 0);
        return false;
    }
    for (int i = 0; i < 24; i++) {
        scene_feed(s, 1000 + (uint64_t)i);
        if (i % 7 == 3) scene_lose(s, 501, VO_CAUSE_DEVICE);
        if (i % 7 == 4) scene_lose(s, 13, VO_CAUSE_OVERFLOW);
        scene_pass(s, 400 * MS);
        if (i % 6 == 5) scene_check(s);
    }
    return true;
}

static void close_and_check(scene *s) {
    vo_record_close(s->record);
    vo_record_stats before = vo_record_stats_now(s->record);
    vo_record_close(s->record);
    vo_record_take(s->record, s->timeline, 1);
    vo_record_lose(s->record, 1, VO_CAUSE_DEVICE);
    CHECK(vo_record_step(s->record) == UINT64_MAX);
    vo_record_stats after = vo_record_stats_now(s->record);
    CHECK(before.frames == after.frames && before.failures == after.failures);
    scene_check(s);
}

typedef struct fault {
    files_call call;
    int error; /* 0: a short write */
    bool from_then_on;
    int folder; /* -1: any */
} fault;

/* Returns the runs that it took until one came through. */
static uint64_t every_call(const fault *f) {
    for (uint64_t k = 1;; k++) {
        scene *s = scene_new();
        s->disk.fail_call = f->call;
        s->disk.fail_at = k;
        s->disk.error = f->error;
        s->disk.from_then_on = f->from_then_on;
        s->disk.only_folder = f->folder;
        if (play(s)) {
            close_and_check(s);
            vo_record_stats stats = vo_record_stats_now(s->record);
            if (!f->from_then_on || f->folder == 0)
                CHECK(stats.frames_durable == stats.frames && !stats.dropped_frames);
            CHECK(stats.dropped_frames >= stats.frames_waiting);
        }
        bool none = s->disk.failures == 0;
        scene_free(s);
        if (none) return k;
    }
}

/* Fault rows 19 21 22 23 25; K5 K6 L3. */
static void every_call_fails_once_and_for_ever(void) {
    static const int errors[] = {-ENOSPC, -EIO, -EINTR, -EROFS, -EDQUOT, -EFBIG, -ENOENT};
    uint64_t runs = 0;
    for (int call = FILES_OPEN_FOLDER; call < FILES_CALLS; call++)
        for (size_t e = 0; e < sizeof errors / sizeof *errors; e++)
            for (int from_then_on = 0; from_then_on < 2; from_then_on++)
                for (int folder = -1; folder < 1; folder++) {
                    fault f = {(files_call)call, errors[e], from_then_on, folder};
                    if (errors[e] != -EIO && errors[e] != -EINTR && call != FILES_WRITE) continue;
                    runs += every_call(&f);
                }
    for (int from_then_on = 0; from_then_on < 2; from_then_on++)
        runs += every_call(&(fault){FILES_WRITE, 0, from_then_on, -1});
    printf("%llu runs, each with a fault\n", (unsigned long long)runs);
}

int main(void) {
    every_call_fails_once_and_for_ever();
    return 0;
}
