/* D1: the kernels of true peaks at every level that this processor has, against sums in double. */
#define _DEFAULT_SOURCE

#include <math.h>
#include <string.h>

#include "check.h"
#include "kernel_lines.h"
#include "kernel_samples.h"
#include "kernels/levels.h"
#include "kernels/truepeak.h"

enum { MAX_LENGTH = 257, OFFSETS = 16, MARGIN = 32, ARENA = 512, TAPS = VO_TRUEPEAK_TAPS };

/* A checker answers NULL, or what is wrong. */
typedef const char *checker(const vo_truepeak_kernels *k);

static const char *check_between(const vo_truepeak_kernels *k) {
    static _Alignas(64) float arena[2][ARENA];
    const float canary = 123456.75f;
    float taps[TAPS];
    for (size_t n = 0; n <= MAX_LENGTH; n++)
        for (size_t offset = 0; offset < OFFSETS; offset++) {
            for (size_t i = 0; i < ARENA; i++) arena[0][i] = arena[1][i] = canary;
            float *x = arena[0] + MARGIN + offset, *out = arena[1] + MARGIN + offset * 5 % OFFSETS;
            for (size_t i = 0; i < n + TAPS - 1; i++) x[i] = random_sample();
            for (size_t i = 0; i < TAPS; i++) taps[i] = random_sample();
            k->between(out, x, taps, n);
            for (size_t i = 0; i < n; i++) {
                double sum = 0, size = 0;
                for (size_t t = 0; t < TAPS; t++) {
                    sum += (double)taps[t] * x[i + t];
                    size += fabs((double)taps[t] * x[i + t]);
                }
                if (!(fabs(out[i] - sum) <= (TAPS + 1) * 0x1p-24 * size))
                    return "a sum is outside its bound";
            }
            for (const float *p = arena[1]; p < arena[1] + ARENA; p++)
                if ((p < out || p >= out + n) && *p != canary) return "writes outside";
        }
    return NULL;
}

static double crest(double before, double at, double after) {
    double sign = at < 0 ? -1 : 1, left = sign * (at - before), right = sign * (at - after);
    if (!(left >= 0 && right >= 0 && left + right > 0)) return fabs(at);
    return fabs(at) + (right - left) * (right - left) / (8 * (left + right));
}

static const char *check_crests(const vo_truepeak_kernels *k) {
    static _Alignas(64) float arena[2][ARENA];
    const float canary = 123456.75f;
    for (size_t n = 0; n <= MAX_LENGTH; n++)
        for (size_t offset = 0; offset < OFFSETS; offset++) {
            for (size_t i = 0; i < ARENA; i++) arena[0][i] = arena[1][i] = canary;
            float *x = arena[0] + MARGIN + offset, *out = arena[1] + MARGIN + offset * 5 % OFFSETS;
            float before[MAX_LENGTH], most = 0;
            for (size_t i = 0; i < n + 2; i++)
                x[i] = random_bits() % 4 ? random_sample() : i ? x[i - 1] : 0;
            for (size_t i = 0; i < n; i++)
                before[i] = out[i] = random_bits() % 2 ? random_sample() : 0;
            float said = k->crests(out, x, x + 1, x + 2, n);
            for (size_t i = 0; i < n; i++) {
                double wanted = fmax((double)before[i], crest(x[i], x[i + 1], x[i + 2]));
                if (!(fabs((double)out[i] - wanted) <= 1e-6)) return "a crest is outside its bound";
                most = fmaxf(most, out[i]);
            }
            if (n && said != fmaxf(most, 0)) return "says another peak than it gives";
            for (const float *p = arena[1]; p < arena[1] + ARENA; p++)
                if ((p < out || p >= out + n) && *p != canary) return "writes outside";
        }
    return NULL;
}

/* --- Negative controls ------------------------------------------------------ */

static VO_REALTIME void no_tail(float *out, const float *x, const float *taps, size_t n) {
    vo_truepeak_kernels_scalar().between(out, x, taps, n & ~(size_t)7);
}

static VO_REALTIME void one_more(float *out, const float *x, const float *taps, size_t n) {
    vo_truepeak_kernels_scalar().between(out, x, taps, n);
    out[n] = 0;
}

static VO_REALTIME void backwards(float *out, const float *x, const float *taps, size_t n) {
    for (size_t i = 0; i < n; i++) {
        out[i] = 0;
        for (size_t t = 0; t < TAPS; t++) out[i] += taps[TAPS - 1 - t] * x[i + t];
    }
}

static VO_REALTIME float flat_crests(float *peaks, const float *before, const float *at,
                                     const float *after, size_t n) {
    (void)before;
    (void)after;
    return vo_truepeak_kernels_scalar().crests(peaks, at, at, at, n);
}

static void check_controls(void) {
    const struct control {
        const char *fault;
        vo_truepeak_kernels kernels;
        checker *check;
    } controls[] = {
        {"sums without their tail", {"planted", no_tail, NULL}, check_between},
        {"one sum too many", {"planted", one_more, NULL}, check_between},
        {"taps in the wrong order", {"planted", backwards, NULL}, check_between},
        {"crests without neighbours", {"planted", NULL, flat_crests}, check_crests},
    };
    for (size_t i = 0; i < sizeof controls / sizeof *controls; i++) {
        say_caught(controls[i].fault, controls[i].check(&controls[i].kernels));
    }
}

int main(void) {
    vo_truepeak_kernels found[3] = {vo_truepeak_kernels_scalar()};
    size_t count = 1;
#ifdef __x86_64__
    if (vo_simd_reaches(VO_SIMD_AVX2)) vo_truepeak_kernels_avx2(&found[count++]);
    if (vo_simd_reaches(VO_SIMD_AVX512)) vo_truepeak_kernels_avx512(&found[count++]);
#endif
    for (size_t l = 0; l < count; l++) {
        say_equal("truepeak between", found[l].name, check_between(&found[l]));
        say_equal("truepeak crests", found[l].name, check_crests(&found[l]));
    }
    CHECK(strcmp(vo_truepeak_kernels_select().name, found[count - 1].name) == 0);
    check_controls();
    return 0;
}
