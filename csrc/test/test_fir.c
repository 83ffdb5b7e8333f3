/* Impulse responses of any length: accuracy, blocks, silence and memory. */
#include "vocana/fir.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "check.h"
#include "failing_alloc.h"
#include "kernel_samples.h"

enum { FRAMES = 6000, MOST_TAPS = 20000 };

static float taps[MOST_TAPS];

static vo_fir *fresh(uint32_t count, uint32_t channels) {
    vo_fir *fir;
    CHECK(vo_fir_new(&fir, taps, count, channels, NULL) == VO_OK);
    return fir;
}

static void play(vo_fir *fir, float *x, uint32_t most) {
    for (uint32_t i = 0, n; i < FRAMES; i += n) {
        n = 1 + random_bits() % most;
        if (n > FRAMES - i) n = FRAMES - i;
        vo_fir_process(fir, (float *[]){x + i}, n);
    }
}

/* On both sides of every length at which the work is done in another way. */
static const uint32_t counts[] = {1,   2,   63,   64,   65,   128,  129,   383,   384,  385,
                                  512, 513, 1024, 1025, 1280, 1281, 16384, 16385, 20000};

/* Noise against sums in double, on part of the frames; then the same in other blocks, to the bit.
 */
static void every_length_is_accurate_in_any_blocks(void) {
    static float in[FRAMES], x[FRAMES], cut[FRAMES];
    double worst = -INFINITY;
    bool direct = false, spectra = false;
    for (int i = 0; i < FRAMES; i++) in[i] = random_sample();
    for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
        for (uint32_t k = 0; k < counts[c]; k++) taps[k] = random_sample() * expf(-3e-4f * k);
        vo_fir *fir = fresh(counts[c], 1);
        direct = direct || !vo_fir_part(fir);
        spectra = spectra || vo_fir_part(fir);
        memcpy(x, in, sizeof in);
        vo_fir_process(fir, (float *[]){x}, FRAMES);
        double error = 0, all = 0;
        for (int i = 0; i < FRAMES; i += 11) {
            double y = 0;
            for (int k = 0; k < (int)counts[c] && k <= i; k++) y += (double)taps[k] * in[i - k];
            error += (x[i] - y) * (x[i] - y);
            all += y * y;
        }
        worst = fmax(worst, 10 * log10(error / all));
        const uint32_t most[] = {1, 17, 600};
        for (size_t b = 0; b < sizeof most / sizeof *most; b++) {
            memcpy(cut, in, sizeof in);
            vo_fir_reset(fir);
            play(fir, cut, most[b]);
            CHECK(memcmp(cut, x, sizeof x) == 0);
        }
        vo_fir_free(fir);
    }
    printf("fir: error %.1f dB\n", worst);
    CHECK(worst <= -120 && direct && spectra);
}

/* An impulse at any place of a block gives the taps, without latency. */
static void an_impulse_gives_the_taps(void) {
    static float x[2][FRAMES];
    for (int k = 0; k < MOST_TAPS; k++) taps[k] = random_sample();
    for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
        memset(x, 0, sizeof x);
        int at = 1 + (int)(random_bits() % 700);
        x[1][at] = 1;
        vo_fir *fir = fresh(counts[c], 2);
        vo_fir_process(fir, (float *[]){x[0], x[1]}, FRAMES);
        for (int i = 0; i < FRAMES; i++) {
            bool within = i >= at && i - at < (int)counts[c];
            CHECK(x[0][i] == 0);
            CHECK(fabsf(x[1][i] - (within ? taps[i - at] : 0)) < 1e-6f);
        }
        vo_fir_free(fir);
    }
}

static void new_refuses_and_survives_a_failing_allocator(void) {
    failing_alloc memory;
    vo_fir *fir;
    for (uint32_t count = 100; count <= 2000; count += 1900)
        for (uint64_t k = 1;; k++) {
            failing_alloc_init(&memory, k, false);
            if (vo_fir_new(&fir, taps, count, 2, &memory.allocator) == VO_OK) {
                uint64_t calls = memory.calls;
                float x[2][64] = {{0}};
                vo_fir_process(fir, (float *[]){x[0], x[1]}, 64);
                CHECK(memory.calls == calls);
                vo_fir_free(fir);
                CHECK(memory.live == 0);
                break;
            }
            CHECK(!fir && memory.failures == 1 && memory.live == 0);
        }
    vo_fir_free(NULL);
    CHECK(vo_fir_new(&fir, taps, 0, 1, NULL) == VO_BAD_ARG && !fir);
    CHECK(vo_fir_new(&fir, taps, VO_FIR_MOST_TAPS + 1, 1, NULL) == VO_BAD_ARG && !fir);
    CHECK(vo_fir_new(&fir, taps, 1, 0, NULL) == VO_BAD_ARG && !fir);
    taps[3] = NAN;
    CHECK(vo_fir_new(&fir, taps, 10, 1, NULL) == VO_BAD_ARG && !fir);
    taps[3] = INFINITY;
    CHECK(vo_fir_new(&fir, taps, 10, 1, NULL) == VO_BAD_ARG && !fir);
}

int main(void) {
    every_length_is_accurate_in_any_blocks();
    an_impulse_gives_the_taps();
    new_refuses_and_survives_a_failing_allocator();
    return 0;
}
