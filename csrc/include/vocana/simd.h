/* Which instruction set the kernels use on this machine. */
#ifndef VOCANA_SIMD_H
#define VOCANA_SIMD_H

#include "attributes.h"

VO_BEGIN_DECLS

/* "scalar", "avx2", "avx512" or "neon": the best that the processor has, or what the environment
   variable VOCANA_SIMD asks for if the processor has it. Any thread. */
const char *vo_simd_name(void);

VO_END_DECLS

#endif
