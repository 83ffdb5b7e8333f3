/* What a recording hardly ever meets: signals in every call, two faults at once, no name left, no
   memory, and leftovers of a crash. */
#include <errno.h>

#include "record_scene.h"

static void fail(scene *s, files_call call, int error, int folder, bool from_then_on) {
    s->disk.fail_call = call;
    s->disk.fail_at = s->disk.calls[call] + 1;
    s->disk.error = error;
    s->disk.only_folder = folder;
    s->disk.from_then_on = from_then_on;
}

static vo_record_place place(const scene *s) {
    return vo_record_stats_now(s->record).place;
}

static void leave(scene *s, const char *name) {
    int folder = s->disk.table.open_folder(&s->disk, "/main");
    int file = s->disk.table.create(&s->disk, folder, name);
    s->disk.table.close(&s->disk, file);
    s->disk.table.close(&s->disk, folder);
}

/* Until it is in the spool, since the main folder is full. */
static void fill(scene *s) {
    while (place(s) == VO_RECORD_MAIN) {
        s->disk.space[0] = 0;
        scene_feed(s, 4800);
        scene_pass(s, 100 * MS);
    }
    CHECK(place(s) == VO_RECORD_SPOOL);
    s->disk.space[0] = UINT64_C(1) << 40;
}

static void all_is_durable(scene *s) {
    vo_record_close(s->record);
    scene_check(s);
    vo_record_stats stats = vo_record_stats_now(s->record);
    CHECK(stats.frames_durable == s->frames && !stats.dropped_frames);
    scene_free(s);
}

/* Fault row 22: what a crash has left of a sidecar makes room, whatever interrupts that. */
static void a_leftover_makes_room(void) {
    for (int call = FILES_CREATE; call <= FILES_REMOVE; call++)
        for (uint64_t k = 1; k < 5; k++) {
            scene *s = scene_new();
            leave(s, ".meeting.wav.json.new");
            fail(s, (files_call)call, -EINTR, -1, false);
            s->disk.fail_at = s->disk.calls[call] + k;
            scene_open(s);
            scene_feed(s, 100);
            all_is_durable(s);
        }
    for (int once = 0; once < 2; once++) {
        scene *s = scene_new();
        leave(s, ".meeting.wav.json.new");
        fail(s, once ? FILES_CREATE : FILES_REMOVE, -EINTR, -1, true);
        if (once) s->disk.fail_at += 2; /* the file, its sidecar, and that again */
        CHECK(vo_record_new(&s->record, &s->config, &s->memory.allocator) == VO_OK);
        CHECK(vo_record_open(s->record) == (once ? -EINTR : -EEXIST));
        s->disk.fail_at = 0;
        scene_free(s);
    }
}

static int64_t take_nothing(void *self, int file, const void *bytes, uint64_t n, uint64_t at) {
    (void)self, (void)file, (void)bytes, (void)n, (void)at;
    return 0;
}

static void a_write_of_nothing_is_a_failure(void) {
    scene *s = scene_new();
    s->disk.table.write = take_nothing;
    CHECK(vo_record_new(&s->record, &s->config, &s->memory.allocator) == VO_OK);
    CHECK(vo_record_open(s->record) == -EIO);
    scene_free(s);
}

static int refuse(void *self, int file) {
    (void)self, (void)file;
    return -EIO;
}

/* Fault row 23: what was written before a write that fails is not acknowledged without a sync. */
static void a_write_and_the_sync_after_it_fail(void) {
    scene *s = scene_new();
    scene_open(s);
    scene_feed(s, 100);
    int (*sync)(void *, int) = s->disk.table.sync;
    s->disk.table.sync = refuse;
    fail(s, FILES_WRITE, -EIO, 0, false);
    vo_record_flush(s->record);
    CHECK(vo_record_stats_now(s->record).frames_durable == 0);
    s->disk.table.sync = sync;
    all_is_durable(s);
}

static void errors_of_a_reserve_refuse_a_file(void) {
    static const int errors[] = {-ENOSPC, -EDQUOT, -EIO, -EROFS};
    for (int i = 0; i < 4; i++) {
        scene *s = scene_new();
        s->config.spool = NULL;
        fail(s, FILES_RESERVE, errors[i], -1, false);
        CHECK(vo_record_new(&s->record, &s->config, &s->memory.allocator) == VO_OK);
        CHECK(vo_record_open(s->record) == errors[i]);
        scene_free(s);
    }
}

