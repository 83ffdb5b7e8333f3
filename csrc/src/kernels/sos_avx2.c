#include "kernels/sos.h"

#ifdef __x86_64__

#    include "kernels/begin_avx2.h"

/* What a step has gathered: outputs, and what comes to the state from the samples. */
typedef struct sums {
    __m256 y0, y1, s;
} sums;

/* Steps that share each load of a column. */
enum { TOGETHER = 2 };

static inline __attribute__((always_inline)) void samples(const vo_sos_matrix *m, sums *sum,
                                                          const float *x, int steps) {
    const __m256 zero = _mm256_setzero_ps();
    for (int i = 0; i < steps; i++) sum[i] = (sums){zero, zero, zero};
    for (int j = 0; j < VO_SOS_STEP; j++) {
        __m256 d0 = _mm256_load_ps(m->d[j]), d1 = _mm256_load_ps(m->d[j] + 8);
        __m256 b = _mm256_load_ps(m->b[j]);
        for (int i = 0; i < steps; i++) {
            __m256 xj = _mm256_broadcast_ss(x + VO_SOS_STEP * i + j);
            sum[i].y0 = _mm256_fmadd_ps(xj, d0, sum[i].y0);
            sum[i].y1 = _mm256_fmadd_ps(xj, d1, sum[i].y1);
            sum[i].s = _mm256_fmadd_ps(xj, b, sum[i].s);
        }
    }
}

/* What lies below VO_SOS_SILENT and is not 0. */
static inline __m256d fading(__m256d s) {
    __m256d size = _mm256_andnot_pd(_mm256_set1_pd(-0.0), s);
    __m256d low = _mm256_cmp_pd(size, _mm256_set1_pd(VO_SOS_SILENT), _CMP_LT_OQ);
    return _mm256_and_pd(low, _mm256_cmp_pd(s, _mm256_setzero_pd(), _CMP_NEQ_OQ));
}

static inline __attribute__((always_inline)) void
advance(const vo_sos_matrix *m, double *state, const sums *sum, float *y, uint32_t states) {
    __m256 y0 = sum->y0, y1 = sum->y1;
    __m256d s0 = _mm256_cvtps_pd(_mm256_castps256_ps128(sum->s)), s2 = _mm256_setzero_pd();
    __m256d s1 = _mm256_cvtps_pd(_mm256_extractf128_ps(sum->s, 1)), s3 = s2;
    _Alignas(32) float narrow[VO_SOS_STATES];
    _mm_store_ps(narrow, _mm256_cvtpd_ps(_mm256_load_pd(state)));
    _mm_store_ps(narrow + 4, _mm256_cvtpd_ps(_mm256_load_pd(state + 4)));
    for (uint32_t j = 0; j < states; j += 2) {
        __m256d a0 = _mm256_broadcast_sd(state + j), a1 = _mm256_broadcast_sd(state + j + 1);
        s0 = _mm256_fmadd_pd(a0, _mm256_load_pd(m->a[j]), s0);
        s1 = _mm256_fmadd_pd(a0, _mm256_load_pd(m->a[j] + 4), s1);
        s2 = _mm256_fmadd_pd(a1, _mm256_load_pd(m->a[j + 1]), s2);
        s3 = _mm256_fmadd_pd(a1, _mm256_load_pd(m->a[j + 1] + 4), s3);
        __m256 c0 = _mm256_broadcast_ss(narrow + j), c1 = _mm256_broadcast_ss(narrow + j + 1);
        y0 = _mm256_fmadd_ps(c0, _mm256_load_ps(m->c[j]), y0);
        y1 = _mm256_fmadd_ps(c0, _mm256_load_ps(m->c[j] + 8), y1);
        y0 = _mm256_fmadd_ps(c1, _mm256_load_ps(m->c[j + 1]), y0);
        y1 = _mm256_fmadd_ps(c1, _mm256_load_ps(m->c[j + 1] + 8), y1);
    }
    _mm256_storeu_ps(y, _mm256_add_ps(y0, _mm256_setzero_ps()));
    _mm256_storeu_ps(y + 8, _mm256_add_ps(y1, _mm256_setzero_ps()));
    s0 = _mm256_add_pd(s0, s2);
    s1 = _mm256_add_pd(s1, s3);
    __m256d low0 = fading(s0), low1 = fading(s1);
    if (_mm256_movemask_pd(_mm256_or_pd(low0, low1))) { /* as a branch it is not waited for */
        s0 = _mm256_andnot_pd(low0, s0);
        s1 = _mm256_andnot_pd(low1, s1);
    }
    _mm256_store_pd(state, s0);
    _mm256_store_pd(state + 4, s1);
}

static VO_REALTIME void run(const vo_sos_matrix *m, double *state, float *y, const float *x,
                            size_t steps) {
    sums sum[TOGETHER];
    for (; steps >= TOGETHER; steps -= TOGETHER) {
        samples(m, sum, x, TOGETHER);
        for (int i = 0; i < TOGETHER; i++)
            advance(m, state, &sum[i], y + VO_SOS_STEP * i, m->states);
        x += VO_SOS_STEP * TOGETHER;
        y += VO_SOS_STEP * TOGETHER;
    }
    if (!steps) return;
    samples(m, sum, x, 1);
    advance(m, state, sum, y, m->states);
}

void vo_sos_kernels_avx2(vo_sos_kernels *kernels) {
    *kernels = (vo_sos_kernels){.name = "avx2", .run = run};
}

#    include "kernels/end_target.h"

#endif
