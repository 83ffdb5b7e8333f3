/* Files and folders that somebody removes, moves or replaces while they are recorded. */
#include <errno.h>

#include "record_scene.h"

/* Takes a second of frames, in blocks of 10 ms. */
static void second(scene *s) {
    for (int i = 0; i < 100; i++) {
        scene_feed(s, 480);
        scene_pass(s, 10 * MS);
    }
}

static vo_record_place place(scene *s) {
    return vo_record_stats_now(s->record).place;
}

static void take_away(scene *s, const char *folder, const char *name) {
    const vo_files *files = &s->disk.table;
    int number = files->open_folder(&s->disk, folder);
    CHECK(files->remove(&s->disk, number, name) == 0);
    files->close(&s->disk, number);
}

static void check_gone(scene *s, uint64_t gone) {
    vo_record_stats told = vo_record_stats_now(s->record);
    CHECK(told.frames_gone == gone && told.frames == s->frames && !told.dropped_frames);
    CHECK(told.frames == told.frames_durable + told.frames_gone + told.frames_waiting);
    uint64_t value = 0;
    CHECK(scene_events(s, VO_EVENT_FILE_SEALED, &value) == 1 && value == ESTALE);
    CHECK(told.error == -ESTALE);
}

/* Fault row 25: at the next flush, whatever was done to it; what came after is in the spool. */
static void a_file_that_is_gone_is_left_at_once(void) {
    for (int how = 0; how < 3; how++) {
        scene *s = scene_new();
        s->config.segment_frames = 100000;
        scene_open(s);
        for (int i = 0; i < 5; i++) second(s); /* the third file has a second's 40,000 frames */
        uint64_t before = vo_record_stats_now(s->record).frames_durable;
        CHECK(vo_record_stats_now(s->record).files == 3 && before > 200000);
        take_away(s, "/main", "meeting-0003.wav");
        if (how == 1) failing_files_make(&s->disk, "/main", "meeting-0003.wav");
        if (how == 2) take_away(s, "/main", "meeting.wav"); /* and one before it, of 100,000 */
        for (int i = 0; i < 101; i++) {
            scene_feed(s, 480);
            scene_pass(s, 10 * MS);
        }
        CHECK(place(s) == VO_RECORD_SPOOL);
        check_gone(s, before - 200000 + (how == 2 ? 100000 : 0));
        vo_record_close(s->record);
        vo_record_stats told = vo_record_stats_now(s->record);
        CHECK(told.frames_durable + told.frames_gone == s->frames);
        CHECK(told.frames_gone == before - 200000 + (how == 2 ? 100000 : 0));
        scene_free(s);
    }
}

/* The second time only what is new is counted; and when it is found at the very end. */
static void files_are_gone_once(void) {
    scene *s = scene_new();
    scene_open(s);
    second(s);
    vo_record_flush(s->record);
    take_away(s, "/main", "meeting.wav");
    scene_feed(s, 480);
    vo_record_flush(s->record);
    check_gone(s, 48000);
    while (place(s) != VO_RECORD_MAIN) scene_pass(s, S);
    scene_feed(s, 480);
    vo_record_flush(s->record);
    CHECK(vo_record_stats_now(s->record).frames_durable == 960);
    take_away(s, "/main", "meeting-0003.wav");
    vo_record_close(s->record);
    vo_record_stats told = vo_record_stats_now(s->record);
    CHECK(told.frames_gone == 48480 && told.frames_durable == 480 && told.error == -ESTALE);
    scene_free(s);
}

static void check_moved(scene *s, uint32_t files) {
    vo_record_stats told = vo_record_stats_now(s->record);
    CHECK(told.place == VO_RECORD_MAIN && told.files == files);
    CHECK(!told.frames_gone && !told.dropped_frames);
}

