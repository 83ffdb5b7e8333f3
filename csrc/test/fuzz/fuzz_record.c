/* Bytes as a sequence of what a recording meets: frames, losses, time, flushes, and disks whose
   calls fail once or from then on. After each the account is exact; after a crash at the end every
   frame that was told to be durable is on the disks, in order. */
#include "record.h"
#include "small_disk.h"

enum { MOST_FRAMES = 1 << 13, MOST_TAKEN = 2048, RATE = 8000 };

static small_disk disk;
static arena memory, checks;
static uint64_t now_ns;

typedef struct scene {
    vo_record *record;
    uint64_t frames;
    int16_t timeline[MOST_FRAMES]; /* 0 where a frame was lost */
} scene;

static uint64_t clock_now(void *self) {
    (void)self;
    return now_ns;
}

static int64_t clock_wall(void *self) {
    (void)self;
    return (int64_t)now_ns;
}

static const vo_clock hand_clock = {clock_now, clock_wall, NULL};

static void take(scene *s, uint64_t n) {
    float block[MOST_TAKEN];
    if (n > MOST_TAKEN) n = MOST_TAKEN;
    if (s->frames + n > MOST_FRAMES) return;
    for (uint64_t i = 0; i < n; i++) {
        s->timeline[s->frames + i] = (int16_t)((s->frames + i) % 30000 + 1);
        block[i] = (float)s->timeline[s->frames + i] / 32768.0f;
    }
    uint64_t before = s->record->words[VO_RECORD_DROPPED];
    vo_record_take(s->record, block, n);
    s->frames += n;
    uint64_t dropped = s->record->words[VO_RECORD_DROPPED] - before;
    REQUIRE(dropped <= n);
    memset(s->timeline + s->frames - dropped, 0, dropped * sizeof *s->timeline);
}

static void lose(scene *s, uint64_t n) {
    if (s->frames + n > MOST_FRAMES) return;
    memset(s->timeline + s->frames, 0, n * sizeof *s->timeline);
    vo_record_lose(s->record, n, VO_CAUSE_DEVICE);
    s->frames += n;
}

/* By the numbers that are published: to sort out their times too costs more than all the rest. */
static void account(const scene *s) {
    const uint64_t *told = s->record->words;
    uint64_t durable = told[VO_RECORD_DURABLE];
    REQUIRE(told[VO_RECORD_FRAMES] == s->frames);
    REQUIRE(s->frames == durable + told[VO_RECORD_WAITING] + s->record->owed);
    REQUIRE(durable <= told[VO_RECORD_WRITTEN] && told[VO_RECORD_WRITTEN] <= s->frames);
}

/* --- After a crash ------------------------------------------------------------- */

static const disk_file *left_of(const char *path, const char *suffix) {
    char text[DISK_NAME];
    int folder = !strncmp(path, "/spool/", 7);
    snprintf(text, sizeof text, "%s%s", strrchr(path, '/') + 1, suffix);
    const disk_name *name = disk_find(disk.durable_names[folder], text);
    REQUIRE(name);
    return &disk.files[name->file];
}

/* First frame of a file, by what is left of its sidecar. */
static uint64_t first_frame(const char *path) {
    const disk_file *json = left_of(path, ".json");
    vo_sidecar *sidecar;
    REQUIRE(vo_sidecar_parse(&sidecar, (const char *)json->durable, json->durable_size,
                             arena_begin(&checks, ARENA_BYTES)) == VO_OK);
    uint64_t first = vo_sidecar_head_of(sidecar)->first_frame;
    vo_sidecar_free(sidecar);
    return first;
}

static void nothing_durable_is_lost(const scene *s) {
    uint64_t durable = s->record->words[VO_RECORD_DURABLE];
    uint64_t files = s->record->words[VO_RECORD_FILE_COUNT];
    char path[VO_SIDECAR_PATH_BYTES], next[VO_SIDECAR_PATH_BYTES];
    uint64_t found = 0;
    for (uint32_t i = 0; i < files; i++) {
        REQUIRE(vo_record_path(s->record, i, path, sizeof path));
        const disk_file *file = left_of(path, "");
        uint64_t until = durable, first = first_frame(path);
        if (i + 1 < files) {
            REQUIRE(vo_record_path(s->record, i + 1, next, sizeof next));
            until = first_frame(next);
        }
        REQUIRE(first <= found && until >= first);
        uint64_t bytes = (until - first) * sizeof *s->timeline;
        REQUIRE(VO_WAV_HEAD_BYTES + bytes <= file->durable_size);
        REQUIRE(!memcmp(file->durable + VO_WAV_HEAD_BYTES, s->timeline + first, bytes));
        found = until;
    }
    REQUIRE(found == durable);
}

/* --- One sequence --------------------------------------------------------------- */

static void step(scene *s, uint8_t what, uint8_t value) {
    int call = value % DISK_CALLS;
    switch (what % 8) {
    case 0:
    case 1:
        take(s, what % 8 ? 8 * (uint64_t)value : value);
        break;
    case 2:
        lose(s, value);
        break;
    case 3:
        now_ns += (uint64_t)value * 40000000;
        vo_record_step(s->record);
        break;
    case 4:
        vo_record_flush(s->record);
        break;
    case 5:
        disk.fails_in[call] = 1 + value / DISK_CALLS % 8;
        break;
    case 6:
        disk.broken[call] = !disk.broken[call];
        break;
    default:
        disk.space = value < 128 ? value * 64 : 1 << 30;
        disk.short_writes = value % 2;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static scene s;
    if (size < 4) return -1;
    now_ns = 1000000000;
    disk_begin(&disk);
    s.frames = 0;
    vo_record_config config = {
        .format = {RATE, 1, VO_WAV_PCM16},
        .folder = "/main",
        .name = "a.wav",
        .spool = data[0] % 2 ? "/spool" : NULL,
        .flush_ns = 1 + data[1] * UINT64_C(10000000),
        .segment_frames = data[2] * UINT64_C(8),
        .limit_bytes = VO_WAV_HEAD_BYTES + 2 + data[3] * UINT64_C(40),
        .buffer_bytes = 1 << 16,
        .memory_bytes = 1 << 16,
        .files = &disk.table,
        .clock = &hand_clock,
    };
    REQUIRE(vo_record_new(&s.record, &config, arena_begin(&memory, ARENA_BYTES)) == VO_OK);
    if (vo_record_open(s.record) == 0)
        for (size_t i = 4; i + 1 < size; i += 2) {
            step(&s, data[i], data[i + 1]);
            account(&s);
        }
    nothing_durable_is_lost(&s);
    vo_record_close(s.record);
    nothing_durable_is_lost(&s);
    vo_record_free(s.record);
    REQUIRE(!memory.live);
    for (int i = 0; i < DISK_FILES; i++) REQUIRE(!disk.open[i]);
    return 0;
}
