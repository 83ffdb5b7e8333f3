/* Peak and RMS of a block, whatever is in it. */
#ifndef VOCANA_METER_H
#define VOCANA_METER_H

#include <stdint.h>

#include "alloc.h"
#include "status.h"

VO_BEGIN_DECLS

typedef struct vo_level {
    float peak; /* 0..1 */
    float rms;  /* 0..1 */
} vo_level;

/* The kernels for this processor; nothing in it changes. */
typedef struct vo_meter vo_meter;

/* --- Setup thread ------------------------------------------------------- */

VO_NODISCARD vo_status vo_meter_new(vo_meter **out, const vo_allocator *allocator);
void vo_meter_free(vo_meter *meter);

/* --- Any thread --------------------------------------------------------- */

/* Level of one channel of n interleaved frames. Samples that no converter delivers (NaN,
   infinity, |x| > 10, denormals) count as 0; results are clamped to 0..1. */
vo_level vo_meter_level(const vo_meter *meter, const float *frames, uint32_t n, uint32_t channels,
                        uint32_t channel) VO_REALTIME;

VO_END_DECLS

#endif
