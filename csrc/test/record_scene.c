#include "record_scene.h"

#include "proven.h"

scene_file scene_file_at(const scene *s, uint32_t index) {
    scene_file f = {0};
    CHECK(vo_record_path(s->record, index, f.path, sizeof f.path));
    int folder = !strncmp(f.path, "/spool/", 7);
    char *name = strrchr(f.path, '/') + 1, sidecar[VO_SIDECAR_NAME_BYTES + 5];
    f.file = failing_files_find(&s->disk, folder, name);
    snprintf(sidecar, sizeof sidecar, "%s.json", name);
    const memory_file *json = failing_files_find(&s->disk, folder, sidecar);
    if (json && vo_sidecar_parse(&f.sidecar, (const char *)json->bytes, json->size, NULL) != VO_OK)
        f.sidecar = NULL;
    return f;
}

/* Frames of a file that a sync has made to stay. */
static uint64_t durable_frames(const scene *s, const memory_file *file) {
    uint64_t frame = vo_wav_frame_bytes(&s->config.format);
    uint64_t held = file->durable_size < file->size ? file->durable_size : file->size;
    return held < VO_WAV_HEAD_BYTES ? 0 : (held - VO_WAV_HEAD_BYTES) / frame;
}

static void check_waiting(const scene *s) {
    const vo_backlog *backlog = &s->record->backlog;
    uint64_t at = backlog->begin;
    for (const vo_backlog_block *block = backlog->first; block; block = block->next) {
        uint64_t skip = at - block->first;
        CHECK(scene_same(s, block->bytes + skip * backlog->frame_bytes, at, block->frames - skip));
        at = block->first + block->frames;
    }
    CHECK(at == backlog->end);
}

/* Gaps in the sidecar of a file that was ended stand where the timeline is silent. */
static void check_gaps(const scene *s, const vo_sidecar *sidecar) {
    uint64_t count, first = vo_sidecar_head_of(sidecar)->first_frame, silent = 0, told = 0;
    const vo_sidecar_gap *gaps = vo_sidecar_gaps(sidecar, &count);
    uint64_t durable = vo_sidecar_durable(sidecar);
    for (uint64_t i = 0; i < durable; i++) silent += s->timeline[first + i] == 0;
    for (uint64_t i = 0; i < count; i++) {
        if (gaps[i].frame >= durable) { /* found no place after the last frame */
            CHECK(s->record->closed && first + gaps[i].frame + gaps[i].frames <= s->frames);
            continue;
        }
        told += gaps[i].frames;
        for (uint64_t k = 0; k < gaps[i].frames; k++)
            CHECK(s->timeline[first + gaps[i].frame + k] == 0);
    }
    CHECK(told <= silent);
    bool complete = vo_sidecar_end_of(sidecar) != VO_SIDECAR_OPEN && !s->memory.failures;
    if (complete) CHECK(told == silent);
}

uint32_t scene_check(const scene *s) {
    vo_record_stats stats = vo_record_stats_now(s->record);
    CHECK(stats.frames == s->frames);
    CHECK(stats.frames == stats.frames_durable + stats.frames_waiting + s->record->owed);
    CHECK(stats.frames_durable <= stats.frames_written);
    check_waiting(s);
    uint64_t found = 0;
    for (uint32_t i = 0; i < stats.files; i++) {
        scene_file f = scene_file_at(s, i);
        CHECK(f.file && f.sidecar);
        uint64_t first = vo_sidecar_head_of(f.sidecar)->first_frame;
        uint64_t held = durable_frames(s, f.file), until = stats.frames_durable;
        CHECK(vo_sidecar_head_of(f.sidecar)->segment == i + 1);
        CHECK(first == found || held == 0 || first < found); /* the next one says where it begins */
        if (i + 1 < stats.files) {
            scene_file next = scene_file_at(s, i + 1);
            until = vo_sidecar_head_of(next.sidecar)->first_frame;
            vo_sidecar_free(next.sidecar);
        }
        CHECK(until >= first && first + held >= until);
        CHECK(scene_same(s, f.file->durable + VO_WAV_HEAD_BYTES, first, until - first));
        CHECK(vo_sidecar_durable(f.sidecar) <= held);
        CHECK(s->memory.failures || is_proven(f.sidecar, f.file->durable + VO_WAV_HEAD_BYTES));
        check_gaps(s, f.sidecar);
        found = until;
        vo_sidecar_free(f.sidecar);
    }
    CHECK(found == stats.frames_durable);
    return (uint32_t)stats.files;
}
