/* vo_sidecar: its text comes back, whatever a file is called; what is no sidecar is refused. */
#include "vocana/sidecar.h"

#include <inttypes.h>
#include <string.h>

#include "check.h"
#include "failing_alloc.h"

static const vo_sidecar_head mono = {
    .format = {8, 1, VO_WAV_PCM16}, /* a second is 16 bytes */
    .segment = 2,
    .first_frame = 480,
    .capture_frame = 7,
    .started_wall_ns = 1764199334123456789,
    .started_ns = 99,
    .recording = "meeting.wav",
    .previous = "meeting.wav",
};

static const char expected[] = "{\n"
                               "  \"vocana_sidecar\": 1,\n"
                               "  \"recording\": \"meeting.wav\",\n"
                               "  \"segment\": 2,\n"
                               "  \"previous\": \"meeting.wav\",\n"
                               "  \"started_utc\": \"2025-11-26T23:22:14.123456789Z\",\n"
                               "  \"started_monotonic_ns\": 99,\n"
                               "  \"capture_frame\": 7,\n"
                               "  \"first_frame\": 480,\n"
                               "  \"rate_hz\": 8,\n"
                               "  \"channels\": 1,\n"
                               "  \"subtype\": \"pcm16\",\n"
                               "  \"durable_frames\": 17,\n"
                               "  \"end\": \"sealed\",\n"
                               "  \"gaps\": [\n"
                               "    {\"frame\": 3, \"frames\": 4, \"cause\": \"overflow\"},\n"
                               "    {\"frame\": 7, \"frames\": 1, \"cause\": \"device\"}\n"
                               "  ],\n"
                               "  \"seconds_crc32\": \"cecee288f4a7fd67\",\n"
                               "  \"rest_frames\": 1,\n"
                               "  \"rest_crc32\": \"36de2269\"\n"
                               "}\n";

static vo_sidecar *made(const vo_sidecar_head *head) {
    vo_sidecar *sidecar;
    CHECK(vo_sidecar_new(&sidecar, head, NULL) == VO_OK);
    return sidecar;
}

static vo_sidecar *example(void) {
    vo_sidecar *sidecar = made(&mono);
    uint8_t bytes[32];
    for (uint8_t i = 0; i < 32; i++) bytes[i] = i;
    CHECK(vo_sidecar_add_audio(sidecar, bytes, 5) == VO_OK);
    CHECK(vo_sidecar_add_audio(sidecar, bytes + 5, 27) == VO_OK);
    CHECK(vo_sidecar_add_audio(sidecar, bytes, 2) == VO_OK);
    const vo_sidecar_gap gaps[] = {{3, 2, VO_CAUSE_OVERFLOW},
                                   {5, 2, VO_CAUSE_OVERFLOW}, /* goes on: one gap */
                                   {7, 1, VO_CAUSE_DEVICE}};
    for (int i = 0; i < 3; i++) CHECK(vo_sidecar_add_gap(sidecar, &gaps[i]) == VO_OK);
    vo_sidecar_set(sidecar, 17, VO_SIDECAR_SEALED);
    return sidecar;
}

static bool has_text(vo_sidecar *sidecar, const char *wanted, uint64_t n) {
    const char *text;
    uint64_t bytes;
    CHECK(vo_sidecar_text(sidecar, &text, &bytes) == VO_OK);
    return bytes == n && memcmp(text, wanted, n) == 0;
}

static vo_status parse(const char *text) {
    vo_sidecar *sidecar;
    vo_status status = vo_sidecar_parse(&sidecar, text, strlen(text), NULL);
    CHECK((status == VO_OK) == (sidecar != NULL));
    vo_sidecar_free(sidecar);
    return status;
}

