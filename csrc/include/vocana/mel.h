/* Banks of triangular filters, equally spaced on a mel scale, over the power spectrum of a frame.

   Slaney: linear below 1 kHz, 27 logarithmic steps for a factor of 6.4 above (Auditory Toolbox,
   1998). HTK: 2595 log10(1 + f / 700) (The HTK Book). */
#ifndef VOCANA_MEL_H
#define VOCANA_MEL_H

#include <stdbool.h>
#include <stdint.h>

#include "alloc.h"
#include "framer.h"
#include "status.h"

VO_BEGIN_DECLS

typedef struct vo_mel vo_mel;

typedef enum vo_mel_scale { VO_MEL_SLANEY, VO_MEL_HTK } vo_mel_scale;

/* What a band's sum becomes, after it was raised to the floor. */
typedef enum vo_mel_log {
    VO_MEL_LINEAR, /* nothing, and no floor either */
    VO_MEL_DB,     /* 10 log10 */
    VO_MEL_LOG10,
    VO_MEL_LN,
} vo_mel_log;

typedef struct vo_mel_config {
    uint32_t rate, n_fft, bands;
    double f_min_hz, f_max_hz; /* 0 <= f_min_hz < f_max_hz <= rate / 2 */
    vo_mel_scale scale;
    bool equal_area;     /* each filter times 2 / its width in Hz; else their peaks are 1 */
    bool from_magnitude; /* sums of |X| instead of |X|^2 */
    vo_mel_log log;
    float floor; /* 1e-30 or more; what sums are raised to before the logarithm */
} vo_mel_config;

/* --- Any thread -------------------------------------------------------- */

double vo_mel_from_hz(double hz, vo_mel_scale scale);
double vo_mel_to_hz(double mel, vo_mel_scale scale);

/* --- Setup thread ------------------------------------------------------- */

VO_NODISCARD vo_status vo_mel_new(vo_mel **out, const vo_mel_config *config,
                                  const vo_allocator *allocator);
void vo_mel_free(vo_mel *mel);

/* --- Any thread -------------------------------------------------------- */

uint32_t vo_mel_bands(const vo_mel *mel) VO_REALTIME;

/* bands rows of n_fft / 2 + 1 weights. */
void vo_mel_weights(const vo_mel *mel, float *weights) VO_REALTIME;

/* One frame: bands values from n_fft / 2 + 1 of its spectrum. */
void vo_mel_apply(const vo_mel *mel, float *out, const float *spectrum) VO_REALTIME;

/* --- The framer's thread ------------------------------------------------- */

/* Takes n samples (NULL for silence) and writes one row of bands for each frame that they
   complete: vo_framer_ready of them, which it returns. The framer has the mel's n_fft. */
uint64_t vo_mel_process(const vo_mel *mel, vo_framer *framer, float *rows, const float *x,
                        uint64_t n) VO_REALTIME;

VO_END_DECLS

#endif
