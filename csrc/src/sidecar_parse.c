#include <string.h>

#include "json.h"
#include "sidecar.h"

enum { CRC_DIGITS = 8 };

typedef struct parser {
    vo_json json;
    vo_sidecar *sidecar;
    vo_sidecar_head head;
    uint64_t durable_frames, rest_frames;
    uint32_t seen;    /* a bit for each member */
    vo_status status; /* of what was added */
} parser;

/* The place of a text among `count` names; count when it is not there. */
static uint32_t find(const char *const names[], uint32_t count, const char *text, uint64_t n) {
    uint32_t i = 0;
    while (i < count && (strlen(names[i]) != n || memcmp(names[i], text, n) != 0)) i++;
    return i;
}

/* A string that is one of `count` names. */
static uint32_t read_one_of(vo_json *json, const char *const names[], uint32_t count) {
    const char *text;
    uint64_t n;
    vo_json_raw(json, &text, &n);
    uint32_t i = find(names, count, text, n);
    json->failed |= i == count;
    return i;
}

static uint32_t read_small(vo_json *json) {
    uint64_t value = vo_json_whole(json);
    json->failed |= value > UINT32_MAX;
    return (uint32_t)value;
}

/* --- Gaps and seconds ---------------------------------------------------------- */

static void read_gap(parser *from) {
    static const char *const names[] = {"frame", "frames", "cause"};
    static const char *const causes[] = {
#define X(name, text) text,
        VO_CAUSE_MAP(X)
#undef X
    };
    vo_json *json = &from->json;
    vo_sidecar_gap gap = {0};
    uint32_t seen = 0;
    const char *name;
    uint64_t n;
    vo_json_enter(json, '{');
    while (vo_json_member(json, &name, &n)) {
        uint32_t i = find(names, 3, name, n);
        json->failed |= (seen & 1u << i) != 0;
        if (i < 3) seen |= 1u << i;
        if (i == 0)
            gap.frame = vo_json_whole(json);
        else if (i == 1)
            gap.frames = vo_json_whole(json);
        else if (i == 2)
            gap.cause = read_one_of(json, causes, sizeof causes / sizeof *causes);
        else
            vo_json_skip(json);
    }
    if (json->failed || seen != 7) {
        json->failed = true;
        return;
    }
    from->status = vo_sidecar_add_gap(from->sidecar, &gap);
    json->failed = from->status != VO_OK;
}

static void read_gaps(parser *from) {
    vo_json_enter(&from->json, '[');
    while (vo_json_element(&from->json)) read_gap(from);
}

static uint32_t hex_digit(char c) {
    return c >= '0' && c <= '9'   ? (uint32_t)(c - '0')
           : c >= 'a' && c <= 'f' ? (uint32_t)(c - 'a') + 10
                                  : 16;
}

/* Eight digits. */
static uint32_t read_crc(vo_json *json, const char *text) {
    uint32_t crc = 0;
    for (int i = 0; i < CRC_DIGITS; i++) {
        uint32_t digit = hex_digit(text[i]);
        json->failed |= digit > 15;
        crc = crc << 4 | digit;
    }
    return crc;
}

static void read_seconds(parser *from) {
    const char *text;
    uint64_t n;
    vo_json_raw(&from->json, &text, &n);
    vo_sidecar_bytes *seconds = &from->sidecar->seconds;
    if (!vo_sidecar_reserve(from->sidecar, seconds, n / 2)) {
        from->status = VO_NO_MEM;
        from->json.failed = true;
        return;
    }
    from->json.failed |= n % CRC_DIGITS != 0;
    for (uint64_t i = 0; i < n && !from->json.failed; i += CRC_DIGITS) {
        uint32_t crc = read_crc(&from->json, text + i);
        memcpy(seconds->at + seconds->n, &crc, sizeof crc);
        seconds->n += sizeof crc;
    }
}

static void read_rest(parser *from) {
    const char *text;
    uint64_t n;
    vo_json_raw(&from->json, &text, &n);
    from->json.failed |= n != CRC_DIGITS;
    if (!from->json.failed) from->sidecar->begun_crc = read_crc(&from->json, text);
}

/* --- Members --------------------------------------------------------------------- */

static void read_started(parser *from) {
    char text[VO_SIDECAR_TIME_BYTES];
    vo_json_text(&from->json, text, sizeof text);
    from->json.failed |= !vo_sidecar_read_time(text, &from->head.started_wall_ns);
}

