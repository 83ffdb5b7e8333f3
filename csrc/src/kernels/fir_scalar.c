#include "kernels/fir.h"
#include "kernels/levels.h"

static VO_REALTIME void run(float *restrict y, const float *restrict x, const float *restrict taps,
                            uint32_t count, size_t n) {
    for (size_t i = 0; i < n; i++) y[i] = 0;
    for (uint32_t k = 0; k < count; k++)
        for (size_t i = 0; i < n; i++) y[i] += taps[k] * (x - k)[i];
}

vo_fir_kernels vo_fir_kernels_scalar(void) {
    return (vo_fir_kernels){.name = "scalar", .run = run};
}

vo_fir_kernels vo_fir_kernels_select(void) {
    vo_fir_kernels kernels = vo_fir_kernels_scalar();
#ifdef __x86_64__
    if (vo_simd_reaches(VO_SIMD_AVX2)) vo_fir_kernels_avx2(&kernels);
    if (vo_simd_reaches(VO_SIMD_AVX512)) vo_fir_kernels_avx512(&kernels);
#endif
#ifdef __aarch64__
    if (vo_simd_reaches(VO_SIMD_NEON)) vo_fir_kernels_neon(&kernels);
#endif
    return kernels;
}
