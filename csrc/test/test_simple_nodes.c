/* Mute, Delay, Fade, ChannelMap and Meter: what each of them does to the sound. */
#include <math.h>

#include "failing_alloc.h"
#include "high_band.h"
#include "node_play.h"

enum { RATE = 48000, MS = RATE / 1000, RAMP = 5 * MS, N = RATE / 2 };

static vo_node *make(const char *kind, uint32_t channels, const double *values) {
    const vo_format format = {RATE, channels};
    vo_node *node;
    CHECK(vo_node_kind_named(kind)->make(&node, &format, values, NULL) == VO_OK);
    return node;
}

static void run(vo_node *node, float *x, uint32_t n) {
    float *rows[] = {x};
    play(node, rows, n, 0);
}

static void tone(float *x) {
    for (int i = 0; i < N; i++) x[i] = (float)(0.5 * sin(2 * PI * 440 * i / (int)RATE));
}

static void mute_is_silent_and_makes_no_click(void) { /* A13 */
    static float x[N];
    vo_node *mute = make("Mute", 1, (const double[]){0});
    tone(x);
    for (int at = 0; at < N; at += N / 8) {
        CHECK(vo_node_set(mute, 0, at / (N / 8) % 2) == VO_OK);
        run(mute, x + at, N / 8);
    }
    CHECK(high_band_db(x, N, RATE) < -60);
    for (int i = N / 8 + RAMP; i < N / 4; i++) CHECK(x[i] == 0);
    vo_node_free(mute);
    mute = make("Mute", 1, NULL); /* muted, unless it is told otherwise */
    tone(x);
    run(mute, x, N);
    for (int i = 0; i < N; i++) CHECK(x[i] == 0);
    vo_node_free(mute);
}

static void delay_is_exact(void) {
    static float in[N], x[N];
    const double lengths[] = {0, 0.01, 1, 9.999, 100, 60000};
    for (int i = 0; i < N; i++) in[i] = random_sample();
    for (size_t l = 0; l < sizeof lengths / sizeof *lengths; l++) {
        int frames = (int)lround(lengths[l] * MS);
        vo_node *delay = make("Delay", 1, &lengths[l]);
        CHECK(delay->latency_frames == (uint32_t)frames);
        CHECK(vo_node_set(delay, 0, 1) == VO_BAD_ARG && vo_node_get(delay, 0) == lengths[l]);
        memcpy(x, in, sizeof in);
        run(delay, x, N);
        for (int i = 0; i < N; i++) CHECK(x[i] == (i < frames ? 0 : in[i - frames]));
        vo_node_free(delay);
    }
}

static void fade_follows_its_law(void) {
    enum { IN = 100 * MS, OUT = 50 * MS, AT = 200 * MS };
    static float x[N];
    vo_node *fade = make("Fade", 1, (const double[]){100, 50, 0});
    for (int i = 0; i < N; i++) x[i] = 1;
    run(fade, x, AT);
    CHECK(vo_node_set(fade, 2, 1) == VO_OK);
    run(fade, x + AT, AT);
    CHECK(vo_node_set(fade, 2, 0) == VO_OK);
    run(fade, x + 2 * AT, N - 2 * AT);
    for (int i = 0; i < N; i++) {
        double expected = 1;
        if (i < IN) expected = pow(sin(PI / 2 * (i + 1) / (IN + 1)), 2);
        if (i >= AT) expected = pow(cos(PI / 2 * fmin(i - AT + 1, OUT + 1) / (OUT + 1)), 2);
        if (i >= 2 * AT) expected = pow(sin(PI / 2 * fmin(i - 2 * AT + 1, IN + 1) / (IN + 1)), 2);
        CHECK(fabs((double)x[i] - expected) < 1e-6);
    }
    vo_node_free(fade);
}

/* With no length a fade begins at once, but what is set later takes 5 ms. */
static void fade_makes_no_click(void) { /* A13 */
    static float x[N];
    vo_node *fade = make("Fade", 1, (const double[]){0, 0, 0});
    tone(x);
    float first = x[1];
    run(fade, x, N / 2);
    CHECK(x[1] == first);
    CHECK(vo_node_set(fade, 2, 1) == VO_OK);
    run(fade, x + N / 2, N / 2);
    CHECK(high_band_db(x, N, RATE) < -60);
    CHECK(x[N - 1] == 0);
    vo_node_free(fade);
    fade = make("Fade", 1, (const double[]){20, 0, 1}); /* faded out from the start */
    tone(x);
    run(fade, x, N);
    for (int i = 0; i < N; i++) CHECK(x[i] == 0);
    vo_node_free(fade);
}