static void its_text_comes_back(void) {
    vo_sidecar *sidecar = example(), *back;
    CHECK(has_text(sidecar, expected, sizeof expected - 1));
    CHECK(has_text(sidecar, expected, sizeof expected - 1));
    CHECK(vo_sidecar_parse(&back, expected, sizeof expected - 1, NULL) == VO_OK);
    CHECK(has_text(back, expected, sizeof expected - 1));
    const vo_sidecar_head *head = vo_sidecar_head_of(back);
    CHECK(head->format.rate == 8 && head->format.subtype == VO_WAV_PCM16 && head->segment == 2);
    CHECK(head->first_frame == 480 && head->capture_frame == 7 && head->started_ns == 99);
    CHECK(head->started_wall_ns == mono.started_wall_ns && !strcmp(head->recording, "meeting.wav"));
    CHECK(vo_sidecar_durable(back) == 17 && vo_sidecar_end_of(back) == VO_SIDECAR_SEALED);
    uint64_t gaps, seconds;
    const vo_sidecar_gap *gap = vo_sidecar_gaps(back, &gaps);
    CHECK(gaps == 2 && gap[0].frame == 3 && gap[0].frames == 4 && gap[1].cause == VO_CAUSE_DEVICE);
    const uint32_t *second = vo_sidecar_seconds(back, &seconds);
    CHECK(seconds == 2 && second[0] == 0xCECEE288 && second[1] == 0xF4A7FD67);
    uint32_t crc;
    CHECK(vo_sidecar_rest(back, &crc) == 1 && crc == 0x36DE2269);
    vo_sidecar_free(back);
    vo_sidecar_free(sidecar);
}

static void no_gaps_and_no_seconds(void) {
    vo_sidecar *sidecar = made(&mono), *back;
    const char *text;
    uint64_t bytes;
    CHECK(vo_sidecar_text(sidecar, &text, &bytes) == VO_OK);
    CHECK(strstr(text, "\"end\": \"open\",\n  \"gaps\": [],\n  \"seconds_crc32\": \"\",\n"));
    CHECK(strstr(text, "  \"rest_frames\": 0,\n  \"rest_crc32\": \"00000000\"\n}\n"));
    CHECK(vo_sidecar_parse(&back, text, bytes, NULL) == VO_OK && has_text(back, text, bytes));
    vo_sidecar_free(back);
    vo_sidecar_free(sidecar);
}

/* Fault row 49: a name is data. */
static void every_name_comes_back(void) {
    static const char *const names[][2] = {
        {"", ""},
        {"a \"quoted\" name\\.wav", "a \\\"quoted\\\" name\\\\.wav"},
        {"line\nbell\a\x1f\x7f", "line\\u000abell\\u0007\\u001f\x7f"},
        {"../../etc/passwd", "../../etc/passwd"},
        {"gr\xC3\xBC\xC3\x9F"
         "e \xE2\x82\xAC \xF0\x9F\x8E\xA4",
         NULL},
        {"\xFF\x80 \xC3", "\\udcff\\udc80 \\udcc3"}, /* no UTF-8 */
        {"\xC0\xAF", "\\udcc0\\udcaf"},
        {"\xED\xA0\x80", "\\udced\\udca0\\udc80"},
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        vo_sidecar_head head = mono;
        strcpy(head.recording, names[i][0]);
        strcpy(head.previous, names[i][0]);
        strcpy(head.spool, names[i][0]);
        vo_sidecar *sidecar = made(&head), *back;
        const char *text, *shown = names[i][1] ? names[i][1] : names[i][0];
        uint64_t bytes;
        char line[128];
        CHECK(vo_sidecar_text(sidecar, &text, &bytes) == VO_OK);
        snprintf(line, sizeof line, "\"previous\": \"%s\",\n", shown);
        CHECK(strstr(text, line));
        snprintf(line, sizeof line, "\"spool\": \"%s\",\n", shown);
        CHECK(strstr(text, line) || !*shown); /* no spool is not told */
        CHECK(vo_sidecar_parse(&back, text, bytes, NULL) == VO_OK && has_text(back, text, bytes));
        CHECK(!strcmp(vo_sidecar_head_of(back)->recording, names[i][0]));
        CHECK(!strcmp(vo_sidecar_head_of(back)->spool, names[i][0]));
        vo_sidecar_free(back);
        vo_sidecar_free(sidecar);
    }
    vo_sidecar_head head = mono;
    memset(head.recording, 1, sizeof head.recording - 1); /* the longest names, each byte escaped */
    memset(head.previous, 0xFF, sizeof head.previous - 1);
    vo_sidecar *sidecar = made(&head), *back;
    const char *text;
    uint64_t bytes;
    CHECK(vo_sidecar_text(sidecar, &text, &bytes) == VO_OK);
    CHECK(vo_sidecar_parse(&back, text, bytes, NULL) == VO_OK && has_text(back, text, bytes));
    CHECK(!memcmp(vo_sidecar_head_of(back), &head, sizeof head));
    vo_sidecar_free(back);
    vo_sidecar_free(sidecar);
}

