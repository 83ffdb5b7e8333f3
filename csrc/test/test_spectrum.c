/* What the Spectrum node reads, of any blocks: a tone where it is and as loud as it is. */
#include <math.h>

#include "node_play.h"
#include "nodes/nodes.h"
#include "vocana/spectral.h"

#define PI 3.14159265358979323846

enum { RATE = 48000, FFT = 2048, HOP = 512, BINS = FFT / 2 + 1, N = 10000 };
enum { AT_FEATURES = 1, AT_BINS = AT_FEATURES + VO_SPECTRAL_FEATURES, READINGS = AT_BINS + BINS };

static const vo_format format = {RATE, PLAY_CHANNELS};

static vo_node *fresh(const double *params) {
    vo_node *node;
    CHECK(vo_spectrum_new(&node, &format, params, NULL) == VO_OK);
    return node;
}

static void tone(float x[PLAY_CHANNELS][N], double hz, double amplitude) {
    for (int c = 0; c < PLAY_CHANNELS; c++)
        for (int i = 0; i < N; i++) x[c][i] = (float)(amplitude * sin(2 * PI * hz * i / RATE));
}

static void play_all(vo_node *node, float x[PLAY_CHANNELS][N], uint32_t n, uint32_t block) {
    float *rows[PLAY_CHANNELS];
    for (int c = 0; c < PLAY_CHANNELS; c++) rows[c] = x[c];
    play(node, rows, n, block);
}

static void a_tone_is_where_it_is(void) {
    static float x[PLAY_CHANNELS][N];
    double found[READINGS];
    vo_node *node = fresh(NULL);
    CHECK(vo_node_read(node, found, READINGS) == READINGS && found[0] == 0);
    CHECK(found[AT_BINS] == -200 && found[READINGS - 1] == -200);
    tone(x, 64.0 * RATE / FFT, 0.5); /* in the middle of bin 64 */
    play_all(node, x, N, 100);
    CHECK(vo_node_read(node, found, READINGS) == READINGS);
    CHECK(found[0] == FFT + (N - FFT) / HOP * HOP);
    CHECK(fabs(found[AT_BINS + 64] + 6.0206) < 1e-3);
    CHECK(found[AT_BINS + 70] < -100);
    CHECK(fabs(found[AT_FEATURES + VO_SPECTRAL_CENTROID_HZ] - 1500) < 1);
    CHECK(fabs(found[AT_FEATURES + VO_SPECTRAL_MID_ENERGY] - 0.125) < 1e-5);
    CHECK(fabs(found[AT_FEATURES + VO_SPECTRAL_CROSSINGS_PER_S] - 3000) < 30);
    node->ops->reset(node);
    CHECK(vo_node_read(node, found, READINGS) == READINGS && found[0] == 0);
    vo_node_free(node);
}

static void blocks_make_no_difference(void) {
    static float x[PLAY_CHANNELS][N], as_it_was[PLAY_CHANNELS][N];
    double whole[READINGS], cut[READINGS];
    for (int c = 0; c < PLAY_CHANNELS; c++)
        for (int i = 0; i < N; i++) x[c][i] = random_sample();
    memcpy(as_it_was, x, sizeof x);
    vo_node *node = fresh(NULL);
    play_all(node, x, N, VO_NODE_MAX_FRAMES);
    vo_node_read(node, whole, READINGS);
    for (int run = 0; run < 10; run++) {
        node->ops->reset(node);
        play_all(node, x, N, 0);
        vo_node_read(node, cut, READINGS);
        CHECK(memcmp(whole, cut, sizeof cut) == 0);
    }
    CHECK(memcmp(x, as_it_was, sizeof x) == 0);
    vo_node_free(node);
}

static void sizes_that_cannot_be_transformed_are_refused(void) {
    vo_node *node;
    const double bad[][2] = {{2046, 512}, {2047, 512}, {15, 512}, {2048, 0}, {2048, NAN}, {1e6, 1}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK(vo_spectrum_new(&node, &format, bad[i], NULL) == VO_BAD_ARG && !node);
    const double good[2] = {480, 2000}; /* a hop beyond the frame */
    static float x[PLAY_CHANNELS][N];
    double found;
    node = fresh(good);
    play_all(node, x, N, 0);
    CHECK(vo_node_read(node, &found, 1) == AT_BINS + 241 && found == 8480);
    vo_node_free(node);
}

int main(void) {
    a_tone_is_where_it_is();
    blocks_make_no_difference();
    sizes_that_cannot_be_transformed_are_refused();
    return 0;
}
