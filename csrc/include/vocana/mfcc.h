/* Cepstra: the cosine transform (type II, orthonormal) of a frame's log-mel bands, liftered.

   c[k] = l[k] s[k] sum_b x[b] cos(pi k (b + 1/2) / bands), s[0] = sqrt(1 / bands), s[k] = sqrt(2 /
   bands), and l[k] = 1 + L/2 sin(pi (k + 1) / L) for a lifter of L > 0, else 1. */
#ifndef VOCANA_MFCC_H
#define VOCANA_MFCC_H

#include <stdint.h>

#include "alloc.h"
#include "status.h"

VO_BEGIN_DECLS

typedef struct vo_mfcc vo_mfcc;

/* --- Setup thread ------------------------------------------------------- */

/* BAD_ARG unless 1 <= count <= bands and lifter >= 0. */
VO_NODISCARD vo_status vo_mfcc_new(vo_mfcc **out, uint32_t bands, uint32_t count, double lifter,
                                   const vo_allocator *allocator);
void vo_mfcc_free(vo_mfcc *mfcc);

/* --- Any thread -------------------------------------------------------- */

/* frames rows of count from frames rows of bands; they do not overlap. */
void vo_mfcc_apply(const vo_mfcc *mfcc, float *rows, const float *logs,
                   uint64_t frames) VO_REALTIME;

VO_END_DECLS

#endif
