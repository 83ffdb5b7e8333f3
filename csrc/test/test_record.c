/* A recording on a disk that works: what is written when, and what the files hold. */
#include "record_scene.h"

static vo_wav_info info_of(const memory_file *file) {
    vo_wav_info info;
    CHECK(vo_wav_parse(&info, file->bytes, file->size, file->size) == VO_OK);
    return info;
}

static void frames_come_back(void) {
    static const vo_wav_format formats[] = {{48000, 1, VO_WAV_FLOAT32},
                                            {44100, 2, VO_WAV_PCM24},
                                            {16000, 3, VO_WAV_PCM16},
                                            {8000, 1, VO_WAV_PCM24},
                                            {48000, 17, VO_WAV_PCM24}};
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        scene *s = scene_new();
        s->config.format = formats[i];
        scene_open(s);
        for (uint64_t n = 1; n < 3000; n = n * 3 + 1) {
            scene_feed(s, n);
            scene_pass(s, 100 * MS);
            scene_check(s);
        }
        vo_record_close(s->record);
        vo_record_close(s->record);
        CHECK(scene_check(s) == 1);
        scene_file f = scene_file_at(s, 0);
        vo_wav_info info = info_of(f.file);
        CHECK(!info.open && info.frames == s->frames && info.channels == formats[i].channels);
        CHECK(vo_sidecar_end_of(f.sidecar) == VO_SIDECAR_CLOSED);
        CHECK(vo_record_stats_now(s->record).frames_durable == s->frames);
        vo_sidecar_free(f.sidecar);
        scene_free(s);
    }
}

/* K2 K3: by age, to the nanosecond. */
static void a_flush_comes_when_a_frame_is_old_enough(void) {
    scene *s = scene_new();
    scene_open(s);
    CHECK(vo_record_step(s->record) == UINT64_MAX);
    scene_feed(s, 100);
    CHECK(vo_record_step(s->record) == S);
    s->now_ns += S - 1;
    scene_feed(s, 100);
    CHECK(vo_record_step(s->record) == 1);
    CHECK(vo_record_stats_now(s->record).frames_durable == 0);
    s->now_ns += 1;
    CHECK(vo_record_step(s->record) == UINT64_MAX);
    CHECK(vo_record_stats_now(s->record).frames_durable == 200);
    scene_check(s);
    scene_free(s);
}

/* K2: at 80 % of the buffer. */
static void a_flush_comes_when_the_buffer_is_nearly_full(void) {
    scene *s = scene_new();
    s->config.buffer_bytes = 1000 * 8;
    scene_open(s);
    scene_feed(s, 799);
    CHECK(vo_record_stats_now(s->record).frames_durable == 0);
    scene_feed(s, 1);
    CHECK(vo_record_stats_now(s->record).frames_durable == 800);
    scene_free(s);
}

/* K1 K2: by bytes; each but a flush's last one is long, and ends with a page. */
static void writes_are_long_and_end_with_pages(void) {
    scene *s = scene_new();
    s->config.format = (vo_wav_format){48000, 1, VO_WAV_PCM24};
    s->config.buffer_bytes = 8 << 20;
    scene_open(s);
    for (int i = 0; i < 1000; i++) {
        scene_feed(s, 480);
        scene_pass(s, 10 * MS);
    }
    uint64_t at = 0, flushes = 0;
    for (uint64_t i = 0; i < s->disk.write_count; i++) {
        at += s->disk.writes[i];
        if (at % VO_BACKLOG_PAGE_BYTES)
            flushes++;
        else
            CHECK(s->disk.writes[i] >= VO_RECORD_WRITE_BYTES);
    }
    CHECK(flushes <= 10 && s->disk.write_count >= 4 * flushes);
    CHECK(vo_record_stats_now(s->record).writes == s->disk.write_count);
    CHECK(vo_record_stats_now(s->record).bytes == s->disk.audio_bytes);
    scene_free(s);
}

static void segments_are_exact(void) {
    scene *s = scene_new();
    s->config.segment_frames = 1000;
    scene_open(s);
    scene_feed(s, 999);
    scene_feed(s, 2002);
    scene_lose(s, 1500, VO_CAUSE_DEVICE); /* over the end of a file */
    scene_feed(s, 499);
    vo_record_close(s->record);
    CHECK(scene_check(s) == 5);
    uint64_t value = 0;
    CHECK(scene_events(s, VO_EVENT_FILE_ROLLED, &value) == 4 && value == 4);
    for (uint32_t i = 0; i < 5; i++) {
        scene_file f = scene_file_at(s, i);
        char path[64], before[64];
        snprintf(path, sizeof path, i ? "/main/meeting-%04u.wav" : "/main/meeting.wav", i + 1);
        snprintf(before, sizeof before, i > 1 ? "/main/meeting-%04u.wav" : "/main/meeting.wav", i);
        CHECK(!strcmp(f.path, path) && info_of(f.file).frames == 1000);
        const vo_sidecar_head *head = vo_sidecar_head_of(f.sidecar);
        CHECK(head->first_frame == i * 1000 && !strcmp(head->recording, "meeting.wav"));
        CHECK(!strcmp(head->previous, i ? before : ""));
        CHECK(vo_sidecar_end_of(f.sidecar) == (i < 4 ? VO_SIDECAR_ROLLED : VO_SIDECAR_CLOSED));
        vo_sidecar_free(f.sidecar);
    }
    char path[64];
    CHECK(!vo_record_path(s->record, 5, path, sizeof path));
    scene_free(s);
}

