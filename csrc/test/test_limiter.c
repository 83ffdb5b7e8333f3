/* The limiter: no sample beyond the ceiling, no true peak either, nothing changed below it, the
   declared latency, its definition in double; cuts, live changes, threads, memory, what is not a
   number. */
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "failing_alloc.h"
#include "node_play.h"

#define PI 3.14159265358979323846

enum { RATE = 48000, FRAMES = RATE / 4 };
enum { CEILING, RELEASE, LOOKAHEAD, TRUE_PEAK, PARAMS };

static vo_node *fresh(const double *values, uint32_t rate, uint32_t channels) {
    vo_node *node;
    const vo_format format = {rate, channels};
    CHECK(vo_node_kind_named("Limiter")->make(&node, &format, values, NULL) == VO_OK);
    CHECK(vo_node_check(node) == VO_OK);
    return node;
}

static const double rows[][PARAMS] = {{-1, 50, 2, 0},   {-12, 1, 0.5, 0}, {-0.1, 1000, 5, 0},
                                      {-40, 5, 1.5, 0}, {0, 50, 20, 0},   {-1, 50, 1.5, 1},
                                      {-12, 1, 0.5, 1}, {-6, 200, 5, 1}};
enum { ROWS = sizeof rows / sizeof *rows };

/* --- Hostile signals ------------------------------------------------------------------ */

static float hostile(int kind, uint32_t i) {
    switch (kind) {
    case 0:
        return random_sample() * 4;
    case 1:
        return (i / 100 % 2 ? 1 : -1) * (i % 7 ? 1.0f : 30);
    case 2:
        return i % 977 == 500 ? 1000 : 0.9f * (float)sin(0.3 * i);
    case 3:
        return (float)sin(PI / 2 * i + PI / 4) * (i % 2000 < 400 ? 5 : 0.5f);
    case 4:
        return (i % 2 ? 1 : -1) * (i % 300 < 3 ? 3 : 0.1f);
    case 5:
        return (float)exp2(i % 4000 / 200.0) * random_sample() * 1e-4f;
    default:
        return (float)sin(2e-5 * i * i) * 2;
    }
}

enum { KINDS = 7 };

static void no_sample_is_beyond(void) {
    static float x[FRAMES];
    float *one = x;
    for (size_t r = 0; r < ROWS; r++)
        for (int kind = 0; kind < KINDS; kind++) {
            float ceiling = (float)exp2(rows[r][CEILING] / 6.0205999132796239);
            float most = 0;
            vo_node *node = fresh(rows[r], RATE, 1);
            for (uint32_t i = 0; i < FRAMES; i++) x[i] = hostile(kind, i);
            play(node, &one, FRAMES, 512);
            for (uint32_t i = 0; i < FRAMES; i++) most = fmaxf(most, fabsf(x[i]));
            CHECK(most <= ceiling && most > 0.5f * ceiling);
            vo_node_free(node);
        }
}

/* --- True peaks, 16 times oversampled --------------------------------------------------- */

enum { HALF = 64, OVER = 16 };

/* A sinc in a Hann window of 128 samples: flat to 0.48 of the rate. */
static double between(const float *x, uint32_t at, int sixteenth) {
    double sum = 0;
    for (int k = 1 - HALF; k <= HALF; k++) {
        double t = k - (double)sixteenth / OVER, w = 0.5 + 0.5 * cos(PI * t / (HALF + 1));
        sum += (double)x[(int64_t)at + k] * (t == 0 ? 1 : sin(PI * t) / (PI * t) * w);
    }
    return sum;
}

static double true_peak(const float *x, uint32_t n) {
    double most = 0;
    for (uint32_t i = HALF; i + HALF < n; i++)
        for (int p = 0; p < OVER; p++) most = fmax(most, fabs(between(x, i, p)));
    return most;
}