/* The example with one piece replaced. */
static vo_status parse_with(const char *from, const char *to) {
    static char text[1 << 17];
    const char *at = strstr(expected, from);
    CHECK(at && strlen(to) + sizeof expected < sizeof text);
    snprintf(text, sizeof text, "%.*s%s%s", (int)(at - expected), expected, to, at + strlen(from));
    return parse(text);
}

static void what_is_no_sidecar_is_refused(void) {
    static const char *const rows[][2] = {
        {"\"vocana_sidecar\": 1", "\"vocana_sidecar\": 2"},
        {"\"vocana_sidecar\": 1", "\"vocana_sidecar\": \"1\""},
        {"\"segment\": 2", "\"segment\": 0"},
        {"\"segment\": 2", "\"segment\": -2"},
        {"\"segment\": 2", "\"segment\": 4294967296"},
        {"\"segment\": 2", "\"segment\": 2.5"},
        {"\"segment\": 2", "\"segment\": 02"},
        {"\"segment\": 2,", ""},
        {"\"segment\": 2,", "\"segment\": 2, \"segment\": 2,"},
        {"\"first_frame\": 480", "\"first_frame\": 18446744073709551616"},
        {"\"first_frame\": 480", "\"first_frame\": 99999999999999999999"},
        {"\"rate_hz\": 8", "\"rate_hz\": 0"},
        {"\"channels\": 1", "\"channels\": 40000"},
        {"pcm16", "pcm12"},
        {"sealed", "eaten"},
        {"2025-11-26T23:22:14.123456789Z", "2025-11-26T23:22:14.123456789"},
        {"2025-11-26T23:22:14.123456789Z", "2025-11-26T23:22:14.123456789ZZ"},
        {"2025-11-26T", "2025-11-26 "},
        {"2025-11-26T23", "2025-11-26T2x"},
        {"2025-11", "2025-13"},
        {"2025-11", "2025-00"},
        {"2025-11-26", "2025-11-31"},
        {"2025-11-26", "2025-02-29"},
        {"2025-11-26", "2025-11-00"},
        {"T23", "T24"},
        {":22:", ":60:"},
        {":14.", ":60."},
        {"2025-", "1599-"},
        {"2025-", "2401-"},
        {"2025-", "1650-"},
        {"2025-11-26T23:22:14.123456789Z", "2262-04-11T23:47:16.854775808Z"},
        {"2025-11-26T23:22:14.123456789Z", "1677-09-21T00:12:43.145224191Z"},
        {"\"cause\": \"overflow\"", "\"cause\": \"bad luck\""},
        {"\"cause\": \"overflow\"", "\"cause\": 0"},
        {"\"frames\": 4", "\"frames\": 0"},
        {"\"frames\": 4", "\"frames\": 18446744073709551615"},
        {"\"frames\": 4", "\"frames\": 5"}, /* reaches into the next gap */
        {"\"frames\": 4, ", ""},
        {"\"frames\": 4, ", "\"frames\": 4, \"frames\": 4, "},
        {"cecee288", "cecee28"},
        {"cecee288", "cecee28x"},
        {"cecee288", "CECEE288"},
        {"cecee288", "cecee28/"},
        {"\"cecee288f4a7fd67\"", "[]"},
        {"\"rest_frames\": 1,", ""},
        {"\"rest_frames\": 1", "\"rest_frames\": 8"}, /* a second */
        {"\"rest_frames\": 1", "\"rest_frames\": \"1\""},
        {"36de2269", ""},
        {"36de2269", "36de226"},
        {"36de2269", "36de226x"},
        {"36de2269", "36de226900000000"},
        {"\"36de2269\"", "7"},
        {",\n  \"rest_crc32\": \"36de2269\"", ""},
        {"\n}\n", "\n}\n}"},
        {"\n}\n", ""},
        {"{\n", "[\n"},
        {"meeting.wav", "meeting\\u0000"},
    };
    CHECK(parse(expected) == VO_OK);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        CHECK(parse_with(rows[i][0], rows[i][1]) == VO_BAD_ARG);
    for (size_t cut = 0; cut + 2 < sizeof expected; cut++) { /* all but the line's end */
        vo_sidecar *sidecar;
        CHECK(vo_sidecar_parse(&sidecar, expected, cut, NULL) == VO_BAD_ARG && !sidecar);
    }
}

