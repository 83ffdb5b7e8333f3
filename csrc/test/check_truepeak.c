/* The kernel of true peaks at every level that this processor has, against sums in double. */
#define _DEFAULT_SOURCE

#include <math.h>
#include <string.h>

#include "check.h"
#include "kernel_samples.h"
#include "kernels/levels.h"
#include "kernels/truepeak.h"

enum { MAX_LENGTH = 257, OFFSETS = 16, MARGIN = 32, ARENA = 512, TAPS = VO_TRUEPEAK_TAPS };

/* NULL, or what is wrong. */
static const char *check(const vo_truepeak_kernels *k) {
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

static void check_controls(void) {
    const struct control {
        const char *fault;
        vo_truepeak_kernels kernels;
    } controls[] = {
        {"sums without their tail", {"planted", no_tail}},
        {"one sum too many", {"planted", one_more}},
        {"taps in the wrong order", {"planted", backwards}},
    };
    for (size_t i = 0; i < sizeof controls / sizeof *controls; i++) {
        const char *found = check(&controls[i].kernels);
        printf("planted %-28s %s\n", controls[i].fault, found ? found : "NOT CAUGHT");
        CHECK(found);
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
        const char *wrong = check(&found[l]);
        if (wrong) fprintf(stderr, "%s: %s\n", found[l].name, wrong);
        CHECK(!wrong);
        printf("%s: as specified\n", found[l].name);
    }
    CHECK(strcmp(vo_truepeak_kernels_select().name, found[count - 1].name) == 0);
    check_controls();
    return 0;
}