/* Tones, chirps and noise that hold what a converter can: nothing above 0.42 of the rate. */
static void band_limited(int kind, float *x, uint32_t n) {
    static const double taps = 48;
    static float raw[FRAMES];
    for (uint32_t i = 0; i < n; i++) raw[i] = hostile(kind, i);
    for (uint32_t i = 0; i < n; i++) {
        double sum = 0;
        for (int k = -(int)taps; k <= (int)taps; k++) {
            int64_t j = (int64_t)i + k;
            double low = k ? sin(2 * PI * 0.4 * k) / (PI * k) : 0.8;
            if (j >= 0 && j < n)
                sum += (double)raw[j] * low * (0.5 + 0.5 * cos(PI * k / (taps + 1)));
        }
        x[i] = (float)sum;
    }
}

static void no_true_peak_is_beyond(void) {
    static float x[FRAMES];
    enum { N = FRAMES / 4 };
    float *one = x;
    double most_db = -INFINITY, control_db = -INFINITY;
    for (size_t r = 4; r < ROWS; r++)
        for (int kind = 0; kind < KINDS; kind++) {
            vo_node *node = fresh(rows[r], RATE, 1);
            band_limited(kind, x, N);
            play(node, &one, N, 512);
            double db = 20 * log10(true_peak(x, N)) - rows[r][CEILING];
            if (rows[r][TRUE_PEAK] > 0)
                most_db = fmax(most_db, db);
            else
                control_db = fmax(control_db, db);
            vo_node_free(node);
        }
    printf("limiter: true peaks %.3f dB over the ceiling; by samples alone %.2f dB\n", most_db,
           control_db);
    CHECK(most_db < 0.1);
    CHECK(control_db > 0.5);
}

/* --- What can be heard ---------------------------------------------------------------- */

static void below_the_ceiling_it_is_a_delay(void) {
    static float x[FRAMES], y[FRAMES];
    float *one = y;
    const uint32_t rates[] = {8000, 44100, 48000, 96000, 192000};
    for (size_t r = 0; r < ROWS; r++)
        for (size_t k = 0; k < 5; k++) {
            vo_node *node = fresh(rows[r], rates[k], 1);
            float ceiling = (float)exp2(rows[r][CEILING] / 6.0205999132796239);
            uint32_t late = node->latency_frames;
            CHECK(late >= 2 &&
                  (rows[r][TRUE_PEAK] > 0 || late == lround(rows[r][LOOKAHEAD] * rates[k] / 1000)));
            for (uint32_t i = 0; i < FRAMES; i++) x[i] = y[i] = 0.5f * ceiling * random_sample();
            play(node, &one, FRAMES, 0);
            for (uint32_t i = 0; i < late; i++) CHECK(y[i] == 0);
            CHECK(memcmp(x, y + late, (FRAMES - late) * sizeof *x) == 0);
            vo_node_free(node);
        }
}

/* The gain by its definition: what is needed, held, let go, and twice averaged. Errors are to full
   scale, or to the input where that is louder. */
static void define(const double *p, uint32_t late, double *out, const float *x, uint32_t n) {
    double *down = calloc(n, sizeof *down), *mean = calloc(n, sizeof *mean), memory = 0;
    double ceiling = exp2(p[CEILING] / 6.0205999132796239);
    double a = exp(-1000 / (p[RELEASE] * RATE));
    uint32_t first = late / 2 + 1, second = late + 2 - first;
    CHECK(down && mean);
    for (uint32_t i = 0; i < n; i++) {
        memory *= a;
        for (uint32_t k = 0; k <= late && k <= i; k++)
            memory = fmax(memory, 1 - ceiling / fmax(ceiling, fabs((double)x[i - k])));
        down[i] = memory;
    }
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t k = 0; k < first && k <= i; k++) mean[i] += down[i - k] / first;
    for (uint32_t i = 0; i < n; i++) {
        double smooth = 0;
        for (uint32_t k = 0; k < second && k <= i; k++) smooth += mean[i - k] / second;
        out[i] = i < late ? 0 : (double)x[i - late] * (1 - smooth);
    }
    free(down);
    free(mean);
}