/* Where it has gone is known by the folder that is open: in a file, and from one to the next. */
static void a_folder_that_is_moved_takes_the_recording_along(void) {
    for (int how = 0; how < 2; how++) {
        scene *s = scene_new();
        s->config.segment_frames = 100000;
        scene_open(s);
        second(s);
        if (how == 0) {
            strcpy(s->disk.folders[0], "/moved");
        } else { /* and a file has its name */
            s->disk.fail_call = FILES_OPEN_FOLDER;
            s->disk.fail_at = 1;
            s->disk.from_then_on = true;
            s->disk.error = -ENOTDIR;
        }
        for (int i = 0; i < 5; i++) second(s);
        check_moved(s, 3);
        vo_record_close(s->record);
        CHECK(vo_record_stats_now(s->record).failures == 0 && scene_check(s) == 3);
        scene_free(s);
    }
}

/* Its disk was full for a while, and there was no other. */
static void a_folder_that_was_moved_has_room_again(void) {
    scene *s = scene_new();
    s->config.spool = NULL;
    scene_open(s);
    second(s);
    strcpy(s->disk.folders[0], "/moved");
    s->disk.space[0] = 0;
    while (place(s) == VO_RECORD_MAIN) second(s);
    s->disk.space[0] = 1 << 30;
    while (place(s) != VO_RECORD_MAIN) scene_pass(s, S);
    check_moved(s, 2);
    vo_record_close(s->record);
    CHECK(scene_check(s) == 2);
    scene_free(s);
}

/* The path that was asked for counts, once there is a folder again. */
static void another_folder_in_its_place_has_the_next_file(void) {
    scene *s = scene_new();
    s->config.segment_frames = 100000;
    scene_open(s);
    second(s);
    strcpy(s->disk.folders[0], "/moved");
    strcpy(s->disk.folders[2], "/main");
    for (int i = 0; i < 2; i++) second(s);
    check_moved(s, 2);
    CHECK(failing_files_find(&s->disk, 0, "meeting.wav.json"));
    CHECK(failing_files_find(&s->disk, 2, "meeting-0002.wav"));
    scene_free(s);
}

/* In the spool, nothing of the main folder is open: its disk can be unmounted. So it is not known
   any more where that was moved. */
static void a_folder_that_was_left_is_let_go(void) {
    scene *s = scene_new();
    scene_open(s);
    second(s);
    s->disk.space[0] = 0;
    while (place(s) == VO_RECORD_MAIN) second(s);
    CHECK(place(s) == VO_RECORD_SPOOL);
    for (int i = 0; i < FILES_DESCRIPTORS; i++)
        CHECK(!s->disk.descriptors[i].open || s->disk.descriptors[i].folder == 1);
    strcpy(s->disk.folders[0], "/moved");
    s->disk.space[0] = 1 << 30;
    for (int i = 0; i < 5; i++) second(s);
    vo_record_close(s->record);
    CHECK(scene_check(s) == 2 && vo_record_stats_now(s->record).frames_durable == s->frames);
    scene_free(s);
}

static int find_another(void *self, int folder, const char *name, int file) {
    (void)self, (void)folder, (void)name;
    return file < 0 ? -ENOENT : -ESTALE;
}

/* Its numbers of files change from look to look. */
static void a_file_system_that_cannot_tell_is_believed(void) {
    scene *s = scene_new();
    s->disk.table.find = find_another;
    scene_open(s);
    for (int i = 0; i < 3; i++) second(s);
    vo_record_close(s->record);
    CHECK(scene_check(s) == 1 && vo_record_stats_now(s->record).frames_gone == 0);
    scene_free(s);
}

int main(void) {
    a_file_that_is_gone_is_left_at_once();
    files_are_gone_once();
    a_folder_that_is_moved_takes_the_recording_along();
    a_folder_that_was_moved_has_room_again();
    another_folder_in_its_place_has_the_next_file();
    a_folder_that_was_left_is_let_go();
    a_file_system_that_cannot_tell_is_believed();
    return 0;
}
