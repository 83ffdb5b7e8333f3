#include "kernels/truepeak.h"

#include <math.h>
#include <stdbool.h>

#include "kernels/levels.h"

enum { LANES = 16 };

static inline void some(float *out, const float *x, const float *taps, size_t lanes) {
    float sum[LANES] = {0};
    for (size_t k = 0; k < VO_TRUEPEAK_TAPS; k++)
        for (size_t i = 0; i < lanes; i++) sum[i] += taps[k] * x[i + k];
    for (size_t i = 0; i < lanes; i++) out[i] = sum[i];
}

/* Sixteen sums at a time and in one order: compilers make vectors of them, here and for NEON. */
static VO_REALTIME void between(float *out, const float *x, const float *taps, size_t n) {
    size_t i = 0;
    for (; n - i >= LANES; i += LANES) some(out + i, x + i, taps, LANES);
    some(out + i, x + i, taps, n - i);
}

/* bend is never negative where at is the farthest, and 0 only where all three are alike. */
static VO_REALTIME float crests(float *peaks, const float *before, const float *at,
                                const float *after, size_t n) {
    float greatest = 0;
    for (size_t i = 0; i < n; i++) {
        float sign = copysignf(1, at[i]), most = fabsf(at[i]);
        float left = most - sign * before[i], right = most - sign * after[i];
        float bend = left + right, slope = right - left;
        float more = slope * slope / (8 * (bend > VO_TRUEPEAK_FLAT ? bend : VO_TRUEPEAK_FLAT));
        bool farthest = (left >= 0) & (right >= 0);
        float crest = farthest ? most + more : most;
        peaks[i] = crest > peaks[i] ? crest : peaks[i];
        greatest = peaks[i] > greatest ? peaks[i] : greatest;
    }
    return greatest;
}

vo_truepeak_kernels vo_truepeak_kernels_scalar(void) {
    return (vo_truepeak_kernels){.name = "scalar", .between = between, .crests = crests};
}

vo_truepeak_kernels vo_truepeak_kernels_select(void) {
    vo_truepeak_kernels kernels = vo_truepeak_kernels_scalar();
#ifdef __x86_64__
    if (vo_simd_reaches(VO_SIMD_AVX2)) vo_truepeak_kernels_avx2(&kernels);
    if (vo_simd_reaches(VO_SIMD_AVX512)) vo_truepeak_kernels_avx512(&kernels);
#endif
    return kernels;
}
