/* vo_wav: heads as their bytes, samples as files hold them, and heads that lie. */
#include "vocana/wav.h"

#include <math.h>
#include <string.h>

#include "check.h"

static const vo_wav_format stereo = {48000, 2, VO_WAV_FLOAT32};

static uint32_t u16(const uint8_t *at) {
    return at[0] | (uint32_t)at[1] << 8;
}

static uint32_t u32(const uint8_t *at) {
    return u16(at) | u16(at + 2) << 16;
}

static uint64_t u64(const uint8_t *at) {
    return u32(at) | (uint64_t)u32(at + 4) << 32;
}

static void put32(uint8_t *at, uint32_t value) {
    memcpy(at, &value, 4);
}

/* --- Heads ------------------------------------------------------------------ */

static void heads_are_read_as_they_were_meant(void) {
    const uint64_t lengths[] = {0, 1, 12345, VO_WAV_OPEN};
    for (uint32_t channels = 1; channels <= 8; channels++)
        for (int subtype = VO_WAV_FLOAT32; subtype <= VO_WAV_PCM16; subtype++)
            for (size_t i = 0; i < 4; i++) {
                vo_wav_format format = {44100, channels, (vo_wav_subtype)subtype};
                uint32_t frame = vo_wav_frame_bytes(&format);
                uint64_t frames = lengths[i], held = frames == VO_WAV_OPEN ? 777 : frames;
                uint8_t head[VO_WAV_HEAD_BYTES];
                CHECK(vo_wav_head(head, &format, frames) == VO_OK);
                vo_wav_info info;
                uint64_t file = VO_WAV_HEAD_BYTES + held * frame;
                CHECK(vo_wav_parse(&info, head, sizeof head, file) == VO_OK);
                CHECK(info.rate == 44100 && info.channels == channels && !info.rf64);
                CHECK(info.bits == frame / channels * 8);
                CHECK(info.floating == (subtype == VO_WAV_FLOAT32));
                CHECK(info.open == (frames == VO_WAV_OPEN));
                CHECK(info.frames == held && info.stated_frames == held);
                CHECK(info.data_at == VO_WAV_HEAD_BYTES);
            }
}

static void sizes_are_true_or_open(void) {
    uint8_t head[VO_WAV_HEAD_BYTES];
    vo_wav_format format = {48000, 1, VO_WAV_PCM24};
    CHECK(vo_wav_head(head, &format, 3) == VO_OK);
    CHECK(u32(head + 4) == VO_WAV_HEAD_BYTES - 8 + 10 && u32(head + 4092) == 9);
    CHECK(vo_wav_file_bytes(&format, 3) == VO_WAV_HEAD_BYTES + 10);
    CHECK(vo_wav_file_bytes(&format, 4) == VO_WAV_HEAD_BYTES + 12);
    CHECK(vo_wav_head(head, &format, VO_WAV_OPEN) == VO_OK);
    CHECK(u32(head + 4) == UINT32_MAX && u32(head + 4092) == UINT32_MAX);
}

/* Fault row 26. */
static void beyond_four_gib_it_is_rf64(void) {
    uint64_t most = (UINT32_MAX - 1u - (VO_WAV_HEAD_BYTES - 8)) / 8;
    uint8_t head[VO_WAV_HEAD_BYTES];
    vo_wav_info info;
    CHECK(vo_wav_head(head, &stereo, most) == VO_OK && !memcmp(head, "RIFF", 4));
    CHECK(!memcmp(head + 12, "JUNK", 4) && u32(head + 4092) == most * 8);
    CHECK(vo_wav_head(head, &stereo, most + 1) == VO_OK && !memcmp(head, "RF64", 4));
    CHECK(!memcmp(head + 12, "ds64", 4) && u32(head + 4) == UINT32_MAX);
    CHECK(u64(head + 20) == VO_WAV_HEAD_BYTES - 8 + 8 * (most + 1));
    CHECK(u64(head + 28) == 8 * (most + 1) && u64(head + 36) == most + 1);
    CHECK(vo_wav_parse(&info, head, sizeof head, UINT64_MAX) == VO_OK);
    CHECK(info.rf64 && !info.open && info.frames == most + 1);
    CHECK(vo_wav_head(head, &stereo, UINT64_C(1) << 33) == VO_OK);
    CHECK(vo_wav_parse(&info, head, sizeof head, UINT64_MAX) == VO_OK);
    CHECK(info.frames == UINT64_C(1) << 33);
}