static void sounds_as_defined(void) {
    static float x[FRAMES], y[FRAMES];
    static double defined[FRAMES], other[FRAMES];
    float *one = y;
    double worst = 0, planted = 0;
    for (int r = 0; r < 4; r++)
        for (int kind = 1; kind < KINDS; kind++) {
            vo_node *node = fresh(rows[r], RATE, 1);
            for (uint32_t i = 0; i < FRAMES; i++) x[i] = y[i] = hostile(kind, i);
            define(rows[r], node->latency_frames, defined, x, FRAMES);
            play(node, &one, FRAMES, 512);
            double full = 1;
            for (uint32_t i = 0; i < FRAMES; i++) full = fmax(full, fabs((double)x[i]));
            for (uint32_t i = 0; i < FRAMES; i++)
                worst = fmax(worst, fabs((double)y[i] - defined[i]) / full);
            vo_node_free(node);
        }
    /* The control: a release 1 % longer. */
    for (uint32_t i = 0; i < FRAMES; i++) x[i] = hostile(2, i);
    define(rows[0], 96, defined, x, FRAMES);
    define((double[]){-1, 50.5, 2, 0}, 96, other, x, FRAMES);
    for (uint32_t i = 0; i < FRAMES; i++) planted = fmax(planted, fabs(other[i] - defined[i]));
    printf("limiter: error %.1f dB; a release 1 %% longer %.1f dB\n", 20 * log10(worst),
           20 * log10(planted));
    CHECK(worst < 1e-5); /* -100 dB */
    CHECK(planted > 1e-4);
}

static void the_loudest_leads(void) {
    static float x[2][FRAMES], y[2][FRAMES];
    float *both[2] = {y[0], y[1]};
    for (uint32_t i = 0; i < FRAMES; i++) {
        x[0][i] = hostile(5, i);
        x[1][i] = 0.25f * x[0][i];
    }
    memcpy(y, x, sizeof x);
    vo_node *node = fresh(rows[0], RATE, 2);
    play(node, both, FRAMES, 512);
    for (uint32_t i = 0; i < FRAMES; i++)
        CHECK(fabs((double)y[1][i] - 0.25 * (double)y[0][i]) < 1e-6);
    vo_node_free(node);
}

/* --- Cuts, changes ------------------------------------------------------------------------ */

static void cuts_make_no_difference(void) {
    static float x[FRAMES], whole[FRAMES], cut[FRAMES];
    for (size_t r = 0; r < ROWS; r++) {
        vo_node *node = fresh(rows[r], RATE, 1);
        for (uint32_t i = 0; i < FRAMES; i++) x[i] = i / 1500 % 2 ? 1e-3f : hostile(i / 3000, i);
        for (int round = 0; round < 6; round++) {
            float *into = round ? cut : whole, *rest = into + 5001;
            memcpy(into, x, sizeof x);
            CHECK(vo_node_set(node, CEILING, rows[r][CEILING]) == VO_OK);
            CHECK(vo_node_set(node, RELEASE, rows[r][RELEASE]) == VO_OK);
            node->ops->reset(node);
            play(node, &into, 5001, round == 1 ? 1 : 0);
            CHECK(vo_node_set(node, CEILING, -20) == VO_OK);
            CHECK(vo_node_set(node, RELEASE, 20) == VO_OK);
            play(node, &rest, FRAMES - 5001, round == 2 ? 512 : 0);
            if (round) CHECK(memcmp(whole, cut, sizeof cut) == 0);
        }
        vo_node_free(node);
    }
}

/* While the ceiling comes down nothing is beyond the one before, and then nothing beyond it. */
static void a_set_is_not_heard(void) {
    static float x[FRAMES];
    float *one = x, *rest = x + 4001;
    double steepest = 0;
    for (int i = 0; i < FRAMES; i++) x[i] = 0.5f;
    vo_node *node = fresh(rows[0], RATE, 1);
    play(node, &one, 4001, 512);
    CHECK(vo_node_set(node, CEILING, -20) == VO_OK);
    play(node, &rest, FRAMES - 4001, 512);
    for (int i = 1000; i < FRAMES - 1; i++) {
        steepest = fmax(steepest, fabs((double)x[i + 1] - 2 * (double)x[i] + (double)x[i - 1]));
        if (i > 4001 + 960 + 96 + 32) CHECK(x[i] <= 0.1f);
    }
    CHECK(fabsf(x[FRAMES - 1] - 0.1f) < 1e-6f);
    CHECK(steepest / 0.5 < 0.002);
    vo_node_free(node);
}