/* Fault row 26. */
static void a_file_ends_before_its_limit(void) {
    scene *s = scene_new();
    s->config.limit_bytes = VO_WAV_HEAD_BYTES + 8003;
    scene_open(s);
    scene_feed(s, 2500);
    vo_record_close(s->record);
    CHECK(scene_check(s) == 3);
    scene_file f = scene_file_at(s, 0);
    CHECK(f.file->size == VO_WAV_HEAD_BYTES + 8000);
    vo_sidecar_free(f.sidecar);
    scene_free(s);
}

static void names_that_are_taken_are_left_alone(void) {
    scene *s = scene_new();
    s->config.segment_frames = 100;
    s->config.name = "no dot";
    int folder = s->disk.table.open_folder(&s->disk, "/main");
    int other = s->disk.table.create(&s->disk, folder, "no dot-0002");
    s->disk.table.close(&s->disk, other);
    s->disk.table.close(&s->disk, folder);
    scene_open(s);
    scene_feed(s, 150);
    vo_record_close(s->record);
    CHECK(scene_check(s) == 2);
    scene_file f = scene_file_at(s, 1);
    CHECK(!strcmp(f.path, "/main/no dot-0003"));
    vo_sidecar_free(f.sidecar);
    scene_free(s);

    s = scene_new(); /* a sidecar whose audio is elsewhere is not replaced */
    s->config.segment_frames = 100;
    folder = s->disk.table.open_folder(&s->disk, "/main");
    other = s->disk.table.create(&s->disk, folder, "meeting-0002.wav.json");
    s->disk.table.close(&s->disk, other);
    s->disk.table.close(&s->disk, folder);
    scene_open(s);
    scene_feed(s, 150);
    vo_record_close(s->record);
    f = scene_file_at(s, 1);
    CHECK(!strcmp(f.path, "/main/meeting-0003.wav"));
    CHECK(failing_files_find(&s->disk, 0, "meeting-0002.wav.json")->size == 0);
    vo_sidecar_free(f.sidecar);
    scene_free(s);

    s = scene_new();
    folder = s->disk.table.open_folder(&s->disk, "/main");
    other = s->disk.table.create(&s->disk, folder, "meeting.wav");
    s->disk.table.close(&s->disk, other);
    s->disk.table.close(&s->disk, folder);
    CHECK(vo_record_new(&s->record, &s->config, &s->memory.allocator) == VO_OK);
    CHECK(vo_record_open(s->record) == -17 /* EEXIST */);
    scene_free(s);
}

/* No more of it than of audio, however many gaps there are and however long it becomes. */
static void a_sidecar_is_short_beside_the_audio(void) {
    scene *s = scene_new();
    s->config.format = (vo_wav_format){1000, 1, VO_WAV_PCM16};
    scene_open(s);
    for (int i = 0; i < 3000; i++) {
        scene_feed(s, 90);
        if (i % 10 == 5)
            scene_lose(s, 10, VO_CAUSE_DEVICE);
        else
            scene_feed(s, 10);
        scene_pass(s, 100 * MS);
    }
    CHECK(s->disk.sidecar_bytes < s->disk.audio_bytes);
    vo_record_close(s->record);
    scene_check(s);
    scene_file f = scene_file_at(s, 0);
    uint64_t gaps, seconds;
    vo_sidecar_gaps(f.sidecar, &gaps);
    vo_sidecar_seconds(f.sidecar, &seconds);
    CHECK(gaps == 300 && seconds == 300);
    CHECK(vo_record_stats_now(s->record).gaps == 300);
    CHECK(vo_record_stats_now(s->record).silence_frames == 3000);
    vo_sidecar_free(f.sidecar);
    scene_free(s);
}

/* More gaps in a row than a block of the backlog lists. */
static void many_gaps_wait_together(void) {
    scene *s = scene_new();
    scene_open(s);
    for (int i = 0; i < 100; i++) {
        scene_lose(s, 1, i % 3 ? VO_CAUSE_DEVICE : VO_CAUSE_SKIP);
        if (i % 2) scene_feed(s, 1);
        if (i == 50) vo_record_flush(s->record);
        if (i == 60) scene_lose(s, 2, VO_CAUSE_SKIP);
    }
    vo_record_close(s->record);
    scene_check(s);
    scene_free(s);
}

