/* Sidecars of a recording: when they are written, and what they say of a disk that took no more. */
#include <errno.h>

#include "proven.h"
#include "record_scene.h"

static void second(scene *s) {
    for (int i = 0; i < 100; i++) {
        scene_feed(s, 480);
        scene_pass(s, 10 * MS);
    }
    scene_check(s);
}

static vo_record_stats stats(const scene *s) {
    return vo_record_stats_now(s->record);
}

static void fail(scene *s, files_call call, int error) {
    s->disk.fail_call = call;
    s->disk.fail_at = s->disk.calls[call] + 1;
    s->disk.error = error;
    s->disk.from_then_on = true;
}

/* A recording whose main folder has taken all that it can. */
static void fill(scene *s) {
    s->disk.space[0] = 5 << 20;
    scene_open(s);
    while (stats(s).place == VO_RECORD_MAIN) second(s);
}

/* The first file's sidecar knows what is in the file, to the frame. */
static void check_sealed(const scene *s) {
    scene_file f = scene_file_at(s, 0);
    uint64_t seconds, frames = (f.file->size - VO_WAV_HEAD_BYTES) / 8;
    vo_sidecar_seconds(f.sidecar, &seconds);
    CHECK(vo_sidecar_end_of(f.sidecar) == VO_SIDECAR_SEALED && frames > 10 * 48000);
    CHECK(vo_sidecar_durable(f.sidecar) == frames && seconds == frames / 48000);
    CHECK(is_proven(f.sidecar, f.file->durable + VO_WAV_HEAD_BYTES));
    vo_sidecar_free(f.sidecar);
}

/* Frames that the last file's sidecar says to be lost after those that it has, and why. */
static uint64_t gap_at_the_end(const scene *s, uint32_t *cause) {
    scene_file f = scene_file_at(s, (uint32_t)stats(s).files - 1);
    uint64_t count, frames = 0;
    const vo_sidecar_gap *gaps = vo_sidecar_gaps(f.sidecar, &count);
    for (uint64_t i = 0; i < count; i++)
        if (gaps[i].frame >= vo_sidecar_durable(f.sidecar)) {
            frames += gaps[i].frames;
            *cause = gaps[i].cause;
        }
    vo_sidecar_free(f.sidecar);
    return frames;
}

/* What a kill leaves: at each flush the sidecar knows each whole second of what is durable. */
static void each_second_is_told_at_its_flush(void) {
    scene *s = scene_new();
    scene_open(s);
    for (int i = 0; i < 12; i++) {
        second(s);
        uint64_t durable = stats(s).frames_durable, seconds;
        scene_file f = scene_file_at(s, 0);
        vo_sidecar_seconds(f.sidecar, &seconds);
        CHECK(seconds == durable / 48000 && vo_sidecar_durable(f.sidecar) / 48000 == seconds);
        vo_sidecar_free(f.sidecar);
    }
    scene_free(s);
}

static uint64_t gaps_told(const scene *s) {
    scene_file f = scene_file_at(s, 0);
    uint64_t count;
    vo_sidecar_gaps(f.sidecar, &count);
    vo_sidecar_free(f.sidecar);
    return count;
}

/* Long before a second is over; but not for less audio than the text that tells it. */
static void a_gap_is_told_soon(void) {
    scene *s = scene_new();
    s->config.format = (vo_wav_format){1000, 1, VO_WAV_PCM16};
    s->config.flush_ns = 100 * MS;
    scene_open(s);
    scene_feed(s, 1);
    uint64_t frames = s->record->file.sidecar_bytes / 2 + 1;
    scene_lose(s, 10, VO_CAUSE_DEVICE);
    scene_lose(s, 5, VO_CAUSE_OVERFLOW);
    scene_pass(s, 100 * MS);
    CHECK(stats(s).frames_durable == 16 && gaps_told(s) == 0);
    scene_feed(s, frames - 16);
    scene_pass(s, 100 * MS);
    CHECK(stats(s).frames_durable == frames && gaps_told(s) == 2 && frames < 1000);
    scene_check(s);
    scene_free(s);
}

/* Fault row 19: with and without a spool, on file systems that reserve and on those that do not. */
static void a_full_disk_has_a_whole_sidecar(void) {
    for (int spool = 0; spool < 2; spool++)
        for (int reserves = 0; reserves < 2; reserves++) {
            scene *s = scene_new();
            if (!spool) s->config.spool = NULL;
            if (!reserves) fail(s, FILES_RESERVE, -EOPNOTSUPP);
            fill(s);
            check_sealed(s);
            CHECK(stats(s).place == (spool ? VO_RECORD_SPOOL : VO_RECORD_MEMORY));
            CHECK(spool || s->disk.space[0] < 65 << 10);
            vo_record_close(s->record);
            uint32_t cause = 0;
            uint64_t lost = stats(s).frames - stats(s).frames_durable;
            CHECK(gap_at_the_end(s, &cause) == lost && (lost == 0) == spool);
            if (lost) CHECK(cause == VO_CAUSE_OVERFLOW && stats(s).dropped_frames == lost);
            scene_check(s);
            scene_free(s);
        }
}

