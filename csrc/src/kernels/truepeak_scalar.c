#include "kernels/truepeak.h"

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

vo_truepeak_kernels vo_truepeak_kernels_scalar(void) {
    return (vo_truepeak_kernels){.name = "scalar", .between = between};
}

vo_truepeak_kernels vo_truepeak_kernels_select(void) {
    vo_truepeak_kernels kernels = vo_truepeak_kernels_scalar();
#ifdef __x86_64__
    if (vo_simd_reaches(VO_SIMD_AVX2)) vo_truepeak_kernels_avx2(&kernels);
    if (vo_simd_reaches(VO_SIMD_AVX512)) vo_truepeak_kernels_avx512(&kernels);
#endif
    return kernels;
}
