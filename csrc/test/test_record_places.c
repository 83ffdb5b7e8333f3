/* A recording on disks that fill up, fail and come back: main, spool, memory, nowhere, and back. */
#include <errno.h>

#include "record_scene.h"

/* Takes a second of frames, in blocks of 10 ms. */
static void second(scene *s) {
    for (int i = 0; i < 100; i++) {
        scene_feed(s, 480);
        scene_pass(s, 10 * MS);
    }
    scene_check(s);
}

static vo_record_place place(scene *s) {
    return vo_record_stats_now(s->record).place;
}

static bool ends_with(const char *path, const char *end) {
    return strlen(path) >= strlen(end) && !strcmp(path + strlen(path) - strlen(end), end);
}

/* Fault rows 19 20; K5. */
static void a_full_disk_goes_on_in_the_spool_and_back(void) {
    scene *s = scene_new();
    s->disk.space[0] = 3 << 20;
    scene_open(s);
    while (place(s) == VO_RECORD_MAIN) second(s);
    CHECK(place(s) == VO_RECORD_SPOOL);
    vo_record_stats stats = vo_record_stats_now(s->record);
    CHECK(stats.error == -ENOSPC && stats.files == 2 && stats.dropped_frames == 0);
    uint64_t value = 0;
    CHECK(scene_events(s, VO_EVENT_SPOOLING, &value) == 1 && value == ENOSPC);
    for (int i = 0; i < 5; i++) second(s);
    CHECK(place(s) == VO_RECORD_SPOOL); /* it looks, and there is no room yet */
    s->disk.space[0] = UINT64_C(1) << 40;
    for (int i = 0; i < 70 && place(s) == VO_RECORD_SPOOL; i++) {
        scene_pass(s, S);
        CHECK(vo_record_stats_now(s->record).files <= 3);
    }
    second(s);
    CHECK(place(s) == VO_RECORD_MAIN);
    CHECK(scene_events(s, VO_EVENT_BACK, &value) == 1);
    vo_record_close(s->record);
    CHECK(scene_check(s) == 3);
    static const char *const names[] = {"/main/meeting.wav", "/spool/meeting-0002.wav",
                                        "/main/meeting-0003.wav"};
    static const vo_sidecar_end how[] = {VO_SIDECAR_SEALED, VO_SIDECAR_ROLLED, VO_SIDECAR_CLOSED};
    for (uint32_t i = 0; i < 3; i++) {
        scene_file f = scene_file_at(s, i);
        CHECK(ends_with(f.path, names[i]) && vo_sidecar_end_of(f.sidecar) == how[i]);
        CHECK(!strcmp(vo_sidecar_head_of(f.sidecar)->spool, "/spool")); /* where it went on */
        vo_sidecar_free(f.sidecar);
    }
    CHECK(vo_record_stats_now(s->record).frames_durable == s->frames);
    scene_free(s);
}

/* Fault rows 21 23: both disks fail for a while. Memory keeps all, and it is drained in order. */
static void memory_is_the_last_place_and_is_drained(void) {
    scene *s = scene_new();
    scene_open(s);
    second(s);
    s->disk.fail_call = FILES_SYNC;
    s->disk.fail_at = 1;
    s->disk.from_then_on = true;
    s->disk.error = -EIO;
    for (int i = 0; i < 4; i++) second(s);
    CHECK(place(s) == VO_RECORD_MEMORY);
    uint64_t value = 0, waiting = vo_record_stats_now(s->record).frames_waiting;
    CHECK(waiting >= 3 * 48000 && s->record->backlog.blocks > s->record->backlog.kept);
    CHECK(scene_events(s, VO_EVENT_IN_MEMORY, &value) == 1 && value == EIO);
    s->disk.fail_at = 0;
    for (int i = 0; i < 60 && place(s) == VO_RECORD_MEMORY; i++) scene_pass(s, S);
    CHECK(place(s) != VO_RECORD_MEMORY && vo_record_stats_now(s->record).frames_waiting == 0);
    CHECK(s->record->backlog.spares == s->record->backlog.kept); /* the rest is given back */
    second(s);
    vo_record_close(s->record);
    CHECK(vo_record_stats_now(s->record).frames_durable == s->frames);
    CHECK(vo_record_stats_now(s->record).dropped_frames == 0);
    scene_check(s);
    scene_free(s);
}

