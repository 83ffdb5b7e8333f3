#include "kernels/families.h"

#ifdef __x86_64__

#    include "kernels/begin_avx512.h"
#    include "kernels/lanes_avx512.h"

enum { ALL = 0xffff };

/* Ones for the bytes of the first n int24, n <= WIDTH. */
static inline __mmask64 first_bytes(size_t n) {
    return (1ull << 3 * n) - 1;
}

static inline void out_of_int16(float *out, const int16_t *x, __mmask16 lanes) {
    __m512i v = _mm512_cvtepi16_epi32(_mm256_maskz_loadu_epi16(lanes, x));
    __m512 y = _mm512_mul_ps(_mm512_cvtepi32_ps(v), _mm512_set1_ps(0x1p-15f));
    _mm512_mask_storeu_ps(out, lanes, y);
}

static VO_REALTIME void from_int16(float *out, const int16_t *x, size_t n) {
    size_t i = 0;
#    pragma GCC unroll 4
    for (; n - i >= WIDTH; i += WIDTH) out_of_int16(out + i, x + i, ALL);
    if (i < n) out_of_int16(out + i, x + i, first_lanes(n - i));
}

/* Three bytes become the high three of a lane. */
static inline void out_of_int24(float *out, const uint8_t *x, __mmask16 lanes, __mmask64 bytes) {
    const __m512i apart = _mm512_setr_epi32(0, 1, 2, 3, 3, 4, 5, 6, 6, 7, 8, 9, 9, 10, 11, 12);
    const __m512i spread =
        _mm512_broadcast_i32x4(_mm_setr_epi8(-1, 0, 1, 2, -1, 3, 4, 5, -1, 6, 7, 8, -1, 9, 10, 11));
    __m512i v = _mm512_permutexvar_epi32(apart, _mm512_maskz_loadu_epi8(bytes, x));
    v = _mm512_shuffle_epi8(v, spread);
    __m512 y = _mm512_mul_ps(_mm512_cvtepi32_ps(v), _mm512_set1_ps(0x1p-31f));
    _mm512_mask_storeu_ps(out, lanes, y);
}

static VO_REALTIME void from_int24(float *out, const uint8_t *x, size_t n) {
    size_t i = 0;
#    pragma GCC unroll 4
    for (; n - i >= WIDTH; i += WIDTH) out_of_int24(out + i, x + 3 * i, ALL, first_bytes(WIDTH));
    if (i < n) out_of_int24(out + i, x + 3 * i, first_lanes(n - i), first_bytes(n - i));
}

static inline void out_of_int32(float *out, const int32_t *x, __mmask16 lanes) {
    __m512i v = _mm512_maskz_loadu_epi32(lanes, x);
    __m512 y = _mm512_mul_ps(_mm512_cvtepi32_ps(v), _mm512_set1_ps(0x1p-31f));
    _mm512_mask_storeu_ps(out, lanes, y);
}

static VO_REALTIME void from_int32(float *out, const int32_t *x, size_t n) {
    size_t i = 0;
#    pragma GCC unroll 4
    for (; n - i >= WIDTH; i += WIDTH) out_of_int32(out + i, x + i, ALL);
    if (i < n) out_of_int32(out + i, x + i, first_lanes(n - i));
}

/* x times full, at most `most`, 0 for NaN. The conversion that follows rounds to even, and gives
   INT32_MIN for what is beyond a lane. */
static inline __m512 scaled(const float *x, float full, float most, __mmask16 lanes) {
    __m512 v = _mm512_mul_ps(_mm512_maskz_loadu_ps(lanes, x), _mm512_set1_ps(full));
    __mmask16 number = _mm512_cmp_ps_mask(v, v, _CMP_ORD_Q);
    return _mm512_maskz_min_ps(number, v, _mm512_set1_ps(most));
}

static inline void into_int16(int16_t *out, const float *x, __mmask16 lanes) {
    __m512i v = _mm512_cvtps_epi32(scaled(x, 0x1p15f, 0x1p15f - 1, lanes));
    _mm256_mask_storeu_epi16(out, lanes, _mm512_cvtsepi32_epi16(v));
}

static VO_REALTIME void to_int16(int16_t *out, const float *x, size_t n) {
    size_t i = 0;
#    pragma GCC unroll 4
    for (; n - i >= WIDTH; i += WIDTH) into_int16(out + i, x + i, ALL);
    if (i < n) into_int16(out + i, x + i, first_lanes(n - i));
}

static inline void into_int24(uint8_t *out, const float *x, __mmask16 lanes, __mmask64 bytes) {
    const __m512i squeeze = _mm512_broadcast_i32x4(
        _mm_setr_epi8(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1));
    const __m512i join = _mm512_setr_epi32(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 3, 7, 11, 15);
    __m512 v = _mm512_max_ps(scaled(x, 0x1p23f, 0x1p23f - 1, lanes), _mm512_set1_ps(-0x1p23f));
    __m512i packed = _mm512_shuffle_epi8(_mm512_cvtps_epi32(v), squeeze);
    _mm512_mask_storeu_epi8(out, bytes, _mm512_permutexvar_epi32(join, packed));
}

static VO_REALTIME void to_int24(uint8_t *out, const float *x, size_t n) {
    size_t i = 0;
#    pragma GCC unroll 4
    for (; n - i >= WIDTH; i += WIDTH) into_int24(out + 3 * i, x + i, ALL, first_bytes(WIDTH));
    if (i < n) into_int24(out + 3 * i, x + i, first_lanes(n - i), first_bytes(n - i));
}

static inline void into_int32(int32_t *out, const float *x, __mmask16 lanes) {
    const __m512 full = _mm512_set1_ps(0x1p31f);
    __m512 v = scaled(x, 0x1p31f, 0x1p31f, lanes);
    __mmask16 beyond = _mm512_cmp_ps_mask(v, full, _CMP_GE_OQ);
    __m512i whole =
        _mm512_mask_mov_epi32(_mm512_cvtps_epi32(v), beyond, _mm512_set1_epi32(INT32_MAX));
    _mm512_mask_storeu_epi32(out, lanes, whole);
}

static VO_REALTIME void to_int32(int32_t *out, const float *x, size_t n) {
    size_t i = 0;
#    pragma GCC unroll 4
    for (; n - i >= WIDTH; i += WIDTH) into_int32(out + i, x + i, ALL);
    if (i < n) into_int32(out + i, x + i, first_lanes(n - i));
}

void vo_pcm_avx512(vo_kernels *kernels) {
    kernels->from_int16 = from_int16;
    kernels->from_int24 = from_int24;
    kernels->from_int32 = from_int32;
    kernels->to_int16 = to_int16;
    kernels->to_int24 = to_int24;
    kernels->to_int32 = to_int32;
}

#    include "kernels/end_target.h"

#endif
