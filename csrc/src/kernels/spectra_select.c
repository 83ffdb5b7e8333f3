#include "kernels/levels.h"
#include "kernels/spectra.h"

vo_spectra_kernels vo_spectra_kernels_select(void) {
    vo_spectra_kernels kernels = vo_spectra_kernels_scalar();
#ifdef __x86_64__
    if (vo_simd_reaches(VO_SIMD_AVX2)) vo_spectra_kernels_avx2(&kernels);
    if (vo_simd_reaches(VO_SIMD_AVX512)) vo_spectra_kernels_avx512(&kernels);
#endif
#ifdef __aarch64__
    if (vo_simd_reaches(VO_SIMD_NEON)) vo_spectra_kernels_neon(&kernels);
#endif
    return kernels;
}
