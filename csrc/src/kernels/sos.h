/* The inner loop of a cascade of second-order sections: steps of 16 samples, each one product of a
   matrix with the samples and the state. */
#ifndef VOCANA_KERNELS_SOS_H
#define VOCANA_KERNELS_SOS_H

#include <stddef.h>
#include <stdint.h>

#include "vocana/attributes.h"

enum { VO_SOS_STEP = 16, VO_SOS_STATES = 8 };

/* A state below this becomes 0 at the end of a step, long before a float made of it is denormal. */
#define VO_SOS_SILENT 0x1p-100

/* One step: y = D x + C s and s' = A s + B x, by columns. What is fed back runs in double; what is
   not errs by less than the rounding of the samples. Columns beyond `states` are zero. */
typedef struct vo_sos_matrix {
    _Alignas(VO_CACHE_LINE) float d[VO_SOS_STEP][VO_SOS_STEP]; /* d[j][i] = 0 where i < j */
    float b[VO_SOS_STEP][VO_SOS_STATES];
    float c[VO_SOS_STATES][VO_SOS_STEP];
    double a[VO_SOS_STATES][VO_SOS_STATES];
    uint32_t states; /* 2, 4, 6 or 8 */
} vo_sos_matrix;

typedef struct vo_sos_kernels {
    const char *name;

    /* steps * VO_SOS_STEP samples of one channel; y may be x, else they do not overlap. The state
       has VO_SOS_STATES numbers, aligned to a cache line. Many steps at once give the same bits as
       one after the other, and an output has the same bits whatever samples come after it, if
       they are finite; for that no output is -0. */
    void (*run)(const vo_sos_matrix *m, double *state, float *y, const float *x,
                size_t steps) VO_REALTIME;
} vo_sos_kernels;

vo_sos_kernels vo_sos_kernels_scalar(void);
void vo_sos_kernels_avx2(vo_sos_kernels *kernels);
void vo_sos_kernels_avx512(vo_sos_kernels *kernels);
void vo_sos_kernels_neon(vo_sos_kernels *kernels);

/* The ladder. */
vo_sos_kernels vo_sos_kernels_select(void);

#endif
