/* A13: parameters of gates, compressors and limiters that are set while a tone plays. Above a sixth
   of the rate they leave less than -60 dB; a hard step of the same size leaves more. */
#include "high_band.h"
#include "node_play.h"

/* The gate that opens takes 5 ms for it: in 1 ms, as it may be asked to, it is heard at -57 dB. */
enum { RATE = 48000, FRAMES = RATE / 2, MOST_PARAMS = 8 };

static const struct step {
    const char *kind;
    double values[MOST_PARAMS];
    const char *param;
    double to;
} steps[] = {
    {"Gate", {-50, 1, 50, 100, 60, 4}, "threshold_db", 0},
    {"Gate", {0, 5, 50, 100, 60, 4}, "threshold_db", -50},
    {"Gate", {0, 1, 50, 100, 60, 4}, "range_db", 6},
    {"Gate", {0, 1, 50, 100, 6, 4}, "range_db", 90},
    {"Gate", {-50, 1, 50, 100, 60, 4}, "hysteresis_db", 20},
    {"Gate", {-50, 1, 50, 100, 60, 4}, "attack_ms", 100},
    {"Gate", {-50, 1, 50, 100, 60, 4}, "hold_ms", 0},
    {"Gate", {-50, 1, 50, 100, 60, 4}, "release_ms", 1},
    {"Compressor", {-20, 3, 5, 100, 6, 0, 0}, "threshold_db", -50},
    {"Compressor", {-50, 3, 5, 100, 6, 0, 0}, "threshold_db", 0},
    {"Compressor", {-20, 1, 5, 100, 6, 0, 0}, "ratio", 20},
    {"Compressor", {-20, 20, 5, 100, 6, 0, 0}, "ratio", 1},
    {"Compressor", {-20, 3, 5, 100, 0, 0, 0}, "knee_db", 40},
    {"Compressor", {-20, 3, 5, 100, 6, 0, 0}, "makeup_db", 24},
    {"Compressor", {-20, 3, 5, 100, 6, 24, 0}, "makeup_db", 0},
    {"Compressor", {-20, 3, 5, 100, 6, 0, 0}, "attack_ms", 100},
    {"Compressor", {-20, 3, 5, 100, 6, 0, 0}, "release_ms", 1000},
    {"Limiter", {-6, 50, 2, 0}, "ceiling_db", -30},
    {"Limiter", {-30, 50, 2, 0}, "ceiling_db", -1},
    {"Limiter", {-12, 50, 2, 0}, "release_ms", 500},
    {"Limiter", {-6, 50, 2, 1}, "ceiling_db", -30},
};

static uint32_t param_named(const vo_node_kind *kind, const char *name) {
    uint32_t i = 0;
    while (i < kind->param_count && strcmp(kind->params[i].name, name) != 0) i++;
    CHECK(i < kind->param_count && !kind->params[i].fixed);
    return i;
}

/* The high band of what a tone becomes, from the time on when the node has come to rest. */
static double heard_db(const struct step *step, double hertz, uint32_t block) {
    static float x[FRAMES];
    float *before[] = {x}, *after[] = {x + FRAMES / 2};
    const vo_node_kind *kind = vo_node_kind_named(step->kind);
    vo_node *node;
    CHECK(kind->make(&node, &(vo_format){RATE, 1}, step->values, NULL) == VO_OK);
    for (int i = 0; i < FRAMES; i++) x[i] = (float)(0.5 * cos(2 * PI * hertz * i / (int)RATE));
    play(node, before, FRAMES / 2, block);
    CHECK(vo_node_set(node, param_named(kind, step->param), step->to) == VO_OK);
    play(node, after, FRAMES / 2, block);
    vo_node_free(node);
    return high_band_db(x + FRAMES / 3, FRAMES - FRAMES / 3, RATE);
}

static void steps_are_not_heard(void) {
    const double tones_hz[] = {100, 440, 1000};
    double loudest = -INFINITY;
    for (size_t s = 0; s < sizeof steps / sizeof *steps; s++)
        for (size_t t = 0; t < sizeof tones_hz / sizeof *tones_hz; t++) {
            double db = heard_db(&steps[s], tones_hz[t], t ? 64 : 500);
            if (db >= -60)
                fprintf(stderr, "%s of a %s, %.0f Hz: %.1f dB\n", steps[s].param, steps[s].kind,
                        tones_hz[t], db);
            loudest = fmax(loudest, db);
        }
    printf("dynamics: steps %.1f dB\n", loudest);
    CHECK(loudest < -60);
}

/* What would be heard if a change of 6 dB were not smoothed. */
static void a_hard_step_would_be_heard(void) {
    static float x[FRAMES];
    for (int i = 0; i < FRAMES; i++)
        x[i] = (float)((i < FRAMES / 2 ? 0.5 : 0.25) * cos(2 * PI * 440 * i / (int)RATE));
    CHECK(high_band_db(x, FRAMES, RATE) > -60);
}

int main(void) {
    steps_are_not_heard();
    a_hard_step_would_be_heard();
    return 0;
}
