/* Stops of a recorder: while silence is written for a loss, while others wait for the end, and
   before it has started. */
#define _GNU_SOURCE /* usleep */
#include <pthread.h>
#include <unistd.h>

#include "failing_files.h"
#include "os/os.h"
#include "record_scene.h"
#include "sim_device.h"
#include "vocana/recorder.h"

#define HOUR_FRAMES (UINT64_C(3600) * SCENE_RATE)

static int asked;

static bool after_a_while(const void *self) {
    return ++asked > *(const int *)self;
}

/* The gap that stands in a sidecar for frames that are not in its file. */
static vo_sidecar_gap last_gap(vo_sidecar *sidecar) {
    uint64_t count;
    const vo_sidecar_gap *gaps = vo_sidecar_gaps(sidecar, &count);
    CHECK(count);
    return gaps[count - 1];
}

static void what_is_left_is_in_the_sidecar(void) {
    scene *s = scene_new();
    int times = 3;
    s->config.hurries = after_a_while;
    s->config.self = &times;
    scene_open(s);
    scene_feed(s, 100);
    scene_lose(s, 500000, VO_CAUSE_DEVICE);
    vo_record_take(s->record, (float[2 * 50]){0}, 50); /* comes too late */
    s->frames += 50;
    vo_record_close(s->record);
    vo_record_stats stats = vo_record_stats_now(s->record);
    CHECK(stats.frames == s->frames && stats.dropped_frames == 50);
    CHECK(stats.silence_frames > 0 && stats.silence_frames < 500000);
    CHECK(stats.frames_durable == 100 + stats.silence_frames);
    scene_file f = scene_file_at(s, 0);
    vo_sidecar_gap gap = last_gap(f.sidecar);
    CHECK(vo_sidecar_end_of(f.sidecar) == VO_SIDECAR_CLOSED);
    CHECK(vo_sidecar_durable(f.sidecar) == stats.frames_durable);
    CHECK(gap.frame + gap.frames == s->frames && gap.cause == VO_CAUSE_DEVICE);
    vo_sidecar_free(f.sidecar);
    scene_free(s);
}

/* Memory fails for the last entry: that is told. */
static void a_sidecar_may_not_take_it(void) {
    scene *s = scene_new();
    int times = 0;
    s->config.hurries = after_a_while;
    s->config.self = &times;
    scene_open(s);
    for (int i = 0; i < 40; i++) {
        asked = -1000;
        scene_feed(s, 10);
        scene_lose(s, 10, i % 2 ? VO_CAUSE_DEVICE : VO_CAUSE_SKIP);
        vo_record_flush(s->record);
    }
    s->memory.fail_at = 1;
    s->memory.from_then_on = true;
    for (int i = 0; i < 200; i++) {
        asked = -1000;
        scene_feed(s, 10);
        scene_lose(s, 10, i % 2 ? VO_CAUSE_DEVICE : VO_CAUSE_SKIP);
        vo_record_flush(s->record);
    }
    uint64_t failures = vo_record_stats_now(s->record).failures;
    asked = 0;
    scene_lose(s, 10, VO_CAUSE_REJECTED);
    vo_record_close(s->record);
    CHECK(vo_record_stats_now(s->record).failures > failures);
    scene_free(s);
}

static vo_recorder *open_recorder(failing_files *disk) {
    vo_recorder_config config = {.record = {.format = {SCENE_RATE, 1, VO_WAV_FLOAT32},
                                            .folder = "/main",
                                            .name = "a.wav",
                                            .flush_ns = S,
                                            .files = &disk->table}};
    vo_recorder *recorder;
    int error;
    CHECK(vo_recorder_new(&recorder, &config, &error, NULL) == VO_OK);
    return recorder;
}

static int64_t take_all(void *self, int file, const void *bytes, uint64_t n, uint64_t at) {
    (void)self, (void)file, (void)bytes, (void)at;
    return (int64_t)n;
}

