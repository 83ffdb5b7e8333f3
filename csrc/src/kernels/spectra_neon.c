#include "kernels/spectra.h"

#ifdef __aarch64__

#    include <arm_neon.h>
#    include <math.h>

#    include "kernels/polynomials.h"

/* The floor of this architecture: no target pragma. */
enum { WIDTH = 4, REACH_BLOCK = 32 };

static inline vo_spectra_kernels scalar(void) {
    return vo_spectra_kernels_scalar();
}

static inline float squared(const float *pair) {
    return pair[0] * pair[0] + pair[1] * pair[1];
}

/* The lower lanes as doubles. */
static inline float64x2_t low_f64(float32x4_t x) {
    return vcvt_f64_f32(vget_low_f32(x));
}

static VO_REALTIME void power(float *out, const float *pairs, size_t n) {
    size_t k = 0;
    for (; n - k >= WIDTH; k += WIDTH) {
        float32x4x2_t z = vld2q_f32(pairs + 2 * k);
        vst1q_f32(out + k, vfmaq_f32(vmulq_f32(z.val[1], z.val[1]), z.val[0], z.val[0]));
    }
    for (; k < n; k++) out[k] = squared(pairs + 2 * k);
}

static inline float dot(const float *a, const float *b, size_t n) {
    float32x4_t sum = vdupq_n_f32(0);
    size_t i = 0;
    for (; n - i >= WIDTH; i += WIDTH) sum = vfmaq_f32(sum, vld1q_f32(a + i), vld1q_f32(b + i));
    float total = vaddvq_f32(sum);
    for (; i < n; i++) total += a[i] * b[i];
    return total;
}

static VO_REALTIME void bands(float *out, const float *x, const vo_bands *bands) {
    const float *weights = bands->weights;
    for (uint32_t b = 0; b < bands->count; weights += bands->length[b++])
        out[b] = dot(x + bands->first[b], weights, bands->length[b]);
}

/* x = *mantissa * 2^exponent. */
static inline int32x4_t split(float32x4_t x, float32x4_t *mantissa) {
    int32x4_t bits = vreinterpretq_s32_f32(x);
    int32x4_t above = vsubq_s32(bits, vdupq_n_s32(VO_HALF_SQRT2_BITS));
    int32x4_t exponent = vshrq_n_s32(above, VO_MANTISSA_BITS);
    *mantissa = vreinterpretq_f32_s32(vsubq_s32(bits, vshlq_n_s32(exponent, VO_MANTISSA_BITS)));
    return exponent;
}

static inline float32x4_t log2_of(float32x4_t x) {
    float32x4_t m, p = vdupq_n_f32(0);
    float32x4_t e = vcvtq_f32_s32(split(x, &m));
    float32x4_t f = vsubq_f32(m, vdupq_n_f32(1));
#    define X(coefficient) p = vfmaq_f32(vdupq_n_f32(coefficient), p, f);
    VO_LOG2_MAP(X)
#    undef X
    return vfmaq_f32(e, f, p);
}

/* maxnm gives the number when the other operand is NaN. */
static VO_REALTIME void logarithm(float *out, const float *x, size_t n, float least, float scale) {
    const float32x4_t floor = vdupq_n_f32(least);
    size_t i = 0;
    for (; n - i >= WIDTH; i += WIDTH) {
        float32x4_t it = vmaxnmq_f32(vld1q_f32(x + i), floor);
        vst1q_f32(out + i, vmulq_n_f32(log2_of(it), scale));
    }
    scalar().log(out + i, x + i, n - i, least, scale);
}

