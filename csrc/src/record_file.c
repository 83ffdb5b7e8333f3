/* One file of a recording and its sidecar: made so that a crash at any moment leaves both. */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "record.h"

enum {
    NAME_BYTES = VO_SIDECAR_NAME_BYTES + 16, /* of a sidecar */
    TRIES = 100,                             /* of a call that signals interrupt */
    SIDECAR_SHARE = 16,                      /* audio is at least so much more */
    SIDECAR_AFTER_S = 10,
};

/* A call of the table, made again while a signal interrupts it. */
#define CALL(record, result, name, ...)                                                            \
    do {                                                                                           \
        const vo_files *files_ = (record)->config.files;                                           \
        int tries_ = TRIES;                                                                        \
        do (result) = files_->name(files_->self, __VA_ARGS__);                                     \
        while ((result) == -EINTR && --tries_);                                                    \
    } while (0)

static int write_all(vo_record *record, int file, const void *bytes, uint64_t n, uint64_t at,
                     uint64_t *written) {
    for (*written = 0; *written < n;) {
        int64_t part;
        CALL(record, part, write, file, (const uint8_t *)bytes + *written, n - *written,
             at + *written);
        if (part <= 0) return part ? (int)part : -EIO;
        *written += (uint64_t)part;
    }
    return 0;
}

static void forget(vo_record *record, int folder, const char *name) {
    int ignored;
    CALL(record, ignored, remove, folder, name);
    (void)ignored; /* it may never have been there */
}

static void close_one(vo_record *record, int descriptor) {
    const vo_files *files = record->config.files;
    files->close(files->self, descriptor); /* once: after EINTR it is closed too */
}

/* The file is no longer open before its descriptors are closed: the child of a fork that happens
   meanwhile closes no number that may be another's. */
static void let_go(vo_record *record) {
    vo_record_file *file = &record->file;
    int descriptor = file->descriptor;
    vo_sidecar *sidecar = file->sidecar;
    file->descriptor = -1;
    file->sidecar = NULL;
    vo_sidecar_free(sidecar);
    close_one(record, descriptor);
    close_one(record, file->folder);
}

/* --- Names -------------------------------------------------------------------- */

void vo_record_name(const vo_record *record, uint32_t number, char out[VO_SIDECAR_NAME_BYTES]) {
    const char *name = record->name, *dot = strrchr(name, '.');
    int stem = (int)(dot ? dot - name : (ptrdiff_t)strlen(name));
    if (number == 1)
        snprintf(out, VO_SIDECAR_NAME_BYTES, "%s", name);
    else
        snprintf(out, VO_SIDECAR_NAME_BYTES, "%.*s-%04u%s", stem, name, number, name + stem);
}

/* --- Sidecar -------------------------------------------------------------------- */

/* Makes a file that nobody looks at before it is whole; one that a crash has left makes room. */
static int create_anew(vo_record *record, int folder, const char *name) {
    int file;
    CALL(record, file, create, folder, name);
    if (file != -EEXIST) return file;
    forget(record, folder, name);
    CALL(record, file, create, folder, name);
    return file;
}

static int write_whole(vo_record *record, int folder, const char *name, const void *bytes,
                       uint64_t n) {
    int file = create_anew(record, folder, name), error;
    if (file < 0) return file;
    uint64_t written;
    error = write_all(record, file, bytes, n, 0, &written);
    if (!error) CALL(record, error, sync, file);
    close_one(record, file);
    return error;
}

int vo_record_file_sidecar(vo_record *record) {
    vo_record_file *file = &record->file;
    const char *text;
    uint64_t bytes;
    if (vo_sidecar_text(file->sidecar, &text, &bytes)) return -ENOMEM;
    char audio[VO_SIDECAR_NAME_BYTES], name[NAME_BYTES], on_its_way[NAME_BYTES];
    vo_record_name(record, file->number, audio);
    snprintf(name, sizeof name, "%s.json", audio);
    snprintf(on_its_way, sizeof on_its_way, ".%s.json.new", audio);
    int error = write_whole(record, file->folder, on_its_way, text, bytes);
    if (!error) CALL(record, error, rename, file->folder, on_its_way, name);
    if (error) {
        forget(record, file->folder, on_its_way);
        return error;
    }
    CALL(record, error, sync_folder, file->folder);
    if (error) return error;
    file->sidecar_bytes = bytes;
    file->unsided_bytes = 0;
    file->gap_is_due = false;
    return 0;
}

bool vo_record_file_sidecar_is_due(const vo_record *record) {
    const vo_record_file *file = &record->file;
    if (file->gap_is_due) return file->unsided_bytes >= file->sidecar_bytes;
    return file->unsided_bytes >= SIDECAR_SHARE * file->sidecar_bytes &&
           file->unsided_bytes >= SIDECAR_AFTER_S * record->second_bytes;
}

/* --- Begin ------------------------------------------------------------------------ */

/* Only the first file has a name that must be free; the others take the next that is. */
static int create_next(vo_record *record, int folder, uint32_t *number, char *name) {
    for (*number = record->number + 1; *number <= VO_RECORD_FILES; ++*number) {
        int file;
        vo_record_name(record, *number, name);
        CALL(record, file, create, folder, name);
        if (file != -EEXIST || *number == 1) return file;
    }
    return -EMFILE;
}

