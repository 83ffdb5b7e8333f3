/* The JSON beside a recording: what is needed to tell what a file holds when its head is lost,
   where silence stands for a loss, and which of its zeros were never written.

   Crash-safe because it is replaced as a whole: written under another name, synced, renamed. */
#ifndef VOCANA_SIDECAR_H
#define VOCANA_SIDECAR_H

#include <stdbool.h>
#include <stdint.h>

#include "alloc.h"
#include "ledger.h"
#include "wav.h"

VO_BEGIN_DECLS

typedef struct vo_sidecar vo_sidecar;

enum { VO_SIDECAR_NAME_BYTES = 256, VO_SIDECAR_PATH_BYTES = 4096 };

/* What does not change while a file is written. */
typedef struct vo_sidecar_head {
    vo_wav_format format;
    uint32_t segment;        /* of the recording, from 1 */
    uint64_t first_frame;    /* of this file, on the recording's timeline, which begins with 0 */
    uint64_t capture_frame;  /* frame of the capture that is frame 0 of the recording */
    int64_t started_wall_ns; /* of the recording, since 1970, UTC */
    uint64_t started_ns;     /* the same moment on the monotonic clock */
    char recording[VO_SIDECAR_NAME_BYTES]; /* the first file's name; any bytes but NUL */
    char previous[VO_SIDECAR_PATH_BYTES];  /* path of the file before this one, "" for the first */
    char spool[VO_SIDECAR_PATH_BYTES]; /* folder where it goes on when a disk fails, "" for none */
} vo_sidecar_head;

/* Silence that stands in the file for frames that were lost; frame counts within the file. */
typedef struct vo_sidecar_gap {
    uint64_t frame, frames;
    uint32_t cause; /* vo_cause */
} vo_sidecar_gap;

/* How a file ended. */
typedef enum vo_sidecar_end {
    VO_SIDECAR_OPEN,   /* it did not: its writer may still be at work, or was killed */
    VO_SIDECAR_CLOSED, /* cleanly, at its end */
    VO_SIDECAR_ROLLED, /* cleanly; another segment follows */
    VO_SIDECAR_SEALED, /* its disk failed; another file may follow */
} vo_sidecar_end;

/* --- One thread at a time ------------------------------------------------ */

VO_NODISCARD vo_status vo_sidecar_new(vo_sidecar **out, const vo_sidecar_head *head,
                                      const vo_allocator *allocator);
void vo_sidecar_free(vo_sidecar *sidecar);

/* NO_MEM, and nothing changes: after 32 gaps without memory at the earliest, since room is kept for
   as many. Adjacent gaps of one cause are merged. BAD_ARG for a gap of no
   frames, of an unknown cause, or that begins before the end of the last one. */
VO_NODISCARD vo_status vo_sidecar_add_gap(vo_sidecar *sidecar, const vo_sidecar_gap *gap);

/* Bytes of audio as they stand in the file; a CRC-32 is kept for each second of them, and for the
   rest. NO_MEM, and nothing changes. */
VO_NODISCARD vo_status vo_sidecar_add_audio(vo_sidecar *sidecar, const uint8_t *bytes, uint64_t n);

/* How many frames are durable, and how the file ended. */
void vo_sidecar_set(vo_sidecar *sidecar, uint64_t durable_frames, vo_sidecar_end end);

/* Its JSON, about 8 bytes for each second and 60 for each gap; *text belongs to the sidecar until
   the next call. */
VO_NODISCARD vo_status vo_sidecar_text(vo_sidecar *sidecar, const char **text, uint64_t *bytes);

/* A sidecar from JSON. BAD_ARG for what is no sidecar; it takes memory in proportion to bytes. */
VO_NODISCARD vo_status vo_sidecar_parse(vo_sidecar **out, const char *text, uint64_t bytes,
                                        const vo_allocator *allocator);

const vo_sidecar_head *vo_sidecar_head_of(const vo_sidecar *sidecar);
uint64_t vo_sidecar_durable(const vo_sidecar *sidecar);
vo_sidecar_end vo_sidecar_end_of(const vo_sidecar *sidecar);
const vo_sidecar_gap *vo_sidecar_gaps(const vo_sidecar *sidecar, uint64_t *count);

/* CRC-32 (IEEE 802.3, as zlib's) of each whole second of the file's bytes of audio. */
const uint32_t *vo_sidecar_seconds(const vo_sidecar *sidecar, uint64_t *count);

/* Frames after those seconds that have a CRC too, fewer than a second; what is beyond them has
   none. */
uint64_t vo_sidecar_rest(const vo_sidecar *sidecar, uint32_t *crc);

VO_END_DECLS

#endif
