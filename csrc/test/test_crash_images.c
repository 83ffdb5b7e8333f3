/* Recordings after a power cut: test_crash_images [IMAGES [SEED [FOLDER]]]

   In every image each frame that was told to be durable is found, in order, in a file that opens;
   each sidecar is one that was written, as a whole, and has the CRC of all that it says to be
   there. With FOLDER each file is written there too, for other readers, but for one that they have
   seen: 00017-1234-meeting.wav was made by seed 17, when 1234 frames had been told. */
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "crash_files.h"
#include "proven.h"
#include "record.h"

enum {
    RATE = 8000,
    CHANNELS = 4,
    BLOCK = 400,
    BLOCKS = 100,
    GAP_EACH = 17,
    GAP = 150,
    TEXTS = 256,
    SEEN = 1 << 16
};

static crash_files disk;
static uint64_t now_ns;
static int16_t timeline[BLOCK * BLOCKS * 2];
static uint64_t frames;

static struct {
    uint8_t *bytes;
    uint64_t n;
} texts[TEXTS];
static int text_count;

static uint64_t now(void *self) {
    (void)self;
    return now_ns;
}

static int64_t wall(void *self) {
    (void)self;
    return (int64_t)now_ns;
}

/* Frame n of the recording is 1 + n mod 30000; a gap is silent. */
static void record_all(void) {
    static const vo_clock clock = {now, wall, NULL};
    vo_record_config config = {
        .format = {RATE, CHANNELS, VO_WAV_PCM16},
        .folder = "/",
        .name = "meeting.wav",
        .flush_ns = 1000000000,
        .segment_frames = 15000,
        .buffer_bytes = 1 << 18,
        .files = &disk.table,
        .clock = &clock,
    };
    vo_record *record;
    CHECK(vo_record_new(&record, &config, NULL) == VO_OK && vo_record_open(record) == 0);
    for (int i = 0; i < BLOCKS; i++) {
        float block[BLOCK * CHANNELS];
        for (int k = 0; k < BLOCK; k++) {
            timeline[frames] = (int16_t)(1 + frames % 30000);
            for (int c = 0; c < CHANNELS; c++)
                block[k * CHANNELS + c] = (float)timeline[frames] / 32768.0f;
            frames++;
        }
        vo_record_take(record, block, BLOCK);
        if (i % GAP_EACH == 0) {
            vo_record_lose(record, GAP, VO_CAUSE_DEVICE);
            frames += GAP;
        }
        now_ns += 50000000;
        vo_record_step(record);
        disk.told = vo_record_stats_now(record).frames_durable;
    }
    vo_record_close(record);
    disk.told = vo_record_stats_now(record).frames_durable;
    CHECK(disk.told == frames);
    vo_record_free(record);
}

/* Every sidecar that was written: each stands in one file that is then renamed. */
static void gather_texts(void) {
    for (int i = 0; i < disk.operations; i++) {
        const crash_operation *o = &disk.log[i];
        if (o->kind != CRASH_WRITE || o->bytes[0] != '{') continue;
        CHECK(text_count < TEXTS && o->at == 0);
        texts[text_count].bytes = o->bytes;
        texts[text_count++].n = o->n;
    }
}

static bool was_written(const crash_content *sidecar) {
    for (int i = 0; i < text_count; i++)
        if (texts[i].n == sidecar->size && !memcmp(texts[i].bytes, sidecar->bytes, texts[i].n))
            return true;
    return false;
}

typedef struct faults {
    uint64_t lost, unreadable, unproven, mixed;
} faults;

/* Frames of a file that are those of the timeline from `first` on. */
static uint64_t right_frames(const crash_content *file, uint64_t first) {
    vo_wav_info info;
    if (vo_wav_parse(&info, file->bytes, file->size, file->size) != VO_OK) return 0;
    const int16_t *samples = (const int16_t *)(const void *)(file->bytes + info.data_at);
    uint64_t n = 0;
    for (; n < info.frames && first + n < frames; n++)
        for (int c = 0; c < CHANNELS; c++)
            if (samples[n * CHANNELS + c] != timeline[first + n]) return n;
    return n;
}

