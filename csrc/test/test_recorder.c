/* The recorder's thread: what comes through its tap is in the files, whatever blocks or fails. */
#define _GNU_SOURCE /* usleep, pthread_setattr_default_np */
#include "vocana/recorder.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "failing_alloc.h"
#include "failing_files.h"
#include "os/os.h"

#define HOUR_NS ((int64_t)3600 * 1000000000)

enum { RATE = 48000, BLOCK = 480 };

static failing_files disk;

static vo_recorder_config plain(void) {
    failing_files_init(&disk);
    return (vo_recorder_config){
        .record = {.format = {RATE, 1, VO_WAV_FLOAT32},
                   .folder = "/main",
                   .name = "a.wav",
                   .flush_ns = 50000000,
                   .memory_bytes = 1 << 20,
                   .files = &disk.table},
    };
}

static vo_recorder *made(const vo_recorder_config *config) {
    vo_recorder *recorder;
    int error;
    CHECK(vo_recorder_new(&recorder, config, &error, NULL) == VO_OK && error == 0);
    CHECK(vo_recorder_state_now(recorder) == VO_RECORDER_OPEN);
    return recorder;
}

/* Frame n has the value n + 1. */
static void feed(vo_recorder *recorder, uint64_t from, uint32_t n) {
    float frames[BLOCK];
    for (uint32_t i = 0; i < n; i++) frames[i] = (float)(from + i + 1);
    vo_tap_write(vo_recorder_tap(recorder), frames, n);
}

/* Frames of the one file that are n + 1 or, at a gap, 0; all the same once it is closed. */
static uint64_t whole_file(uint64_t gap, uint64_t gap_frames) {
    const memory_file *file = failing_files_find(&disk, 0, "a.wav");
    vo_wav_info info;
    CHECK(vo_wav_parse(&info, file->bytes, file->size, file->size) == VO_OK && !info.open);
    const float *frames = (const float *)(const void *)(file->bytes + info.data_at);
    for (uint64_t i = 0; i < info.frames; i++)
        CHECK(frames[i] == (i >= gap && i < gap + gap_frames ? 0.0f : (float)(i + 1)));
    return info.frames;
}

static void forget(vo_recorder *recorder) {
    vo_recorder_free(recorder);
    CHECK(failing_files_open(&disk) == 0);
    failing_files_free(&disk);
}

static void end(vo_recorder *recorder) {
    CHECK(vo_recorder_stop(recorder, HOUR_NS) == VO_OK);
    CHECK(vo_recorder_stop(recorder, 0) == VO_OK);
    CHECK(vo_recorder_state_now(recorder) == VO_RECORDER_ENDED);
    forget(recorder);
}

static void every_frame_is_written_and_a_stop_loses_none(void) {
    vo_recorder_config config = plain();
    vo_recorder *recorder = made(&config);
    CHECK(vo_recorder_thread(recorder) == 0);
    CHECK(vo_recorder_start(recorder) == VO_OK && vo_recorder_start(recorder) == VO_BAD_ARG);
    for (uint64_t i = 0; i < 200; i++) {
        feed(recorder, i * BLOCK, BLOCK);
        if (i % 50 == 0) usleep(20000);
    }
    CHECK(vo_recorder_wait(recorder, 1000) == VO_TIMED_OUT);
    while (vo_recorder_thread(recorder) <= 0) usleep(1000);
    CHECK(vo_recorder_stop(recorder, HOUR_NS) == VO_OK);
    CHECK(whole_file(0, 0) == 200 * BLOCK);
    vo_record_stats stats = vo_recorder_stats_now(recorder);
    CHECK(stats.frames_durable == 200 * BLOCK && stats.place == VO_RECORD_MAIN);
    char path[64];
    CHECK(vo_recorder_path(recorder, 0, path, sizeof path) && !strcmp(path, "/main/a.wav"));
    vo_event event;
    CHECK(vo_recorder_events(recorder, &event, 1) == 1 && event.kind == VO_EVENT_FILE_OPENED);
    CHECK(!vo_recorder_events_dropped(recorder));
    end(recorder);
}

/* A flush comes although Python, or anybody, asks for nothing; the stream has paused. K2 K3. */
static void a_flush_comes_by_itself(void) {
    vo_recorder_config config = plain();
    vo_recorder *recorder = made(&config);
    CHECK(vo_recorder_start(recorder) == VO_OK);
    feed(recorder, 0, 100);
    while (vo_recorder_stats_now(recorder).frames_durable < 100) usleep(1000);
    end(recorder);
}

