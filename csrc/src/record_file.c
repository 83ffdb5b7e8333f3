/* One file of a recording and its sidecar: made so that a crash at any moment leaves both. */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "record.h"

#define CALL VO_RECORD_CALL

/* --- Calls ---------------------------------------------------------------------- */

int vo_record_write_all(vo_record *record, int file, const void *bytes, uint64_t n, uint64_t at,
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

void vo_record_forget(vo_record *record, int folder, const char *name) {
    int ignored;
    CALL(record, ignored, remove, folder, name);
    (void)ignored; /* it may never have been there */
}

void vo_record_close_one(vo_record *record, int descriptor) {
    const vo_files *files = record->config.files;
    files->close(files->self, descriptor); /* once: after EINTR it is closed too */
}

void vo_record_close_kept(vo_record *record, int *descriptor) {
    int open = *descriptor;
    *descriptor = -1;
    if (open >= 0) vo_record_close_one(record, open);
}

int vo_record_create_anew(vo_record *record, int folder, const char *name) {
    int file;
    CALL(record, file, create, folder, name);
    if (file != -EEXIST) return file;
    vo_record_forget(record, folder, name);
    CALL(record, file, create, folder, name);
    return file;
}

/* The file is no longer open before its descriptors are closed: the child of a fork that happens
   meanwhile closes no number that may be another's. */
static void let_go(vo_record *record) {
    vo_record_file *file = &record->file;
    int descriptor = file->descriptor, folder = file->folder;
    vo_sidecar *sidecar = file->sidecar;
    file->descriptor = file->folder = -1;
    file->sidecar = NULL;
    vo_sidecar_free(sidecar);
    vo_record_close_one(record, descriptor);
    if (folder >= 0) vo_record_close_one(record, folder);
    vo_record_give_room(record);
}

/* --- Folders ------------------------------------------------------------------ */

/* By its path; when that leads nowhere any more, the folder may have been moved. */
static int open_folder(vo_record *record, vo_record_place place) {
    const vo_files *files = record->config.files;
    const vo_record_folder *at = &record->folders[place];
    int folder;
    CALL(record, folder, open_folder, at->path);
    bool leads_nowhere = folder == -ENOENT || folder == -ENOTDIR;
    return leads_nowhere && at->held >= 0 ? files->same_folder(files->self, at->held) : folder;
}

/* And no other one: a disk that was left may be taken away. */
static void hold_folder(vo_record *record) {
    const vo_files *files = record->config.files;
    int folder = files->same_folder(files->self, record->file.folder);
    for (int i = 0; i < 2; i++) vo_record_close_kept(record, &record->folders[i].held);
    record->folders[record->file.place].held = folder;
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

/* --- Begin ------------------------------------------------------------------------ */

/* Whether something has the name of a file's sidecar, which would be replaced. */
static bool has_sidecar(vo_record *record, int folder, const char *name) {
    char sidecar[VO_RECORD_NAME_BYTES];
    int error;
    snprintf(sidecar, sizeof sidecar, "%s.json", name);
    CALL(record, error, find, folder, sidecar, -1);
    return error == -ESTALE;
}

/* Only the name that was asked for must be free; others are the next that are. */
static int create_next(vo_record *record, vo_record_place place, int folder, uint32_t *number,
                       char *name) {
    for (*number = record->number + 1; *number <= VO_RECORD_FILES; ++*number) {
        int file = -EEXIST;
        vo_record_name(record, *number, name);
        if (!has_sidecar(record, folder, name)) CALL(record, file, create, folder, name);
        if (file != -EEXIST || (*number == 1 && place == VO_RECORD_MAIN)) return file;
    }
    return -EOVERFLOW;
}

static bool is_in_its_folder(vo_record *record) {
    vo_record_file *file = &record->file;
    char name[VO_SIDECAR_NAME_BYTES];
    int error;
    vo_record_name(record, file->number, name);
    CALL(record, error, find, file->folder, name, file->descriptor);
    return error != -ENOENT && error != -ESTALE;
}

/* What a new file needs to be one: its head, room, its sidecar, its names. */
static int furnish(vo_record *record) {
    vo_record_file *file = &record->file;
    uint64_t written;
    int error = vo_record_write_all(record, file->descriptor, record->open_head, VO_WAV_HEAD_BYTES,
                                    0, &written);
    if (!error) error = vo_record_file_reserve(record);
    if (!error) CALL(record, error, sync, file->descriptor);
    if (error) return error;
    if (vo_sidecar_new(&file->sidecar, &record->head, &record->allocator)) return -ENOMEM;
    error = vo_record_file_sidecar(record); /* brings the names of both to the disk */
    if (error) return error;
    vo_record_keep_room(record);
    file->watched = is_in_its_folder(record); /* else its file system's numbers mean nothing */
    return 0;
}

int vo_record_file_open(vo_record *record, vo_record_place place) {
    vo_record_file *file = &record->file;
    char name[VO_SIDECAR_NAME_BYTES], sidecar[VO_RECORD_NAME_BYTES];
    uint32_t number;
    int folder = open_folder(record, place), descriptor, error;
    if (folder < 0) return folder;
    descriptor = create_next(record, place, folder, &number, name);
    if (descriptor < 0) {
        vo_record_close_one(record, folder);
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
        .spare = -1,
        .opened_ns = vo_record_now(record),
    };
    record->head.first_frame = file->first;
    memcpy(record->head.previous, record->last, sizeof record->last);
    record->head.segment = (uint32_t)record->words[VO_RECORD_FILE_COUNT] + 1;
    error = furnish(record);
    if (!error) {
        hold_folder(record);
        return 0;
    }
    snprintf(sidecar, sizeof sidecar, "%s.json", name);
    if (file->sidecar) vo_record_forget(record, folder, sidecar);
    vo_record_forget(record, folder, name);
    let_go(record);
    return error;
}

int vo_record_file_probe(vo_record *record, vo_record_place place) {
    char name[VO_RECORD_NAME_BYTES];
    uint8_t head[VO_WAV_HEAD_BYTES] = {0};
    int folder = open_folder(record, place), file, error = 0;
    int64_t room;
    if (folder < 0) return folder;
    CALL(record, room, free_bytes, folder);
    if (room >= 0 && (uint64_t)room < 4 * record->ahead_bytes) error = -ENOSPC;
    snprintf(name, sizeof name, ".%s.probe", record->name);
    if (!error) {
        file = vo_record_create_anew(record, folder, name);
        uint64_t written;
        error = file < 0 ? file : vo_record_write_all(record, file, head, sizeof head, 0, &written);
        if (!error) CALL(record, error, sync, file);
        if (file >= 0) vo_record_close_one(record, file);
        vo_record_forget(record, folder, name);
    }
    vo_record_close_one(record, folder);
    return error;
}

/* --- While it is written ------------------------------------------------------------ */

int vo_record_file_write(vo_record *record, const uint8_t *bytes, uint64_t n, uint64_t *written) {
    vo_record_file *file = &record->file;
    uint64_t at = VO_WAV_HEAD_BYTES + file->frames * record->frame_bytes;
    uint64_t began = vo_record_now(record);
    int error = vo_record_write_all(record, file->descriptor, bytes, n, at, written);
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
    if (!error && record->file.watched && !is_in_its_folder(record)) error = -ESTALE;
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
    patched |= vo_record_write_all(record, file->descriptor, head, sizeof head, 0, &written);
    synced = vo_record_file_sync(record);
    if (synced == -ESTALE) vo_record_count_gone(record, file->first + frames);
    vo_sidecar_set(file->sidecar, frames, end);
    vo_record_give_room(record);
    told = vo_record_file_sidecar(record);
    if (told || end == VO_SIDECAR_SEALED) vo_record_seal_keep(record, !told);
    let_go(record);
    int errors[] = {truncated, patched, synced, told, 0}, i = 0;
    while (i < 4 && !errors[i]) i++;
    return errors[i];
}
