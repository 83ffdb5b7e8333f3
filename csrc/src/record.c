#include "record.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum {
    FREE_NAME_BYTES = 24, /* of the longest name that a file system takes, for numbers and marks */
    FLUSH_PERCENT = 80,
};

/* --- Setup ------------------------------------------------------------------------ */

static bool fits(const char *text, size_t most) {
    size_t n = text ? strlen(text) : 0;
    return n && n <= most;
}

/* A folder's own entries, and nothing in another folder. */
static bool bad_name(const char *name) {
    return !fits(name, VO_SIDECAR_NAME_BYTES - 1 - FREE_NAME_BYTES) || strchr(name, '/') ||
           !strcmp(name, ".") || !strcmp(name, "..");
}

/* Writes the head of an open file, too: BAD_ARG for a format that is none. */
static vo_status check(const vo_record_config *config, uint8_t head[VO_WAV_HEAD_BYTES]) {
    size_t most = sizeof((vo_record_folder *)0)->path - 1;
    uint64_t frame_bytes = vo_wav_frame_bytes(&config->format);
    if (vo_wav_head(head, &config->format, VO_WAV_OPEN) || bad_name(config->name) ||
        !fits(config->folder, most) || (config->spool && !fits(config->spool, most)) ||
        !config->flush_ns || config->limit_bytes > VO_RECORD_MOST_BYTES)
        return VO_BAD_ARG;
    if (config->limit_bytes && config->limit_bytes < VO_WAV_HEAD_BYTES + frame_bytes)
        return VO_BAD_ARG;
    return VO_OK;
}

static uint64_t file_frames(const vo_record_config *config, uint64_t frame_bytes) {
    uint64_t limit = config->limit_bytes ? config->limit_bytes : VO_RECORD_LIMIT_BYTES;
    uint64_t frames = (limit - VO_WAV_HEAD_BYTES) / frame_bytes;
    return config->segment_frames && config->segment_frames < frames ? config->segment_frames
                                                                     : frames;
}

vo_status vo_record_new(vo_record **out, const vo_record_config *config,
                        const vo_allocator *allocator) {
    *out = NULL;
    uint8_t head[VO_WAV_HEAD_BYTES];
    vo_status status = check(config, head);
    if (status) return status;
    if (!allocator) allocator = vo_allocator_default();
    vo_record *record = vo_alloc(allocator, sizeof *record, VO_CACHE_LINE);
    if (!record) return VO_NO_MEM;
    record->config = *config;
    if (!config->files) record->config.files = vo_files_default();
    if (!config->clock) record->config.clock = vo_clock_default();
    record->allocator = *allocator;
    record->frame_bytes = vo_wav_frame_bytes(&config->format);
    record->second_bytes = (uint64_t)record->frame_bytes * config->format.rate;
    record->ahead_bytes =
        (uint64_t)(2.0 * (double)record->second_bytes * (double)config->flush_ns / 1e9) +
        VO_BACKLOG_BLOCK_BYTES;
    record->file_frames = file_frames(config, record->frame_bytes);
    record->file.descriptor = record->file.folder = record->file.spare = -1;
    record->seals[VO_RECORD_MAIN].folder = record->seals[VO_RECORD_SPOOL].folder = -1;
    record->folders[VO_RECORD_MAIN].held = record->folders[VO_RECORD_SPOOL].held = -1;
    record->words[VO_RECORD_SECONDS_LEFT] = VO_RECORD_UNKNOWN;
    strcpy(record->name, config->name);
    strcpy(record->folders[VO_RECORD_MAIN].path, config->folder);
    if (config->spool) {
        strcpy(record->folders[VO_RECORD_SPOOL].path, config->spool);
        strcpy(record->head.spool, config->spool);
    }
    record->head.format = config->format;
    strcpy(record->head.recording, config->name);
    memcpy(record->open_head, head, sizeof head);
    status = vo_backlog_init(&record->backlog, &config->format, config->buffer_bytes,
                             config->memory_bytes, allocator);
    if (status) {
        vo_record_free(record);
        return status;
    }
    *out = record;
    return VO_OK;
}