/* K5 K6: memory is full too. What is dropped is told to the frame and becomes silence. */
static void beyond_memory_frames_are_dropped_by_the_book(void) {
    scene *s = scene_new();
    s->config.spool = NULL;
    s->config.memory_bytes = 1 << 20;
    scene_open(s);
    second(s);
    s->disk.fail_call = FILES_CREATE; /* the folder is gone: fault row 25 */
    s->disk.fail_at = 1;
    s->disk.from_then_on = true;
    s->disk.error = -ENOENT;
    s->disk.space[0] = 0;
    for (int i = 0; i < 8; i++) second(s);
    vo_record_stats stats = vo_record_stats_now(s->record);
    CHECK(stats.place == VO_RECORD_STOPPED && stats.dropped_frames > 48000);
    CHECK(stats.first_dropped + stats.dropped_frames == s->frames && stats.gaps == 1);
    uint64_t value = 0;
    CHECK(scene_events(s, VO_EVENT_RECORD_STOPPED, &value) == 1 && value == ENOENT);
    s->disk.fail_at = 0;
    s->disk.space[0] = UINT64_C(1) << 40;
    for (int i = 0; i < 60 && place(s) != VO_RECORD_MAIN; i++) scene_pass(s, S);
    CHECK(vo_record_stats_now(s->record).silence_frames == stats.dropped_frames); /* at once */
    second(s);
    vo_record_close(s->record);
    scene_check(s);
    stats = vo_record_stats_now(s->record);
    CHECK(stats.frames_durable == s->frames && stats.silence_frames == stats.dropped_frames);
    CHECK(scene_events(s, VO_EVENT_BACK, &value) == 1);
    scene_free(s);
}

/* Fault row 25. */
static void a_folder_that_is_removed_is_left(void) {
    scene *s = scene_new();
    scene_open(s);
    second(s);
    s->disk.fail_call = FILES_CREATE;
    s->disk.only_folder = 0;
    s->disk.from_then_on = true;
    s->disk.fail_at = 1;
    s->disk.error = -ENOENT;
    for (int i = 0; i < 15; i++) second(s);
    CHECK(place(s) == VO_RECORD_SPOOL && vo_record_stats_now(s->record).frames_waiting < 48000);
    vo_record_close(s->record);
    scene_check(s);
    scene_free(s);
}

static void what_finds_no_place_at_the_end_is_counted(void) {
    scene *s = scene_new();
    scene_open(s);
    second(s);
    s->disk.fail_call = FILES_WRITE;
    s->disk.fail_at = 1;
    s->disk.from_then_on = true;
    s->disk.error = -EIO;
    second(s);
    vo_record_close(s->record);
    vo_record_stats stats = vo_record_stats_now(s->record);
    CHECK(stats.place == VO_RECORD_STOPPED && stats.first_dropped == stats.frames_durable);
    CHECK(stats.frames_durable + stats.dropped_frames == s->frames);
    scene_check(s);
    scene_free(s);
}

/* A last try at the end, without the rest that a folder would have. */
static void the_end_tries_once_more(void) {
    scene *s = scene_new();
    scene_open(s);
    second(s);
    s->disk.fail_call = FILES_SYNC;
    s->disk.fail_at = 1;
    s->disk.from_then_on = true;
    s->disk.error = -EIO;
    second(s);
    CHECK(place(s) == VO_RECORD_MEMORY);
    s->disk.fail_at = 0;
    vo_record_close(s->record);
    CHECK(vo_record_stats_now(s->record).frames_durable == s->frames);
    CHECK(vo_record_stats_now(s->record).place == VO_RECORD_MAIN);
    scene_check(s);
    scene_free(s);
}

/* Fault row 20. */
static void a_disk_that_will_soon_be_full_is_told(void) {
    scene *s = scene_new();
    s->disk.space[0] = UINT64_C(70) * 48000 * 8;
    scene_open(s);
    uint64_t left = 0, first = 0;
    for (int i = 0; i < 15; i++) {
        second(s);
        uint64_t now = vo_record_stats_now(s->record).seconds_left;
        if (scene_events(s, VO_EVENT_DISK_LOW, &left)) {
            CHECK(!first && left == now && left < 60);
            first = left;
        }
    }
    CHECK(first > 50 && first < 60); /* what is reserved is not left */
    s->disk.space[0] += UINT64_C(60) * 48000 * 8;
    second(s);
    s->disk.space[0] -= UINT64_C(60) * 48000 * 8;
    CHECK(scene_events(s, VO_EVENT_DISK_LOW, &left) == 0);
    second(s);
    CHECK(scene_events(s, VO_EVENT_DISK_LOW, &left) == 1); /* it is news again */
    s->disk.fail_call = FILES_FREE_BYTES;
    s->disk.from_then_on = true;
    s->disk.fail_at = 1;
    s->disk.error = -EIO;
    second(s);
    CHECK(vo_record_stats_now(s->record).seconds_left == VO_RECORD_UNKNOWN);
    scene_free(s);
}

