#include "kernels/families.h"

#ifdef __x86_64__

#    include "kernels/begin_avx2.h"

enum { WIDTH = 8 };

static VO_REALTIME void interleave(float *out, float *const *rows, uint32_t channels, size_t n) {
    if (channels != 2) {
        vo_scalar_interleave(out, rows, channels, n);
        return;
    }
    const float *left = rows[0], *right = rows[1];
    size_t i = 0;
    for (; n - i >= WIDTH; i += WIDTH) {
        __m256 l = _mm256_loadu_ps(left + i), r = _mm256_loadu_ps(right + i);
        __m256 low = _mm256_unpacklo_ps(l, r), high = _mm256_unpackhi_ps(l, r);
        _mm256_storeu_ps(out + 2 * i, _mm256_permute2f128_ps(low, high, 0x20));
        _mm256_storeu_ps(out + 2 * i + WIDTH, _mm256_permute2f128_ps(low, high, 0x31));
    }
    for (; i < n; i++) {
        out[2 * i] = left[i];
        out[2 * i + 1] = right[i];
    }
}

static VO_REALTIME void deinterleave(float *const *rows, const float *x, uint32_t channels,
                                     size_t n) {
    if (channels != 2) {
        vo_scalar_deinterleave(rows, x, channels, n);
        return;
    }
    float *left = rows[0], *right = rows[1];
    size_t i = 0;
    for (; n - i >= WIDTH; i += WIDTH) {
        __m256 a = _mm256_loadu_ps(x + 2 * i), b = _mm256_loadu_ps(x + 2 * i + WIDTH);
        __m256 low = _mm256_permute2f128_ps(a, b, 0x20), high = _mm256_permute2f128_ps(a, b, 0x31);
        _mm256_storeu_ps(left + i, _mm256_shuffle_ps(low, high, 0x88));
        _mm256_storeu_ps(right + i, _mm256_shuffle_ps(low, high, 0xdd));
    }
    for (; i < n; i++) {
        left[i] = x[2 * i];
        right[i] = x[2 * i + 1];
    }
}

void vo_rows_avx2(vo_kernels *kernels) {
    kernels->interleave = interleave;
    kernels->deinterleave = deinterleave;
}

#    include "kernels/end_target.h"

#endif