static VO_REALTIME void moments(double sums[3], const float *x, size_t n) {
    const double steps[2] = {0, 1};
    float64x2_t s0 = vdupq_n_f64(0), s1 = s0, s2 = s0, at = vld1q_f64(steps);
    const float64x2_t half = vdupq_n_f64(WIDTH / 2);
    size_t k = 0;
    for (; n - k >= WIDTH; k += WIDTH) {
        float32x4_t v = vld1q_f32(x + k);
        float64x2_t low = low_f64(v), high = vcvt_high_f64_f32(v), next = vaddq_f64(at, half);
        float64x2_t low_once = vmulq_f64(at, low), high_once = vmulq_f64(next, high);
        s0 = vaddq_f64(s0, vaddq_f64(low, high));
        s1 = vaddq_f64(s1, vaddq_f64(low_once, high_once));
        s2 = vfmaq_f64(vfmaq_f64(s2, next, high_once), at, low_once);
        at = vaddq_f64(next, half);
    }
    sums[0] = vaddvq_f64(s0);
    sums[1] = vaddvq_f64(s1);
    sums[2] = vaddvq_f64(s2);
    for (; k < n; k++) {
        double once = (double)k * (double)x[k];
        sums[0] += (double)x[k];
        sums[1] += once;
        sums[2] += (double)k * once;
    }
}

static VO_REALTIME double distance(const float *x, const float *y, size_t n) {
    float64x2_t a = vdupq_n_f64(0), b = a;
    size_t k = 0;
    for (; n - k >= WIDTH; k += WIDTH) {
        float32x4_t step = vsubq_f32(vld1q_f32(x + k), vld1q_f32(y + k));
        a = vfmaq_f64(a, low_f64(step), low_f64(step));
        b = vfmaq_f64(b, vcvt_high_f64_f32(step), vcvt_high_f64_f32(step));
    }
    double sum = vaddvq_f64(vaddq_f64(a, b));
    for (; k < n; k++) {
        float step = x[k] - y[k];
        sum += (double)step * (double)step;
    }
    return sum;
}

static VO_REALTIME void means(double *sum, double *log2_sum, const float *x, size_t n,
                              float least) {
    const float32x4_t floor = vdupq_n_f32(least);
    float64x2_t total = vdupq_n_f64(0);
    size_t k = 0;
    *log2_sum = 0;
    while (n - k >= WIDTH) {
        size_t end = n - k < VO_MEANS_RUN ? n : k + VO_MEANS_RUN;
        float64x2_t low = vdupq_n_f64(1), high = low;
        int32x4_t exponents = vdupq_n_s32(0);
        for (; end - k >= WIDTH; k += WIDTH) {
            float32x4_t m, it = vmaxnmq_f32(vld1q_f32(x + k), floor);
            exponents = vaddq_s32(exponents, split(it, &m));
            low = vmulq_f64(low, low_f64(m));
            high = vmulq_f64(high, vcvt_high_f64_f32(m));
            total = vaddq_f64(total, vaddq_f64(low_f64(it), vcvt_high_f64_f32(it)));
        }
        low = vmulq_f64(low, high);
        double product = vgetq_lane_f64(low, 0) * vgetq_lane_f64(low, 1);
        *log2_sum += vaddvq_s32(exponents) + log2(product);
    }
    double tail, tail_log2;
    scalar().means(&tail, &tail_log2, x + k, n - k, least);
    *sum = vaddvq_f64(total) + tail;
    *log2_sum += tail_log2;
}

static VO_REALTIME size_t reach(const float *x, size_t n, double target) {
    double sum = 0;
    size_t k = 0;
    for (; n - k >= REACH_BLOCK; k += REACH_BLOCK) {
        float64x2_t a = vdupq_n_f64(0), b = a;
        for (size_t i = k; i < k + REACH_BLOCK; i += WIDTH) {
            float32x4_t v = vld1q_f32(x + i);
            a = vaddq_f64(a, low_f64(v));
            b = vaddq_f64(b, vcvt_high_f64_f32(v));
        }
        double block = vaddvq_f64(vaddq_f64(a, b));
        if (sum + block >= target) break;
        sum += block;
    }
    for (; k < n; k++) {
        sum += (double)x[k];
        if (sum >= target) return k;
    }
    return n;
}

void vo_spectra_kernels_neon(vo_spectra_kernels *kernels) {
    kernels->name = "neon";
    kernels->power = power;
    kernels->bands = bands;
    kernels->log = logarithm;
    kernels->moments = moments;
    kernels->distance = distance;
    kernels->means = means;
    kernels->reach = reach;
}

#endif
