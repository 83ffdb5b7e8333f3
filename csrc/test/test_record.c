/* A recording on a disk that works: what is written when, and what the files hold. */
#include "record_scene.h"

static uint32_t events_of(scene *s, vo_event_kind kind) {
    vo_event batch[64];
    uint32_t found = 0, n;
    while ((n = vo_events_pop(s->events, batch, 64)))
        for (uint32_t i = 0; i < n; i++) found += batch[i].kind == (uint32_t)kind;
    return found;
}

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

int main(void) {
    frames_come_back();
    a_flush_comes_when_a_frame_is_old_enough();
    a_flush_comes_when_the_buffer_is_nearly_full();
    writes_are_long_and_end_with_pages();
    (void)events_of;
    return 0;
}
