#include "record_backlog.h"

#include <string.h>

static vo_backlog_block *make(vo_backlog *backlog) {
    return vo_alloc(&backlog->allocator, sizeof(vo_backlog_block), VO_CACHE_LINE);
}

static void keep(vo_backlog *backlog, vo_backlog_block *block) {
    block->next = backlog->spare;
    backlog->spare = block;
    backlog->spares++;
}

vo_status vo_backlog_init(vo_backlog *backlog, const vo_wav_format *format, uint64_t kept_bytes,
                          uint64_t most_bytes, const vo_allocator *allocator) {
    backlog->allocator = *allocator;
    backlog->format = *format;
    backlog->frame_bytes = vo_wav_frame_bytes(format);
    backlog->block_frames = VO_BACKLOG_BLOCK_BYTES / backlog->frame_bytes;
    backlog->aligned_from = UINT64_MAX;
    backlog->kept = kept_bytes / VO_BACKLOG_BLOCK_BYTES + 1;
    backlog->most = most_bytes / VO_BACKLOG_BLOCK_BYTES;
    if (backlog->most < backlog->kept) backlog->most = backlog->kept;
    vo_status status = vo_pcm_new(&backlog->pcm, allocator);
    while (!status && backlog->spares < backlog->kept) {
        vo_backlog_block *block = make(backlog);
        if (!block) return VO_NO_MEM;
        keep(backlog, block);
    }
    return status;
}

static void drop(vo_backlog *backlog, vo_backlog_block *block) {
    while (block) {
        vo_backlog_block *next = block->next;
        vo_release(&backlog->allocator, block);
        block = next;
    }
}

void vo_backlog_clear(vo_backlog *backlog) {
    drop(backlog, backlog->first);
    drop(backlog, backlog->spare);
    vo_pcm_free(backlog->pcm);
    backlog->first = backlog->spare = NULL;
    backlog->pcm = NULL;
}

/* --- Taking ------------------------------------------------------------------- */

/* The frames of a block that begins where the backlog ends: as few as make a write, so that it ends
   with a page of the file, if that can be; as many as it holds while there is no file. */
static uint32_t length(const vo_backlog *backlog) {
    uint64_t bytes = backlog->frame_bytes, n = (VO_RECORD_WRITE_BYTES + bytes - 1) / bytes;
    if (backlog->aligned_from == UINT64_MAX) return backlog->block_frames;
    uint64_t at = (backlog->end - backlog->aligned_from) * bytes;
    for (uint64_t k = n; k <= backlog->block_frames; k++)
        if ((at + k * bytes) % VO_BACKLOG_PAGE_BYTES == 0) return (uint32_t)k;
    return (uint32_t)n;
}

static vo_backlog_block *next_block(vo_backlog *backlog) {
    if (backlog->blocks == backlog->most) return NULL;
    vo_backlog_block *block = backlog->spare;
    if (block) {
        backlog->spare = block->next;
        backlog->spares--;
    } else {
        block = make(backlog);
        if (!block) return NULL;
    }
    block->next = NULL;
    block->first = backlog->end;
    block->frames = block->gaps = 0;
    block->most = length(backlog);
    *(backlog->last ? &backlog->last->next : &backlog->first) = block;
    backlog->last = block;
    if (!backlog->sending) backlog->sending = block;
    backlog->blocks++;
    return block;
}

/* Whether the block takes a gap at its end. */
static bool enter(vo_backlog_block *block, uint64_t n, vo_cause cause) {
    uint64_t at = block->first + block->frames;
    vo_sidecar_gap *last = block->gaps ? &block->gap[block->gaps - 1] : NULL;
    if (last && last->frame + last->frames == at && last->cause == (uint32_t)cause) {
        last->frames += n;
        return true;
    }
    if (block->gaps == VO_BACKLOG_GAPS) return false;
    block->gap[block->gaps++] = (vo_sidecar_gap){at, n, (uint32_t)cause};
    return true;
}

uint64_t vo_backlog_take(vo_backlog *backlog, const float *frames, uint64_t n, vo_cause cause) {
    vo_backlog_block *block = backlog->last;
    if (!block || block->frames == block->most) block = next_block(backlog);
    if (!block) return 0;
    uint64_t room = block->most - block->frames;
    if (n > room) n = room;
    if (!frames && !enter(block, n, cause)) {
        block->most = block->frames; /* its list of gaps is full: so is the block */
        return vo_backlog_take(backlog, frames, n, cause);
    }
    uint8_t *out = block->bytes + (size_t)block->frames * backlog->frame_bytes;
    if (frames)
        vo_wav_encode(&backlog->format, backlog->pcm, out, frames, n);
    else
        memset(out, 0, (size_t)n * backlog->frame_bytes);
    block->frames += (uint32_t)n;
    backlog->end += n;
    return n;
}

/* --- Sending ------------------------------------------------------------------ */

vo_backlog_span vo_backlog_unsent(const vo_backlog *backlog) {
    const vo_backlog_block *block = backlog->sending;
    if (backlog->sent == backlog->end) return (vo_backlog_span){0};
    uint64_t skip = backlog->sent - block->first;
    return (vo_backlog_span){block->bytes + skip * backlog->frame_bytes, block->frames - skip,
                             block->frames == block->most};
}

void vo_backlog_send(vo_backlog *backlog, uint64_t frames) {
    backlog->sent += frames;
    vo_backlog_block *block = backlog->sending;
    if (backlog->sent == block->first + block->most) backlog->sending = block->next;
}

void vo_backlog_rewind(vo_backlog *backlog) {
    backlog->sent = backlog->begin;
    backlog->sending = backlog->first;
}

/* The part of a gap that is between begin and sent, on the file's own timeline. */
static vo_sidecar_gap within(const vo_backlog *backlog, vo_sidecar_gap gap, uint64_t file_first) {
    uint64_t end = gap.frame + gap.frames;
    if (end > backlog->sent) end = backlog->sent;
    if (gap.frame < backlog->begin) gap.frame = backlog->begin;
    gap.frames = end > gap.frame ? end - gap.frame : 0;
    gap.frame -= file_first;
    return gap;
}

vo_backlog_gaps vo_backlog_settle(vo_backlog *backlog, vo_sidecar *sidecar, uint64_t file_first,
                                  bool *complete) {
    vo_backlog_gaps gaps = {0};
    while (backlog->begin < backlog->sent) {
        vo_backlog_block *block = backlog->first;
        uint64_t end = block->first + block->frames;
        uint64_t n = (end < backlog->sent ? end : backlog->sent) - backlog->begin;
        for (uint32_t i = 0; i < block->gaps; i++) {
            vo_sidecar_gap gap = within(backlog, block->gap[i], file_first);
            if (!gap.frames) continue;
            if (vo_sidecar_add_gap(sidecar, &gap))
                gaps.missed++;
            else
                gaps.entered++;
        }
        const uint8_t *bytes =
            block->bytes + (size_t)(backlog->begin - block->first) * backlog->frame_bytes;
        if (*complete && vo_sidecar_add_audio(sidecar, bytes, n * backlog->frame_bytes))
            *complete = false;
        backlog->begin += n;
        if (backlog->begin < end) break;
        backlog->first = block->next;
        if (!backlog->first) backlog->last = backlog->sending = NULL;
        backlog->blocks--;
        if (backlog->spares < backlog->kept)
            keep(backlog, block);
        else
            vo_release(&backlog->allocator, block);
    }
    return gaps;
}
