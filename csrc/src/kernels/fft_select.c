#include <stdbool.h>

#include "kernels/fft.h"
#include "kernels/levels.h"

/* Whether n is a multiple of the width, and long enough for a head not to be mostly idle. */
static bool fits(uint32_t n, uint32_t width) {
    return n % width == 0 && n / width >= width / 2;
}

vo_fft_kernels vo_fft_kernels_select(uint32_t n) {
    vo_fft_kernels kernels = vo_fft_kernels_scalar();
#ifdef __x86_64__
    if (fits(n, 8) && vo_simd_reaches(VO_SIMD_AVX2)) vo_fft_kernels_avx2(&kernels);
    if (fits(n, 16) && vo_simd_reaches(VO_SIMD_AVX512)) vo_fft_kernels_avx512(&kernels);
#endif
#ifdef __aarch64__
    if (fits(n, 4) && vo_simd_reaches(VO_SIMD_NEON)) vo_fft_kernels_neon(&kernels);
#endif
    return kernels;
}