static void losses_and_the_end_of_the_stream(void) {
    vo_recorder_config config = plain();
    vo_recorder *recorder = made(&config);
    vo_tap *tap = vo_recorder_tap(recorder);
    CHECK(vo_recorder_start(recorder) == VO_OK);
    feed(recorder, 0, 300);
    vo_tap_lose(tap, 50, VO_CAUSE_DEVICE);
    feed(recorder, 350, 100);
    vo_tap_lose(tap, 70, VO_CAUSE_DEVICE); /* no frame will follow it */
    vo_tap_end(tap);
    CHECK(vo_recorder_wait(recorder, HOUR_NS) == VO_OK && vo_recorder_wait(recorder, 0) == VO_OK);
    vo_record_stats stats = vo_recorder_stats_now(recorder);
    CHECK(stats.frames == 520 && stats.gaps == 2 && stats.silence_frames == 120);
    end(recorder);
}

static void it_ends_by_itself_after_so_many_frames(void) {
    for (int lost = 0; lost < 2; lost++) {
        vo_recorder_config config = plain();
        config.frames = 700;
        vo_recorder *recorder = made(&config);
        CHECK(vo_recorder_start(recorder) == VO_OK);
        feed(recorder, 0, BLOCK);
        if (lost) vo_tap_lose(vo_recorder_tap(recorder), 1000, VO_CAUSE_DEVICE);
        feed(recorder, BLOCK, BLOCK);
        CHECK(vo_recorder_wait(recorder, HOUR_NS) == VO_OK);
        CHECK(whole_file(BLOCK, lost ? 220 : 0) == 700);
        end(recorder);
    }
}

/* Who may lose nothing waits for room in every tap, in that of a recording that is done too. */
static void it_holds_up_nobody_after_its_end(void) {
    vo_recorder_config config = plain();
    config.frames = BLOCK;
    config.ring_frames = 2 * BLOCK;
    vo_recorder *recorder = made(&config);
    CHECK(vo_recorder_start(recorder) == VO_OK);
    for (uint64_t i = 0; i < 20; i++) {
        while (vo_tap_room(vo_recorder_tap(recorder)) < BLOCK) usleep(1000);
        feed(recorder, i * BLOCK, BLOCK);
    }
    CHECK(vo_recorder_wait(recorder, HOUR_NS) == VO_OK && whole_file(0, 0) == BLOCK);
    end(recorder);
}

/* Fault row 24, K4: nothing is lost while a disk blocks, as long as the ring is. */
static _Atomic bool blocked, blocking;
static int64_t (*write_through)(void *, int, const void *, uint64_t, uint64_t);

static int64_t write_when_it_may(void *self, int file, const void *bytes, uint64_t n, uint64_t at) {
    while (blocked) {
        blocking = true;
        usleep(1000);
    }
    return write_through(self, file, bytes, n, at);
}

static void a_disk_that_blocks_costs_nothing(void) {
    vo_recorder_config config = plain();
    write_through = disk.table.write;
    disk.table.write = write_when_it_may;
    vo_recorder *recorder = made(&config);
    CHECK(vo_recorder_start(recorder) == VO_OK);
    blocked = true;
    feed(recorder, 0, BLOCK);
    while (!blocking) usleep(1000);
    for (uint64_t i = 1; i < 1000; i++) feed(recorder, i * BLOCK, BLOCK); /* 10 s less one block */
    vo_tap_stats stats = vo_tap_stats_now(vo_recorder_tap(recorder));
    CHECK(stats.dropped == 0 && stats.queued >= 990 * BLOCK);
    CHECK(vo_recorder_stop(recorder, 1000000) == VO_TIMED_OUT);
    blocked = false;
    CHECK(vo_recorder_stop(recorder, HOUR_NS) == VO_OK);
    uint64_t found = whole_file(0, 0);
    CHECK(found == 1000 * BLOCK);
    printf("%llu frames waited in the ring, %llu dropped; %llu of %d are in the file, in order\n",
           (unsigned long long)stats.queued, (unsigned long long)stats.dropped,
           (unsigned long long)found, 1000 * BLOCK);
    end(recorder);
}