/* On the way home from the spool: the room there is not known, the spool's file has no good end, or
   both disks fail in turn. */
static void faults_on_the_way_home(void) {
    static const struct {
        files_call call;
        int error, folder;
        bool from_then_on;
    } faults[] = {{FILES_FREE_BYTES, -EINTR, 0, false},
                  {FILES_FREE_BYTES, -EINTR, 0, true},
                  {FILES_FREE_BYTES, -EIO, 0, true},
                  {FILES_TRUNCATE, -EIO, 1, false}};
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        scene *s = scene_new();
        scene_open(s);
        fill(s);
        uint64_t failures = vo_record_stats_now(s->record).failures;
        fail(s, faults[i].call, faults[i].error, faults[i].folder, faults[i].from_then_on);
        while (place(s) == VO_RECORD_SPOOL) scene_pass(s, S);
        CHECK(place(s) == VO_RECORD_MAIN && s->disk.failures);
        CHECK(vo_record_stats_now(s->record).failures == failures + (i == 3));
        all_is_durable(s);
    }
    scene *s = scene_new();
    scene_open(s);
    fill(s);
    scene_pass(s, 100 * MS);
    scene_feed(s, 100);
    fail(s, FILES_SYNC, -EIO, -1, true);
    s->disk.fail_at++; /* after that of the look at the main folder */
    s->now_ns += 900 * MS;
    vo_record_step(s->record);
    CHECK(place(s) == VO_RECORD_MEMORY);
    s->disk.fail_at = 0;
    all_is_durable(s);
}

/* A folder that has held for long is tried again soon. */
static void a_folder_that_has_held_is_forgiven(void) {
    scene *s = scene_new();
    s->config.spool = NULL;
    scene_open(s);
    for (int round = 0; round < 2; round++) {
        scene_feed(s, 10);
        fail(s, FILES_SYNC, -EIO, -1, true);
        vo_record_flush(s->record);
        CHECK(vo_record_step(s->record) == S);
        scene_pass(s, S);
        CHECK(vo_record_step(s->record) == 2 * S);
        s->disk.fail_at = 0;
        scene_pass(s, 2 * S);
        CHECK(place(s) == VO_RECORD_MAIN);
        s->now_ns += 100 * S;
    }
    all_is_durable(s);
}

/* Fault row 19: without a spool, to its last byte. */
static void without_a_spool_a_disk_is_used_up(void) {
    scene *s = scene_new();
    s->config.spool = NULL;
    s->disk.space[0] = 3 << 20;
    scene_open(s);
    fail(s, FILES_FREE_BYTES, -EIO, -1, true); /* it does not say how full it is */
    while (place(s) == VO_RECORD_MAIN) {
        scene_feed(s, 4800);
        scene_pass(s, 100 * MS);
    }
    uint64_t left = 0;
    CHECK(scene_events(s, VO_EVENT_DISK_LOW, &left) == 1 && left == VO_RECORD_UNKNOWN);
    s->disk.fail_at = 0;
    uint64_t sidecars = (64 << 10) + 4096;
    CHECK(vo_record_stats_now(s->record).frames_durable > ((3 << 20) - sidecars) / 8 - 2000);
    s->disk.space[0] = UINT64_C(1) << 40;
    all_is_durable(s);
}

static void there_is_an_end_to_names(void) {
    scene *s = scene_new();
    s->config.segment_frames = 100;
    scene_open(s);
    s->record->number = VO_RECORD_FILES - 1;
    scene_feed(s, 150);
    vo_record_flush(s->record);
    scene_file f = scene_file_at(s, 1);
    CHECK(!strcmp(f.path, "/main/meeting-9999.wav"));
    vo_sidecar_free(f.sidecar);
    scene_feed(s, 100);
    vo_record_flush(s->record);
    CHECK(place(s) == VO_RECORD_MEMORY && vo_record_stats_now(s->record).error == -EOVERFLOW);
    vo_record_close(s->record);
    vo_record_stats stats = vo_record_stats_now(s->record);
    CHECK(stats.frames_durable == 200 && stats.dropped_frames == 50);
    scene_check(s);
    scene_free(s);
}