/* What a new file needs to be one: its head, room, its sidecar, its names. */
static int furnish(vo_record *record) {
    vo_record_file *file = &record->file;
    uint64_t written;
    int error =
        write_all(record, file->descriptor, record->open_head, VO_WAV_HEAD_BYTES, 0, &written);
    if (!error) error = vo_record_file_reserve(record);
    if (!error) CALL(record, error, sync, file->descriptor);
    if (error) return error;
    if (vo_sidecar_new(&file->sidecar, &record->head, &record->allocator)) return -ENOMEM;
    return vo_record_file_sidecar(record); /* brings the names of both to the disk */
}

int vo_record_file_open(vo_record *record, vo_record_place place) {
    vo_record_file *file = &record->file;
    char name[VO_SIDECAR_NAME_BYTES], sidecar[NAME_BYTES];
    uint32_t number;
    int folder, descriptor, error;
    CALL(record, folder, open_folder, record->folders[place].path);
    if (folder < 0) return folder;
    descriptor = create_next(record, folder, &number, name);
    if (descriptor < 0) {
        close_one(record, folder);
        return descriptor;
    }
    *file = (vo_record_file){
        .folder = folder,
        .descriptor = descriptor,
        .place = place,
        .number = number,
        .first = record->backlog.begin,
        .most = record->file_frames,
        .reserves = true,
        .opened_ns = vo_record_now(record),
    };
    record->head.first_frame = file->first;
    memcpy(record->head.previous, record->last, sizeof record->last);
    record->head.segment = (uint32_t)record->words[VO_RECORD_FILE_COUNT] + 1;
    error = furnish(record);
    if (!error) return 0;
    snprintf(sidecar, sizeof sidecar, "%s.json", name);
    if (file->sidecar) forget(record, folder, sidecar);
    forget(record, folder, name);
    let_go(record);
    return error;
}

int vo_record_file_probe(vo_record *record, vo_record_place place) {
    char name[NAME_BYTES];
    uint8_t head[VO_WAV_HEAD_BYTES] = {0};
    int folder, file, error = 0;
    int64_t room;
    CALL(record, folder, open_folder, record->folders[place].path);
    if (folder < 0) return folder;
    CALL(record, room, free_bytes, folder);
    if (room >= 0 && (uint64_t)room < 4 * record->ahead_bytes) error = -ENOSPC;
    snprintf(name, sizeof name, ".%s.probe", record->name);
    if (!error) {
        file = create_anew(record, folder, name);
        uint64_t written;
        error = file < 0 ? file : write_all(record, file, head, sizeof head, 0, &written);
        if (!error) CALL(record, error, sync, file);
        if (file >= 0) close_one(record, file);
        forget(record, folder, name);
    }
    close_one(record, folder);
    return error;
}

/* --- While it is written ------------------------------------------------------------ */

int vo_record_file_write(vo_record *record, const uint8_t *bytes, uint64_t n, uint64_t *written) {
    vo_record_file *file = &record->file;
    uint64_t at = VO_WAV_HEAD_BYTES + file->frames * record->frame_bytes;
    uint64_t began = vo_record_now(record);
    int error = write_all(record, file->descriptor, bytes, n, at, written);
    vo_histogram_record(&record->writes, vo_record_now(record) - began);
    record->words[VO_RECORD_WRITES]++;
    record->words[VO_RECORD_WRITTEN_BYTES] += *written;
    return error;
}

int vo_record_file_sync(vo_record *record) {
    uint64_t began = vo_record_now(record);
    int error;
    CALL(record, error, sync, record->file.descriptor);
    vo_histogram_record(&record->syncs, vo_record_now(record) - began);
    return error;
}

int vo_record_file_reserve(vo_record *record) {
    vo_record_file *file = &record->file;
    uint64_t at = VO_WAV_HEAD_BYTES + file->frames * record->frame_bytes;
    if (!file->reserves || file->reserved_bytes >= at + record->ahead_bytes) return 0;
    if (file->reserved_bytes > at) at = file->reserved_bytes;
    int error;
    CALL(record, error, reserve, file->descriptor, at, 2 * record->ahead_bytes);
    if (!error) file->reserved_bytes = at + 2 * record->ahead_bytes;
    if (error == -ENOSPC || error == -EDQUOT || error == -EIO || error == -EROFS) return error;
    if (error) file->reserves = false;
    return 0;
}

/* --- End ------------------------------------------------------------------------------ */

int vo_record_file_end(vo_record *record, uint64_t frames, vo_sidecar_end end) {
    vo_record_file *file = &record->file;
    const vo_wav_format *format = &record->config.format;
    uint8_t head[VO_WAV_HEAD_BYTES];
    uint64_t written;
    int truncated, patched, synced, told;
    CALL(record, truncated, truncate, file->descriptor, vo_wav_file_bytes(format, frames));
    patched = (int)vo_wav_head(head, format, frames); /* OK: both have been checked */
    patched |= write_all(record, file->descriptor, head, sizeof head, 0, &written);
    CALL(record, synced, sync, file->descriptor);
    vo_sidecar_set(file->sidecar, frames, end);
    told = vo_record_file_sidecar(record);
    let_go(record);
    int errors[] = {truncated, patched, synced, told, 0}, i = 0;
    while (i < 4 && !errors[i]) i++;
    return errors[i];
}