/* Fault row 19: within its first second, before its sidecar was due. */
static void a_disk_that_fills_at_once_says_when_it_began(void) {
    scene *s = scene_new();
    scene_open(s);
    s->now_ns = 77 * S;
    vo_record_begin(s->record, 4711);
    s->disk.space[0] = 0; /* not even for another sidecar */
    scene_feed(s, 200000);
    scene_check(s);
    CHECK(place(s) == VO_RECORD_SPOOL && vo_record_stats_now(s->record).files == 2);
    for (uint32_t i = 0; i < 2; i++) {
        scene_file f = scene_file_at(s, i);
        const vo_sidecar_head *head = vo_sidecar_head_of(f.sidecar);
        CHECK(head->started_ns == 77 * S && head->capture_frame == 4711);
        CHECK(head->started_wall_ns == scene_wall(s));
        vo_sidecar_free(f.sidecar);
    }
    scene_free(s);
}

/* Then no frame is in a file that says otherwise. */
static void a_disk_that_takes_no_start_is_left(void) {
    scene *s = scene_new();
    scene_open(s);
    s->disk.fail_call = FILES_RENAME;
    s->disk.only_folder = 0;
    s->disk.from_then_on = true;
    s->disk.fail_at = 1;
    s->disk.error = -EIO;
    vo_record_begin(s->record, 4711);
    second(s);
    CHECK(place(s) == VO_RECORD_SPOOL);
    scene_file f = scene_file_at(s, 0);
    CHECK(f.file->size == VO_WAV_HEAD_BYTES);
    vo_sidecar_free(f.sidecar);
    scene_free(s);
}

static void a_disk_without_room_for_the_first_file_refuses(void) {
    scene *s = scene_new();
    s->config.spool = NULL;
    s->disk.space[0] = 100000;
    CHECK(vo_record_new(&s->record, &s->config, &s->memory.allocator) == VO_OK);
    CHECK(vo_record_open(s->record) == -ENOSPC);
    CHECK(!failing_files_find(&s->disk, 0, "meeting.wav"));
    scene_free(s);
}

/* Faults 19 20: it begins in the spool, and is home as soon as there is room. */
static void a_full_disk_at_the_start_is_passed_over(void) {
    for (int taken = 0; taken < 2; taken++) {
        scene *s = scene_new();
        s->disk.space[0] = 100000;
        if (taken) failing_files_make(&s->disk, "/spool", "meeting.wav");
        scene_open(s);
        CHECK(place(s) == VO_RECORD_SPOOL && vo_record_stats_now(s->record).error == -ENOSPC);
        uint64_t value = 0;
        CHECK(scene_events(s, VO_EVENT_SPOOLING, &value) == 1 && value == ENOSPC);
        second(s);
        s->disk.space[0] = UINT64_C(1) << 40;
        while (place(s) != VO_RECORD_MAIN) second(s);
        vo_record_close(s->record);
        CHECK(scene_check(s) == 2 && vo_record_stats_now(s->record).frames_durable == s->frames);
        for (uint32_t i = 0; i < 2; i++) {
            static const char *const names[2][2] = {
                {"/spool/meeting.wav", "/main/meeting-0002.wav"},
                {"/spool/meeting-0002.wav", "/main/meeting-0003.wav"}};
            scene_file f = scene_file_at(s, i);
            CHECK(!strcmp(f.path, names[taken][i]));
            vo_sidecar_free(f.sidecar);
        }
        scene_free(s);
    }
    static const int errors[] = {-ENOSPC, -EDQUOT, -EIO}; /* of both; then of the first one alone */
    for (int i = 0; i < 3; i++) {
        scene *s = scene_new();
        s->disk.fail_call = FILES_WRITE;
        s->disk.from_then_on = true;
        s->disk.fail_at = 1;
        s->disk.error = errors[i];
        if (i == 2) s->disk.only_folder = 0;
        CHECK(vo_record_new(&s->record, &s->config, &s->memory.allocator) == VO_OK);
        CHECK(vo_record_open(s->record) == errors[i]);
        CHECK(failing_files_open(&s->disk) == 0 && vo_record_stats_now(s->record).files == 0);
        scene_free(s);
    }
}

