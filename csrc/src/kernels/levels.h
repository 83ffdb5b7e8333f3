/* Which levels of instructions a ladder may climb to. */
#ifndef VOCANA_KERNELS_LEVELS_H
#define VOCANA_KERNELS_LEVELS_H

#include <stdbool.h>

typedef enum vo_simd_level {
    VO_SIMD_SCALAR,
    VO_SIMD_AVX2,   /* and FMA */
    VO_SIMD_AVX512, /* F, BW, DQ, VL */
    VO_SIMD_NEON,
} vo_simd_level;

/* Whether the processor has this level and VOCANA_SIMD does not stop below it. Setup only: it reads
   the environment. */
bool vo_simd_reaches(vo_simd_level level);

#endif
