/* Windows by name. All are periodic: n samples are one period of n, as a transform of n has it. */
#ifndef VOCANA_WINDOW_H
#define VOCANA_WINDOW_H

#include <stdint.h>

#include "attributes.h"
#include "status.h"

VO_BEGIN_DECLS

/* sqrt_hann and vorbis have squares that add up to 1 at a hop of n / 2: for use before and after.
 */
#define VO_WINDOW_MAP(X)                                                                           \
    X(RECTANGULAR, "rectangular")                                                                  \
    X(HANN, "hann")                                                                                \
    X(SQRT_HANN, "sqrt_hann")                                                                      \
    X(HAMMING, "hamming")                                                                          \
    X(BLACKMAN, "blackman")                                                                        \
    X(VORBIS, "vorbis")

typedef enum vo_window {
#define X(name, text) VO_WINDOW_##name,
    VO_WINDOW_MAP(X)
#undef X
} vo_window;

/* --- Setup thread ------------------------------------------------------- */

/* BAD_ARG for a name that is none of the map's. */
VO_NODISCARD vo_status vo_window_named(vo_window *out, const char *name);

/* The name; NULL beyond the last window. */
const char *vo_window_name(uint32_t window);

/* n factors, 0..1. */
void vo_window_fill(float *factors, uint32_t n, vo_window window);

VO_END_DECLS

#endif
