#include "kernels/fft.h"

#ifdef __aarch64__

#    include <arm_neon.h>

#    define WIDTH 4
#    define HEAD_DFT dft4

typedef float32x4_t vec;

static inline vec load(const float *x) {
    return vld1q_f32(x);
}

/* The first n lanes, all when n is 4 or more; zeros in the others. */
static inline vec load_first(const float *x, size_t n) {
    float lanes[WIDTH] = {0};
    for (size_t i = 0; i < n && i < WIDTH; i++) lanes[i] = x[i];
    return vld1q_f32(lanes);
}

static inline void store(float *x, vec v) {
    vst1q_f32(x, v);
}

static inline vec splat(float x) {
    return vdupq_n_f32(x);
}

static inline vec madd(vec a, vec b, vec c) {
    return vfmaq_f32(c, a, b);
}

static inline vec nmadd(vec a, vec b, vec c) {
    return vfmsq_f32(c, a, b);
}

#    include "kernels/fft_dft.h"

static inline vec reversed(vec v) {
    v = vrev64q_f32(v);
    return vextq_f32(v, v, 2);
}

/* after[0], then before[3] down to before[1]. */
static inline vec spliced(vec before, vec after) {
    return vextq_f32(vdupq_laneq_f32(after, 0), reversed(before), 3);
}

/* Pairs to parts and back; _back: in the opposite order. */
static inline cvec unzipped(cvec v) {
    return (cvec){vuzp1q_f32(v.re, v.im), vuzp2q_f32(v.re, v.im)};
}

static inline cvec zipped(cvec v) {
    return (cvec){vzip1q_f32(v.re, v.im), vzip2q_f32(v.re, v.im)};
}

static inline cvec unzipped_back(cvec v) {
    v = unzipped(v);
    return (cvec){reversed(v.re), reversed(v.im)};
}

static inline cvec zipped_back(cvec v) {
    return zipped((cvec){reversed(v.re), reversed(v.im)});
}

static inline void transpose(vec x[WIDTH]) {
    vec a = vzip1q_f32(x[0], x[2]), b = vzip2q_f32(x[0], x[2]);
    vec c = vzip1q_f32(x[1], x[3]), d = vzip2q_f32(x[1], x[3]);
    x[0] = vzip1q_f32(a, c);
    x[1] = vzip2q_f32(a, c);
    x[2] = vzip1q_f32(b, d);
    x[3] = vzip2q_f32(b, d);
}

#    include "kernels/fft_passes.h"

#    include "kernels/fft_ends.h"

void vo_fft_kernels_neon(vo_fft_kernels *kernels) {
    *kernels = FFT_KERNELS("neon");
}

#endif