/* Fault row 39: disks and memory fail together, and the account is exact. */
static void memory_fails_when_it_is_the_last_place(void) {
    scene *s = scene_new();
    s->config.buffer_bytes = 1;
    scene_open(s);
    scene_feed(s, 100);
    fail(s, FILES_SYNC, -EIO, -1, true);
    vo_record_flush(s->record);
    s->memory.fail_at = 1;
    s->memory.from_then_on = true;
    scene_feed(s, 100000);
    vo_record_stats stats = vo_record_stats_now(s->record);
    CHECK(stats.place == VO_RECORD_STOPPED && stats.dropped_frames > 80000 && s->memory.failures);
    scene_check(s);
    s->memory.fail_at = s->disk.fail_at = 0;
    vo_record_close(s->record);
    scene_check(s);
    CHECK(vo_record_stats_now(s->record).frames_durable == s->frames);
    scene_free(s);
}

/* Fault row 39: gaps are in the sidecar although memory fails while they are entered; when it fails
   for long, the failure is told. */
static void gaps_outlast_a_shortage_of_memory(void) {
    for (int many = 0; many < 2; many++) {
        scene *s = scene_new();
        scene_open(s);
        scene_feed(s, 10);
        vo_record_flush(s->record);
        s->memory.fail_at = 1;
        s->memory.from_then_on = true;
        uint64_t gaps = many ? 500 : 30, told;
        for (uint64_t i = 0; i < gaps; i++) {
            scene_lose(s, 1, VO_CAUSE_DEVICE);
            scene_feed(s, 1);
            vo_record_flush(s->record);
        }
        s->memory.fail_at = 0;
        vo_record_close(s->record);
        scene_check(s);
        scene_file f = scene_file_at(s, 0);
        vo_sidecar_gaps(f.sidecar, &told);
        CHECK((told == gaps) == !many && told >= 30);
        if (many) CHECK(vo_record_stats_now(s->record).error == -ENOMEM);
        vo_sidecar_free(f.sidecar);
        scene_free(s);
    }
}

/* Fault row 39: after a second without memory for its CRC none is told, and those before are right.
 */
static void no_second_is_told_after_one_without_memory(void) {
    scene *s = scene_new();
    scene_open(s);
    scene_feed(s, 96000);
    vo_record_flush(s->record);
    s->memory.fail_at = 1;
    s->memory.from_then_on = true;
    while (!s->record->file.lacks_crc) {
        scene_feed(s, 30000);
        vo_record_flush(s->record);
    }
    s->memory.fail_at = 0;
    scene_feed(s, 300000);
    vo_record_close(s->record);
    scene_file f = scene_file_at(s, 0);
    vo_sidecar *whole;
    uint64_t told, n;
    const uint32_t *seconds = vo_sidecar_seconds(f.sidecar, &told);
    CHECK(vo_sidecar_new(&whole, vo_sidecar_head_of(f.sidecar), NULL) == VO_OK);
    CHECK(vo_sidecar_add_audio(whole, f.file->bytes + VO_WAV_HEAD_BYTES, s->frames * 8) == VO_OK);
    const uint32_t *right = vo_sidecar_seconds(whole, &n);
    CHECK(told && told < n && !memcmp(seconds, right, told * sizeof *seconds));
    CHECK(vo_record_stats_now(s->record).frames_durable == s->frames);
    vo_sidecar_free(whole);
    vo_sidecar_free(f.sidecar);
    scene_free(s);
}

int main(void) {
    a_leftover_makes_room();
    a_write_of_nothing_is_a_failure();
    a_write_and_the_sync_after_it_fail();
    errors_of_a_reserve_refuse_a_file();
    faults_on_the_way_home();
    a_folder_that_has_held_is_forgiven();
    without_a_spool_a_disk_is_used_up();
    there_is_an_end_to_names();
    memory_fails_when_it_is_the_last_place();
    gaps_outlast_a_shortage_of_memory();
    no_second_is_told_after_one_without_memory();
    return 0;
}