/* Recordings of before have no CRC of their rest. */
static void what_is_old_is_read(void) {
    uint32_t crc;
    uint64_t n = (uint64_t)(strstr(expected, ",\n  \"rest_frames\"") - expected);
    char text[2 * sizeof expected];
    snprintf(text, sizeof text, "%.*s\n}\n", (int)n, expected);
    vo_sidecar *sidecar;
    CHECK(vo_sidecar_parse(&sidecar, text, strlen(text), NULL) == VO_OK);
    CHECK(vo_sidecar_rest(sidecar, &crc) == 0 && crc == 0);
    vo_sidecar_free(sidecar);
}

/* What was read goes on with the audio that follows. */
static void a_rest_becomes_a_second(void) {
    static const uint8_t audio[] = {2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    vo_sidecar *sidecar;
    uint32_t crc;
    uint64_t seconds;
    CHECK(vo_sidecar_parse(&sidecar, expected, sizeof expected - 1, NULL) == VO_OK);
    CHECK(vo_sidecar_add_audio(sidecar, audio, sizeof audio) == VO_OK);
    const uint32_t *second = vo_sidecar_seconds(sidecar, &seconds);
    CHECK(seconds == 3 && second[2] == second[0]); /* bytes 0 to 15, as its first one */
    CHECK(vo_sidecar_rest(sidecar, &crc) == 0 && crc == 0);
    vo_sidecar_free(sidecar);
}

static void what_is_new_is_skipped(void) {
    static const char *const values[] = {"1",    "-1.5e-3", "\"\\ud83c\\udfa4 \\\" \\\\\"",
                                         "true", "null",    "false",
                                         "[]",   "{}",      "[[], {\"a\": [1, {}]}, \"]\"]"};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        char text[128];
        snprintf(text, sizeof text, "\"later\": %s, \"pcm16\": 1, \"subtype\"", values[i]);
        CHECK(parse_with("\"subtype\"", text) == VO_OK);
        snprintf(text, sizeof text, "\"later\": %s, \"frames\": 4", values[i]);
        CHECK(parse_with("\"frames\": 4", text) == VO_OK);
    }
}

static void a_head_that_no_file_can_have_is_refused(void) {
    vo_sidecar_head heads[5] = {mono, mono, mono, mono, mono};
    heads[0].format.channels = 0;
    heads[1].segment = 0;
    memset(heads[2].recording, 'a', sizeof heads[2].recording);
    memset(heads[3].previous, 'a', sizeof heads[3].previous);
    memset(heads[4].spool, 'a', sizeof heads[4].spool);
    for (int i = 0; i < 5; i++) {
        vo_sidecar *sidecar;
        CHECK(vo_sidecar_new(&sidecar, &heads[i], NULL) == VO_BAD_ARG && !sidecar);
    }
    vo_sidecar *sidecar = example();
    CHECK(vo_sidecar_add_audio(sidecar, NULL, UINT64_MAX) == VO_NO_MEM);
    const vo_sidecar_gap bad[] = {{9, 0, 0}, {9, UINT64_MAX, 0}, {9, 1, 99}, {7, 1, 0}};
    for (int i = 0; i < 4; i++) CHECK(vo_sidecar_add_gap(sidecar, &bad[i]) == VO_BAD_ARG);
    CHECK(has_text(sidecar, expected, sizeof expected - 1));
    vo_sidecar_free(sidecar);
}

