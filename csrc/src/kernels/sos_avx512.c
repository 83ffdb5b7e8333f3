#include "kernels/sos.h"

#ifdef __x86_64__

#    include "kernels/begin_avx512.h"

/* Of a step, the earlier and the later half; steps that share each load of a column. */
enum { HALF = VO_SOS_STEP / 2, TOGETHER = 2 };

/* What a step has gathered. y: outputs, from its earlier samples. state: from those, what comes to
   the state, of every second one in either half. late: what the later samples bring, to the state
   in the first half, to the later outputs in the second; to the earlier ones they bring nothing.
   Two sums of what would wait for the addition before. */
typedef struct sums {
    __m512 y0, y1, state, late0, late1;
} sums;

/* late: columns of D for the later samples, whose first halves are zero, with those of B there. */
static inline __attribute__((always_inline)) void
samples(const vo_sos_matrix *m, const __m512 late[HALF], sums *sum, const float *x, int steps) {
#    pragma GCC unroll 2
    for (int i = 0; i < steps; i++) {
        __m512 zero = _mm512_setzero_ps();
        sum[i] = (sums){zero, zero, zero, zero, zero};
    }
#    pragma GCC unroll 4
    for (int j = 0; j < HALF; j += 2) {
        __m512 d0 = _mm512_load_ps(m->d[j]), d1 = _mm512_load_ps(m->d[j + 1]);
        __m512 b = _mm512_load_ps(m->b[j]), l0 = late[j], l1 = late[j + 1];
#    pragma GCC unroll 2
        for (int i = 0; i < steps; i++) {
            const float *at = x + VO_SOS_STEP * i + j;
            __m512 x0 = _mm512_set1_ps(at[0]), x1 = _mm512_set1_ps(at[1]);
            sum[i].y0 = _mm512_fmadd_ps(x0, d0, sum[i].y0);
            sum[i].y1 = _mm512_fmadd_ps(x1, d1, sum[i].y1);
            sum[i].state = _mm512_fmadd_ps(_mm512_mask_blend_ps(0xff00, x0, x1), b, sum[i].state);
            sum[i].late0 = _mm512_fmadd_ps(_mm512_set1_ps(at[HALF]), l0, sum[i].late0);
            sum[i].late1 = _mm512_fmadd_ps(_mm512_set1_ps(at[HALF + 1]), l1, sum[i].late1);
        }
    }
}

static inline __attribute__((always_inline)) __m512d advance(const vo_sos_matrix *m, __m512d s,
                                                             const sums *sum, float *y,
                                                             int states) {
    __m512 late = _mm512_add_ps(sum->late0, sum->late1);
    __m256 driven =
        _mm256_add_ps(_mm512_castps512_ps256(sum->state), _mm512_extractf32x8_ps(sum->state, 1));
    driven = _mm256_add_ps(driven, _mm512_castps512_ps256(late));
    __m512 narrow = _mm512_castps256_ps512(_mm512_cvtpd_ps(s)), y0 = sum->y0;
    __m512 y1 = _mm512_mask_add_ps(sum->y1, 0xff00, sum->y1, late);
    __m512d s0 = _mm512_cvtps_pd(driven), s1 = _mm512_setzero_pd();
    __m512d s2 = s1, s3 = s1;
#    pragma GCC unroll 4
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
    __mmask8 loud =
        _mm512_cmp_pd_mask(_mm512_abs_pd(s), _mm512_set1_pd(VO_SOS_SILENT), _CMP_NLT_UQ);
    if (__builtin_expect(loud != (1 << states) - 1, 0)) /* a branch is not waited for */
        s = _mm512_maskz_mov_pd(loud, s);
    return s;
}

static inline __attribute__((always_inline)) void run_states(const vo_sos_matrix *m, double *state,
                                                             float *y, const float *x, size_t steps,
                                                             int states) {
    __m512d s = _mm512_load_pd(state);
    sums sum[TOGETHER];
    __m512 late[HALF];
#    pragma GCC unroll 8
    for (int j = 0; j < HALF; j++)
        late[j] =
            _mm512_insertf32x8(_mm512_load_ps(m->d[HALF + j]), _mm256_load_ps(m->b[HALF + j]), 0);
    for (; steps >= TOGETHER; steps -= TOGETHER) {
        samples(m, late, sum, x, TOGETHER);
#    pragma GCC unroll 2
        for (int i = 0; i < TOGETHER; i++) s = advance(m, s, &sum[i], y + VO_SOS_STEP * i, states);
        x += VO_SOS_STEP * TOGETHER;
        y += VO_SOS_STEP * TOGETHER;
    }
    for (; steps; steps--, x += VO_SOS_STEP, y += VO_SOS_STEP) {
        samples(m, late, sum, x, 1);
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