static void the_stream_says_which_frame_is_the_first(bool soon) {
    vo_recorder_config config = plain();
    vo_recorder *recorder = made(&config);
    vo_outlets *outlets;
    float frames[BLOCK] = {1};
    CHECK(vo_outlets_new(&outlets, 1, NULL) == VO_OK);
    vo_outlets_write(outlets, frames, BLOCK);
    CHECK(vo_recorder_start(recorder) == VO_OK && vo_recorder_detach(recorder, 0) == VO_OK);
    CHECK(vo_recorder_attach(recorder, outlets) == VO_OK);
    CHECK(vo_recorder_attach(recorder, outlets) == VO_BAD_ARG);
    vo_outlets_write(outlets, frames, BLOCK);
    if (!soon) /* else its thread has not looked yet, most of the time */
        while (vo_recorder_stats_now(recorder).frames_durable < BLOCK) usleep(1000);
    CHECK(vo_recorder_detach(recorder, HOUR_NS) == VO_OK);
    vo_outlets_free(outlets);
    CHECK(vo_recorder_stop(recorder, HOUR_NS) == VO_OK);
    const memory_file *json = failing_files_find(&disk, 0, "a.wav.json");
    vo_sidecar *sidecar;
    CHECK(vo_sidecar_parse(&sidecar, (const char *)json->bytes, json->size, NULL) == VO_OK);
    CHECK(vo_sidecar_head_of(sidecar)->capture_frame == BLOCK);
    vo_sidecar_free(sidecar);
    end(recorder);
}

static void a_stream_that_is_refused_or_has_no_frame(void) {
    vo_recorder_config config = plain();
    config.record.buffer_bytes = 1 << 20;
    vo_recorder *recorder = made(&config);
    vo_outlets *one, *two;
    CHECK(vo_outlets_new(&one, 1, NULL) == VO_OK && vo_outlets_new(&two, 2, NULL) == VO_OK);
    CHECK(vo_recorder_attach(recorder, two) == VO_BAD_ARG);
    CHECK(vo_recorder_attach(recorder, one) == VO_OK);
    CHECK(vo_recorder_start(recorder) == VO_OK && vo_recorder_stop(recorder, HOUR_NS) == VO_OK);
    CHECK(vo_recorder_detach(recorder, 0) == VO_OK && vo_recorder_detach(recorder, 0) == VO_OK);
    vo_outlets_free(one);
    vo_outlets_free(two);
    CHECK(vo_recorder_stats_now(recorder).frames == 0 && whole_file(0, 0) == 0);
    end(recorder);
}

/* Fault row 22: a wait is told of a signal, a stop is not. */
static void *interrupt(void *waiting) {
    while (blocked) {
        pthread_kill(*(pthread_t *)waiting, SIGUSR1);
        usleep(1000);
    }
    return NULL;
}

static void look_at_nothing(int signal) {
    (void)signal;
}

static void signals_while_it_is_waited_for(void) {
    vo_recorder_config config = plain();
    write_through = disk.table.write;
    disk.table.write = write_when_it_may;
    blocked = false;
    vo_recorder *recorder = made(&config);
    CHECK(vo_recorder_start(recorder) == VO_OK);
    signal(SIGUSR1, look_at_nothing);
    blocked = true;
    feed(recorder, 0, BLOCK);
    pthread_t self = pthread_self(), other;
    CHECK(pthread_create(&other, NULL, interrupt, &self) == 0);
    CHECK(vo_recorder_wait(recorder, HOUR_NS) == VO_INTERRUPTED);
    CHECK(vo_recorder_stop(recorder, 20000000) == VO_TIMED_OUT);
    blocked = false;
    pthread_join(other, NULL);
    CHECK(vo_recorder_stop(recorder, HOUR_NS) == VO_OK && whole_file(0, 0) == BLOCK);
    end(recorder);
}

/* A writer that hangs in its stream keeps the tap: the recorder takes no other stream. */
static sem_t stands, goes_on;
static _Atomic bool enough;

static void stand_still(int signal) {
    (void)signal;
    sem_post(&stands);
    while (sem_wait(&goes_on)) {
    }
}

static void *write_all(void *outlets) {
    static float frames[BLOCK];
    while (!enough) vo_outlets_write(outlets, frames, BLOCK);
    return NULL;
}

static void a_writer_that_hangs_keeps_its_tap(void) {
    vo_recorder_config config = plain();
    vo_recorder *recorder = made(&config);
    vo_outlets *outlets;
    pthread_t writer;
    CHECK(vo_outlets_new(&outlets, 1, NULL) == VO_OK);
    sem_init(&stands, 0, 0);
    sem_init(&goes_on, 0, 0);
    signal(SIGUSR1, stand_still);
    CHECK(pthread_create(&writer, NULL, write_all, outlets) == 0);
    vo_status status = VO_OK;
    while (status == VO_OK) {
        CHECK(vo_recorder_attach(recorder, outlets) == VO_OK);
        pthread_kill(writer, SIGUSR1);
        sem_wait(&stands);
        status = vo_recorder_detach(recorder, 1000000);
        if (status) CHECK(vo_recorder_attach(recorder, outlets) == VO_BAD_ARG);
        sem_post(&goes_on);
    }
    CHECK(status == VO_TIMED_OUT);
    enough = true;
    pthread_join(writer, NULL);
    vo_outlets_free(outlets);
    forget(recorder);
}

