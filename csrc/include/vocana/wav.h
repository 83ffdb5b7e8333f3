/* The head of a WAV file that every reader opens, written before its length is known; and what such
   a head says, read without trust.

   The first 4096 bytes:  RIFF ffffffff WAVE  JUNK(28)  fmt  fact ffffffff  JUNK(pad)  data ffffffff
   Sizes stay 0xFFFFFFFF, "until the end of the file", until a clean end writes the true ones.
   Beyond 4 GiB the file becomes RF64: the first JUNK turns into the ds64 chunk that it reserved. */
#ifndef VOCANA_WAV_H
#define VOCANA_WAV_H

#include <stdbool.h>
#include <stdint.h>

#include "pcm.h"
#include "status.h"

VO_BEGIN_DECLS

#define VO_WAV_HEAD_BYTES 4096
#define VO_WAV_OPEN UINT64_MAX /* a length that is not known yet */

typedef enum vo_wav_subtype {
    VO_WAV_FLOAT32,
    VO_WAV_PCM24,
    VO_WAV_PCM16,
} vo_wav_subtype;

typedef struct vo_wav_format {
    uint32_t rate, channels;
    vo_wav_subtype subtype;
} vo_wav_format;

/* What a file holds, as far as its head can be believed. */
typedef struct vo_wav_info {
    uint32_t rate, channels;
    uint32_t bits; /* of a sample: 8, 16, 24, 32 or 64 */
    bool floating; /* else integers */
    bool open;     /* the length was never written: it is what the file holds */
    bool rf64;
    uint64_t data_at;       /* first byte of audio */
    uint64_t frames;        /* whole frames, never more than the file holds */
    uint64_t stated_frames; /* that its head promises: more when the file was cut */
} vo_wav_info;

/* --- Any thread -------------------------------------------------------- */

/* 0 when the format cannot be stated in a WAV file. */
uint32_t vo_wav_frame_bytes(const vo_wav_format *format) VO_REALTIME;

/* The head of a file of that many frames, or VO_WAV_OPEN. BAD_ARG, TOO_BIG. */
VO_NODISCARD vo_status vo_wav_head(uint8_t out[VO_WAV_HEAD_BYTES], const vo_wav_format *format,
                                   uint64_t frames) VO_REALTIME;

/* Bytes of a finished file of that many frames: after an odd number of them stands one of padding.
   BAD_ARG and TOO_BIG of vo_wav_head are 0 here. */
uint64_t vo_wav_file_bytes(const vo_wav_format *format, uint64_t frames) VO_REALTIME;

/* n frames of float32 as the file holds them: little-endian, integers rounded and clipped; NaN
   becomes 0. out is aligned as the samples are. */
void vo_wav_encode(const vo_wav_format *format, const vo_pcm *pcm, uint8_t *out, const float *in,
                   uint64_t n) VO_REALTIME;

/* What `bytes` bytes from the beginning of a file of file_bytes bytes say. BAD_ARG when it is no
   WAV or RF64 file that makes sense; TOO_BIG when audio begins beyond `bytes`. */
VO_NODISCARD vo_status vo_wav_parse(vo_wav_info *out, const uint8_t *head, uint64_t bytes,
                                    uint64_t file_bytes) VO_REALTIME;

VO_END_DECLS

#endif