static int reserve_all(void *self, int file, uint64_t at, uint64_t bytes) {
    (void)self, (void)file, (void)at, (void)bytes;
    return 0;
}

/* Of a loss that would take a year to write. */
static void a_stop_is_answered(void) {
    static failing_files disk;
    failing_files_init(&disk);
    disk.table.write = take_all;
    disk.table.reserve = reserve_all;
    vo_recorder *recorder = open_recorder(&disk);
    vo_tap *tap = vo_recorder_tap(recorder);
    vo_tap_lose(tap, 1000000 * HOUR_FRAMES, VO_CAUSE_DEVICE);
    float frame = 1;
    vo_tap_write(tap, &frame, 1);
    CHECK(vo_recorder_start(recorder) == VO_OK);
    while (!vo_recorder_stats_now(recorder).silence_frames) usleep(1000);
    CHECK(vo_recorder_stop(recorder, (int64_t)(600 * S)) == VO_OK);
    vo_record_stats stats = vo_recorder_stats_now(recorder);
    CHECK(stats.frames == 1000000 * HOUR_FRAMES + 1 && stats.dropped_frames == 1);
    CHECK(stats.frames_durable == stats.silence_frames);
    vo_recorder_free(recorder);
    failing_files_free(&disk);
}

/* Of a loss that is written in no time, with what came after it. */
static void a_stop_leaves_time_for_silence(void) {
    static failing_files disk;
    failing_files_init(&disk);
    vo_recorder *recorder = open_recorder(&disk);
    float frame = 1;
    vo_tap_lose(vo_recorder_tap(recorder), 1000, VO_CAUSE_DEVICE);
    vo_tap_write(vo_recorder_tap(recorder), &frame, 1);
    uint64_t began = vo_clock_ns();
    CHECK(vo_recorder_start(recorder) == VO_OK);
    CHECK(vo_recorder_stop(recorder, (int64_t)(600 * S)) == VO_OK);
    bool late = vo_clock_ns() - began > 400 * MS; /* the machine is busy */
    CHECK(late || vo_recorder_stats_now(recorder).frames_durable == 1001);
    vo_recorder_free(recorder);
    failing_files_free(&disk);
}

static void *wait_for_the_end(void *recorder) {
    CHECK(vo_recorder_wait(recorder, HOUR_NS) == VO_OK);
    return NULL;
}

/* Each of them, by the one post at the end. */
static void all_who_wait_are_woken(void) {
    enum { WAIT = 4 };
    static failing_files disk;
    failing_files_init(&disk);
    vo_recorder *recorder = open_recorder(&disk);
    pthread_t threads[WAIT];
    CHECK(vo_recorder_start(recorder) == VO_OK);
    for (int i = 0; i < WAIT; i++)
        CHECK(pthread_create(&threads[i], NULL, wait_for_the_end, recorder) == 0);
    usleep(20000); /* so that they sleep */
    CHECK(vo_recorder_stop(recorder, HOUR_NS) == VO_OK);
    for (int i = 0; i < WAIT; i++) pthread_join(threads[i], NULL);
    vo_recorder_free(recorder);
    failing_files_free(&disk);
}

static void one_that_never_started_ends_its_file(void) {
    static failing_files disk;
    failing_files_init(&disk);
    vo_recorder *recorder = open_recorder(&disk);
    CHECK(vo_recorder_stop(recorder, 0) == VO_OK && failing_files_open(&disk) == 0);
    CHECK(vo_recorder_state_now(recorder) == VO_RECORDER_ENDED);
    CHECK(vo_recorder_stop(recorder, 0) == VO_OK && vo_recorder_start(recorder) == VO_BAD_ARG);
    vo_recorder_free(recorder);
    failing_files_free(&disk);
}

int main(void) {
    watch_for_a_hang();
    what_is_left_is_in_the_sidecar();
    a_sidecar_may_not_take_it();
    a_stop_is_answered();
    a_stop_leaves_time_for_silence();
    all_who_wait_are_woken();
    one_that_never_started_ends_its_file();
    return 0;
}