static void look(const crash_image *image, faults *found) {
    uint64_t safe = 0;
    for (int number = 1; number < 10; number++) {
        char name[CRASH_NAME_BYTES], json[CRASH_NAME_BYTES + 8];
        if (number == 1)
            strcpy(name, "meeting.wav");
        else
            snprintf(name, sizeof name, "meeting-%04d.wav", number);
        snprintf(json, sizeof json, "%s.json", name);
        const crash_content *file = crash_image_find(image, name);
        const crash_content *text = crash_image_find(image, json);
        if (text && !was_written(text)) {
            found->mixed++;
            continue;
        }
        vo_sidecar *sidecar;
        if (!file || !text ||
            vo_sidecar_parse(&sidecar, (const char *)text->bytes, text->size, NULL) != VO_OK)
            continue;
        uint64_t first = vo_sidecar_head_of(sidecar)->first_frame, n = right_frames(file, first);
        if (n < vo_sidecar_durable(sidecar))
            found->unreadable++;
        else if (!is_proven(sidecar, file->bytes + VO_WAV_HEAD_BYTES))
            found->unproven++;
        if (first <= safe && first + n > safe) safe = first + n;
        vo_sidecar_free(sidecar);
    }
    if (safe < image->told) found->lost++;
}

static struct {
    uint64_t hash, told;
} seen[SEEN];
static int seen_count;
static uint64_t sounds;

/* FNV-1a, eight bytes at a time. */
static uint64_t hash_of(const char *name, const crash_content *file) {
    uint64_t hash = 14695981039346656037u, word;
    for (; *name; name++) hash = (hash ^ (uint8_t)*name) * 1099511628211u;
    for (uint64_t i = 0; i < file->size; i += sizeof word) {
        uint64_t n = file->size - i;
        word = 0;
        memcpy(&word, file->bytes + i, n < sizeof word ? n : sizeof word);
        hash = (hash ^ word) * 1099511628211u;
        hash ^= hash >> 32;
    }
    return hash;
}

/* The same bytes, when as many frames or more had been told. */
static bool was_seen(uint64_t hash, uint64_t told) {
    int i = 0;
    while (i < seen_count && seen[i].hash != hash) i++;
    if (i < seen_count && seen[i].told >= told) return true;
    CHECK(i < SEEN);
    seen[i].hash = hash;
    seen[i].told = told;
    if (i == seen_count) seen_count++;
    return false;
}

static void put(const crash_image *image, uint64_t seed, const char *folder) {
    for (int i = 0; i < image->name_count; i++) {
        const char *name = image->names[i].name, *end = strrchr(name, '.');
        if (*name == '.' || !end || strcmp(end, ".wav") != 0) continue;
        const crash_content *file = &image->files[image->names[i].file];
        sounds++;
        if (was_seen(hash_of(name, file), image->told)) continue;
        char path[4096];
        snprintf(path, sizeof path, "%s/%05llu-%llu-%s", folder, (unsigned long long)seed,
                 (unsigned long long)image->told, name);
        FILE *out = fopen(path, "wb");
        CHECK(out && fwrite(file->bytes, 1, file->size, out) == file->size && !fclose(out));
    }
}

int main(int argc, char **argv) {
    uint64_t images = argc > 1 ? (uint64_t)strtod(argv[1], NULL) : 1000;
    uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
    crash_files_init(&disk);
    record_all();
    gather_texts();
    crash_image *image = crash_image_new();
    faults found = {0};
    for (uint64_t i = 0; i < images; i++) {
        crash_image_make(image, &disk, seed + i);
        look(image, &found);
        if (argc > 3) put(image, seed + i, argv[3]);
    }
    printf("%llu images of %d operations: %llu pages lost, %llu torn, %llu names lost; "
           "%llu with acknowledged frames lost, %llu unreadable, %llu unproven, "
           "%llu sidecars mixed\n",
           (unsigned long long)images, disk.operations, (unsigned long long)image->pages_lost,
           (unsigned long long)image->pages_torn, (unsigned long long)image->names_lost,
           (unsigned long long)found.lost, (unsigned long long)found.unreadable,
           (unsigned long long)found.unproven, (unsigned long long)found.mixed);
    if (argc > 3)
        printf("%llu files, %d of them different\n", (unsigned long long)sounds, seen_count);
    CHECK(image->pages_lost && image->pages_torn && image->names_lost);
    crash_image_free(image);
    crash_files_free(&disk);
    return found.lost || found.unreadable || found.unproven || found.mixed;
}
