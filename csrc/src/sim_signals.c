/* Ready-made signals of a simulated device. */
#include <math.h>
#include <string.h>

#include "vocana/sim.h"

#define TWO_PI 6.28318530717958647692

uint32_t vo_sim_counter(void *self, uint64_t frame, float *out, uint32_t n) {
    uint32_t channels = *(const uint32_t *)self;
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t c = 0; c < channels; c++) *out++ = (float)((frame + i) & 0xFFFFFF);
    return n;
}

uint32_t vo_sim_silence(void *self, uint64_t frame, float *out, uint32_t n) {
    (void)frame;
    memset(out, 0, (size_t)n * *(const uint32_t *)self * sizeof(float));
    return n;
}

uint32_t vo_sim_tone(void *self, uint64_t frame, float *out, uint32_t n) {
    const vo_sim_tone_config *tone = self;
    double cycles_per_frame = tone->frequency_hz / tone->rate;
    for (uint32_t i = 0; i < n; i++) {
        double cycles = (double)(frame + i) * cycles_per_frame;
        float x = (float)(tone->amplitude * sin(TWO_PI * (cycles - floor(cycles))));
        for (uint32_t c = 0; c < tone->channels; c++) *out++ = x;
    }
    return n;
}

uint32_t vo_sim_from_array(void *self, uint64_t frame, float *out, uint32_t n) {
    const vo_sim_array *array = self;
    if (frame >= array->count) return 0;
    if (n > array->count - frame) n = (uint32_t)(array->count - frame);
    memcpy(out, array->frames + frame * array->channels,
           (size_t)n * array->channels * sizeof(float));
    return n;
}

uint32_t vo_sim_from_file(void *self, uint64_t frame, float *out, uint32_t n) {
    vo_sim_file *file = self;
    uint32_t done = 0;
    if (frame != file->position) { /* the device lost some */
        if (file->seek(file->file, (int64_t)(file->loop ? frame % file->frames : frame), 0) < 0)
            return 0;
        file->position = frame;
    }
    bool rewound = false; /* and nothing read since: the file has become empty */
    while (done < n) {
        int64_t got = file->readf(file->file, out + (size_t)done * file->channels, n - done);
        if (got <= 0 && (!file->loop || rewound || file->seek(file->file, 0, 0) < 0)) break;
        if (got > 0) done += (uint32_t)got;
        rewound = got <= 0;
    }
    file->position += done;
    return done;
}
