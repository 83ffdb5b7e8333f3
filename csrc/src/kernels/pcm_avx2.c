#include "kernels/families.h"

#ifdef __x86_64__

#    include "kernels/begin_avx2.h"

enum { WIDTH = 8, BYTES = 3 * WIDTH };

static VO_REALTIME void from_int16(float *out, const int16_t *x, size_t n) {
    const __m256 unit = _mm256_set1_ps(0x1p-15f);
    size_t i = 0;
#    pragma GCC unroll 4
    for (; n - i >= WIDTH; i += WIDTH) {
        __m256i v = _mm256_cvtepi16_epi32(_mm_loadu_si128((const __m128i *)(x + i)));
        _mm256_storeu_ps(out + i, _mm256_mul_ps(_mm256_cvtepi32_ps(v), unit));
    }
    vo_scalar_from_int16(out + i, x + i, n - i);
}

/* Three bytes become the high three of a lane: two overlapping halves of 12 each. */
static VO_REALTIME void from_int24(float *out, const uint8_t *x, size_t n) {
    const __m256 unit = _mm256_set1_ps(0x1p-31f);
    const __m256i spread =
        _mm256_setr_epi8(-1, 0, 1, 2, -1, 3, 4, 5, -1, 6, 7, 8, -1, 9, 10, 11, -1, 4, 5, 6, -1, 7,
                         8, 9, -1, 10, 11, 12, -1, 13, 14, 15);
    size_t i = 0;
#    pragma GCC unroll 4
    for (; n - i >= WIDTH; i += WIDTH) {
        __m128i low = _mm_loadu_si128((const __m128i *)(x + 3 * i));
        __m128i high = _mm_loadu_si128((const __m128i *)(x + 3 * i + BYTES - 16));
        __m256i v = _mm256_shuffle_epi8(_mm256_set_m128i(high, low), spread);
        _mm256_storeu_ps(out + i, _mm256_mul_ps(_mm256_cvtepi32_ps(v), unit));
    }
    vo_scalar_from_int24(out + i, x + 3 * i, n - i);
}

static VO_REALTIME void from_int32(float *out, const int32_t *x, size_t n) {
    const __m256 unit = _mm256_set1_ps(0x1p-31f);
    size_t i = 0;
#    pragma GCC unroll 4
    for (; n - i >= WIDTH; i += WIDTH) {
        __m256i v = _mm256_loadu_si256((const __m256i *)(x + i));
        _mm256_storeu_ps(out + i, _mm256_mul_ps(_mm256_cvtepi32_ps(v), unit));
    }
    vo_scalar_from_int32(out + i, x + i, n - i);
}

/* x times full, 0 for NaN. The conversion that follows rounds to even, and gives INT32_MIN for what
   is beyond a lane. */
static inline __m256 scaled(const float *x, __m256 full) {
    __m256 v = _mm256_loadu_ps(x);
    return _mm256_mul_ps(_mm256_and_ps(v, _mm256_cmp_ps(v, v, _CMP_ORD_Q)), full);
}

static VO_REALTIME void to_int16(int16_t *out, const float *x, size_t n) {
    const __m256 full = _mm256_set1_ps(0x1p15f), most = _mm256_set1_ps(0x1p15f - 1);
    size_t i = 0;
#    pragma GCC unroll 4
    for (; n - i >= 2 * WIDTH; i += 2 * WIDTH) {
        __m256i a = _mm256_cvtps_epi32(_mm256_min_ps(scaled(x + i, full), most));
        __m256i b = _mm256_cvtps_epi32(_mm256_min_ps(scaled(x + i + WIDTH, full), most));
        __m256i packed = _mm256_permute4x64_epi64(_mm256_packs_epi32(a, b), 0xd8);
        _mm256_storeu_si256((__m256i *)(out + i), packed);
    }
    vo_scalar_to_int16(out + i, x + i, n - i);
}

static VO_REALTIME void to_int24(uint8_t *out, const float *x, size_t n) {
    const __m256 full = _mm256_set1_ps(0x1p23f);
    const __m256 least = _mm256_set1_ps(-0x1p23f), most = _mm256_set1_ps(0x1p23f - 1);
    const __m256i squeeze = _mm256_broadcastsi128_si256(
        _mm_setr_epi8(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1));
    const __m256i join = _mm256_setr_epi32(0, 1, 2, 4, 5, 6, 3, 7);
    size_t i = 0;
#    pragma GCC unroll 4
    for (; n - i >= WIDTH; i += WIDTH) {
        __m256 v = _mm256_max_ps(_mm256_min_ps(scaled(x + i, full), most), least);
        __m256i bytes = _mm256_shuffle_epi8(_mm256_cvtps_epi32(v), squeeze);
        bytes = _mm256_permutevar8x32_epi32(bytes, join);
        _mm_storeu_si128((__m128i *)(out + 3 * i), _mm256_castsi256_si128(bytes));
        _mm_storel_epi64((__m128i *)(out + 3 * i + 16), _mm256_extracti128_si256(bytes, 1));
    }
    vo_scalar_to_int24(out + 3 * i, x + i, n - i);
}

/* INT32_MIN, where it stands for too much, has all its bits inverted. */
static VO_REALTIME void to_int32(int32_t *out, const float *x, size_t n) {
    const __m256 full = _mm256_set1_ps(0x1p31f);
    size_t i = 0;
#    pragma GCC unroll 4
    for (; n - i >= WIDTH; i += WIDTH) {
        __m256 v = scaled(x + i, full);
        __m256i beyond = _mm256_castps_si256(_mm256_cmp_ps(v, full, _CMP_GE_OQ));
        __m256i whole = _mm256_xor_si256(_mm256_cvtps_epi32(v), beyond);
        _mm256_storeu_si256((__m256i *)(out + i), whole);
    }
    vo_scalar_to_int32(out + i, x + i, n - i);
}

void vo_pcm_avx2(vo_kernels *kernels) {
    kernels->from_int16 = from_int16;
    kernels->from_int24 = from_int24;
    kernels->from_int32 = from_int32;
    kernels->to_int16 = to_int16;
    kernels->to_int24 = to_int24;
    kernels->to_int32 = to_int32;
}

#    include "kernels/end_target.h"

#endif
