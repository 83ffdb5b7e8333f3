#include "kernels/sos.h"

#ifdef __aarch64__

#    include <arm_neon.h>

/* What lies below VO_SOS_SILENT becomes 0. */
static inline float64x2_t settled(float64x2_t s) {
    uint64x2_t kept = vcgeq_f64(vabsq_f64(s), vdupq_n_f64(VO_SOS_SILENT));
    return vreinterpretq_f64_u64(vandq_u64(kept, vreinterpretq_u64_f64(s)));
}

static inline void step(const vo_sos_matrix *m, double *state, float *y, const float *x) {
    float32x4_t y0 = vdupq_n_f32(0), y1 = y0, y2 = y0, y3 = y0, b0 = y0, b1 = y0;
    for (int j = 0; j < VO_SOS_STEP; j++) {
        const float *d = m->d[j], *b = m->b[j];
        y0 = vfmaq_n_f32(y0, vld1q_f32(d), x[j]);
        y1 = vfmaq_n_f32(y1, vld1q_f32(d + 4), x[j]);
        y2 = vfmaq_n_f32(y2, vld1q_f32(d + 8), x[j]);
        y3 = vfmaq_n_f32(y3, vld1q_f32(d + 12), x[j]);
        b0 = vfmaq_n_f32(b0, vld1q_f32(b), x[j]);
        b1 = vfmaq_n_f32(b1, vld1q_f32(b + 4), x[j]);
    }
    float64x2_t s0 = vcvt_f64_f32(vget_low_f32(b0)), s1 = vcvt_high_f64_f32(b0);
    float64x2_t s2 = vcvt_f64_f32(vget_low_f32(b1)), s3 = vcvt_high_f64_f32(b1);
    for (uint32_t j = 0; j < m->states; j++) {
        const double *a = m->a[j], s = state[j];
        const float *c = m->c[j], narrow = (float)s;
        s0 = vfmaq_n_f64(s0, vld1q_f64(a), s);
        s1 = vfmaq_n_f64(s1, vld1q_f64(a + 2), s);
        s2 = vfmaq_n_f64(s2, vld1q_f64(a + 4), s);
        s3 = vfmaq_n_f64(s3, vld1q_f64(a + 6), s);
        y0 = vfmaq_n_f32(y0, vld1q_f32(c), narrow);
        y1 = vfmaq_n_f32(y1, vld1q_f32(c + 4), narrow);
        y2 = vfmaq_n_f32(y2, vld1q_f32(c + 8), narrow);
        y3 = vfmaq_n_f32(y3, vld1q_f32(c + 12), narrow);
    }
    vst1q_f64(state, settled(s0));
    vst1q_f64(state + 2, settled(s1));
    vst1q_f64(state + 4, settled(s2));
    vst1q_f64(state + 6, settled(s3));
    vst1q_f32(y, vaddq_f32(y0, vdupq_n_f32(0)));
    vst1q_f32(y + 4, vaddq_f32(y1, vdupq_n_f32(0)));
    vst1q_f32(y + 8, vaddq_f32(y2, vdupq_n_f32(0)));
    vst1q_f32(y + 12, vaddq_f32(y3, vdupq_n_f32(0)));
}

static VO_REALTIME void run(const vo_sos_matrix *m, double *state, float *y, const float *x,
                            size_t steps) {
    for (; steps; steps--, x += VO_SOS_STEP, y += VO_SOS_STEP) step(m, state, y, x);
}

void vo_sos_kernels_neon(vo_sos_kernels *kernels) {
    *kernels = (vo_sos_kernels){.name = "neon", .run = run};
}

#endif