static void a_format_that_no_head_can_state_is_refused(void) {
    const struct {
        vo_wav_format format;
        uint32_t frame;
    } rows[] = {
        {{48000, 0, VO_WAV_FLOAT32}, 0},     {{0, 1, VO_WAV_FLOAT32}, 0},
        {{48000, 16384, VO_WAV_FLOAT32}, 0}, {{1, 16383, VO_WAV_FLOAT32}, 65532},
        {{1, 21845, VO_WAV_PCM24}, 65535},   {{1, 21846, VO_WAV_PCM24}, 0},
        {{1 << 30, 2, VO_WAV_PCM16}, 0},     {{1 << 30, 1, VO_WAV_PCM16}, 2},
        {{48000, 1, (vo_wav_subtype)9}, 0},
    };
    uint8_t head[VO_WAV_HEAD_BYTES];
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        CHECK(vo_wav_frame_bytes(&rows[i].format) == rows[i].frame);
        CHECK(vo_wav_head(head, &rows[i].format, 1) == (rows[i].frame ? VO_OK : VO_BAD_ARG));
        if (!rows[i].frame) CHECK(vo_wav_file_bytes(&rows[i].format, 1) == 0);
    }
    CHECK(vo_wav_head(head, &stereo, INT64_MAX / 8) == VO_TOO_BIG);
    CHECK(vo_wav_file_bytes(&stereo, INT64_MAX / 8) == 0);
}

/* --- Samples ----------------------------------------------------------------- */

/* Fault row 30. */
static void samples_are_encoded(void) {
    const float in[] = {0, 1, -1, 0.5f, NAN, INFINITY, -INFINITY, 0x1p-140f};
    enum { N = sizeof in / sizeof *in };
    _Alignas(4) uint8_t out[4 * N];
    vo_pcm *pcm;
    CHECK(vo_pcm_new(&pcm, NULL) == VO_OK);
    vo_wav_format format = stereo;
    vo_wav_encode(&format, pcm, out, in, N / 2);
    for (int i = 0; i < N; i++) {
        float same = isnan(in[i]) ? 0 : in[i];
        CHECK(!memcmp(out + 4 * i, &same, 4));
    }
    format.subtype = VO_WAV_PCM16;
    vo_wav_encode(&format, pcm, out, in, N / 2);
    const uint32_t halves[N] = {0, 0x7FFF, 0x8000, 0x4000, 0, 0x7FFF, 0x8000, 0};
    for (int i = 0; i < N; i++) CHECK(u16(out + 2 * i) == halves[i]);
    format.subtype = VO_WAV_PCM24;
    vo_wav_encode(&format, pcm, out, in, N / 2);
    const uint32_t thirds[N] = {0, 0x7FFFFF, 0x800000, 0x400000, 0, 0x7FFFFF, 0x800000, 0};
    for (int i = 0; i < N; i++)
        CHECK((u16(out + 3 * i) | (uint32_t)out[3 * i + 2] << 16) == thirds[i]);
    vo_pcm_free(pcm);
}

/* --- Heads that lie ------------------------------------------------------------ */

/* A head of chunks, each with the size that it states and the bytes that it has. */
typedef struct bytes {
    uint8_t b[512];
    uint32_t n;
} bytes;

static void add(bytes *to, const char *name, uint32_t stated, const void *body, uint32_t n) {
    memcpy(to->b + to->n, name, 4);
    put32(to->b + to->n + 4, stated);
    if (n) memcpy(to->b + to->n + 8, body, n);
    to->n += 8 + n;
}

static bytes form(const char *name) {
    bytes head = {{0}, 12};
    memcpy(head.b, name, 4);
    put32(head.b + 4, 1000);
    memcpy(head.b + 8, "WAVE", 4);
    return head;
}

static uint8_t fmt[40] = {1, 0, 2, 0, 0x80, 0xBB, 0, 0, 0, 0, 0, 0, 4, 0, 16, 0};

static vo_status parse(const bytes *head, uint64_t file, vo_wav_info *info) {
    return vo_wav_parse(info, head->b, head->n, file);
}

static void other_chunks_are_skipped(void) {
    bytes head = form("RIFF");
    vo_wav_info info;
    add(&head, "LIST", 3, "abc\0", 4);
    add(&head, "fmt ", 16, fmt, 16);
    add(&head, "bext", 0, "", 0);
    add(&head, "data", 40, "", 0);
    CHECK(parse(&head, 1000, &info) == VO_OK);
    CHECK(info.data_at == head.n && info.frames == 10 && info.bits == 16 && !info.floating);
    CHECK(parse(&head, head.n + 39, &info) == VO_OK);
    CHECK(info.frames == 9 && info.stated_frames == 10 && !info.open);
    for (uint32_t cut = 0; cut < head.n; cut++) { /* as much of the file, then all there is */
        CHECK(vo_wav_parse(&info, head.b, cut, 1000) == (cut < 12 ? VO_BAD_ARG : VO_TOO_BIG));
        CHECK(vo_wav_parse(&info, head.b, head.n, cut) == VO_BAD_ARG && !info.channels);
    }
}

