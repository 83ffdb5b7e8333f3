/* Every ready-made signal is exact, wherever it is asked to begin. */
#include <math.h>
#include <string.h>

#include "check.h"
#include "vocana/sim.h"

enum { MOST = 1000 };

static const uint64_t places[] = {0, 1, 777, (1 << 24) - 3, (uint64_t)1 << 33, UINT64_MAX - MOST};

static void the_counter_is_the_frame(void) {
    float out[3 * MOST];
    for (uint32_t channels = 1; channels <= 3; channels++)
        for (size_t p = 0; p < sizeof places / sizeof *places; p++) {
            CHECK(vo_sim_counter(&channels, places[p], out, MOST) == MOST);
            for (uint32_t i = 0; i < MOST; i++)
                for (uint32_t c = 0; c < channels; c++)
                    CHECK((uint64_t)out[i * channels + c] == (places[p] + i) % (1 << 24));
        }
}

static void silence_is_zeros(void) {
    float out[3 * 10], zeros[3 * 10] = {0};
    uint32_t channels = 3;
    memset(out, 0x55, sizeof out);
    CHECK(vo_sim_silence(&channels, 5, out, 9) == 9 && !memcmp(out, zeros, 3 * 9 * sizeof *out));
    CHECK(out[27] != 0); /* and no more of them than asked for */
}

static void a_tone_is_a_sine_without_drift(void) {
    vo_sim_tone_config tone = {
        .frequency_hz = 441, .rate = 48000, .amplitude = 0.25, .channels = 2};
    float out[2 * MOST];
    for (uint64_t at = 0; at < 48000 * 7200ull; at += 48000 * 1201ull + 17) {
        CHECK(vo_sim_tone(&tone, at, out, MOST) == MOST);
        for (uint32_t i = 0; i < MOST; i++) {
            /* the phase in whole frames of a second: exact */
            double phase = (double)((at + i) * 441 % 48000) / 48000.0;
            double expected = 0.25 * sin(2 * 3.14159265358979323846 * phase);
            CHECK(fabs(out[2 * i] - expected) < 1e-6 && out[2 * i] == out[2 * i + 1]);
        }
    }
}

static void an_array_ends_where_it_ends(void) {
    float frames[2 * 100], out[2 * 100];
    for (int i = 0; i < 200; i++) frames[i] = (float)i;
    vo_sim_array array = {.frames = frames, .count = 100, .channels = 2};
    CHECK(vo_sim_from_array(&array, 0, out, 100) == 100 && !memcmp(out, frames, sizeof out));
    CHECK(vo_sim_from_array(&array, 95, out, 50) == 5 && !memcmp(out, frames + 190, 40));
    CHECK(vo_sim_from_array(&array, 99, out, 1) == 1 && out[1] == 199);
    CHECK(vo_sim_from_array(&array, 100, out, 1) == 0);
    CHECK(vo_sim_from_array(&array, UINT64_MAX, out, 10) == 0);
    array.count = 0;
    CHECK(vo_sim_from_array(&array, 0, out, 10) == 0);
}

/* --- Files --------------------------------------------------------------- */

/* A file of `frames` counter frames that gives at most `gulp` of them at a time. */
typedef struct fake_file {
    int64_t frames, at, gulp;
    int seeks, reads;
    bool seek_fails, read_fails;
} fake_file;

static int64_t fake_read(void *file, float *out, int64_t n) {
    fake_file *f = file;
    f->reads++;
    if (f->read_fails) return -1;
    if (n > f->gulp) n = f->gulp;
    if (n > f->frames - f->at) n = f->frames - f->at;
    for (int64_t i = 0; i < n; i++) out[2 * i] = out[2 * i + 1] = (float)(f->at + i);
    f->at += n;
    return n;
}

static int64_t fake_seek(void *file, int64_t frame, int whence) {
    fake_file *f = file;
    f->seeks++;
    CHECK(whence == 0);
    if (f->seek_fails || frame < 0 || frame > f->frames) return -1;
    f->at = frame;
    return frame;
}