void vo_record_free(vo_record *record) {
    if (!record) return;
    vo_allocator allocator = record->allocator;
    vo_record_close(record);
    vo_sidecar_free(record->file.sidecar);
    vo_record_seal_drop(record, VO_RECORD_MAIN);
    vo_record_seal_drop(record, VO_RECORD_SPOOL);
    vo_backlog_clear(&record->backlog);
    vo_release(&allocator, record);
}

void vo_record_abandon(vo_record *record) {
    vo_record_file *file = &record->file;
    int *descriptors[] = {&file->descriptor,
                          &file->folder,
                          &file->spare,
                          &record->seals[VO_RECORD_MAIN].folder,
                          &record->seals[VO_RECORD_SPOOL].folder,
                          &record->folders[VO_RECORD_MAIN].held,
                          &record->folders[VO_RECORD_SPOOL].held};
    record->closed = true;
    for (size_t i = 0; i < sizeof descriptors / sizeof *descriptors; i++)
        vo_record_close_kept(record, descriptors[i]);
}

/* --- Telling ------------------------------------------------------------------------ */

void vo_record_tell(vo_record *record, vo_event_kind kind, uint64_t value) {
    if (record->config.events)
        vo_events_push(record->config.events, kind, record->backlog.begin, value);
}

void vo_record_publish(vo_record *record) {
    vo_backlog *backlog = &record->backlog;
    uint64_t *words = record->words;
    words[VO_RECORD_FRAMES] = backlog->end + record->owed;
    words[VO_RECORD_WRITTEN] = backlog->sent;
    words[VO_RECORD_DURABLE] = backlog->begin - words[VO_RECORD_GONE];
    words[VO_RECORD_WAITING] = backlog->end - backlog->begin;
    if (record->file.descriptor >= 0)
        words[VO_RECORD_PLACE] = record->file.place;
    else if (record->dropping)
        words[VO_RECORD_PLACE] = VO_RECORD_STOPPED;
    else if (!record->closed)
        words[VO_RECORD_PLACE] = VO_RECORD_MEMORY;
    vo_snapshot_publish(&record->published, words, VO_RECORD_WORDS);
}

static void note_start(vo_record *record) {
    const vo_clock *clock = record->config.clock;
    record->head.started_ns = clock->now_ns(clock->self);
    record->head.started_wall_ns = clock->wall_ns(clock->self);
}

int vo_record_open(vo_record *record) {
    note_start(record); /* for a recording without a frame */
    int error = vo_record_file_open(record, VO_RECORD_MAIN);
    bool full = error == -ENOSPC || error == -EDQUOT;
    if (full && record->folders[VO_RECORD_SPOOL].path[0] &&
        !vo_record_file_open(record, VO_RECORD_SPOOL)) {
        vo_record_count_failure(record, error);
        vo_record_rest(record, VO_RECORD_MAIN, 0);
        vo_record_tell(record, VO_EVENT_SPOOLING, (uint64_t)-error);
        error = 0;
    }
    if (error) return error;
    vo_record_note_file(record);
    vo_record_publish(record);
    return 0;
}

void vo_record_flush(vo_record *record) {
    vo_record_write_out(record);
    vo_record_publish(record);
}

/* --- Taking ------------------------------------------------------------------------------------
 */

void vo_record_begin(vo_record *record, uint64_t capture_frame) {
    if (record->began) return;
    record->began = true;
    record->head.capture_frame = capture_frame;
    note_start(record);
    if (record->file.descriptor >= 0) vo_record_tell_start(record);
}

static bool is_high(const vo_record *record) {
    uint64_t waiting = record->backlog.end - record->backlog.begin;
    return waiting * record->frame_bytes * 100 >= record->config.buffer_bytes * FLUSH_PERCENT;
}

/* Frames taken of n, or silence for NULL; 0 when they find no room anywhere. */
static uint64_t put(vo_record *record, const float *frames, uint64_t n) {
    vo_backlog *backlog = &record->backlog;
    if (backlog->begin == backlog->end) record->oldest_ns = vo_record_now(record);
    uint64_t taken = vo_backlog_take(backlog, frames, n, record->owed_cause);
    if (!taken && record->file.descriptor >= 0) {
        vo_record_write_out(record);
        taken = vo_backlog_take(backlog, frames, n, record->owed_cause);
    }
    vo_record_send(record, false);
    if (is_high(record)) vo_record_write_out(record);
    return taken;
}

