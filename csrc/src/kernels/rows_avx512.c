#include "kernels/families.h"

#ifdef __x86_64__

#    include "kernels/begin_avx512.h"
#    include "kernels/lanes_avx512.h"

/* Of two vectors side by side, every second lane; and the lanes of both in turn. */
static inline __m512i every_second(int first) {
    const __m512i lane =
        _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
    return _mm512_add_epi32(lane, _mm512_set1_epi32(first));
}

static inline __m512i in_turn(int first) {
    const __m512i lane = _mm512_setr_epi32(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
    return _mm512_add_epi32(lane, _mm512_set1_epi32(first));
}

static VO_REALTIME void interleave(float *out, float *const *rows, uint32_t channels, size_t n) {
    if (channels != 2) {
        vo_scalar_interleave(out, rows, channels, n);
        return;
    }
    const float *left = rows[0], *right = rows[1];
    const __m512i low = in_turn(0), high = in_turn(8);
    size_t i = 0;
    for (; n - i >= WIDTH; i += WIDTH) {
        __m512 l = _mm512_loadu_ps(left + i), r = _mm512_loadu_ps(right + i);
        _mm512_storeu_ps(out + 2 * i, _mm512_permutex2var_ps(l, low, r));
        _mm512_storeu_ps(out + 2 * i + WIDTH, _mm512_permutex2var_ps(l, high, r));
    }
    if (i < n) {
        __mmask16 lanes = first_lanes(n - i);
        __mmask32 pairs = first_pairs(n - i);
        __m512 l = _mm512_maskz_loadu_ps(lanes, left + i);
        __m512 r = _mm512_maskz_loadu_ps(lanes, right + i);
        _mm512_mask_storeu_ps(out + 2 * i, (__mmask16)pairs, _mm512_permutex2var_ps(l, low, r));
        _mm512_mask_storeu_ps(out + 2 * i + WIDTH, (__mmask16)(pairs >> WIDTH),
                              _mm512_permutex2var_ps(l, high, r));
    }
}

static VO_REALTIME void deinterleave(float *const *rows, const float *x, uint32_t channels,
                                     size_t n) {
    if (channels != 2) {
        vo_scalar_deinterleave(rows, x, channels, n);
        return;
    }
    float *left = rows[0], *right = rows[1];
    const __m512i even = every_second(0), odd = every_second(1);
    size_t i = 0;
    for (; n - i >= WIDTH; i += WIDTH) {
        __m512 a = _mm512_loadu_ps(x + 2 * i), b = _mm512_loadu_ps(x + 2 * i + WIDTH);
        _mm512_storeu_ps(left + i, _mm512_permutex2var_ps(a, even, b));
        _mm512_storeu_ps(right + i, _mm512_permutex2var_ps(a, odd, b));
    }
    if (i < n) {
        __mmask16 lanes = first_lanes(n - i);
        __mmask32 pairs = first_pairs(n - i);
        __m512 a = _mm512_maskz_loadu_ps((__mmask16)pairs, x + 2 * i);
        __m512 b = _mm512_maskz_loadu_ps((__mmask16)(pairs >> WIDTH), x + 2 * i + WIDTH);
        _mm512_mask_storeu_ps(left + i, lanes, _mm512_permutex2var_ps(a, even, b));
        _mm512_mask_storeu_ps(right + i, lanes, _mm512_permutex2var_ps(a, odd, b));
    }
}

void vo_rows_avx512(vo_kernels *kernels) {
    kernels->interleave = interleave;
    kernels->deinterleave = deinterleave;
}

#    include "kernels/end_target.h"

#endif
