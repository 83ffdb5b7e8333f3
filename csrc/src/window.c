#include "vocana/window.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#define PI 3.14159265358979323846

static const char *const names[] = {
#define X(name, text) text,
    VO_WINDOW_MAP(X)
#undef X
};

enum { COUNT = sizeof names / sizeof *names };

vo_status vo_window_named(vo_window *out, const char *name) {
    for (uint32_t i = 0; i < COUNT; i++)
        if (strcmp(name, names[i]) == 0) {
            *out = (vo_window)i;
            return VO_OK;
        }
    return VO_BAD_ARG;
}

const char *vo_window_name(uint32_t window) {
    return window < COUNT ? names[window] : NULL;
}

/* At a phase of 0..1. Cosine sums after Harris (1978), "On the use of windows"; the slope of Vorbis
   after the Vorbis I specification, section 4.3.1, which takes its phase between two samples. */
static double at(vo_window window, double phase, double middle) {
    switch (window) {
    case VO_WINDOW_RECTANGULAR:
        return 1;
    case VO_WINDOW_HANN:
        return 0.5 - 0.5 * cos(2 * PI * phase);
    case VO_WINDOW_SQRT_HANN:
        return sin(PI * phase);
    case VO_WINDOW_HAMMING:
        return 0.54 - 0.46 * cos(2 * PI * phase);
    case VO_WINDOW_BLACKMAN:
        return 0.42 - 0.5 * cos(2 * PI * phase) + 0.08 * cos(4 * PI * phase);
    case VO_WINDOW_VORBIS:
        return sin(PI / 2 * pow(sin(PI * middle), 2));
    }
    return 0;
}

void vo_window_fill(float *factors, uint32_t n, vo_window window) {
    for (uint32_t i = 0; i < n; i++)
        factors[i] = (float)fmax(0, at(window, (double)i / n, (i + 0.5) / n));
}