/* A thread that is not to be had is told, and can be asked for again. */
static void no_thread_is_no_start(void) {
    vo_recorder_config config = plain();
    vo_recorder *recorder = made(&config);
    pthread_attr_t usual, huge;
    CHECK(pthread_getattr_default_np(&usual) == 0 && pthread_attr_init(&huge) == 0);
    CHECK(pthread_attr_setstacksize(&huge, (size_t)1 << 60) == 0);
    CHECK(pthread_setattr_default_np(&huge) == 0);
    CHECK(vo_recorder_start(recorder) == VO_SYSTEM);
    CHECK(vo_recorder_state_now(recorder) == VO_RECORDER_OPEN);
    CHECK(pthread_setattr_default_np(&usual) == 0);
    pthread_attr_destroy(&usual);
    pthread_attr_destroy(&huge);
    CHECK(vo_recorder_start(recorder) == VO_OK);
    end(recorder);
}

/* Twice what a flush interval brings, within reason. */
static void buffers_of_every_size(void) {
    static const uint64_t flush_ns[] = {1000000, 2000000000, UINT64_C(3600000000000)};
    for (int i = 0; i < 3; i++) {
        vo_recorder_config config = plain();
        config.record.flush_ns = flush_ns[i];
        config.record.format = (vo_wav_format){RATE, 8, VO_WAV_FLOAT32};
        config.ring_frames = 480;
        forget(made(&config));
    }
}

static void a_first_file_that_is_refused(void) {
    vo_recorder_config config = plain();
    disk.fail_call = FILES_CREATE;
    disk.fail_at = 1;
    disk.error = -EACCES;
    vo_recorder *recorder = (vo_recorder *)&config;
    int error = 0;
    CHECK(vo_recorder_new(&recorder, &config, &error, NULL) == VO_SYSTEM);
    CHECK(error == -EACCES && !recorder && failing_files_open(&disk) == 0);
    config.record.name = "";
    CHECK(vo_recorder_new(&recorder, &config, &error, NULL) == VO_BAD_ARG && !error);
    failing_files_free(&disk);
}

/* Fault row 39. */
static void every_allocation_fails_once_and_for_ever(void) {
    for (int from_then_on = 0; from_then_on < 2; from_then_on++)
        for (uint64_t k = 1;; k++) {
            failing_alloc memory;
            failing_alloc_init(&memory, k, from_then_on);
            vo_recorder_config config = plain();
            config.ring_frames = 1000;
            vo_recorder *recorder;
            int error;
            vo_status status = vo_recorder_new(&recorder, &config, &error, &memory.allocator);
            CHECK((status == VO_OK) == (recorder != NULL));
            CHECK(status == VO_OK || status == VO_NO_MEM || error == -ENOMEM);
            vo_recorder_free(recorder);
            CHECK(memory.live == 0 && failing_files_open(&disk) == 0);
            failing_files_free(&disk);
            if (!memory.failures) break;
        }
}

/* Fault row 41: in a child, the descriptors go and nothing is written. */
static void an_abandoned_file_stays_as_it_is(void) {
    vo_recorder_config config = plain();
    vo_recorder *recorder = made(&config);
    uint64_t writes = disk.calls[FILES_WRITE], cuts = disk.calls[FILES_TRUNCATE];
    vo_recorder_abandon(recorder);
    CHECK(failing_files_open(&disk) == 0);
    CHECK(disk.calls[FILES_WRITE] == writes && disk.calls[FILES_TRUNCATE] == cuts);
    vo_recorder_free(recorder);
    vo_recorder_free(NULL);
    CHECK(disk.calls[FILES_WRITE] == writes && disk.calls[FILES_TRUNCATE] == cuts);
    failing_files_free(&disk);
}

int main(void) {
    every_frame_is_written_and_a_stop_loses_none();
    a_flush_comes_by_itself();
    losses_and_the_end_of_the_stream();
    it_ends_by_itself_after_so_many_frames();
    it_holds_up_nobody_after_its_end();
    a_disk_that_blocks_costs_nothing();
    the_stream_says_which_frame_is_the_first(false);
    the_stream_says_which_frame_is_the_first(true);
    a_stream_that_is_refused_or_has_no_frame();
    signals_while_it_is_waited_for();
    a_writer_that_hangs_keeps_its_tap();
    no_thread_is_no_start();
    buffers_of_every_size();
    a_first_file_that_is_refused();
    every_allocation_fails_once_and_for_ever();
    an_abandoned_file_stays_as_it_is();
    return 0;
}
