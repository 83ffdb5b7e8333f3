/* The numbers that a node has measured: a snapshot of as many as it needs. */
#ifndef VOCANA_READINGS_H
#define VOCANA_READINGS_H

#include <stdatomic.h>
#include <stdint.h>

#include "vocana/alloc.h"
#include "vocana/status.h"

/* Two copies take turns, with the memory orders of snapshot.h. */
typedef struct vo_readings {
    _Atomic uint64_t turn;
    _Atomic double *values; /* two copies of count */
    uint32_t count;
} vo_readings;

/* --- Setup thread ------------------------------------------------------- */

/* All 0. BAD_ARG for no values, TOO_BIG, NO_MEM. */
VO_NODISCARD vo_status vo_readings_init(vo_readings *readings, uint32_t count,
                                        const vo_allocator *allocator);
void vo_readings_release(vo_readings *readings, const vo_allocator *allocator);

/* --- Audio thread only --------------------------------------------------- */

/* count values, to be read together. */
void vo_readings_publish(vo_readings *readings, const double *values) VO_REALTIME;

/* --- Any thread --------------------------------------------------------- */

/* Up to `most` of the values that were published last, all of one moment; returns how many there
   are. What a node's read does. Tries again while they are published faster than read. */
uint32_t vo_readings_read(const vo_readings *readings, double *values, uint32_t most) VO_REALTIME;

#endif