static vo_sim_file open_file(fake_file *f, bool loop) {
    return (vo_sim_file){.readf = fake_read,
                         .seek = fake_seek,
                         .file = f,
                         .frames = (uint64_t)f->frames,
                         .channels = 2,
                         .loop = loop};
}

static void is_the_file(const float *out, uint64_t frame, uint32_t n, uint64_t frames) {
    for (uint32_t i = 0; i < n; i++)
        CHECK(out[2 * i] == (float)((frame + i) % frames) && out[2 * i + 1] == out[2 * i]);
}

static void a_file_is_read_to_its_end_in_any_gulps(void) {
    float out[2 * MOST];
    for (int64_t gulp = 1; gulp <= 300; gulp += 23) {
        fake_file f = {.frames = 250, .gulp = gulp};
        vo_sim_file file = open_file(&f, false);
        for (uint64_t at = 0; at < 200; at += 50) {
            CHECK(vo_sim_from_file(&file, at, out, 50) == 50);
            is_the_file(out, at, 50, 250);
        }
        CHECK(vo_sim_from_file(&file, 200, out, 100) == 50 && file.position == 250);
        is_the_file(out, 200, 50, 250);
        CHECK(vo_sim_from_file(&file, 250, out, 100) == 0 && f.seeks == 0);
    }
}

static void a_loop_has_no_seam(void) {
    float out[2 * MOST];
    for (int64_t length = 1; length <= 20; length += 6)
        for (int64_t gulp = 1; gulp <= 8; gulp += 7) {
            fake_file f = {.frames = length, .gulp = gulp};
            vo_sim_file file = open_file(&f, true);
            uint64_t at = 0;
            for (uint32_t n = 0; n < 60; at += n++) {
                CHECK(vo_sim_from_file(&file, at, out, n) == n && file.position == at + n);
                is_the_file(out, at, n, (uint64_t)length);
            }
        }
}

/* A device that lost frames goes on where the time is, not where the file was. */
static void a_stall_moves_on_in_the_file(void) {
    float out[2 * MOST];
    for (int loop = 0; loop < 2; loop++) {
        fake_file f = {.frames = 100, .gulp = 1000};
        vo_sim_file file = open_file(&f, loop);
        CHECK(vo_sim_from_file(&file, 0, out, 10) == 10);
        CHECK(vo_sim_from_file(&file, 70, out, 10) == 10 && f.seeks == 1);
        is_the_file(out, 70, 10, 100);
        CHECK(vo_sim_from_file(&file, 195, out, 10) == (loop ? 10 : 0));
        if (loop) is_the_file(out, 195, 10, 100);
    }
}

static void a_file_that_fails_ends_the_source(void) {
    float out[2 * MOST];
    fake_file stuck = {.frames = 100, .gulp = 1000, .seek_fails = true};
    vo_sim_file file = open_file(&stuck, true);
    CHECK(vo_sim_from_file(&file, 50, out, 10) == 0);   /* cannot go there */
    CHECK(vo_sim_from_file(&file, 0, out, 150) == 100); /* cannot begin again */
    fake_file broken = {.frames = 100, .gulp = 1000, .read_fails = true};
    for (int loop = 0; loop < 2; loop++) {
        file = open_file(&broken, loop);
        broken.reads = 0;
        CHECK(vo_sim_from_file(&file, 0, out, 10) == 0 && broken.reads == 1 + loop);
    }
    fake_file empty = {.frames = 0, .gulp = 1000};
    file = open_file(&empty, true);
    CHECK(vo_sim_from_file(&file, 0, out, 10) == 0);
}

int main(void) {
    the_counter_is_the_frame();
    silence_is_zeros();
    a_tone_is_a_sine_without_drift();
    an_array_ends_where_it_ends();
    a_file_is_read_to_its_end_in_any_gulps();
    a_loop_has_no_seam();
    a_stall_moves_on_in_the_file();
    a_file_that_fails_ends_the_source();
    return 0;
}
