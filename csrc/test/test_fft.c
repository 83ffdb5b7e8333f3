/* D3: transforms of any 2^a 3^b 5^c, forward and back, against one in double. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "failing_alloc.h"
#include "kernel_samples.h"
#include "vocana/fft.h"

enum { MOST = 6000 };

#define PI 3.14159265358979323846

/* The definition, in double, of n complex values. */
static void reference(double *spectrum, const float *x, uint32_t n) {
    static double cosine[MOST], sine[MOST];
    for (uint32_t i = 0; i < n; i++) {
        cosine[i] = cos(2 * PI * i / n);
        sine[i] = sin(2 * PI * i / n);
    }
    for (uint32_t k = 0; k < n; k++) {
        double re = 0, im = 0;
        for (uint32_t i = 0, turn = 0; i < n; i++, turn = (turn + k) % n) {
            re += (double)x[2 * i] * cosine[turn] + (double)x[2 * i + 1] * sine[turn];
            im += (double)x[2 * i + 1] * cosine[turn] - (double)x[2 * i] * sine[turn];
        }
        spectrum[2 * k] = re;
        spectrum[2 * k + 1] = im;
    }
}

/* Error in dB of the signal: the power of the differences by that of what is right. */
static double error_db(const float *found, const double *right, size_t n) {
    double error = 0, power = 0;
    for (size_t i = 0; i < n; i++) {
        error += (found[i] - right[i]) * (found[i] - right[i]);
        power += right[i] * right[i];
    }
    return 10 * log10(error / power + 1e-30);
}

static vo_fft *fresh(uint32_t n, bool real) {
    vo_fft *fft;
    CHECK(vo_fft_new(&fft, n, real, NULL) == VO_OK && vo_fft_size(fft) == n);
    return fft;
}

static float x[2 * MOST + 2], spectrum[2 * MOST + 4], back[2 * MOST + 2];
static double right[2 * MOST], wanted[2 * MOST];

static double complex_db(uint32_t n) {
    for (uint32_t i = 0; i < 2 * n; i++) wanted[i] = (double)(x[i] = random_sample());
    reference(right, x, n);
    vo_fft *fft = fresh(n, false);
    vo_fft_forward_complex(fft, spectrum, x);
    vo_fft_inverse_complex(fft, back, spectrum);
    vo_fft_free(fft);
    return fmax(error_db(spectrum, right, 2 * n), error_db(back, wanted, 2 * n));
}

static double real_db(uint32_t n) {
    static float pairs[2 * MOST];
    for (uint32_t i = 0; i < n; i++) {
        wanted[i] = (double)(pairs[2 * i] = x[i] = random_sample());
        pairs[2 * i + 1] = 0;
    }
    reference(right, pairs, n);
    vo_fft *fft = fresh(n, true);
    vo_fft_forward(fft, spectrum, x);
    CHECK(spectrum[1] == 0 && spectrum[n + 1] == 0);
    vo_fft_inverse(fft, back, spectrum);
    vo_fft_free(fft);
    return fmax(error_db(spectrum, right, n + 2), error_db(back, wanted, n));
}

static void every_size_is_right(void) {
    double worst = -INFINITY;
    for (uint32_t n = 1; n <= 1000; n++) {
        if (vo_fft_supports(n, false)) worst = fmax(worst, complex_db(n));
        if (vo_fft_supports(n, true)) worst = fmax(worst, real_db(n));
    }
    const uint32_t large[] = {1024, 1536, 1920, 2048, 3000, 4096, 5400, 6000};
    for (size_t i = 0; i < sizeof large / sizeof *large; i++) {
        worst = fmax(worst, complex_db(large[i]));
        worst = fmax(worst, real_db(large[i]));
    }
    printf("fft: %.1f dB of error at most\n", worst);
    CHECK(worst <= -136);
}

static void other_sizes_are_refused(void) {
    const uint32_t none[] = {0, 7, 11, 14, 441, 882, 1001, UINT32_MAX};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        for (int real = 0; real < 2; real++) {
            vo_fft *fft;
            CHECK(!vo_fft_supports(none[i], real));
            CHECK(vo_fft_new(&fft, none[i], real, NULL) == VO_BAD_ARG && !fft);
        }
    CHECK(vo_fft_supports(15, false) && !vo_fft_supports(15, true));
    CHECK(vo_fft_supports(1, false) && vo_fft_supports(2, true));
}

static void new_survives_a_failing_allocator(void) {
    failing_alloc memory;
    vo_fft *fft;
    for (uint64_t k = 1;; k++) {
        failing_alloc_init(&memory, k, false);
        if (vo_fft_new(&fft, 960, true, &memory.allocator) == VO_OK) break;
        CHECK(!fft && memory.failures == 1 && memory.live == 0);
    }
    CHECK(memory.calls == 2);
    vo_fft_forward(fft, spectrum, x);
    CHECK(memory.calls == 2);
    vo_fft_free(fft);
    CHECK(memory.live == 0);
    vo_fft_free(NULL);
}

int main(void) {
    every_size_is_right();
    other_sizes_are_refused();
    new_survives_a_failing_allocator();
    return 0;
}
