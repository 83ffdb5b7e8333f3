#include "vocana/wav.h"

#include <string.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "files hold numbers as memory does");

enum {
    TAG_PCM = 1,
    TAG_FLOAT = 3,
    TAG_EXTENSIBLE = 0xFFFE,
    PLAIN_BYTES = 16, /* of a fmt chunk for integers; others say how much more follows */
    EXTENSIBLE_BYTES = 40,
    DS64_BYTES = 28,
    CHUNK_HEAD_BYTES = 8,
    FORM_BYTES = 12, /* RIFF, size, WAVE */
};

#define UNKNOWN 0xFFFFFFFFu
#define RIFF_MOST 0xFFFFFFFEu /* the largest size that a RIFF head can state */
#define FILE_MOST ((uint64_t)INT64_MAX - VO_WAV_HEAD_BYTES - 1)

/* What stands for a tag in an extensible format, after the tag itself. */
static const uint8_t tag_guid[14] = {0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xAA, 0, 0x38, 0x9B, 0x71};

/* --- Writing ---------------------------------------------------------------- */

static uint32_t sample_bytes(vo_wav_subtype subtype) {
    switch (subtype) {
    case VO_WAV_FLOAT32:
        return 4;
    case VO_WAV_PCM24:
        return 3;
    case VO_WAV_PCM16:
        return 2;
    }
    return 0;
}

uint32_t vo_wav_frame_bytes(const vo_wav_format *format) {
    uint64_t frame = (uint64_t)format->channels * sample_bytes(format->subtype);
    if (!frame || frame > UINT16_MAX) return 0;
    return format->rate && frame * format->rate <= UINT32_MAX ? (uint32_t)frame : 0;
}

static uint8_t *put(uint8_t *at, const void *bytes, size_t n) {
    memcpy(at, bytes, n);
    return at + n;
}

static uint8_t *put16(uint8_t *at, uint32_t value) {
    return put(at, &(uint16_t){(uint16_t)value}, 2);
}

static uint8_t *put32(uint8_t *at, uint32_t value) {
    return put(at, &value, 4);
}

static uint8_t *put64(uint8_t *at, uint64_t value) {
    return put(at, &value, 8);
}

static uint8_t *put_chunk(uint8_t *at, const char name[4], uint32_t size) {
    return put32(put(at, name, 4), size);
}

/* Only floats of many channels are extensible, with no loudspeaker named: the wave module of Python
   before 3.12 opens integers by their plain tag alone. */
static uint8_t *put_format(uint8_t *at, const vo_wav_format *format, uint32_t frame) {
    bool floating = format->subtype == VO_WAV_FLOAT32;
    bool extensible = floating && format->channels > 2;
    uint32_t bits = frame / format->channels * 8, tag = floating ? TAG_FLOAT : TAG_PCM;
    uint32_t more = extensible ? EXTENSIBLE_BYTES - PLAIN_BYTES - 2 : 0;
    at = put_chunk(at, "fmt ", PLAIN_BYTES + (floating ? 2 + more : 0));
    at = put16(put16(at, extensible ? TAG_EXTENSIBLE : tag), format->channels);
    at = put32(put32(at, format->rate), format->rate * frame);
    at = put16(put16(at, frame), bits);
    if (floating) at = put16(at, more);
    if (extensible) at = put(put16(put32(put16(at, bits), 0), tag), tag_guid, sizeof tag_guid);
    return at;
}

uint64_t vo_wav_file_bytes(const vo_wav_format *format, uint64_t frames) {
    uint32_t frame = vo_wav_frame_bytes(format);
    if (!frame || frames > FILE_MOST / frame) return 0;
    uint64_t audio = frames * frame;
    return VO_WAV_HEAD_BYTES + audio + audio % 2;
}

vo_status vo_wav_head(uint8_t out[VO_WAV_HEAD_BYTES], const vo_wav_format *format,
                      uint64_t frames) {
    uint32_t frame = vo_wav_frame_bytes(format);
    if (!frame) return VO_BAD_ARG;
    bool open = frames == VO_WAV_OPEN;
    uint64_t file = open ? 0 : vo_wav_file_bytes(format, frames);
    if (!open && !file) return VO_TOO_BIG;
    uint64_t riff = file - CHUNK_HEAD_BYTES, audio = frames * frame;
    bool rf64 = !open && riff > RIFF_MOST, stated = !open && !rf64;

    memset(out, 0, VO_WAV_HEAD_BYTES);
    uint8_t *at = put_chunk(out, rf64 ? "RF64" : "RIFF", stated ? (uint32_t)riff : UNKNOWN);
    at = put_chunk(put(at, "WAVE", 4), rf64 ? "ds64" : "JUNK", DS64_BYTES);
    if (rf64) put64(put64(put64(at, riff), audio), frames);
    at = put_format(at + DS64_BYTES, format, frame);
    at = put32(put_chunk(at, "fact", 4), frames < UNKNOWN ? (uint32_t)frames : UNKNOWN);
    uint8_t *data = out + VO_WAV_HEAD_BYTES - CHUNK_HEAD_BYTES;
    put_chunk(at, "JUNK", (uint32_t)(data - at) - CHUNK_HEAD_BYTES);
    put_chunk(data, "data", stated ? (uint32_t)audio : UNKNOWN);
    return VO_OK;
}