/* --- Channels ---------------------------------------------------------------------- */

static void channels_are_mixed_by_the_matrix(void) {
    enum { IN = 2, OUT = 4, FRAMES = 300 };
    const float matrix[OUT][IN] = {{1, 0}, {0.5f, 0.25f}, {0, 0}, {0, -1}};
    const vo_format format = {RATE, IN};
    static _Alignas(64) float x[OUT][VO_NODE_MAX_FRAMES];
    float *const rows[] = {x[0], x[1], x[2], x[3]}, in[IN][FRAMES];
    vo_node *map;
    CHECK(vo_channel_map_new(&map, &format, OUT, matrix[0], NULL) == VO_OK);
    CHECK(map->channels == IN && map->channels_out == OUT && map->latency_frames == 0);
    for (int c = 0; c < IN; c++)
        for (int i = 0; i < FRAMES; i++) in[c][i] = x[c][i] = random_sample();
    map->ops->process(map, rows, FRAMES);
    for (int i = 0; i < FRAMES; i++) {
        CHECK(x[0][i] == in[0][i] && x[2][i] == 0 && x[3][i] == -in[1][i]);
        CHECK(fabsf(x[1][i] - (0.5f * in[0][i] + 0.25f * in[1][i])) < 1e-6f);
    }
    vo_node_free(map);

    const float bad[] = {1, NAN};
    CHECK(vo_channel_map_new(&map, &format, 1, bad, NULL) == VO_BAD_ARG && !map);
    CHECK(vo_channel_map_new(&map, &format, 0, bad, NULL) == VO_BAD_ARG && !map);
    CHECK(vo_channel_map_new(&map, &format, 65, bad, NULL) == VO_BAD_ARG && !map);
    CHECK(vo_channel_map_new(&map, &(vo_format){RATE, 65}, 1, bad, NULL) == VO_BAD_ARG && !map);
    failing_alloc memory;
    for (uint64_t k = 1;; k++) {
        failing_alloc_init(&memory, k, false);
        if (vo_channel_map_new(&map, &format, OUT, matrix[0], &memory.allocator) == VO_OK) break;
        CHECK(!map && memory.failures == 1 && memory.live == 0);
    }
    vo_node_free(map);
    CHECK(memory.live == 0 && memory.calls == 3);
}

/* --- Levels -------------------------------------------------------------------------- */

static void meter_reads_each_window(void) {
    enum { WINDOW = 10 * MS };
    static float x[2][N], heard[2][N];
    float *rows[] = {heard[0], heard[1]};
    double found[2][5];
    vo_node *meter = make("Meter", 2, (const double[]){10});
    CHECK(vo_node_read(meter, NULL, 0) == 5 && vo_node_read(meter, found[0], 5) == 5);
    for (int i = 0; i < 5; i++) CHECK(found[0][i] == 0);
    for (int i = 0; i < N; i++) {
        x[0][i] = 0.5f * random_sample();
        x[1][i] = (i / WINDOW) * 1e-3f;
    }
    memcpy(heard, x, sizeof x);
    play(meter, rows, N - 1, 0);
    CHECK(memcmp(heard, x, sizeof x) == 0);
    CHECK(vo_node_read(meter, found[0], 5) == 5);
    int last = N / WINDOW - 2; /* the frame that is missing ends the last window */
    CHECK(found[0][0] == (last + 1.0) * WINDOW);
    double peak = 0, energy = 0;
    for (int i = last * WINDOW; i < (last + 1) * WINDOW; i++) {
        peak = fmax(peak, fabs((double)x[0][i]));
        energy += (double)x[0][i] * (double)x[0][i];
    }
    CHECK(found[0][1] == peak && fabs(found[0][2] - sqrt(energy / WINDOW)) < 1e-12);
    CHECK(found[0][3] == (double)(last * 1e-3f));
    CHECK(fabs(found[0][4] - found[0][3]) < 1e-12);

    meter->ops->reset(meter); /* other blocks, the same bits */
    memcpy(heard, x, sizeof x);
    play(meter, rows, N - 1, 1);
    CHECK(vo_node_read(meter, found[1], 5) == 5);
    CHECK(memcmp(found[0], found[1], sizeof found[0]) == 0);
    CHECK(vo_node_read(meter, found[1], 1) == 5);
    vo_node_free(meter);
}

int main(void) {
    mute_is_silent_and_makes_no_click();
    delay_is_exact();
    fade_follows_its_law();
    fade_makes_no_click();
    channels_are_mixed_by_the_matrix();
    meter_reads_each_window();
    return 0;
}
