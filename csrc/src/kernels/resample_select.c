#include "kernels/levels.h"
#include "kernels/resample.h"

vo_resample_kernels vo_resample_kernels_select(void) {
    vo_resample_kernels kernels = vo_resample_kernels_scalar();
#ifdef __x86_64__
    if (vo_simd_reaches(VO_SIMD_AVX2)) vo_resample_kernels_avx2(&kernels);
    if (vo_simd_reaches(VO_SIMD_AVX512)) vo_resample_kernels_avx512(&kernels);
#endif
#ifdef __aarch64__
    if (vo_simd_reaches(VO_SIMD_NEON)) vo_resample_kernels_neon(&kernels);
#endif
    return kernels;
}
