/* A finite impulse response without latency.

   Few taps run in direct form. Of many, the first do, and the others as spectra of equal parts
   (overlap-save): what a part says of a block is computed when the block before it is full, so that
   nothing has to wait (W. Gardner, "Efficient Convolution without Input-Output Delay"). */
#ifndef VOCANA_FIR_H
#define VOCANA_FIR_H

#include <stdint.h>

#include "alloc.h"
#include "status.h"

VO_BEGIN_DECLS

#define VO_FIR_MOST_TAPS (1u << 20)

typedef struct vo_fir vo_fir;

/* --- Setup thread ------------------------------------------------------- */

/* 1..VO_FIR_MOST_TAPS taps for each of `channels`. BAD_ARG for other counts and for a tap that is
   not finite, TOO_BIG, NO_MEM. */
VO_NODISCARD vo_status vo_fir_new(vo_fir **out, const float *taps, uint32_t count,
                                  uint32_t channels, const vo_allocator *allocator);
void vo_fir_free(vo_fir *fir);

/* --- Any thread --------------------------------------------------------- */

/* Taps of each part that is a spectrum; 0: all run in direct form. */
uint32_t vo_fir_part(const vo_fir *fir) VO_REALTIME;

/* --- Audio thread only --------------------------------------------------- */

/* n frames of each channel in place, all finite. */
void vo_fir_process(vo_fir *fir, float *const *x, uint32_t n) VO_REALTIME;

/* As if the silence before had lasted for ever. */
void vo_fir_reset(vo_fir *fir) VO_REALTIME;

VO_END_DECLS

#endif
