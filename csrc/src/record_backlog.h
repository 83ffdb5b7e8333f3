/* Frames on their way to the disk: encoded once, kept until they are durable. */
#ifndef VOCANA_RECORD_BACKLOG_H
#define VOCANA_RECORD_BACKLOG_H

#include "vocana/record.h"

enum { VO_BACKLOG_BLOCK_BYTES = 1 << 16, VO_BACKLOG_GAPS = 32, VO_BACKLOG_PAGE_BYTES = 4096 };

/* Whole frames as a file holds them, and the gaps among them, by frames of the recording. */
typedef struct vo_backlog_block {
    struct vo_backlog_block *next;
    uint64_t first;
    uint32_t frames, most;
    uint32_t gaps;
    vo_sidecar_gap gap[VO_BACKLOG_GAPS];
    _Alignas(VO_CACHE_LINE) uint8_t bytes[VO_BACKLOG_BLOCK_BYTES];
} vo_backlog_block;

/* Frames begin .. end that are not durable, of which those before `sent` have been written to the
   file that is open. Blocks of the buffer are kept for ever, others only while they are used. */
typedef struct vo_backlog {
    vo_allocator allocator;
    vo_pcm *pcm;
    vo_wav_format format;
    uint32_t frame_bytes, block_frames;
    uint64_t begin, sent, end;
    uint64_t aligned_from; /* frame that stands at a page's begin in the file, UINT64_MAX: none */
    vo_backlog_block *first, *last, *sending, *spare;
    uint64_t blocks, spares, kept, most; /* in use, spare, spare for ever, in use at most */
} vo_backlog;

typedef struct vo_backlog_span {
    const uint8_t *bytes;
    uint64_t frames;
    bool full; /* no frame will be added to it */
} vo_backlog_span;

vo_status vo_backlog_init(vo_backlog *backlog, const vo_wav_format *format, uint64_t kept_bytes,
                          uint64_t most_bytes, const vo_allocator *allocator);
void vo_backlog_clear(vo_backlog *backlog);

/* Frames taken of n, 0 when memory is full. NULL is silence, for a gap of that cause. */
uint64_t vo_backlog_take(vo_backlog *backlog, const float *frames, uint64_t n, vo_cause cause);

/* The next frames to be written, none when all are. */
vo_backlog_span vo_backlog_unsent(const vo_backlog *backlog);
void vo_backlog_send(vo_backlog *backlog, uint64_t frames);

/* What was sent is in doubt: it is to be sent again. */
void vo_backlog_rewind(vo_backlog *backlog);

/* Gaps that were entered in a sidecar, and those that it had no memory for. */
typedef struct vo_backlog_gaps {
    uint32_t entered, missed;
} vo_backlog_gaps;

/* What was sent is durable: enter it in the sidecar, whose file begins with that frame, and forget
   it. False in *complete when the sidecar had no memory for the audio; then it gets none. */
vo_backlog_gaps vo_backlog_settle(vo_backlog *backlog, vo_sidecar *sidecar, uint64_t file_first,
                                  bool *complete);

#endif
