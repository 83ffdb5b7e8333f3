#include "vocana/meter.h"

#include <math.h>
#include <stddef.h>

#include "kernels/kernels.h"

/* Frames at a time: a row of them stays in the fastest cache. */
enum { RUN = 512 };

static const float MOST = 10;

struct vo_meter {
    vo_kernels kernels;
    vo_allocator allocator;
};

vo_status vo_meter_new(vo_meter **out, const vo_allocator *allocator) {
    if (!allocator) allocator = vo_allocator_default();
    vo_meter *meter = *out = vo_alloc(allocator, sizeof *meter, VO_CACHE_LINE);
    if (!meter) return VO_NO_MEM;
    meter->kernels = vo_kernels_select();
    meter->allocator = *allocator;
    return VO_OK;
}

void vo_meter_free(vo_meter *meter) {
    if (!meter) return;
    vo_allocator allocator = meter->allocator;
    vo_release(&allocator, meter);
}

static inline float within_one(float x) {
    return x < 1 ? x : 1;
}

/* A row of what counts of one channel. Cleaning makes 0 of NaN and denormals; infinities and what
   is beyond MOST are rare, so they are looked for only where some was seen. */
static void row_of(const vo_meter *meter, float *row, const float *frames, uint32_t n,
                   uint32_t channels) {
    const float *x = frames;
    if (channels > 1) {
        for (uint32_t i = 0; i < n; i++) row[i] = frames[(size_t)i * channels];
        x = row;
    }
    if (meter->kernels.sanitise(row, x, n, MOST) & (VO_SEEN_NONFINITE | VO_SEEN_OVER))
        for (uint32_t i = 0; i < n; i++)
            if (!(fabsf(frames[(size_t)i * channels]) <= MOST)) row[i] = 0;
}

vo_level vo_meter_level(const vo_meter *meter, const float *frames, uint32_t n, uint32_t channels,
                        uint32_t channel) {
    if (!n || channel >= channels) return (vo_level){0, 0};
    float row[RUN], peak = 0;
    double energy = 0;
    for (uint32_t done = 0; done < n; done += RUN) {
        uint32_t run = n - done < RUN ? n - done : RUN;
        float highest;
        double more;
        row_of(meter, row, frames + (size_t)done * channels + channel, run, channels);
        meter->kernels.level(row, run, &highest, &more);
        peak = highest > peak ? highest : peak;
        energy += more;
    }
    return (vo_level){within_one(peak), within_one((float)sqrt(energy / n))};
}
