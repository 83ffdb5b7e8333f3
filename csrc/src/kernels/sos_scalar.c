#include <math.h>

#include "kernels/levels.h"
#include "kernels/sos.h"

static VO_REALTIME void run(const vo_sos_matrix *m, double *state, float *y, const float *x,
                            size_t steps) {
    for (; steps; steps--, x += VO_SOS_STEP, y += VO_SOS_STEP) {
        float out[VO_SOS_STEP] = {0}, in[VO_SOS_STATES] = {0};
        double next[VO_SOS_STATES] = {0};
        for (uint32_t j = 0; j < VO_SOS_STEP; j++) {
            for (uint32_t i = 0; i < VO_SOS_STEP; i++) out[i] += m->d[j][i] * x[j];
            for (uint32_t i = 0; i < VO_SOS_STATES; i++) in[i] += m->b[j][i] * x[j];
        }
        for (uint32_t j = 0; j < m->states; j++) {
            float s = (float)state[j];
            for (uint32_t i = 0; i < VO_SOS_STEP; i++) out[i] += m->c[j][i] * s;
            for (uint32_t i = 0; i < VO_SOS_STATES; i++) next[i] += m->a[j][i] * state[j];
        }
        for (uint32_t i = 0; i < VO_SOS_STATES; i++) {
            double s = next[i] + (double)in[i];
            state[i] = fabs(s) >= VO_SOS_SILENT ? s : 0;
        }
        for (uint32_t i = 0; i < VO_SOS_STEP; i++) y[i] = out[i] + 0.0f;
    }
}

vo_sos_kernels vo_sos_kernels_scalar(void) {
    return (vo_sos_kernels){.name = "scalar", .run = run};
}

vo_sos_kernels vo_sos_kernels_select(void) {
    vo_sos_kernels kernels = vo_sos_kernels_scalar();
#ifdef __x86_64__
    if (vo_simd_reaches(VO_SIMD_AVX2)) vo_sos_kernels_avx2(&kernels);
    if (vo_simd_reaches(VO_SIMD_AVX512)) vo_sos_kernels_avx512(&kernels);
#endif
#ifdef __aarch64__
    if (vo_simd_reaches(VO_SIMD_NEON)) vo_sos_kernels_neon(&kernels);
#endif
    return kernels;
}