/* A file system that reserves nothing records all the same. */
static void no_reserve_is_no_failure(void) {
    scene *s = scene_new();
    s->disk.fail_call = FILES_RESERVE;
    s->disk.from_then_on = true;
    s->disk.fail_at = 1;
    s->disk.error = -EOPNOTSUPP;
    scene_open(s);
    second(s);
    second(s);
    CHECK(vo_record_stats_now(s->record).failures == 0 && s->disk.failures == 1);
    scene_free(s);
}

/* A folder that fails again and again is tried less and less often. */
static void a_broken_folder_is_left_alone_for_longer(void) {
    scene *s = scene_new();
    s->config.spool = NULL;
    scene_open(s);
    scene_feed(s, 10);
    s->disk.fail_call = FILES_SYNC;
    s->disk.from_then_on = true;
    s->disk.fail_at = 1;
    s->disk.error = -EIO;
    vo_record_flush(s->record);
    uint64_t waits[10];
    for (int i = 0; i < 10; i++) {
        waits[i] = vo_record_step(s->record);
        scene_pass(s, waits[i]);
    }
    for (int i = 0; i < 10; i++) CHECK(waits[i] == (i < 6 ? S << i : 60 * S));
    scene_free(s);
}

/* However long the main folder is left alone: memory does not last. */
static void the_spool_has_a_rest_of_its_own(void) {
    scene *s = scene_new();
    s->disk.space[0] = 2 << 20;
    scene_open(s);
    while (place(s) == VO_RECORD_MAIN) second(s);
    vo_record_flush(s->record);
    while (vo_record_step(s->record) < 30 * S) scene_pass(s, S);
    s->disk.fail_call = FILES_SYNC;
    s->disk.only_folder = 1;
    s->disk.fail_at = s->disk.calls[FILES_SYNC] + 1;
    s->disk.error = -EIO;
    scene_feed(s, 100);
    scene_pass(s, S);
    CHECK(place(s) == VO_RECORD_MEMORY);
    CHECK(vo_record_step(s->record) == S);
    scene_pass(s, S);
    CHECK(place(s) == VO_RECORD_SPOOL);
    scene_check(s);
    scene_free(s);
}

/* While it looks whether the main folder has room, the spool fails. */
static void the_spool_fails_on_the_way_home(void) {
    scene *s = scene_new();
    s->disk.space[0] = 2 << 20;
    scene_open(s);
    while (place(s) == VO_RECORD_MAIN) second(s);
    s->disk.space[0] = UINT64_C(1) << 40;
    scene_feed(s, 100);
    s->disk.fail_call = FILES_SYNC;
    s->disk.only_folder = 1;
    s->disk.from_then_on = true;
    s->disk.fail_at = 1;
    s->disk.error = -EIO;
    for (int i = 0; i < 60 && place(s) != VO_RECORD_MAIN; i++) scene_pass(s, S);
    CHECK(place(s) == VO_RECORD_MAIN);
    vo_record_close(s->record);
    CHECK(vo_record_stats_now(s->record).frames_durable == s->frames);
    scene_check(s);
    scene_free(s);
}

int main(void) {
    a_full_disk_goes_on_in_the_spool_and_back();
    memory_is_the_last_place_and_is_drained();
    beyond_memory_frames_are_dropped_by_the_book();
    a_folder_that_is_removed_is_left();
    what_finds_no_place_at_the_end_is_counted();
    the_end_tries_once_more();
    a_disk_that_will_soon_be_full_is_told();
    a_disk_that_fills_at_once_says_when_it_began();
    a_disk_that_takes_no_start_is_left();
    a_disk_without_room_for_the_first_file_refuses();
    a_full_disk_at_the_start_is_passed_over();
    no_reserve_is_no_failure();
    a_broken_folder_is_left_alone_for_longer();
    the_spool_has_a_rest_of_its_own();
    the_spool_fails_on_the_way_home();
    return 0;
}