/* Fault row 39: every request for memory fails in turn, and nothing changes but what is told. */
static void failures_change_and_leak_nothing(void) {
    enum { GAPS = 40, SECONDS = 9000 };
    static uint8_t second[16];
    vo_sidecar_head head = mono;
    memset(head.previous, 'a', sizeof head.previous - 1);
    for (int from_then_on = 0; from_then_on < 2; from_then_on++)
        for (uint64_t k = 1, failures = 1; failures; k++) {
            failing_alloc memory;
            failing_alloc_init(&memory, k, from_then_on);
            const vo_allocator *allocator = &memory.allocator;
            vo_sidecar *sidecar, *back;
            const char *text;
            uint64_t bytes, gaps = 0, seconds = 0, count;
            if (vo_sidecar_new(&sidecar, &head, allocator) == VO_OK) {
                for (uint64_t i = 0; i < GAPS; i++) {
                    vo_sidecar_gap gap = {2 * i, 1, VO_CAUSE_SKIP};
                    gaps += vo_sidecar_add_gap(sidecar, &gap) == VO_OK;
                }
                for (int i = 0; i < SECONDS; i++)
                    seconds += vo_sidecar_add_audio(sidecar, second, 16) == VO_OK;
                vo_sidecar_gaps(sidecar, &count);
                CHECK(count == gaps);
                vo_sidecar_seconds(sidecar, &count);
                CHECK(count == seconds);
                vo_status status = vo_sidecar_text(sidecar, &text, &bytes);
                CHECK(status == VO_OK ? bytes > 8 * seconds : status == VO_NO_MEM && !bytes);
                if (!status) {
                    status = vo_sidecar_parse(&back, text, bytes, allocator);
                    CHECK(status == VO_OK || (status == VO_NO_MEM && !back));
                    vo_sidecar_free(back);
                }
                vo_sidecar_free(sidecar);
            } else {
                CHECK(!sidecar);
            }
            failures = memory.failures;
            CHECK(memory.live == 0);
            CHECK(failures || (gaps == GAPS && seconds == SECONDS));
        }
    vo_sidecar_free(NULL);
}

/* Fault row 39: no gap is lost while memory is short, unless it is so for long. */
static void gaps_find_room_while_memory_is_short(void) {
    failing_alloc memory;
    failing_alloc_init(&memory, 0, false);
    vo_sidecar *sidecar;
    uint64_t count;
    CHECK(vo_sidecar_new(&sidecar, &mono, &memory.allocator) == VO_OK);
    memory.fail_at = 1;
    memory.from_then_on = true;
    vo_sidecar_gap gap = {0, 1, VO_CAUSE_SKIP};
    while (vo_sidecar_add_gap(sidecar, &gap) == VO_OK) gap.frame += 2;
    vo_sidecar_gaps(sidecar, &count);
    CHECK(count >= 32 && memory.failures);
    memory.fail_at = 0;
    CHECK(vo_sidecar_add_gap(sidecar, &gap) == VO_OK);
    vo_sidecar_free(sidecar);
    CHECK(memory.live == 0);
}

/* Fault row 29: a text cannot ask for more memory than it is itself. */
static void memory_is_in_proportion_to_the_text(void) {
    enum { GAPS = 20000 };
    static char text[GAPS * 64 + sizeof expected];
    char *at = text + sprintf(text, "%.*s", (int)(strstr(expected, "    {") - expected), expected);
    for (int i = 0; i < GAPS; i++)
        at += sprintf(at, "%s{\"frame\":%d,\"frames\":1,\"cause\":\"skip\"}", i ? "," : "", 2 * i);
    at += sprintf(at, "%s", strstr(expected, "  ],"));
    failing_alloc memory;
    failing_alloc_init(&memory, 0, false);
    vo_sidecar *sidecar;
    CHECK(vo_sidecar_parse(&sidecar, text, (uint64_t)(at - text), &memory.allocator) == VO_OK);
    CHECK(memory.bytes < 4 * (uint64_t)(at - text) + 65536);
    vo_sidecar_free(sidecar);
    CHECK(memory.live == 0);
}

int main(void) {
    its_text_comes_back();
    no_gaps_and_no_seconds();
    every_name_comes_back();
    what_is_no_sidecar_is_refused();
    what_is_old_is_read();
    a_rest_becomes_a_second();
    what_is_new_is_skipped();
    a_head_that_no_file_can_have_is_refused();
    failures_change_and_leak_nothing();
    gaps_find_room_while_memory_is_short();
    memory_is_in_proportion_to_the_text();
    puts("sidecar: every text comes back, or is refused");
    return 0;
}