static void read_member(parser *from, vo_sidecar_member member) {
    vo_json *json = &from->json;
    vo_sidecar_head *head = &from->head;
    switch (member) {
    case VO_SIDECAR_MEMBER_VERSION:
        json->failed |= vo_json_whole(json) != VO_SIDECAR_VERSION;
        break;
    case VO_SIDECAR_MEMBER_RECORDING:
        vo_json_text(json, head->recording, sizeof head->recording);
        break;
    case VO_SIDECAR_MEMBER_SEGMENT:
        head->segment = read_small(json);
        break;
    case VO_SIDECAR_MEMBER_PREVIOUS:
        vo_json_text(json, head->previous, sizeof head->previous);
        break;
    case VO_SIDECAR_MEMBER_STARTED:
        read_started(from);
        break;
    case VO_SIDECAR_MEMBER_STARTED_NS:
        head->started_ns = vo_json_whole(json);
        break;
    case VO_SIDECAR_MEMBER_CAPTURE_FRAME:
        head->capture_frame = vo_json_whole(json);
        break;
    case VO_SIDECAR_MEMBER_FIRST_FRAME:
        head->first_frame = vo_json_whole(json);
        break;
    case VO_SIDECAR_MEMBER_RATE:
        head->format.rate = read_small(json);
        break;
    case VO_SIDECAR_MEMBER_CHANNELS:
        head->format.channels = read_small(json);
        break;
    case VO_SIDECAR_MEMBER_SUBTYPE:
        head->format.subtype =
            (vo_wav_subtype)read_one_of(json, vo_sidecar_subtypes, VO_WAV_PCM16 + 1);
        break;
    case VO_SIDECAR_MEMBER_DURABLE:
        from->durable_frames = vo_json_whole(json);
        break;
    case VO_SIDECAR_MEMBER_END:
        from->sidecar->end =
            (vo_sidecar_end)read_one_of(json, vo_sidecar_ends, VO_SIDECAR_SEALED + 1);
        break;
    case VO_SIDECAR_MEMBER_GAPS:
        read_gaps(from);
        break;
    case VO_SIDECAR_MEMBER_SECONDS:
        read_seconds(from);
        break;
    case VO_SIDECAR_MEMBER_REST_FRAMES:
        from->rest_frames = vo_json_whole(json);
        break;
    case VO_SIDECAR_MEMBER_REST:
        read_rest(from);
        break;
    case VO_SIDECAR_MEMBER_SPOOL:
        vo_json_text(json, head->spool, sizeof head->spool);
        break;
    default:
        vo_json_skip(json);
    }
}

vo_status vo_sidecar_parse(vo_sidecar **out, const char *text, uint64_t bytes,
                           const vo_allocator *allocator) {
    *out = NULL;
    parser from = {.json = vo_json_of(text, bytes), .status = VO_OK};
    from.sidecar = vo_sidecar_make(allocator);
    if (!from.sidecar) return VO_NO_MEM;
    const char *name;
    uint64_t n;
    vo_json_enter(&from.json, '{');
    while (vo_json_member(&from.json, &name, &n)) {
        uint32_t member = find(vo_sidecar_members, VO_SIDECAR_MEMBER_COUNT, name, n);
        from.json.failed |= (from.seen & 1u << member) != 0;
        if (member < VO_SIDECAR_MEMBER_COUNT) from.seen |= 1u << member;
        read_member(&from, (vo_sidecar_member)member);
    }
    const uint32_t rest = 1u << VO_SIDECAR_MEMBER_REST_FRAMES | 1u << VO_SIDECAR_MEMBER_REST;
    if (!(from.seen & rest)) from.seen |= rest;
    from.seen |= 1u << VO_SIDECAR_MEMBER_SPOOL;
    bool good = vo_json_done(&from.json) && from.seen == (1u << VO_SIDECAR_MEMBER_COUNT) - 1 &&
                vo_sidecar_begin(from.sidecar, &from.head) &&
                from.rest_frames < from.head.format.rate;
    if (!good) {
        vo_sidecar_free(from.sidecar);
        return from.status ? from.status : VO_BAD_ARG;
    }
    from.sidecar->durable_frames = from.durable_frames;
    from.sidecar->begun_bytes = from.rest_frames * vo_wav_frame_bytes(&from.head.format);
    *out = from.sidecar;
    return VO_OK;
}
