/* How much of a step is heard: a click has energy where the signal has none. */
#ifndef HIGH_BAND_H
#define HIGH_BAND_H

#include <math.h>

#define PI 3.14159265358979323846

enum { HIGH_BAND_TAPS = 129 };

/* Windowed sinc (four-term Blackman-Harris) that passes what is above rate / 6. */
static inline void high_band_taps(double *taps) {
    for (int i = 0; i < HIGH_BAND_TAPS; i++) {
        double t = i - (HIGH_BAND_TAPS - 1) / 2, w = 2 * PI * i / (HIGH_BAND_TAPS - 1);
        double low = t == 0 ? 1.0 / 3 : sin(PI * t / 3) / (PI * t);
        double window = 0.35875 - 0.48829 * cos(w) + 0.14128 * cos(2 * w) - 0.01168 * cos(3 * w);
        taps[i] = ((t == 0) - low) * window;
    }
}

/* The loudest millisecond of the high band over the loudest millisecond of all, in dB. */
static inline double high_band_db(const float *x, int n, int rate) {
    double taps[HIGH_BAND_TAPS], high_most = 0, all_most = 0, high = 0, all = 0;
    high_band_taps(taps);
    for (int i = HIGH_BAND_TAPS - 1, of_ms = 0; i < n; i++) {
        double y = 0;
        for (int k = 0; k < HIGH_BAND_TAPS; k++) y += taps[k] * (double)x[i - k];
        high += y * y;
        all += (double)x[i] * (double)x[i];
        if (++of_ms < rate / 1000) continue;
        high_most = fmax(high_most, high);
        all_most = fmax(all_most, all);
        high = all = of_ms = 0;
    }
    return 10 * log10(high_most / all_most + 1e-30);
}

#endif
