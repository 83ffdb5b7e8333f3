/* A recording on disks in memory, on a clock that the test turns, and what it must hold. */
#ifndef RECORD_SCENE_H
#define RECORD_SCENE_H

#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "failing_alloc.h"
#include "failing_files.h"
#include "record.h"

#define MS UINT64_C(1000000)
#define S (1000 * MS)

enum { SCENE_FRAMES = 1 << 20, SCENE_RATE = 48000 };

/* Frame n of the timeline holds timeline[n] in each channel, 0 where it was lost. */
typedef struct scene {
    failing_files disk;
    failing_alloc memory;
    uint64_t now_ns;
    vo_clock clock;
    vo_events *events;
    vo_record_config config;
    vo_record *record;
    float timeline[SCENE_FRAMES];
    uint64_t frames;
} scene;

static uint64_t scene_now(void *self) {
    return ((scene *)self)->now_ns;
}

static int64_t scene_wall(void *self) {
    return 1764199334000000000 + (int64_t)((scene *)self)->now_ns;
}

/* Stereo floats, a flush a second, a spool, 2 MiB of memory. */
static inline scene *scene_new(void) {
    scene *s = calloc(1, sizeof *s);
    CHECK(s);
    failing_files_init(&s->disk);
    failing_alloc_init(&s->memory, 0, false);
    s->now_ns = 5 * S;
    s->clock = (vo_clock){scene_now, scene_wall, s};
    s->disk.clock_ns = &s->now_ns;
    CHECK(vo_events_new(&s->events, 1024, NULL) == VO_OK);
    s->config = (vo_record_config){
        .format = {SCENE_RATE, 2, VO_WAV_FLOAT32},
        .folder = "/main",
        .name = "meeting.wav",
        .spool = "/spool",
        .flush_ns = S,
        .buffer_bytes = 1 << 20,
        .memory_bytes = 2 << 20,
        .events = s->events,
        .files = &s->disk.table,
        .clock = &s->clock,
    };
    return s;
}

static inline void scene_open(scene *s) {
    CHECK(vo_record_new(&s->record, &s->config, &s->memory.allocator) == VO_OK);
    CHECK(vo_record_open(s->record) == 0);
}

static inline void scene_free(scene *s) {
    vo_record_free(s->record);
    CHECK(s->memory.live == 0 && failing_files_open(&s->disk) == 0);
    vo_events_free(s->events);
    failing_files_free(&s->disk);
    free(s);
}

static inline void scene_feed(scene *s, uint64_t n) {
    uint32_t channels = s->config.format.channels;
    float *block = malloc(n * channels * sizeof(float));
    CHECK(block && s->frames + n <= SCENE_FRAMES);
    uint64_t dropped = vo_record_stats_now(s->record).dropped_frames;
    for (uint64_t i = 0; i < n; i++) {
        float value = (float)((s->frames + i) % 30000 + 1) / 32768.0f;
        s->timeline[s->frames + i] = value;
        for (uint32_t c = 0; c < channels; c++) block[i * channels + c] = value;
    }
    vo_record_take(s->record, block, n);
    free(block);
    dropped = vo_record_stats_now(s->record).dropped_frames - dropped;
    s->frames += n; /* the last ones of what was fed are those that were dropped */
    memset(&s->timeline[s->frames - dropped], 0, dropped * sizeof(float));
}

static inline void scene_lose(scene *s, uint64_t n, vo_cause cause) {
    CHECK(s->frames + n <= SCENE_FRAMES);
    vo_record_lose(s->record, n, cause);
    s->frames += n;
}

static inline void scene_pass(scene *s, uint64_t ns) {
    s->now_ns += ns;
    vo_record_step(s->record);
}

/* Whether encoded frames are those of the timeline from `first` on. */
static inline bool scene_same(const scene *s, const uint8_t *bytes, uint64_t first, uint64_t n) {
    const vo_wav_format *format = &s->config.format;
    vo_pcm *pcm;
    uint32_t frame = vo_wav_frame_bytes(format);
    uint8_t *expected = malloc(frame + sizeof(float));
    float *samples = malloc(format->channels * sizeof(float));
    CHECK(vo_pcm_new(&pcm, NULL) == VO_OK && expected && samples);
    bool same = true;
    for (uint64_t i = 0; i < n && same; i++) {
        for (uint32_t c = 0; c < format->channels; c++) samples[c] = s->timeline[first + i];
        vo_wav_encode(format, pcm, expected, samples, 1);
        same = memcmp(expected, bytes + i * frame, frame) == 0;
    }
    vo_pcm_free(pcm);
    free(expected);
    free(samples);
    return same;
}

/* Events of a kind since the last call; the others are gone too. */
static inline uint32_t scene_events(scene *s, vo_event_kind kind, uint64_t *value) {
    vo_event batch[64];
    uint32_t found = 0, n;
    while ((n = vo_events_pop(s->events, batch, 64)))
        for (uint32_t i = 0; i < n; i++)
            if (batch[i].kind == (uint32_t)kind) {
                found++;
                *value = batch[i].value;
            }
    return found;
}

typedef struct scene_file {
    const memory_file *file;
    vo_sidecar *sidecar; /* NULL when it is none; the caller's */
    char path[VO_SIDECAR_PATH_BYTES];
} scene_file;

scene_file scene_file_at(const scene *s, uint32_t index);

/* All frames that are acknowledged are in the files, in order, on the disks themselves; those that
   wait are in memory; the account is exact. Returns the files. */
uint32_t scene_check(const scene *s);

#endif