/* Fault row 28. */
static void nonsense_is_refused(void) {
    const struct {
        int at;
        uint8_t value;
    } changes[] = {{0, 0},   {0, 6},   {1, 1},  {2, 0}, {4, 0}, {12, 3},
                   {14, 12}, {14, 64}, {14, 0}, {0, 3}, {2, 3}};
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        uint8_t body[16];
        memcpy(body, fmt, 16);
        body[changes[i].at] = changes[i].value;
        if (changes[i].at == 4) body[5] = 0;
        bytes head = form("RIFF");
        add(&head, "fmt ", 16, body, 16);
        add(&head, "data", 40, "", 0);
        vo_wav_info info;
        CHECK(parse(&head, 1000, &info) == VO_BAD_ARG && !info.rate);
    }
    vo_wav_info info;
    bytes head = form("RIFF");
    add(&head, "data", 40, "", 0); /* before any format */
    CHECK(parse(&head, 1000, &info) == VO_BAD_ARG);
    head = form("RIFF");
    add(&head, "fmt ", 14, fmt, 14);
    add(&head, "data", 40, "", 0);
    CHECK(parse(&head, 1000, &info) == VO_BAD_ARG);
    head = form("RIFX");
    CHECK(parse(&head, 1000, &info) == VO_BAD_ARG);
    head = form("RIFF");
    add(&head, "JUNK", UINT32_MAX, "", 0); /* a size beyond the file, and one within it */
    CHECK(parse(&head, 1000, &info) == VO_BAD_ARG);
    CHECK(parse(&head, UINT64_C(1) << 33, &info) == VO_TOO_BIG);
    head = form("LIST");
    memcpy(head.b, "RIFFxxxxAVI ", 12);
    CHECK(parse(&head, 1000, &info) == VO_BAD_ARG);
}

static void bits_and_tags(void) {
    const struct {
        uint8_t tag, bits;
        bool known;
    } rows[] = {{1, 8, true},  {1, 16, true}, {1, 24, true},  {1, 32, true}, {1, 64, false},
                {3, 32, true}, {3, 64, true}, {3, 16, false}, {7, 8, false}, {3, 24, false}};
    for (int extensible = 0; extensible < 3; extensible++)
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
            uint8_t body[40];
            memcpy(body, fmt, 40);
            body[0] = rows[i].tag;
            body[12] = (uint8_t)(2 * rows[i].bits / 8);
            body[14] = rows[i].bits;
            uint32_t size = 16;
            if (extensible) {
                const uint8_t guid[] = {rows[i].tag, 0, 0, 0,    0, 0,    0x10, 0,
                                        0x80,        0, 0, 0xAA, 0, 0x38, 0x9B, 0x71};
                body[0] = 0xFE, body[1] = 0xFF;
                memcpy(body + 24, guid, 16);
                if (extensible == 2) body[30]++; /* another family of formats */
                size = 40;
            }
            bytes head = form("RIFF");
            add(&head, "fmt ", size, body, size);
            add(&head, "data", UINT32_MAX, "", 0);
            vo_wav_info info;
            bool known = rows[i].known && extensible != 2;
            CHECK(parse(&head, 1000, &info) == (known ? VO_OK : VO_BAD_ARG));
            CHECK(!known || (info.floating == (rows[i].tag == 3) && info.open));
        }
    bytes head = form("RIFF");
    uint8_t body[18] = {0xFE, 0xFF};
    add(&head, "fmt ", 18, body, 18);
    vo_wav_info info;
    CHECK(parse(&head, 1000, &info) == VO_BAD_ARG);
}

/* Fault row 29. */
static void long_sizes_are_clamped_to_the_file(void) {
    const struct {
        uint64_t stated;
        bool open;
        uint64_t frames;
    } rows[] = {{UINT64_C(1) << 40, false, 100},
                {UINT64_MAX - 1, false, 100},
                {UINT64_MAX, true, 100},
                {0, true, 100},
                {40, false, 10}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (int plain = 0; plain < 2; plain++) {
            uint8_t sizes[28] = {0};
            memcpy(sizes + 8, &rows[i].stated, 8);
            bytes head = form(plain ? "BW64" : "RF64");
            add(&head, "ds64", 28, sizes, 28);
            add(&head, "fmt ", 16, fmt, 16);
            add(&head, "data", UINT32_MAX, "", 0);
            vo_wav_info info;
            CHECK(parse(&head, head.n + 400, &info) == VO_OK && info.rf64);
            CHECK(info.frames == rows[i].frames && info.open == rows[i].open);
            put32(head.b + head.n - 4, 8); /* a size that fits stands where it always did */
            CHECK(parse(&head, head.n + 400, &info) == VO_OK && info.frames == 2 && !info.open);
        }
    uint8_t sizes[28] = {0};
    bytes head = form("RF64"); /* a ds64 without room for its sizes says nothing */
    add(&head, "ds64", 8, sizes, 8);
    add(&head, "fmt ", 16, fmt, 16);
    add(&head, "data", UINT32_MAX, "", 0);
    vo_wav_info info;
    CHECK(parse(&head, head.n + 400, &info) == VO_OK && info.open && info.frames == 100);
}

int main(void) {
    heads_are_read_as_they_were_meant();
    sizes_are_true_or_open();
    beyond_four_gib_it_is_rf64();
    a_format_that_no_head_can_state_is_refused();
    samples_are_encoded();
    other_chunks_are_skipped();
    nonsense_is_refused();
    bits_and_tags();
    long_sizes_are_clamped_to_the_file();
    puts("wav: heads come back, lies are refused or clamped");
    return 0;
}
