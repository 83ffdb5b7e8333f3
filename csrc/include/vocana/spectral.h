/* Numbers that describe a frame: where its spectrum lies, how wide, flat and steady it is. */
#ifndef VOCANA_SPECTRAL_H
#define VOCANA_SPECTRAL_H

#include <stdint.h>

#include "alloc.h"
#include "framer.h"
#include "status.h"

VO_BEGIN_DECLS

typedef struct vo_spectral vo_spectral;

/* |X| is the magnitude of a bin, P = |X|^2. Energies are mean squares of the signal: a sine of
   amplitude 1 has 0.5 in its band. Silence has 0 for all but its flatness, which is 1. */
#define VO_SPECTRAL_MAP(X)                                                                         \
    X(CENTROID_HZ)     /* mean frequency, weighted with |X| */                                     \
    X(SPREAD_HZ)       /* standard deviation around the centroid, weighted with |X| */             \
    X(ROLLOFF_HZ)      /* the lowest bin with a share `rolloff` of the sum of |X| up to it */      \
    X(FLUX)            /* root of the sum of (|X| - |X| of the frame before)^2; 0 at first */      \
    X(FLATNESS)        /* geometric by arithmetic mean of P, each raised to 1e-10 */               \
    X(CREST)           /* greatest |X| by their mean */                                            \
    X(LOW_ENERGY)      /* 20 to 250 Hz */                                                          \
    X(MID_ENERGY)      /* 250 to 4000 Hz */                                                        \
    X(HIGH_ENERGY)     /* 4000 Hz and above */                                                     \
    X(BRIGHTNESS)      /* share of P in 1000 Hz and above */                                       \
    X(CROSSINGS_PER_S) /* of zero, between the frame's samples */

enum {
#define X(name) VO_SPECTRAL_##name,
    VO_SPECTRAL_MAP(X)
#undef X
        VO_SPECTRAL_FEATURES,
    VO_SPECTRAL_MOST_OCTAVES = 16,
};

typedef struct vo_spectral_config {
    uint32_t rate, n_fft;
    double window_energy; /* sum of the window's squares, above 0 */
    double rolloff;       /* within 0..1 */
    /* Contrast: dB of the loudest over the softest fiftieth of the bins below contrast_hz, and in
       each of so many octaves from there (Jiang et al., 2002). No octaves, no contrast. */
    uint32_t octaves; /* contrast_hz 2^octaves < rate / 2 */
    double contrast_hz;
} vo_spectral_config;

/* --- Setup thread ------------------------------------------------------- */

VO_NODISCARD vo_status vo_spectral_new(vo_spectral **out, const vo_spectral_config *config,
                                       const vo_allocator *allocator);
void vo_spectral_free(vo_spectral *spectral);

/* --- One thread ---------------------------------------------------------- */

/* Numbers in a row: VO_SPECTRAL_FEATURES, and octaves + 1 of contrast when there are any. */
uint32_t vo_spectral_width(const vo_spectral *spectral) VO_REALTIME;

/* One row from the n_fft samples of a frame and the power of its bins. */
void vo_spectral_frame(vo_spectral *spectral, float *row, const float *samples,
                       const float *power) VO_REALTIME;

/* |X| of the last frame's bins. */
const float *vo_spectral_magnitude(const vo_spectral *spectral) VO_REALTIME;

/* Takes n samples (NULL for silence) and writes one row for each frame that they complete:
   vo_framer_ready of them, which it returns. The framer has the same n_fft. */
uint64_t vo_spectral_process(vo_spectral *spectral, vo_framer *framer, float *rows, const float *x,
                             uint64_t n) VO_REALTIME;

/* The same of crossings per second alone, without a transform. */
uint64_t vo_spectral_crossings(const vo_spectral *spectral, vo_framer *framer, float *values,
                               const float *x, uint64_t n) VO_REALTIME;

/* The next frame has none before it. */
void vo_spectral_reset(vo_spectral *spectral) VO_REALTIME;

VO_END_DECLS

#endif
