/* Figures that say what may be wrong with a signal, and flags that say so. A flag is no failure:
   nothing is stopped and nothing is changed. */
#ifndef VOCANA_QUALITY_H
#define VOCANA_QUALITY_H

#include <stddef.h>
#include <stdint.h>

#include "alloc.h"
#include "status.h"

VO_BEGIN_DECLS

typedef struct vo_quality vo_quality;

/* name, bit: what is meant is beside the limits below. */
#define VO_QUALITY_MAP(X)                                                                          \
    X(SILENT, 1, "silent")                                                                         \
    X(DC, 2, "dc")                                                                                 \
    X(FLAT, 4, "flat")                                                                             \
    X(IMBALANCE, 8, "imbalance")                                                                   \
    X(CLIPPED, 16, "clipped")                                                                      \
    X(INVALID, 32, "invalid")

enum {
#define X(name, bit, text) VO_QUALITY_##name = bit,
    VO_QUALITY_MAP(X)
#undef X
};

typedef struct vo_quality_limits {
    double silent_db;    /* SILENT: the RMS without the mean is below this */
    double dc;           /* DC: |mean| is above this */
    double flat;         /* FLAT: greatest - least sample is at most this */
    double imbalance_db; /* IMBALANCE: this much, or more, below the loudest channel */
    double clip;         /* CLIPPED: |x| is at least this ... */
    uint32_t clip_run;   /* ... in so many samples in a row */
} vo_quality_limits;

/* INVALID: samples that no converter delivers (NaN, infinity, |x| > 10, denormals). They count as 0
   in everything else. */
typedef struct vo_quality_figures {
    uint64_t frames, clipped, invalid; /* clipped: samples in runs that are long enough */
    double peak, rms, mean;
    double noise_floor; /* RMS that a tenth of all hundredths of a second stay within */
    uint32_t flags;
} vo_quality_figures;

/* --- Setup thread ------------------------------------------------------- */

/* BAD_ARG for sizes out of range (100 or more frames a second, 1..64 channels), for limits that are
   NaN, negative where they are no dB, and for runs of 0. */
VO_NODISCARD vo_status vo_quality_new(vo_quality **out, uint32_t rate, uint32_t channels,
                                      const vo_quality_limits *limits,
                                      const vo_allocator *allocator);
void vo_quality_free(vo_quality *quality);

/* --- Any one thread at a time -------------------------------------------- */

/* n frames; sample i of channel c is x[c][i * stride]. */
void vo_quality_process(vo_quality *quality, const float *const *x, size_t stride,
                        size_t n) VO_REALTIME;
void vo_quality_reset(vo_quality *quality) VO_REALTIME;

/* Of every frame since reset; all 0 without any, and for a channel that is not there. */
vo_quality_figures vo_quality_now(const vo_quality *quality, uint32_t channel) VO_REALTIME;

/* --- Any thread ---------------------------------------------------------- */

/* -80 dB, 0.02, 1e-6, 12 dB, 0.999 and 3 samples. */
vo_quality_limits vo_quality_limits_default(void) VO_REALTIME;

VO_END_DECLS

#endif
