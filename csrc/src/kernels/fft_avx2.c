#include "kernels/fft.h"

#ifdef __x86_64__

#    include "kernels/begin_avx2.h"

#    define WIDTH 8
#    define HEAD_DFT dft8

typedef __m256 vec;

static inline vec load(const float *x) {
    return _mm256_loadu_ps(x);
}

/* The first n lanes, all when n is 8 or more; zeros in the others. */
static inline vec load_first(const float *x, size_t n) {
    const __m256i lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    return _mm256_maskload_ps(x, _mm256_cmpgt_epi32(_mm256_set1_epi32((int)n), lane));
}

static inline void store(float *x, vec v) {
    _mm256_storeu_ps(x, v);
}

static inline vec splat(float x) {
    return _mm256_set1_ps(x);
}

static inline vec madd(vec a, vec b, vec c) {
    return _mm256_fmadd_ps(a, b, c);
}

static inline vec nmadd(vec a, vec b, vec c) {
    return _mm256_fnmadd_ps(a, b, c);
}

#    include "kernels/fft_dft.h"

/* after[0], then before[7] down to before[1]. */
static inline vec spliced(vec before, vec after) {
    const __m256i lanes = _mm256_setr_epi32(0, 7, 6, 5, 4, 3, 2, 1);
    return _mm256_blend_ps(_mm256_permutevar8x32_ps(before, lanes), after, 1);
}

/* Pairs of lanes in the order 0 2 1 3. */
static inline vec middle_swapped(vec v) {
    return _mm256_castpd_ps(_mm256_permute4x64_pd(_mm256_castps_pd(v), 0xd8));
}

/* Pairs to parts and back; _back: in the opposite order. */
static inline cvec unzipped(cvec v) {
    return (cvec){middle_swapped(_mm256_shuffle_ps(v.re, v.im, 0x88)),
                  middle_swapped(_mm256_shuffle_ps(v.re, v.im, 0xdd))};
}

static inline cvec zipped(cvec v) {
    vec low = _mm256_unpacklo_ps(v.re, v.im), high = _mm256_unpackhi_ps(v.re, v.im);
    return (cvec){_mm256_permute2f128_ps(low, high, 0x20), _mm256_permute2f128_ps(low, high, 0x31)};
}

static inline vec reversed(vec v) {
    return _mm256_permutevar8x32_ps(v, _mm256_setr_epi32(7, 6, 5, 4, 3, 2, 1, 0));
}

static inline cvec unzipped_back(cvec v) {
    v = unzipped(v);
    return (cvec){reversed(v.re), reversed(v.im)};
}

static inline cvec zipped_back(cvec v) {
    return zipped((cvec){reversed(v.re), reversed(v.im)});
}

static inline void transpose(vec x[WIDTH]) {
    vec t[2][4];
    _Pragma("GCC unroll 2") for (int g = 0; g < 2; g++) {
        vec *r = x + 4 * g;
        vec a = _mm256_unpacklo_ps(r[0], r[1]), b = _mm256_unpackhi_ps(r[0], r[1]);
        vec c = _mm256_unpacklo_ps(r[2], r[3]), d = _mm256_unpackhi_ps(r[2], r[3]);
        t[g][0] = _mm256_shuffle_ps(a, c, 0x44);
        t[g][1] = _mm256_shuffle_ps(a, c, 0xee);
        t[g][2] = _mm256_shuffle_ps(b, d, 0x44);
        t[g][3] = _mm256_shuffle_ps(b, d, 0xee);
    }
    _Pragma("GCC unroll 4") for (int c = 0; c < 4; c++) {
        x[c] = _mm256_permute2f128_ps(t[0][c], t[1][c], 0x20);
        x[c + 4] = _mm256_permute2f128_ps(t[0][c], t[1][c], 0x31);
    }
}

#    include "kernels/fft_passes.h"

#    include "kernels/fft_ends.h"

void vo_fft_kernels_avx2(vo_fft_kernels *kernels) {
    *kernels = FFT_KERNELS("avx2");
}

#    include "kernels/end_target.h"

#endif