/* A loss that the device told is not the disk's. */
static void losses_at_the_end_have_their_causes(void) {
    for (int device = 0; device < 2; device++) {
        scene *s = scene_new();
        s->config.spool = NULL;
        s->config.memory_bytes = 0;
        fill(s);
        if (device) scene_lose(s, 200000, VO_CAUSE_DEVICE);
        while (stats(s).place != VO_RECORD_STOPPED && !device) scene_feed(s, 48000);
        vo_record_close(s->record);
        uint32_t cause = 0;
        CHECK(gap_at_the_end(s, &cause) == stats(s).frames - stats(s).frames_durable);
        CHECK(cause == (device ? VO_CAUSE_DEVICE : VO_CAUSE_OVERFLOW));
        scene_check(s);
        scene_free(s);
    }
}

static scene *robbed;
static int (*close_through)(void *, int);

/* Another program takes what is given back, at once. */
static int close_and_rob(void *self, int file) {
    int result = close_through(self, file);
    if (robbed->disk.files[robbed->disk.descriptors[file - 3].at].names == 0)
        robbed->disk.space[0] = 0;
    return result;
}

static scene *rob(bool spool) {
    scene *s = robbed = scene_new();
    if (!spool) s->config.spool = NULL;
    close_through = s->disk.table.close;
    s->disk.table.close = close_and_rob;
    fill(s);
    s->disk.table.close = close_through;
    scene_file f = scene_file_at(s, 0);
    CHECK(vo_sidecar_end_of(f.sidecar) == VO_SIDECAR_OPEN);
    vo_sidecar_free(f.sidecar);
    return s;
}

/* Fault row 19: what could not be told is told as soon as there is room again. */
static void a_sidecar_without_room_is_written_later(void) {
    for (int spool = 0; spool < 2; spool++) {
        scene *s = rob(spool);
        if (spool) {
            second(s); /* a file in another folder has no room for it either */
            CHECK(stats(s).files == 2);
        }
        s->disk.space[0] = UINT64_C(1) << 40;
        while (stats(s).place != VO_RECORD_MAIN) scene_pass(s, S);
        check_sealed(s);
        vo_record_close(s->record);
        check_sealed(s);
        CHECK(stats(s).frames_durable == s->frames);
        scene_check(s);
        scene_free(s);

        s = rob(spool);
        s->disk.space[0] = 64 << 10; /* for a sidecar, not for a file */
        vo_record_close(s->record);
        check_sealed(s);
        scene_free(s);
    }
    scene *s = rob(false);
    vo_record_abandon(s->record); /* fault row 41: its folder goes with the child */
    scene_free(s);
}

/* As much as there is, and more when there is more: it is given back as a whole. */
static void the_room_is_what_fits_and_grows(void) {
    scene *s = scene_new();
    s->config.spool = NULL;
    s->config.format = (vo_wav_format){100, 1, VO_WAV_PCM16};
    uint64_t ahead = 2 * (2 * 200 + (64 << 10)); /* what a file reserves */
    s->disk.space[0] = VO_WAV_HEAD_BYTES + ahead + 4096 + (20 << 10);
    scene_open(s);
    CHECK(s->record->file.spare_bytes == 16 << 10);
    s->disk.space[0] = UINT64_C(1) << 40;
    for (int i = 0; i < 9000; i++) { /* seconds: 72 KB */
        scene_feed(s, 100);
        scene_pass(s, S);
    }
    CHECK(s->record->file.spare_bytes == 128 << 10);
    CHECK(s->disk.calls[FILES_RENAME] < 30); /* each one is a text that is written anew */
    s->disk.space[0] = 0;
    fail(s, FILES_SYNC, -EIO);
    s->disk.from_then_on = false;
    scene_feed(s, 100);
    scene_pass(s, S);
    scene_file f = scene_file_at(s, 0);
    uint64_t seconds;
    vo_sidecar_seconds(f.sidecar, &seconds);
    CHECK(vo_sidecar_end_of(f.sidecar) == VO_SIDECAR_SEALED && seconds == 9000);
    vo_sidecar_free(f.sidecar);
    scene_free(s);
}

static int reserve_nothing(void *self, int file, uint64_t at, uint64_t bytes) {
    (void)self, (void)file, (void)at, (void)bytes;
    return -EOPNOTSUPP;
}

/* No room is no failure, and it is tried again. */
static void without_room_it_records_all_the_same(void) {
    static const files_call calls[] = {FILES_CREATE, FILES_WRITE, FILES_SYNC};
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        scene *s = scene_new();
        s->disk.table.reserve = reserve_nothing;
        fail(s, calls[i], -EIO);
        s->disk.fail_at = 3; /* after those of the file and of its sidecar */
        s->disk.from_then_on = false;
        scene_open(s);
        CHECK(s->disk.failures == 1 && s->record->file.spare_bytes < 64 << 10);
        second(s);
        second(s);
        CHECK(s->record->file.spare_bytes >= 64 << 10 && stats(s).failures == 0);
        vo_record_close(s->record);
        CHECK(stats(s).frames_durable == s->frames);
        scene_check(s);
        scene_free(s);
    }
}

int main(void) {
    each_second_is_told_at_its_flush();
    a_gap_is_told_soon();
    a_full_disk_has_a_whole_sidecar();
    losses_at_the_end_have_their_causes();
    a_sidecar_without_room_is_written_later();
    the_room_is_what_fits_and_grows();
    without_room_it_records_all_the_same();
    return 0;
}
