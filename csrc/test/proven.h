/* Whether a file's audio is what its sidecar proves. */
#ifndef PROVEN_H
#define PROVEN_H

#include <string.h>

#include "check.h"
#include "vocana/sidecar.h"

/* Every frame that the sidecar says to be durable has a CRC, and it is that of these bytes. */
static inline bool is_proven(const vo_sidecar *sidecar, const uint8_t *audio) {
    const vo_sidecar_head *head = vo_sidecar_head_of(sidecar);
    uint64_t bytes = vo_sidecar_durable(sidecar) * vo_wav_frame_bytes(&head->format);
    vo_sidecar *other;
    CHECK(vo_sidecar_new(&other, head, NULL) == VO_OK);
    CHECK(vo_sidecar_add_audio(other, audio, bytes) == VO_OK);
    uint64_t told, n;
    uint32_t told_crc, crc;
    const uint32_t *told_seconds = vo_sidecar_seconds(sidecar, &told);
    const uint32_t *seconds = vo_sidecar_seconds(other, &n);
    bool same = told == n && (!n || !memcmp(told_seconds, seconds, n * sizeof *seconds));
    same &= vo_sidecar_rest(sidecar, &told_crc) == vo_sidecar_rest(other, &crc);
    vo_sidecar_free(other);
    return same && told_crc == crc;
}

#endif
