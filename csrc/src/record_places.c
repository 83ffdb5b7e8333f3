/* Where a recording goes: the file that takes it, and what comes after one that fails. */
#include <errno.h>
#include <stdio.h>

#include "record.h"
#include "sidecar.h"

#define SECOND_NS UINT64_C(1000000000)
#define LONGEST_WAIT_NS (60 * SECOND_NS)

enum { LOW_S = 60 };

void vo_record_count_failure(vo_record *record, int error) {
    record->words[VO_RECORD_FAILURES]++;
    record->words[VO_RECORD_ERROR] = (uint64_t)-error;
}

/* A file of the recording is gone, and what it held up to that frame. */
static void count_one_gone(vo_record *record, uint64_t index, uint64_t end) {
    /* relaxed: only this thread changes it, and nothing hangs on it */
    uint32_t entry = atomic_load_explicit(&record->files[index], memory_order_relaxed);
    if (entry & 2) return;
    atomic_store_explicit(&record->files[index], entry | 2, memory_order_relaxed);
    record->words[VO_RECORD_GONE] += end - record->firsts[index];
}

void vo_record_count_gone(vo_record *record, uint64_t end) {
    const vo_files *files = record->config.files;
    int folder = record->file.folder;
    uint64_t last = record->words[VO_RECORD_FILE_COUNT] - 1;
    count_one_gone(record, last, end);
    for (uint64_t i = 0; i < last; i++) {
        uint32_t entry = atomic_load_explicit(&record->files[i], memory_order_relaxed);
        char name[VO_SIDECAR_NAME_BYTES];
        if (entry % 2 != (record->file.place == VO_RECORD_SPOOL)) continue;
        vo_record_name(record, entry / 4, name);
        if (files->find(files->self, folder, name, -1) == -ENOENT)
            count_one_gone(record, i, record->firsts[i + 1]);
    }
}

/* --- Places ---------------------------------------------------------------------------- */

void vo_record_rest(vo_record *record, vo_record_place place, uint64_t held_ns) {
    vo_record_folder *folder = &record->folders[place];
    uint64_t wait = 2 * folder->wait_ns;
    if (!wait || held_ns > wait) wait = SECOND_NS;
    folder->wait_ns = wait < LONGEST_WAIT_NS ? wait : LONGEST_WAIT_NS;
    folder->retry_at_ns = vo_record_now(record) + folder->wait_ns;
}

static bool may_try(const vo_record *record, vo_record_place place) {
    const vo_record_folder *folder = &record->folders[place];
    return folder->path[0] && vo_record_now(record) >= folder->retry_at_ns;
}

void vo_record_note_file(vo_record *record) {
    vo_record_file *file = &record->file;
    uint64_t count = record->words[VO_RECORD_FILE_COUNT];
    uint32_t entry = file->number * 4 + (file->place == VO_RECORD_SPOOL);
    /* relaxed: the count that is published after it lets readers see it */
    atomic_store_explicit(&record->files[count], entry, memory_order_relaxed);
    record->firsts[count] = file->first;
    record->words[VO_RECORD_FILE_COUNT] = count + 1;
    record->number = file->number;
    record->backlog.aligned_from = file->first;
    char name[VO_SIDECAR_NAME_BYTES];
    vo_record_name(record, file->number, name);
    snprintf(record->last, sizeof record->last, "%s/%s", record->folders[file->place].path, name);
    vo_record_tell(record, VO_EVENT_FILE_OPENED, file->number);
    vo_record_seal_follow(record, file->place);
}

/* A new file for what waits, in the best folder that takes one; else it waits in memory. */
static int settle_down(vo_record *record) {
    int error = 0;
    for (vo_record_place place = VO_RECORD_MAIN; place <= VO_RECORD_SPOOL; place++) {
        if (!may_try(record, place)) continue;
        error = vo_record_file_open(record, place);
        if (!error) {
            vo_record_note_file(record);
            return 0;
        }
        vo_record_count_failure(record, error);
        vo_record_rest(record, place, 0);
    }
    record->backlog.aligned_from = UINT64_MAX;
    return error;
}

void vo_record_move(vo_record *record, vo_record_place from, int why) {
    uint64_t waiting = record->backlog.end - record->backlog.begin;
    int error = settle_down(record);
    vo_record_place to = record->file.descriptor >= 0 ? record->file.place : VO_RECORD_MEMORY;
    if (error) why = error;
    if (to == from) return;
    if (to == VO_RECORD_MAIN)
        vo_record_tell(record, VO_EVENT_BACK, waiting);
    else if (to == VO_RECORD_SPOOL)
        vo_record_tell(record, VO_EVENT_SPOOLING, (uint64_t)-why);
    else
        vo_record_tell(record, VO_EVENT_IN_MEMORY, (uint64_t)-why);
}

/* --- Faults ------------------------------------------------------------------------------ */