static void the_reduction_can_be_read(void) {
    float x[1024], *one = x;
    double down = -1;
    for (int i = 0; i < 1024; i++) x[i] = 10;
    vo_node *node = fresh(rows[0], RATE, 1);
    CHECK(node->ops->read(node, &down, 1) == 1 && down == 0);
    play(node, &one, 1024, 100);
    CHECK(node->ops->read(node, &down, 1) == 1 && fabs(down - 21) < 1e-3);
    CHECK(node->ops->read(node, &down, 0) == 1);
    vo_node_free(node);
}

static void what_is_no_number_goes(void) {
    for (size_t r = 0; r < ROWS; r++) {
        float x[512], *one = x;
        vo_node *node = fresh(rows[r], RATE, 1);
        for (int i = 0; i < 512; i++) x[i] = i % 3 ? NAN : INFINITY;
        play(node, &one, 512, 77);
        for (int block = 0; block < 2000; block++) {
            for (int i = 0; i < 512; i++) x[i] = 0.001f;
            play(node, &one, 512, 512);
            for (int i = 0; i < 512; i++) CHECK(block < 2 || isfinite(x[i]));
        }
        CHECK(x[511] == 0.001f);
        vo_node_free(node);
    }
}

/* --- Threads, memory -------------------------------------------------------------------- */

typedef struct contest {
    vo_node *node;
    atomic_bool over;
} contest;

static void *turn(void *argument) {
    contest *c = argument;
    double read;
    for (int i = 0; i < 20000; i++) {
        CHECK(vo_node_set(c->node, CEILING, -i % 40) == VO_OK);
        CHECK(vo_node_set(c->node, RELEASE, 1 + i % 12) == VO_OK);
        CHECK(c->node->ops->read(c->node, &read, 1) == 1 && read >= -1e-6);
    }
    atomic_store(&c->over, true);
    return NULL;
}

static void any_thread_may_turn_it(void) {
    contest c = {.node = fresh(rows[5], RATE, 1)};
    float x[64], *one = x;
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, turn, &c) == 0);
    while (!atomic_load(&c.over)) {
        for (int i = 0; i < 64; i++) x[i] = 1.5f;
        play(c.node, &one, 64, 64);
        for (int i = 0; i < 64; i++) CHECK(x[i] >= 0 && x[i] <= 1);
    }
    pthread_join(thread, NULL);
    vo_node_free(c.node);
}

static void new_survives_a_failing_allocator(void) {
    failing_alloc memory;
    vo_node *node;
    vo_format format = {RATE, 2};
    const vo_node_kind *kind = vo_node_kind_named("Limiter");
    for (uint64_t k = 1;; k++) {
        failing_alloc_init(&memory, k, false);
        if (kind->make(&node, &format, rows[5], &memory.allocator) == VO_OK) break;
        CHECK(!node && memory.failures == 1 && memory.live == 0);
    }
    CHECK(memory.calls == 6);
    vo_node_free(node);
    CHECK(memory.live == 0);
    failing_alloc_init(&memory, 0, false);
    const vo_format bad[] = {{0, 1}, {RATE, 0}, {RATE, VO_NODE_MAX_CHANNELS + 1}};
    for (size_t i = 0; i < 3; i++) {
        CHECK(kind->make(&node, &bad[i], NULL, &memory.allocator) == VO_BAD_ARG && !node);
        CHECK(memory.live == 0);
    }
}

int main(void) {
    no_sample_is_beyond();
    no_true_peak_is_beyond();
    below_the_ceiling_it_is_a_delay();
    sounds_as_defined();
    the_loudest_leads();
    cuts_make_no_difference();
    a_set_is_not_heard();
    the_reduction_can_be_read();
    what_is_no_number_goes();
    any_thread_may_turn_it();
    new_survives_a_failing_allocator();
    return 0;
}