static bool hurries(const vo_record *record) {
    return record->config.hurries && record->config.hurries(record->config.self);
}

/* Bring what is owed, as far as there is room and time: it may be hours. */
static void pay(vo_record *record) {
    uint64_t taken = 1;
    while (record->owed && taken && !hurries(record)) {
        taken = put(record, NULL, record->owed);
        record->owed -= taken;
        record->words[VO_RECORD_SILENCE] += taken;
        vo_record_publish(record);
    }
    if (!record->owed) record->dropping = false;
}

static void owe(vo_record *record, uint64_t n, vo_cause cause) {
    if (!record->owed) {
        record->owed_cause = cause;
        record->words[VO_RECORD_GAPS]++;
    }
    record->owed += n;
}

static void count_dropped(vo_record *record, uint64_t frame, uint64_t n) {
    uint64_t *words = record->words;
    if (!words[VO_RECORD_DROPPED]) words[VO_RECORD_FIRST_DROPPED] = frame;
    words[VO_RECORD_DROPPED] += n;
    if (!record->dropping) vo_record_tell(record, VO_EVENT_RECORD_STOPPED, words[VO_RECORD_ERROR]);
    record->dropping = true;
}

void vo_record_take(vo_record *record, const float *frames, uint64_t n) {
    if (record->closed || !n) return;
    vo_record_begin(record, 0);
    pay(record);
    while (n) {
        uint64_t taken = record->owed ? 0 : put(record, frames, n);
        if (!taken) {
            count_dropped(record, record->backlog.end + record->owed, n);
            owe(record, n, VO_CAUSE_OVERFLOW);
            break;
        }
        frames += taken * record->config.format.channels;
        n -= taken;
    }
    vo_record_publish(record);
}

void vo_record_lose(vo_record *record, uint64_t n, vo_cause cause) {
    if (record->closed || !n) return;
    vo_record_begin(record, 0);
    owe(record, n, cause);
    pay(record);
    vo_record_publish(record);
}

/* --- Time
 * ------------------------------------------------------------------------------------------ */

/* From the spool back to the main folder, once that has room again. */
static void return_home(vo_record *record) {
    vo_record_file *file = &record->file;
    int error = vo_record_file_probe(record, VO_RECORD_MAIN);
    if (error) {
        vo_record_rest(record, VO_RECORD_MAIN, 0);
        return;
    }
    vo_record_write_out(record);
    if (file->descriptor < 0 || file->place != VO_RECORD_SPOOL) return; /* it failed meanwhile */
    error = vo_record_file_end(record, file->frames, VO_SIDECAR_ROLLED);
    if (error) vo_record_count_failure(record, error);
    vo_record_tell(record, VO_EVENT_FILE_ROLLED, file->number);
    vo_record_move(record, VO_RECORD_SPOOL, 0);
}

/* Nanoseconds until a moment; 0 when it has come. */
static uint64_t until(uint64_t now, uint64_t then) {
    return then > now ? then - now : 0;
}

/* The folder that is to be tried next, and when. */
static uint64_t next_try(const vo_record *record, uint64_t now) {
    const vo_record_folder *folders = record->folders;
    if (record->file.descriptor >= 0 && record->file.place == VO_RECORD_MAIN) return UINT64_MAX;
    uint64_t left = until(now, folders[VO_RECORD_MAIN].retry_at_ns);
    if (record->file.descriptor >= 0 || !folders[VO_RECORD_SPOOL].path[0]) return left;
    uint64_t other = until(now, folders[VO_RECORD_SPOOL].retry_at_ns);
    return other < left ? other : left;
}

static uint64_t next_flush(const vo_record *record, uint64_t now) {
    if (record->file.descriptor < 0 || record->backlog.begin == record->backlog.end)
        return UINT64_MAX;
    return until(now, record->oldest_ns + record->config.flush_ns);
}