/* The file that is open has failed: it ends at what is durable, and the rest goes elsewhere. */
static void give_up(vo_record *record, int error) {
    vo_record_file *file = &record->file;
    vo_record_place place = file->place;
    vo_record_count_failure(record, error);
    vo_backlog_rewind(&record->backlog);
    vo_record_file_end(record, record->backlog.begin - file->first, VO_SIDECAR_SEALED);
    vo_record_tell(record, VO_EVENT_FILE_SEALED, (uint64_t)-error);
    vo_record_rest(record, place, vo_record_now(record) - file->opened_ns);
    vo_record_move(record, place, error);
}

void vo_record_tell_start(vo_record *record) {
    vo_sidecar_begin(record->file.sidecar, &record->head); /* true: only its times are other ones */
    int error = vo_record_file_sidecar(record);
    if (error) give_up(record, error);
}

/* All is durable. A disk that cannot reserve is left while it has room for the end of its file,
   unless there is no other: then its sidecar is told what it can be while it still can. */
static void look_ahead(vo_record *record) {
    int error = vo_record_file_reserve(record);
    const vo_files *files = record->config.files;
    int64_t room = files->free_bytes(files->self, record->file.folder);
    uint64_t left = room < 0 ? VO_RECORD_UNKNOWN : (uint64_t)room / record->second_bytes;
    record->words[VO_RECORD_SECONDS_LEFT] = left;
    bool low = error || left < LOW_S;
    if (low && !record->low) vo_record_tell(record, VO_EVENT_DISK_LOW, left);
    record->low = low;
    bool elsewhere = record->file.place == VO_RECORD_MAIN && may_try(record, VO_RECORD_SPOOL);
    if (error && elsewhere)
        give_up(record, error);
    else if (error)
        (void)vo_record_file_sidecar(record);
}

/* --- Writing -------------------------------------------------------------------------------- */

/* What was written is durable. */
static void acknowledge(vo_record *record) {
    vo_backlog *backlog = &record->backlog;
    vo_record_file *file = &record->file;
    uint64_t before = backlog->begin;
    bool complete = !file->lacks_crc;
    vo_backlog_gaps gaps = vo_backlog_settle(backlog, file->sidecar, file->first, &complete);
    if (gaps.entered) file->gap_is_due = true;
    if (gaps.missed || (!complete && !file->lacks_crc)) vo_record_count_failure(record, -ENOMEM);
    file->lacks_crc = !complete;
    file->unsided_bytes += (backlog->begin - before) * record->frame_bytes;
    vo_sidecar_set(file->sidecar, backlog->begin - file->first, VO_SIDECAR_OPEN);
}

/* Whether all that was written has become durable; else the file has been given up. */
static bool sync_file(vo_record *record) {
    int error = vo_record_file_sync(record);
    if (error) {
        give_up(record, error);
        return false;
    }
    acknowledge(record);
    return true;
}

/* The file is full: another one follows. */
static void roll(vo_record *record) {
    vo_record_file *file = &record->file;
    if (!sync_file(record)) return;
    vo_record_place place = file->place;
    int error = vo_record_file_end(record, file->frames, VO_SIDECAR_ROLLED);
    if (error) vo_record_count_failure(record, error);
    vo_record_tell(record, VO_EVENT_FILE_ROLLED, file->number);
    vo_record_move(record, place, 0);
}

/* A write has failed. What is in the file may still be brought to the disk. */
static void write_failed(vo_record *record, int error) {
    if (!vo_record_file_sync(record)) acknowledge(record);
    give_up(record, error);
}

void vo_record_send(vo_record *record, bool all) {
    vo_backlog *backlog = &record->backlog;
    vo_record_file *file = &record->file;
    while (file->descriptor >= 0) {
        vo_backlog_span span = vo_backlog_unsent(backlog);
        if (!span.frames || !(all || span.full)) return;
        uint64_t n = file->most - file->frames, written;
        if (n > span.frames) n = span.frames;
        if (!n) {
            roll(record);
            continue;
        }
        int error = vo_record_file_write(record, span.bytes, n * record->frame_bytes, &written);
        vo_backlog_send(backlog, written / record->frame_bytes);
        file->frames += written / record->frame_bytes;
        if (error) write_failed(record, error);
    }
}

void vo_record_write_out(vo_record *record) {
    vo_record_file *file = &record->file;
    do vo_record_send(record, true);
    while (file->descriptor >= 0 && record->backlog.begin < record->backlog.end &&
           !sync_file(record));
    if (file->descriptor < 0) return;
    if (vo_record_file_sidecar_is_due(record)) {
        int error = vo_record_file_sidecar(record);
        if (error == -ENOENT) { /* its folder was removed, and the file with it */
            give_up(record, error);
            return;
        }
        if (error) vo_record_count_failure(record, error);
    }
    vo_record_keep_room(record);
    look_ahead(record);
}
