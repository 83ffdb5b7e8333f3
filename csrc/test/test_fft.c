/* D3: transforms of any 2^a 3^b 5^c, forward and back, against the definition in double. */
#define _DEFAULT_SOURCE

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "check.h"
#include "failing_alloc.h"
#include "kernel_samples.h"
#include "vocana/fft.h"

enum { MOST = 6000 };

#define PI 3.14159265358979323846

static float x[2 * MOST + 2], y[2 * MOST + 4];
static double right[2 * MOST + 4];

/* Of n pairs, forward (sign 1) or back without its scale (-1). */
static void reference(double *result, const float *pairs, uint32_t n, int sign) {
    static double cosine[MOST], sine[MOST];
    for (uint32_t i = 0; i < n; i++) {
        cosine[i] = cos(2 * PI * i / n);
        sine[i] = sign * sin(2 * PI * i / n);
    }
    for (uint32_t k = 0; k < n; k++) {
        double re = 0, im = 0;
        for (uint32_t i = 0, turn = 0; i < n; i++, turn = (turn + k) % n) {
            re += (double)pairs[2 * i] * cosine[turn] + (double)pairs[2 * i + 1] * sine[turn];
            im += (double)pairs[2 * i + 1] * cosine[turn] - (double)pairs[2 * i] * sine[turn];
        }
        result[2 * k] = re;
        result[2 * k + 1] = im;
    }
}

/* The power of the differences by that of what is right, in dB; right counts times scale. */
static double error_db(const float *found, const double *wanted, size_t n, double scale) {
    double error = 0, power = 0;
    for (size_t i = 0; i < n; i++) {
        double difference = (double)found[i] - scale * wanted[i];
        error += difference * difference;
        power += scale * scale * wanted[i] * wanted[i];
    }
    return 10 * log10(error / power + 1e-30);
}

static vo_fft *fresh(uint32_t n, bool real) {
    vo_fft *fft;
    CHECK(vo_fft_new(&fft, n, real, NULL) == VO_OK && vo_fft_size(fft) == n);
    return fft;
}

static double complex_db(uint32_t n) {
    vo_fft *fft = fresh(n, false);
    for (uint32_t i = 0; i < 2 * n; i++) x[i] = random_sample();
    reference(right, x, n, 1);
    vo_fft_forward_complex(fft, y, x);
    double forward = error_db(y, right, 2 * n, 1);
    reference(right, x, n, -1);
    vo_fft_inverse_complex(fft, y, x);
    vo_fft_free(fft);
    return fmax(forward, error_db(y, right, 2 * n, 1.0 / n));
}

static double real_db(uint32_t n) {
    static float pairs[2 * MOST];
    vo_fft *fft = fresh(n, true);
    for (uint32_t i = 0; i < n; i++) {
        pairs[2 * i] = x[i] = random_sample();
        pairs[2 * i + 1] = 0;
    }
    reference(right, pairs, n, 1);
    vo_fft_forward(fft, y, x);
    CHECK(y[1] == 0 && y[n + 1] == 0);
    double forward = error_db(y, right, n + 2, 1);
    /* Back from any spectrum; imaginary parts of both ends count for nothing. */
    for (uint32_t i = 0; i < n + 2; i++) x[i] = random_sample();
    memcpy(pairs, x, (n + 2) * sizeof *x);
    pairs[1] = pairs[n + 1] = 0;
    for (uint32_t k = 1; k < n / 2; k++) {
        pairs[2 * (n - k)] = pairs[2 * k];
        pairs[2 * (n - k) + 1] = -pairs[2 * k + 1];
    }
    reference(right, pairs, n, -1);
    vo_fft_inverse(fft, y, x);
    for (uint32_t i = 0; i < n; i++) right[i] = right[2 * i];
    vo_fft_free(fft);
    return fmax(forward, error_db(y, right, n, 1.0 / n));
}

