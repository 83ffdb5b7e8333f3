#include "kernels/fft.h"

#ifdef __x86_64__

#    include "kernels/begin_avx512.h"

#    define WIDTH 16

typedef __m512 vec;

static inline vec load(const float *x) {
    return _mm512_loadu_ps(x);
}

/* The first n lanes, all when n is 16 or more; zeros in the others. */
static inline vec load_first(const float *x, size_t n) {
    return _mm512_maskz_loadu_ps((__mmask16)((1u << (n < 16 ? n : 16)) - 1), x);
}

static inline void store(float *x, vec v) {
    _mm512_storeu_ps(x, v);
}

static inline vec splat(float x) {
    return _mm512_set1_ps(x);
}

static inline vec madd(vec a, vec b, vec c) {
    return _mm512_fmadd_ps(a, b, c);
}

static inline vec nmadd(vec a, vec b, vec c) {
    return _mm512_fnmadd_ps(a, b, c);
}

#    include "kernels/fft_dft.h"

/* after[0], then before[15] down to before[1]. */
static inline vec spliced(vec before, vec after) {
    const __m512i lanes = _mm512_setr_epi32(16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1);
    return _mm512_permutex2var_ps(before, lanes, after);
}

/* Pairs to parts and back; _back: in the opposite order. */
static inline cvec unzipped(cvec v) {
    const __m512i even =
        _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
    const __m512i odd =
        _mm512_setr_epi32(1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31);
    return (cvec){_mm512_permutex2var_ps(v.re, even, v.im),
                  _mm512_permutex2var_ps(v.re, odd, v.im)};
}

static inline cvec unzipped_back(cvec v) {
    const __m512i even =
        _mm512_setr_epi32(30, 28, 26, 24, 22, 20, 18, 16, 14, 12, 10, 8, 6, 4, 2, 0);
    const __m512i odd =
        _mm512_setr_epi32(31, 29, 27, 25, 23, 21, 19, 17, 15, 13, 11, 9, 7, 5, 3, 1);
    return (cvec){_mm512_permutex2var_ps(v.re, even, v.im),
                  _mm512_permutex2var_ps(v.re, odd, v.im)};
}

static inline cvec zipped(cvec v) {
    const __m512i low = _mm512_setr_epi32(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
    const __m512i high =
        _mm512_setr_epi32(8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
    return (cvec){_mm512_permutex2var_ps(v.re, low, v.im),
                  _mm512_permutex2var_ps(v.re, high, v.im)};
}

static inline cvec zipped_back(cvec v) {
    const __m512i low =
        _mm512_setr_epi32(15, 31, 14, 30, 13, 29, 12, 28, 11, 27, 10, 26, 9, 25, 8, 24);
    const __m512i high = _mm512_setr_epi32(7, 23, 6, 22, 5, 21, 4, 20, 3, 19, 2, 18, 1, 17, 0, 16);
    return (cvec){_mm512_permutex2var_ps(v.re, low, v.im),
                  _mm512_permutex2var_ps(v.re, high, v.im)};
}

/* y[i] = the i-th blocks of a, b, c and d. */
static inline void transpose_blocks(vec y[4], vec a, vec b, vec c, vec d) {
    vec ab02 = _mm512_shuffle_f32x4(a, b, 0x88), cd02 = _mm512_shuffle_f32x4(c, d, 0x88);
    vec ab13 = _mm512_shuffle_f32x4(a, b, 0xdd), cd13 = _mm512_shuffle_f32x4(c, d, 0xdd);
    y[0] = _mm512_shuffle_f32x4(ab02, cd02, 0x88);
    y[1] = _mm512_shuffle_f32x4(ab13, cd13, 0x88);
    y[2] = _mm512_shuffle_f32x4(ab02, cd02, 0xdd);
    y[3] = _mm512_shuffle_f32x4(ab13, cd13, 0xdd);
}

/* Stores one part of four blocks: the i-th has, of each block, the i-th lanes of a, b, c and d. */
static inline void transpose_lanes(float *y, vec a, vec b, vec c, vec d) {
    vec ab = _mm512_unpacklo_ps(a, b), cd = _mm512_unpacklo_ps(c, d);
    vec ab2 = _mm512_unpackhi_ps(a, b), cd2 = _mm512_unpackhi_ps(c, d);
    store(y, _mm512_shuffle_ps(ab, cd, 0x44));
    store(y + 2 * WIDTH, _mm512_shuffle_ps(ab, cd, 0xee));
    store(y + 4 * WIDTH, _mm512_shuffle_ps(ab2, cd2, 0x44));
    store(y + 6 * WIDTH, _mm512_shuffle_ps(ab2, cd2, 0xee));
}

#    include "kernels/fft_passes.h"

#    include "kernels/fft_ends.h"

void vo_fft_kernels_avx512(vo_fft_kernels *kernels) {
    *kernels = FFT_KERNELS("avx512");
}

#    include "kernels/end_target.h"

#endif
