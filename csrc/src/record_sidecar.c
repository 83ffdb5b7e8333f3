/* Sidecars of a recording's files: when they are written, and that the last one always can be. */
#include <errno.h>
#include <stdio.h>

#include "record.h"
#include "sidecar.h"

#define CALL VO_RECORD_CALL

enum {
    SIDECAR_SHARE = 8, /* audio is at least so much more */
    SECOND_BYTES = 8,  /* of its text */
    GAPS_BYTES = 8192, /* of those that it does not tell of yet */
    SPARE_BYTES = 64 << 10,
    SPARE_LEAST_BYTES = 4096, /* what a disk gives at once */
};

/* --- Writing -------------------------------------------------------------------- */

static int write_whole(vo_record *record, int folder, const char *name, const void *bytes,
                       uint64_t n) {
    int file = vo_record_create_anew(record, folder, name), error;
    if (file < 0) return file;
    uint64_t written;
    error = vo_record_write_all(record, file, bytes, n, 0, &written);
    if (!error) CALL(record, error, sync, file);
    vo_record_close_one(record, file);
    return error;
}

static int write_sidecar(vo_record *record, int folder, uint32_t number, vo_sidecar *sidecar,
                         uint64_t *bytes) {
    const char *text;
    if (vo_sidecar_text(sidecar, &text, bytes)) return -ENOMEM;
    char audio[VO_SIDECAR_NAME_BYTES], name[VO_RECORD_NAME_BYTES], on_its_way[VO_RECORD_NAME_BYTES];
    vo_record_name(record, number, audio);
    snprintf(name, sizeof name, "%s.json", audio);
    snprintf(on_its_way, sizeof on_its_way, ".%s.json.new", audio);
    int error = write_whole(record, folder, on_its_way, text, *bytes);
    if (!error) CALL(record, error, rename, folder, on_its_way, name);
    if (error) {
        vo_record_forget(record, folder, on_its_way);
        return error;
    }
    CALL(record, error, sync_folder, folder);
    return error;
}

static uint64_t seconds_of(const vo_record_file *file) {
    uint64_t seconds;
    vo_sidecar_seconds(file->sidecar, &seconds);
    return seconds;
}

int vo_record_file_sidecar(vo_record *record) {
    vo_record_file *file = &record->file;
    uint64_t bytes;
    int error = write_sidecar(record, file->folder, file->number, file->sidecar, &bytes);
    if (error) return error;
    file->sidecar_bytes = bytes;
    file->unsided_bytes = 0;
    file->told_seconds = seconds_of(file);
    file->told_ns = vo_record_now(record);
    file->gap_is_due = false;
    return 0;
}

bool vo_record_file_sidecar_is_due(const vo_record *record) {
    const vo_record_file *file = &record->file;
    if (vo_record_now(record) - file->told_ns < record->config.flush_ns) return false;
    if (file->gap_is_due) return file->unsided_bytes >= file->sidecar_bytes;
    return seconds_of(file) > file->told_seconds &&
           file->unsided_bytes >= SIDECAR_SHARE * file->sidecar_bytes;
}

/* --- Room for the last one ------------------------------------------------------------ */

/* Where nothing can be reserved it is written. */
static int fill(vo_record *record, uint64_t until) {
    static const uint8_t zeros[SPARE_LEAST_BYTES];
    const vo_files *files = record->config.files;
    vo_record_file *file = &record->file;
    uint64_t written;
    int error = 0;
    for (uint64_t at = file->spare_bytes; at < until && !error; at += sizeof zeros)
        error = vo_record_write_all(record, file->spare, zeros, sizeof zeros, at, &written);
    return error ? error : files->sync(files->self, file->spare);
}

/* A crash leaves nothing of a file without a name. */
static int make_spare(vo_record *record) {
    vo_record_file *file = &record->file;
    char audio[VO_SIDECAR_NAME_BYTES], name[VO_RECORD_NAME_BYTES];
    vo_record_name(record, file->number, audio);
    snprintf(name, sizeof name, ".%s.json.room", audio);
    int spare = vo_record_create_anew(record, file->folder, name);
    if (spare >= 0) vo_record_forget(record, file->folder, name);
    return spare;
}

void vo_record_keep_room(vo_record *record) {
    vo_record_file *file = &record->file;
    uint64_t untold = seconds_of(file) - file->told_seconds;
    uint64_t bytes = file->sidecar_bytes + SECOND_BYTES * untold + GAPS_BYTES;
    uint64_t wanted = (bytes / SPARE_BYTES + 1) * SPARE_BYTES;
    if (wanted <= file->spare_bytes) return;
    if (file->spare < 0) file->spare = make_spare(record);
    if (file->spare < 0) return;
    for (uint64_t more = wanted - file->spare_bytes; more >= SPARE_LEAST_BYTES; more /= 2) {
        int error;
        if (file->reserves)
            CALL(record, error, reserve, file->spare, file->spare_bytes, more);
        else
            error = fill(record, file->spare_bytes + more);
        if (error) continue;
        file->spare_bytes += more;
        return;
    }
}

void vo_record_give_room(vo_record *record) {
    vo_record_close_kept(record, &record->file.spare);
}

/* --- Files that have ended ----------------------------------------------------------- */

void vo_record_seal_drop(vo_record *record, vo_record_place place) {
    vo_record_seal *seal = &record->seals[place];
    int folder = seal->folder;
    vo_sidecar_free(seal->sidecar);
    *seal = (vo_record_seal){.folder = -1};
    if (folder >= 0) vo_record_close_one(record, folder);
}

void vo_record_seal_keep(vo_record *record, bool told) {
    vo_record_file *file = &record->file;
    vo_record_seal_drop(record, file->place);
    record->seals[file->place] = (vo_record_seal){file->folder, file->number, told, file->sidecar};
    file->folder = -1;
    file->sidecar = NULL;
}

static void tell(vo_record *record, vo_record_seal *seal) {
    uint64_t bytes;
    if (!seal->told)
        seal->told = !write_sidecar(record, seal->folder, seal->number, seal->sidecar, &bytes);
}

void vo_record_seal_follow(vo_record *record, vo_record_place place) {
    for (vo_record_place at = VO_RECORD_MAIN; at <= VO_RECORD_SPOOL; at++) {
        vo_record_seal *seal = &record->seals[at];
        if (seal->folder >= 0 && at == place) tell(record, seal);
        if (seal->told || at == place) vo_record_seal_drop(record, at);
    }
}

/* Frames that were lost after the last one of a file: nothing stands for them. */
static void add_loss(vo_record_seal *seal, uint64_t frames, uint64_t n, vo_cause cause) {
    vo_sidecar_gap gap = {frames, n, cause};
    if (n && !vo_sidecar_add_gap(seal->sidecar, &gap)) seal->told = false;
}

void vo_record_seal_end(vo_record *record, uint64_t waiting, uint64_t owed, vo_cause cause) {
    for (vo_record_place at = VO_RECORD_MAIN; at <= VO_RECORD_SPOOL; at++) {
        vo_record_seal *seal = &record->seals[at];
        if (seal->folder >= 0 && seal->number == record->number) {
            uint64_t frames = vo_sidecar_durable(seal->sidecar);
            add_loss(seal, frames, waiting, VO_CAUSE_OVERFLOW);
            add_loss(seal, frames + waiting, owed, cause);
        }
        if (seal->folder >= 0) tell(record, seal);
        vo_record_seal_drop(record, at);
    }
}
