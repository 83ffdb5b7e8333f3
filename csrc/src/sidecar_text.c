#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "json.h"
#include "sidecar.h"

const char *const vo_sidecar_members[VO_SIDECAR_MEMBER_COUNT] = {
#define X(name, text) text,
    VO_SIDECAR_MEMBERS(X)
#undef X
};
const char *const vo_sidecar_subtypes[] = {"float32", "pcm24", "pcm16"};
const char *const vo_sidecar_ends[] = {"open", "closed", "rolled", "sealed"};

enum { LINE_BYTES = 256 }; /* of what `put` writes at once */

/* The text so far; once there is no memory, nothing more. */
typedef struct writer {
    vo_sidecar *sidecar;
    vo_sidecar_bytes *text;
    bool failed;
} writer;

__attribute__((format(printf, 2, 3))) static void put(writer *to, const char *format, ...) {
    to->failed = to->failed || !vo_sidecar_reserve(to->sidecar, to->text, LINE_BYTES);
    if (to->failed) return;
    va_list values;
    va_start(values, format);
    to->text->n += (uint64_t)vsnprintf(to->text->at + to->text->n, LINE_BYTES, format, values);
    va_end(values);
}

static void put_whole(writer *to, vo_sidecar_member member, uint64_t value) {
    put(to, "  \"%s\": %" PRIu64 ",\n", vo_sidecar_members[member], value);
}

static void put_text(writer *to, vo_sidecar_member member, const char *text) {
    uint64_t n = strlen(text);
    put(to, "  \"%s\": \"", vo_sidecar_members[member]);
    to->failed = to->failed || !vo_sidecar_reserve(to->sidecar, to->text, 6 * n + 1);
    if (to->failed) return;
    vo_json_escape(to->text->at + to->text->n, text, n);
    to->text->n += strlen(to->text->at + to->text->n);
    put(to, "\",\n");
}

static void put_gaps(writer *to) {
    uint64_t count;
    const vo_sidecar_gap *gaps = vo_sidecar_gaps(to->sidecar, &count);
    put(to, "  \"%s\": [", vo_sidecar_members[VO_SIDECAR_MEMBER_GAPS]);
    for (uint64_t i = 0; i < count; i++)
        put(to, "%s\n    {\"frame\": %" PRIu64 ", \"frames\": %" PRIu64 ", \"cause\": \"%s\"}",
            i ? "," : "", gaps[i].frame, gaps[i].frames, vo_cause_text(gaps[i].cause));
    put(to, "%s],\n", count ? "\n  " : "");
}

/* Eight digits a second, in one string. */
static void put_seconds(writer *to) {
    static const char hex[] = "0123456789abcdef";
    uint64_t count;
    const uint32_t *seconds = vo_sidecar_seconds(to->sidecar, &count);
    put(to, "  \"%s\": \"", vo_sidecar_members[VO_SIDECAR_MEMBER_SECONDS]);
    to->failed = to->failed || !vo_sidecar_reserve(to->sidecar, to->text, 8 * count);
    for (uint64_t i = 0; i < count && !to->failed; i++)
        for (int shift = 28; shift >= 0; shift -= 4)
            to->text->at[to->text->n++] = hex[seconds[i] >> shift & 15];
    put(to, "\",\n");
}

static void put_rest(writer *to) {
    uint32_t crc;
    put_whole(to, VO_SIDECAR_MEMBER_REST_FRAMES, vo_sidecar_rest(to->sidecar, &crc));
    put(to, "  \"%s\": \"%08" PRIx32 "\"\n}\n", vo_sidecar_members[VO_SIDECAR_MEMBER_REST], crc);
}

vo_status vo_sidecar_text(vo_sidecar *sidecar, const char **text, uint64_t *bytes) {
    const vo_sidecar_head *head = &sidecar->head;
    writer to = {sidecar, &sidecar->text, false};
    char started[VO_SIDECAR_TIME_BYTES];
    vo_sidecar_put_time(started, head->started_wall_ns);
    sidecar->text.n = 0;
    put(&to, "{\n");
    put_whole(&to, VO_SIDECAR_MEMBER_VERSION, VO_SIDECAR_VERSION);
    put_text(&to, VO_SIDECAR_MEMBER_RECORDING, head->recording);
    put_whole(&to, VO_SIDECAR_MEMBER_SEGMENT, head->segment);
    put_text(&to, VO_SIDECAR_MEMBER_PREVIOUS, head->previous);
    if (head->spool[0]) put_text(&to, VO_SIDECAR_MEMBER_SPOOL, head->spool);
    put_text(&to, VO_SIDECAR_MEMBER_STARTED, started);
    put_whole(&to, VO_SIDECAR_MEMBER_STARTED_NS, head->started_ns);
    put_whole(&to, VO_SIDECAR_MEMBER_CAPTURE_FRAME, head->capture_frame);
    put_whole(&to, VO_SIDECAR_MEMBER_FIRST_FRAME, head->first_frame);
    put_whole(&to, VO_SIDECAR_MEMBER_RATE, head->format.rate);
    put_whole(&to, VO_SIDECAR_MEMBER_CHANNELS, head->format.channels);
    put_text(&to, VO_SIDECAR_MEMBER_SUBTYPE, vo_sidecar_subtypes[head->format.subtype]);
    put_whole(&to, VO_SIDECAR_MEMBER_DURABLE, sidecar->durable_frames);
    put_text(&to, VO_SIDECAR_MEMBER_END, vo_sidecar_ends[sidecar->end]);
    put_gaps(&to);
    put_seconds(&to);
    put_rest(&to);
    *text = to.failed ? "" : sidecar->text.at;
    *bytes = to.failed ? 0 : sidecar->text.n;
    return to.failed ? VO_NO_MEM : VO_OK;
}
