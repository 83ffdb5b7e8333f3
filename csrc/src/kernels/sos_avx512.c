#include "kernels/sos.h"

#ifdef __x86_64__

#    include "kernels/begin_avx512.h"

/* What a step has gathered: outputs, and what comes to the state from the samples. Two sums each,
   so that an addition need not wait for the one before. */
typedef struct sums {
    __m512 y0, y1;
    __m256 s0, s1;
} sums;

/* Steps that share each load of a column. */
enum { TOGETHER = 2 };

static inline __attribute__((always_inline)) void samples(const vo_sos_matrix *m, sums *sum,
                                                          const float *x, int steps) {
    for (int i = 0; i < steps; i++)
        sum[i] = (sums){_mm512_setzero_ps(), _mm512_setzero_ps(), _mm256_setzero_ps(),
                        _mm256_setzero_ps()};
    for (int j = 0; j < VO_SOS_STEP; j += 2) {
        __m512 d0 = _mm512_load_ps(m->d[j]), d1 = _mm512_load_ps(m->d[j + 1]);
        __m256 b0 = _mm256_load_ps(m->b[j]), b1 = _mm256_load_ps(m->b[j + 1]);
        for (int i = 0; i < steps; i++) {
            __m512 x0 = _mm512_set1_ps(x[VO_SOS_STEP * i + j]);
            __m512 x1 = _mm512_set1_ps(x[VO_SOS_STEP * i + j + 1]);
            sum[i].y0 = _mm512_fmadd_ps(x0, d0, sum[i].y0);
            sum[i].y1 = _mm512_fmadd_ps(x1, d1, sum[i].y1);
            sum[i].s0 = _mm256_fmadd_ps(_mm512_castps512_ps256(x0), b0, sum[i].s0);
            sum[i].s1 = _mm256_fmadd_ps(_mm512_castps512_ps256(x1), b1, sum[i].s1);
        }
    }
}

static inline __attribute__((always_inline)) __m512d advance(const vo_sos_matrix *m, __m512d s,
                                                             const sums *sum, float *y,
                                                             int states) {
    __m512 narrow = _mm512_castps256_ps512(_mm512_cvtpd_ps(s)), y0 = sum->y0, y1 = sum->y1;
    __m512d s0 = _mm512_cvtps_pd(_mm256_add_ps(sum->s0, sum->s1)), s1 = _mm512_setzero_pd();
    __m512d s2 = s1, s3 = s1;
    for (int j = 0; j < states; j += 2) {
        __m512d a0 = _mm512_permutexvar_pd(_mm512_set1_epi64(j), s);
        __m512d a1 = _mm512_permutexvar_pd(_mm512_set1_epi64(j + 1), s);
        if (j % 4) {
            s2 = _mm512_fmadd_pd(a0, _mm512_load_pd(m->a[j]), s2);
            s3 = _mm512_fmadd_pd(a1, _mm512_load_pd(m->a[j + 1]), s3);
        } else {
            s0 = _mm512_fmadd_pd(a0, _mm512_load_pd(m->a[j]), s0);
            s1 = _mm512_fmadd_pd(a1, _mm512_load_pd(m->a[j + 1]), s1);
        }
        __m512 c0 = _mm512_permutexvar_ps(_mm512_set1_epi32(j), narrow);
        __m512 c1 = _mm512_permutexvar_ps(_mm512_set1_epi32(j + 1), narrow);
        y0 = _mm512_fmadd_ps(c0, _mm512_load_ps(m->c[j]), y0);
        y1 = _mm512_fmadd_ps(c1, _mm512_load_ps(m->c[j + 1]), y1);
    }
    _mm512_storeu_ps(y, _mm512_add_ps(_mm512_add_ps(y0, y1), _mm512_setzero_ps()));
    s = _mm512_add_pd(_mm512_add_pd(s0, s1), _mm512_add_pd(s2, s3));
    __mmask8 low = _mm512_cmp_pd_mask(_mm512_abs_pd(s), _mm512_set1_pd(VO_SOS_SILENT), _CMP_LT_OQ);
    if (_mm512_mask_test_epi64_mask(low, _mm512_castpd_si512(s), _mm512_castpd_si512(s)))
        s = _mm512_maskz_mov_pd((__mmask8)~low, s); /* as a branch it is not waited for */
    return s;
}

static inline __attribute__((always_inline)) void run_states(const vo_sos_matrix *m, double *state,
                                                             float *y, const float *x, size_t steps,
                                                             int states) {
    __m512d s = _mm512_load_pd(state);
    sums sum[TOGETHER];
    for (; steps >= TOGETHER; steps -= TOGETHER) {
        samples(m, sum, x, TOGETHER);
        for (int i = 0; i < TOGETHER; i++) s = advance(m, s, &sum[i], y + VO_SOS_STEP * i, states);
        x += VO_SOS_STEP * TOGETHER;
        y += VO_SOS_STEP * TOGETHER;
    }
    for (; steps; steps--, x += VO_SOS_STEP, y += VO_SOS_STEP) {
        samples(m, sum, x, 1);
        s = advance(m, s, sum, y, states);
    }
    _mm512_store_pd(state, s);
}

static VO_REALTIME void run(const vo_sos_matrix *m, double *state, float *y, const float *x,
                            size_t steps) {
    switch (m->states) {
    case 2:
        run_states(m, state, y, x, steps, 2);
        break;
    case 4:
        run_states(m, state, y, x, steps, 4);
        break;
    case 6:
        run_states(m, state, y, x, steps, 6);
        break;
    default:
        run_states(m, state, y, x, steps, 8);
    }
}

void vo_sos_kernels_avx512(vo_sos_kernels *kernels) {
    *kernels = (vo_sos_kernels){.name = "avx512", .run = run};
}

#    include "kernels/end_target.h"

#endif
