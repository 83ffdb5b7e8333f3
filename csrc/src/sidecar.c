#include "sidecar.h"

#include <string.h>

enum { GAPS_AHEAD = 32 }; /* that there is room for, so that none is lost while memory is short */

/* --- Setup ----------------------------------------------------------------- */

vo_sidecar *vo_sidecar_make(const vo_allocator *allocator) {
    if (!allocator) allocator = vo_allocator_default();
    vo_sidecar *sidecar = vo_alloc(allocator, sizeof *sidecar, VO_CACHE_LINE);
    if (!sidecar) return NULL;
    sidecar->allocator = *allocator;
    return sidecar;
}

static bool ends(const char *text, size_t room) {
    return memchr(text, 0, room) != NULL;
}

bool vo_sidecar_begin(vo_sidecar *sidecar, const vo_sidecar_head *head) {
    uint64_t frame = vo_wav_frame_bytes(&head->format);
    if (!frame || !head->segment || !ends(head->recording, sizeof head->recording) ||
        !ends(head->previous, sizeof head->previous) || !ends(head->spool, sizeof head->spool))
        return false;
    sidecar->head = *head;
    sidecar->second_bytes = frame * head->format.rate;
    return true;
}

static bool reserve_gaps(vo_sidecar *sidecar) {
    return vo_sidecar_reserve(sidecar, &sidecar->gaps, GAPS_AHEAD * sizeof(vo_sidecar_gap));
}

vo_status vo_sidecar_new(vo_sidecar **out, const vo_sidecar_head *head,
                         const vo_allocator *allocator) {
    vo_sidecar *sidecar = *out = vo_sidecar_make(allocator);
    if (!sidecar) return VO_NO_MEM;
    vo_status status = VO_BAD_ARG;
    if (vo_sidecar_begin(sidecar, head)) status = reserve_gaps(sidecar) ? VO_OK : VO_NO_MEM;
    if (status) {
        vo_sidecar_free(sidecar);
        *out = NULL;
    }
    return status;
}

void vo_sidecar_free(vo_sidecar *sidecar) {
    if (!sidecar) return;
    vo_allocator allocator = sidecar->allocator;
    vo_release(&allocator, sidecar->gaps.at);
    vo_release(&allocator, sidecar->seconds.at);
    vo_release(&allocator, sidecar->text.at);
    vo_release(&allocator, sidecar);
}

/* --- What happens to the file ------------------------------------------------ */

bool vo_sidecar_reserve(vo_sidecar *sidecar, vo_sidecar_bytes *bytes, uint64_t more) {
    if (more <= bytes->capacity - bytes->n) return true;
    size_t capacity;
    if (!vo_size_mul(2, bytes->n + more, &capacity)) return false;
    char *at = vo_alloc(&sidecar->allocator, capacity, VO_CACHE_LINE);
    if (!at) return false;
    if (bytes->n) memcpy(at, bytes->at, bytes->n);
    vo_release(&sidecar->allocator, bytes->at);
    bytes->at = at;
    bytes->capacity = capacity;
    return true;
}

vo_status vo_sidecar_add_gap(vo_sidecar *sidecar, const vo_sidecar_gap *gap) {
    uint64_t end;
    if (gap->cause > VO_CAUSE_REJECTED || !gap->frames ||
        __builtin_add_overflow(gap->frame, gap->frames, &end))
        return VO_BAD_ARG;
    vo_sidecar_bytes *gaps = &sidecar->gaps;
    if (gaps->n) {
        vo_sidecar_gap *before = (vo_sidecar_gap *)(void *)(gaps->at + gaps->n) - 1;
        uint64_t before_end = before->frame + before->frames;
        if (gap->frame < before_end) return VO_BAD_ARG;
        if (gap->frame == before_end && gap->cause == before->cause) {
            before->frames += gap->frames;
            return VO_OK;
        }
    }
    if (!reserve_gaps(sidecar) && gaps->capacity - gaps->n < sizeof *gap) return VO_NO_MEM;
    memcpy(gaps->at + gaps->n, gap, sizeof *gap);
    gaps->n += sizeof *gap;
    return VO_OK;
}

vo_status vo_sidecar_add_audio(vo_sidecar *sidecar, const uint8_t *bytes, uint64_t n) {
    if (!sidecar->crc32.table[0][1]) vo_crc32_init(&sidecar->crc32); /* not for one only to read */
    uint64_t whole = n / sidecar->second_bytes + 1;
    vo_sidecar_bytes *seconds = &sidecar->seconds;
    if (!vo_sidecar_reserve(sidecar, seconds, whole * sizeof sidecar->begun_crc)) return VO_NO_MEM;
    while (n) {
        uint64_t part = sidecar->second_bytes - sidecar->begun_bytes;
        if (part > n) part = n;
        sidecar->begun_crc = vo_crc32_add(&sidecar->crc32, sidecar->begun_crc, bytes, part);
        sidecar->begun_bytes += part;
        bytes += part;
        n -= part;
        if (sidecar->begun_bytes < sidecar->second_bytes) break;
        memcpy(seconds->at + seconds->n, &sidecar->begun_crc, sizeof sidecar->begun_crc);
        seconds->n += sizeof sidecar->begun_crc;
        sidecar->begun_bytes = sidecar->begun_crc = 0;
    }
    return VO_OK;
}

void vo_sidecar_set(vo_sidecar *sidecar, uint64_t durable_frames, vo_sidecar_end end) {
    sidecar->durable_frames = durable_frames;
    sidecar->end = end;
}

/* --- What is in it ------------------------------------------------------------ */

const vo_sidecar_head *vo_sidecar_head_of(const vo_sidecar *sidecar) {
    return &sidecar->head;
}

uint64_t vo_sidecar_durable(const vo_sidecar *sidecar) {
    return sidecar->durable_frames;
}

vo_sidecar_end vo_sidecar_end_of(const vo_sidecar *sidecar) {
    return sidecar->end;
}

const vo_sidecar_gap *vo_sidecar_gaps(const vo_sidecar *sidecar, uint64_t *count) {
    *count = sidecar->gaps.n / sizeof(vo_sidecar_gap);
    return (const vo_sidecar_gap *)(const void *)sidecar->gaps.at;
}

const uint32_t *vo_sidecar_seconds(const vo_sidecar *sidecar, uint64_t *count) {
    *count = sidecar->seconds.n / sizeof(uint32_t);
    return (const uint32_t *)(const void *)sidecar->seconds.at;
}

uint64_t vo_sidecar_rest(const vo_sidecar *sidecar, uint32_t *crc) {
    *crc = sidecar->begun_crc;
    return sidecar->begun_bytes / vo_wav_frame_bytes(&sidecar->head.format);
}