static void it_says_when_and_where_it_began(void) {
    scene *s = scene_new();
    scene_open(s);
    s->now_ns = 77 * S;
    vo_record_begin(s->record, 4711);
    vo_record_begin(s->record, 1);
    scene_feed(s, 10);
    vo_record_close(s->record);
    scene_file f = scene_file_at(s, 0);
    const vo_sidecar_head *head = vo_sidecar_head_of(f.sidecar);
    CHECK(head->capture_frame == 4711 && head->started_ns == 77 * S);
    CHECK(head->started_wall_ns == scene_wall(s));
    vo_sidecar_free(f.sidecar);
    scene_free(s);
}

/* K10. */
static void times_of_the_disk_are_told(void) {
    scene *s = scene_new();
    s->disk.block_ns = 40 * MS;
    scene_open(s);
    for (int i = 0; i < 10; i++) {
        scene_feed(s, 1000);
        vo_record_flush(s->record);
    }
    vo_record_stats stats = vo_record_stats_now(s->record);
    CHECK(stats.write.max_ns == 40 * MS && stats.sync.max_ns == 40 * MS);
    CHECK(stats.write.p50_ns >= 40 * MS * 98 / 100 && stats.sync.p99_ns <= 40 * MS);
    scene_free(s);
}

/* Fault row 49. */
static void bad_configs_are_refused(void) {
    scene *s = scene_new();
    char longest[VO_SIDECAR_NAME_BYTES], path[VO_SIDECAR_PATH_BYTES];
    memset(longest, 'a', sizeof longest);
    memset(path, 'a', sizeof path);
    longest[232] = path[sizeof path - 1] = '\0';
    vo_record_config bad[12];
    for (int i = 0; i < 12; i++) bad[i] = s->config;
    bad[0].format.rate = 0;
    bad[1].name = "";
    bad[2].name = "a/b.wav";
    bad[3].name = "..";
    bad[4].name = ".";
    bad[5].name = longest;
    bad[6].folder = "";
    bad[7].folder = path;
    bad[8].spool = path;
    bad[9].flush_ns = 0;
    bad[10].limit_bytes = VO_RECORD_MOST_BYTES + 1;
    bad[11].limit_bytes = VO_WAV_HEAD_BYTES + 7;
    for (int i = 0; i < 12; i++) {
        vo_record *record = (vo_record *)s;
        CHECK(vo_record_new(&record, &bad[i], &s->memory.allocator) == VO_BAD_ARG && !record);
    }
    bad[0] = s->config;
    bad[0].name = NULL;
    CHECK(vo_record_new(&s->record, &bad[0], NULL) == VO_BAD_ARG);
    scene_free(s);
}

static void without_tables_it_uses_those_of_the_system(void) {
    scene *s = scene_new();
    s->config.files = NULL;
    s->config.clock = NULL;
    s->config.events = NULL;
    s->config.folder = "/does/not/exist";
    s->config.segment_frames = UINT64_MAX;
    CHECK(vo_record_new(&s->record, &s->config, &s->memory.allocator) == VO_OK);
    CHECK(vo_record_open(s->record) == -2 /* ENOENT */);
    vo_record_begin(s->record, 1);
    vo_record_abandon(s->record);
    scene_free(s);
}

/* Fault row 39. */
static void every_allocation_fails_once_and_for_ever(void) {
    for (int from_then_on = 0; from_then_on < 2; from_then_on++)
        for (uint64_t k = 1;; k++) {
            scene *s = scene_new();
            failing_alloc_init(&s->memory, k, from_then_on);
            s->config.buffer_bytes = 1;
            s->config.segment_frames = 600;
            vo_status status = vo_record_new(&s->record, &s->config, &s->memory.allocator);
            CHECK(status == VO_OK || (status == VO_NO_MEM && !s->record));
            if (!status && vo_record_open(s->record) == 0) {
                for (int i = 0; i < 8; i++) {
                    scene_feed(s, 200);
                    scene_lose(s, 9, VO_CAUSE_DEVICE);
                    scene_pass(s, S);
                }
                vo_record_close(s->record);
                scene_check(s);
            }
            bool none = s->memory.failures == 0;
            scene_free(s);
            if (none) break;
        }
}

int main(void) {
    frames_come_back();
    a_flush_comes_when_a_frame_is_old_enough();
    a_flush_comes_when_the_buffer_is_nearly_full();
    writes_are_long_and_end_with_pages();
    segments_are_exact();
    a_file_ends_before_its_limit();
    names_that_are_taken_are_left_alone();
    a_sidecar_is_short_beside_the_audio();
    many_gaps_wait_together();
    it_says_when_and_where_it_began();
    times_of_the_disk_are_told();
    bad_configs_are_refused();
    without_tables_it_uses_those_of_the_system();
    every_allocation_fails_once_and_for_ever();
    return 0;
}