uint64_t vo_record_step(vo_record *record) {
    if (record->closed) return UINT64_MAX;
    if (!next_try(record, vo_record_now(record))) {
        if (record->file.descriptor >= 0)
            return_home(record);
        else
            vo_record_move(record, VO_RECORD_MEMORY, 0);
        if (record->file.descriptor >= 0) vo_record_write_out(record);
        pay(record);
    }
    if (!next_flush(record, vo_record_now(record))) vo_record_write_out(record);
    vo_record_publish(record);
    uint64_t now = vo_record_now(record);
    uint64_t try = next_try(record, now), due = next_flush(record, now);
    return try < due ? try : due;
}

/* --- End
 * -----------------------------------------------------------------------------------------------
 */

/* Whether all is durable, owed silence too; else no file takes it. */
static bool finish(vo_record *record) {
    vo_record_write_out(record);
    pay(record);
    vo_record_write_out(record);
    return record->backlog.begin == record->backlog.end;
}

void vo_record_close(vo_record *record) {
    vo_record_file *file = &record->file;
    vo_backlog *backlog = &record->backlog;
    if (record->closed) return;
    if (!finish(record)) {
        for (int i = 0; i < 2; i++) record->folders[i].retry_at_ns = 0;
        vo_record_move(record, VO_RECORD_MEMORY, 0);
        finish(record);
    }
    vo_record_publish(record); /* where the last frames went */
    record->closed = true;
    if (file->descriptor >= 0) {
        vo_sidecar_gap unpaid = {file->frames, record->owed, record->owed_cause};
        if (unpaid.frames && vo_sidecar_add_gap(file->sidecar, &unpaid))
            vo_record_count_failure(record, -ENOMEM);
        int error = vo_record_file_end(record, file->frames, VO_SIDECAR_CLOSED);
        if (error) vo_record_count_failure(record, error);
    }
    uint64_t waiting = backlog->end - backlog->begin;
    if (waiting) count_dropped(record, backlog->begin, waiting);
    vo_record_seal_end(record, waiting, record->owed, record->owed_cause);
    for (int i = 0; i < 2; i++) vo_record_close_kept(record, &record->folders[i].held);
    vo_record_publish(record);
}

/* --- Any thread
 * ---------------------------------------------------------------------------------------- */

static vo_record_times times(const vo_histogram *histogram) {
    return (vo_record_times){vo_histogram_quantile(histogram, 0.5),
                             vo_histogram_quantile(histogram, 0.99),
                             vo_histogram_longest(histogram)};
}

vo_record_stats vo_record_stats_now(const vo_record *record) {
    uint64_t words[VO_RECORD_WORDS];
    vo_snapshot_read(&record->published, words, VO_RECORD_WORDS);
    return (vo_record_stats){
        .frames = words[VO_RECORD_FRAMES],
        .frames_written = words[VO_RECORD_WRITTEN],
        .frames_durable = words[VO_RECORD_DURABLE],
        .frames_waiting = words[VO_RECORD_WAITING],
        .frames_gone = words[VO_RECORD_GONE],
        .gaps = words[VO_RECORD_GAPS],
        .silence_frames = words[VO_RECORD_SILENCE],
        .dropped_frames = words[VO_RECORD_DROPPED],
        .first_dropped = words[VO_RECORD_FIRST_DROPPED],
        .files = words[VO_RECORD_FILE_COUNT],
        .writes = words[VO_RECORD_WRITES],
        .bytes = words[VO_RECORD_WRITTEN_BYTES],
        .failures = words[VO_RECORD_FAILURES],
        .error = -(int32_t)words[VO_RECORD_ERROR],
        .seconds_left = words[VO_RECORD_SECONDS_LEFT],
        .place = (vo_record_place)words[VO_RECORD_PLACE],
        .write = times(&record->writes),
        .sync = times(&record->syncs),
    };
}

bool vo_record_path(const vo_record *record, uint32_t index, char *out, uint64_t bytes) {
    uint64_t words[VO_RECORD_WORDS];
    vo_snapshot_read(&record->published, words, VO_RECORD_WORDS);
    if (index >= words[VO_RECORD_FILE_COUNT]) return false;
    uint32_t entry = atomic_load_explicit(&record->files[index], memory_order_relaxed);
    char name[VO_SIDECAR_NAME_BYTES];
    vo_record_name(record, entry / 4, name);
    snprintf(out, (size_t)bytes, "%s/%s", record->folders[entry % 2].path, name);
    return true;
}
