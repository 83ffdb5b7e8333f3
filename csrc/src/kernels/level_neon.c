#include "kernels/families.h"

#ifdef __aarch64__

#    include <arm_neon.h>
#    include <string.h>

/* The floor of this architecture: no target pragma. */
enum { WIDTH = 4 };

/* Three magnitudes stand for all that were seen: the smallest but zero, the greatest finite one and
   the greatest. They are kept as unsigned distances that wrap round for what is not meant (zero
   lies before 1, infinity and NaN lie beyond FINITE), so that one minimum finds each. */
typedef struct extremes {
    uint32x4_t above_zero, below_infinity, greatest;
} extremes;

#    define FINITE 0x7f7fffff

static inline void widen(extremes *e, float32x4_t x) {
    uint32x4_t m = vreinterpretq_u32_f32(vabsq_f32(x));
    e->above_zero = vminq_u32(e->above_zero, vsubq_u32(m, vdupq_n_u32(1)));
    e->below_infinity = vminq_u32(e->below_infinity, vsubq_u32(vdupq_n_u32(FINITE), m));
    e->greatest = vmaxq_u32(e->greatest, m);
}

/* The three, judged by scalar: the thresholds stand in one place. */
static inline uint32_t seen(extremes e, float limit) {
    const uint32_t bits[3] = {vminvq_u32(e.above_zero) + 1, FINITE - vminvq_u32(e.below_infinity),
                              vmaxvq_u32(e.greatest)};
    float witness[3];
    memcpy(witness, bits, sizeof witness);
    return vo_scalar_classify(witness, 3, limit);
}

static VO_REALTIME uint32_t classify(const float *x, size_t n, float limit) {
    if (!n) return 0;
    const uint32x4_t ones = vdupq_n_u32(UINT32_MAX);
    extremes e = {ones, ones, vdupq_n_u32(0)};
    size_t i = 0;
    for (; n - i >= WIDTH; i += WIDTH) widen(&e, vld1q_f32(x + i));
    for (; i < n; i++) widen(&e, vld1q_dup_f32(x + i));
    return seen(e, limit);
}

/* Zero lies beyond all others when 1 is taken away. */
static inline uint32x4_t denormals(uint32x4_t bits) {
    uint32x4_t m = vbicq_u32(bits, vdupq_n_u32(0x80000000));
    return vcltq_u32(vsubq_u32(m, vdupq_n_u32(1)), vdupq_n_u32(0x7fffff));
}

/* NaN and denormals to 0, infinities to the limit. */
static inline uint32x4_t cleaned(uint32x4_t bits, uint32x4_t limit) {
    const uint32x4_t sign = vdupq_n_u32(0x80000000), infinity = vdupq_n_u32(0x7f800000);
    uint32x4_t m = vbicq_u32(bits, sign);
    uint32x4_t nothing = vorrq_u32(vcgtq_u32(m, infinity), denormals(bits));
    bits = vbslq_u32(vbicq_u32(vceqq_u32(m, infinity), sign), limit, bits);
    return vbicq_u32(bits, nothing);
}

static VO_REALTIME uint32_t sanitise(float *out, const float *x, size_t n, float limit) {
    if (!n) return 0;
    const uint32x4_t ones = vdupq_n_u32(UINT32_MAX);
    const uint32x4_t most = vreinterpretq_u32_f32(vdupq_n_f32(limit));
    extremes e = {ones, ones, vdupq_n_u32(0)};
    size_t i = 0;
    for (; n - i >= WIDTH; i += WIDTH) {
        float32x4_t v = vld1q_f32(x + i);
        widen(&e, v);
        vst1q_f32(out + i, vreinterpretq_f32_u32(cleaned(vreinterpretq_u32_f32(v), most)));
    }
    uint32_t tail = vo_scalar_sanitise(out + i, x + i, n - i, limit);
    return i ? tail | seen(e, limit) : tail;
}

/* Counts downwards: a lane of a mask is -1. */
static VO_REALTIME uint32_t flush(float *out, const float *x, size_t n) {
    uint32x4_t c0 = vdupq_n_u32(0), c1 = c0;
    size_t i = 0;
    for (; n - i >= 2 * WIDTH; i += 2 * WIDTH) {
        uint32x4_t a = vreinterpretq_u32_f32(vld1q_f32(x + i));
        uint32x4_t b = vreinterpretq_u32_f32(vld1q_f32(x + i + WIDTH));
        uint32x4_t in_a = denormals(a), in_b = denormals(b);
        vst1q_f32(out + i, vreinterpretq_f32_u32(vbicq_u32(a, in_a)));
        vst1q_f32(out + i + WIDTH, vreinterpretq_f32_u32(vbicq_u32(b, in_b)));
        c0 = vaddq_u32(c0, in_a);
        c1 = vaddq_u32(c1, in_b);
    }
    return vo_scalar_flush(out + i, x + i, n - i) - vaddvq_u32(vaddq_u32(c0, c1));
}

/* Peak as a bit pattern, which sorts like |x|. */
typedef struct levels {
    uint32x4_t peak;
    float64x2_t low, high;
} levels;

static inline void raise_levels(levels *l, float32x4_t x) {
    float64x2_t low = vcvt_f64_f32(vget_low_f32(x)), high = vcvt_high_f64_f32(x);
    l->peak = vmaxq_u32(l->peak, vreinterpretq_u32_f32(vabsq_f32(x)));
    l->low = vfmaq_f64(l->low, low, low);
    l->high = vfmaq_f64(l->high, high, high);
}

static VO_REALTIME void level(const float *x, size_t n, float *peak, double *energy) {
    levels a = {vdupq_n_u32(0), vdupq_n_f64(0), vdupq_n_f64(0)}, b = a;
    size_t i = 0;
    for (; n - i >= 2 * WIDTH; i += 2 * WIDTH) {
        raise_levels(&a, vld1q_f32(x + i));
        raise_levels(&b, vld1q_f32(x + i + WIDTH));
    }
    for (; i < n; i++) raise_levels(&a, vsetq_lane_f32(x[i], vdupq_n_f32(0), 0));
    uint32_t bits = vmaxvq_u32(vmaxq_u32(a.peak, b.peak));
    memcpy(peak, &bits, sizeof bits);
    *energy = vaddvq_f64(vaddq_f64(vaddq_f64(a.low, a.high), vaddq_f64(b.low, b.high)));
}

void vo_level_neon(vo_kernels *kernels) {
    kernels->classify = classify;
    kernels->sanitise = sanitise;
    kernels->flush = flush;
    kernels->level = level;
}

#endif