void vo_wav_encode(const vo_wav_format *format, const vo_pcm *pcm, uint8_t *out, const float *in,
                   uint64_t n) {
    size_t samples = (size_t)n * format->channels;
    if (format->subtype == VO_WAV_PCM16) {
        vo_pcm_to_int16(pcm, (int16_t *)(void *)out, in, samples);
    } else if (format->subtype == VO_WAV_PCM24) {
        vo_pcm_to_int24(pcm, out, in, samples);
    } else {
        float *floats = (float *)(void *)out;
        for (size_t i = 0; i < samples; i++) floats[i] = in[i] == in[i] ? in[i] : 0;
    }
}

/* --- Reading ----------------------------------------------------------------- */

static uint32_t get16(const uint8_t *at) {
    uint16_t value;
    memcpy(&value, at, 2);
    return value;
}

static uint32_t get32(const uint8_t *at) {
    uint32_t value;
    memcpy(&value, at, 4);
    return value;
}

static uint64_t get64(const uint8_t *at) {
    uint64_t value;
    memcpy(&value, at, 8);
    return value;
}

static bool is(const uint8_t *at, const char name[4]) {
    return memcmp(at, name, 4) == 0;
}

/* Whether samples of this many bits are read, as integers or as floating point. */
static bool known_bits(uint32_t bits, bool floating) {
    return floating ? bits == 32 || bits == 64
                    : bits == 8 || bits == 16 || bits == 24 || bits == 32;
}

static bool read_format(vo_wav_info *out, const uint8_t *body, uint32_t size) {
    if (size < PLAIN_BYTES) return false;
    uint32_t tag = get16(body), align = get16(body + 12);
    if (tag == TAG_EXTENSIBLE) {
        if (size < EXTENSIBLE_BYTES || memcmp(body + 26, tag_guid, sizeof tag_guid) != 0)
            return false;
        tag = get16(body + 24);
    }
    if (tag != TAG_PCM && tag != TAG_FLOAT) return false;
    out->floating = tag == TAG_FLOAT;
    out->channels = get16(body + 2);
    out->rate = get32(body + 4);
    out->bits = get16(body + 14);
    return out->channels && out->rate && known_bits(out->bits, out->floating) &&
           align == out->channels * (out->bits / 8);
}

/* The length of the audio, which begins at data_at. */
static void measure(vo_wav_info *out, uint32_t size, uint64_t long_size, uint64_t file_bytes) {
    uint64_t held = file_bytes - out->data_at, stated = size;
    if (size == UNKNOWN && out->rf64) stated = long_size;
    out->open = size == UNKNOWN && (!out->rf64 || !long_size || long_size == UINT64_MAX);
    if (out->open) stated = held;
    uint32_t frame = out->channels * (out->bits / 8);
    out->frames = (stated < held ? stated : held) / frame;
    out->stated_frames = stated / frame;
}

vo_status vo_wav_parse(vo_wav_info *out, const uint8_t *head, uint64_t bytes, uint64_t file_bytes) {
    vo_wav_info info = {0};
    *out = info;
    if (bytes > file_bytes) bytes = file_bytes;
    if (bytes < FORM_BYTES || !is(head + 8, "WAVE")) return VO_BAD_ARG;
    info.rf64 = is(head, "RF64") || is(head, "BW64");
    if (!info.rf64 && !is(head, "RIFF")) return VO_BAD_ARG;
    uint64_t at = FORM_BYTES, long_size = 0;
    for (;;) {
        if (at > file_bytes || file_bytes - at < CHUNK_HEAD_BYTES) return VO_BAD_ARG;
        if (at > bytes || bytes - at < CHUNK_HEAD_BYTES) return VO_TOO_BIG;
        const uint8_t *name = head + at, *body = name + CHUNK_HEAD_BYTES;
        uint32_t size = get32(name + 4);
        at += CHUNK_HEAD_BYTES;
        if (is(name, "data")) {
            if (!info.channels) return VO_BAD_ARG;
            info.data_at = at;
            measure(&info, size, long_size, file_bytes);
            *out = info;
            return VO_OK;
        }
        bool whole = bytes - at >= size;
        if (whole && is(name, "fmt ") && !read_format(&info, body, size)) return VO_BAD_ARG;
        if (whole && is(name, "ds64") && size >= DS64_BYTES) long_size = get64(body + 8);
        at += (uint64_t)size + size % 2;
    }
}