static void every_size_is_right(const char *level) {
    double worst = -INFINITY;
    CHECK(setenv("VOCANA_SIMD", level, 1) == 0);
    for (uint32_t n = 1; n <= 1000; n++) {
        if (vo_fft_supports(n, false)) worst = fmax(worst, complex_db(n));
        if (vo_fft_supports(n, true)) worst = fmax(worst, real_db(n));
    }
    const uint32_t large[] = {1024, 1536, 1920, 2048, 4096, 5400, 6000};
    for (size_t i = 0; i < sizeof large / sizeof *large; i++)
        worst = fmax(worst, fmax(complex_db(large[i]), real_db(large[i])));
    printf("fft %s: %.1f dB of error at most\n", level, worst);
    CHECK(worst <= -136);
}

/* The same samples have the same spectrum at every level, to within 1e-6 of the largest value. */
static void levels_agree(void) {
    static float at_scalar[MOST + 2];
    const uint32_t sizes[] = {128, 400, 480, 960, 2048, 6000};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        uint32_t n = sizes[s];
        for (uint32_t i = 0; i < n; i++) x[i] = random_sample();
        for (int scalar = 1; scalar >= 0; scalar--) {
            CHECK((scalar ? setenv("VOCANA_SIMD", "scalar", 1) : unsetenv("VOCANA_SIMD")) == 0);
            vo_fft *fft = fresh(n, true);
            vo_fft_forward(fft, scalar ? at_scalar : y, x);
            vo_fft_free(fft);
        }
        float largest = 0;
        for (uint32_t i = 0; i < n + 2; i++) largest = fmaxf(largest, fabsf(y[i]));
        for (uint32_t i = 0; i < n + 2; i++) CHECK(fabsf(y[i] - at_scalar[i]) <= 1e-6f * largest);
    }
}

/* D3: 1 kHz at 48 kHz is bin 20 of 960, and nothing else. */
static void a_tone_is_one_bin(void) {
    vo_fft *fft = fresh(960, true);
    for (int i = 0; i < 960; i++) x[i] = (float)cos(2 * PI * 1000 / 48000 * i);
    vo_fft_forward(fft, y, x);
    for (int k = 0; k <= 480; k++)
        CHECK(fabsf(hypotf(y[2 * k], y[2 * k + 1]) - (k == 20 ? 480 : 0)) < 480e-6f);
    vo_fft_free(fft);
}

/* Input and output end where memory ends: what reads or writes beyond dies. */
static void nothing_beyond_is_touched(void) {
    enum { BYTES = 1 << 16 };
    size_t page = (size_t)sysconf(_SC_PAGESIZE), span = BYTES + 2 * page;
    char *map[2];
    for (int i = 0; i < 2; i++) {
        map[i] = mmap(NULL, span, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        CHECK(map[i] != MAP_FAILED);
        CHECK(mprotect(map[i] + page, BYTES, PROT_READ | PROT_WRITE) == 0);
    }
    for (uint32_t n = 2; n <= 2048; n += 2)
        for (int end = 0; end < 2 && vo_fft_supports(n, true); end++) {
            float *a = (float *)(map[0] + page), *b = (float *)(map[1] + page);
            if (end) a += BYTES / sizeof *a - n;
            if (end) b += BYTES / sizeof *b - n - 2;
            vo_fft *real = fresh(n, true), *complex = fresh(n / 2, false);
            vo_fft_forward(real, b, a);
            vo_fft_inverse(real, a, b);
            vo_fft_forward_complex(complex, b + 2, a);
            vo_fft_inverse_complex(complex, a, b + 2);
            vo_fft_free(real);
            vo_fft_free(complex);
        }
    for (int i = 0; i < 2; i++) CHECK(munmap(map[i], span) == 0);
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
    vo_fft_forward(fft, y, x);
    vo_fft_inverse(fft, x, y);
    CHECK(memory.calls == 2);
    vo_fft_free(fft);
    CHECK(memory.live == 0);
    vo_fft_free(NULL);
}

int main(void) {
    const char *const levels[] = {"scalar", "avx2", "avx512", "neon"};
    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++) every_size_is_right(levels[i]);
    CHECK(unsetenv("VOCANA_SIMD") == 0);
    levels_agree();
    a_tone_is_one_bin();
    nothing_beyond_is_touched();
    other_sizes_are_refused();
    new_survives_a_failing_allocator();
    return 0;
}
