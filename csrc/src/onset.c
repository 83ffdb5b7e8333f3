#include "vocana/onset.h"

#include <math.h>

#define FLOOR 1e-10f

/* frames counts up to `first`: frame `first` is the first that is compared with nothing, those
   before it hold more silence than half. */
struct vo_onset {
    vo_mel *mel;
    vo_framer *framer;
    uint32_t bands, frames, first;
    float range_db;
    float *memory, *levels, *before;
    vo_allocator allocator;
};

static vo_status make(vo_onset *onset, const vo_mel_config *bank, uint32_t hop,
                      const float *window) {
    vo_mel_config in_db = *bank;
    in_db.log = VO_MEL_DB;
    in_db.floor = FLOOR;
    const vo_framer_config frames = {window, bank->n_fft, hop, bank->n_fft};
    vo_status status = vo_mel_new(&onset->mel, &in_db, &onset->allocator);
    if (status == VO_OK) status = vo_framer_new(&onset->framer, &frames, &onset->allocator);
    if (status != VO_OK) return status;
    size_t bytes;
    if (!vo_size_mul(2 * (size_t)bank->bands, sizeof(float), &bytes)) return VO_TOO_BIG;
    onset->levels = onset->memory = vo_alloc(&onset->allocator, bytes, VO_CACHE_LINE);
    if (!onset->memory) return VO_NO_MEM;
    onset->before = onset->levels + bank->bands;
    onset->bands = bank->bands;
    onset->first = bank->n_fft / (2 * hop);
    return VO_OK;
}

vo_status vo_onset_new(vo_onset **out, const vo_mel_config *bank, uint32_t hop, float range_db,
                       const float *window, const vo_allocator *allocator) {
    *out = NULL;
    if (!hop || hop > UINT32_MAX / 2 || !(range_db > 0)) return VO_BAD_ARG;
    if (!allocator) allocator = vo_allocator_default();
    vo_onset *onset = vo_alloc(allocator, sizeof *onset, VO_CACHE_LINE);
    if (!onset) return VO_NO_MEM;
    onset->allocator = *allocator;
    onset->range_db = range_db;
    vo_status status = make(onset, bank, hop, window);
    if (status != VO_OK) {
        vo_onset_free(onset);
        return status;
    }
    *out = onset;
    return VO_OK;
}

void vo_onset_free(vo_onset *onset) {
    if (!onset) return;
    vo_allocator allocator = onset->allocator;
    vo_mel_free(onset->mel);
    vo_framer_free(onset->framer);
    vo_release(&allocator, onset->memory);
    vo_release(&allocator, onset);
}

uint64_t vo_onset_ready(const vo_onset *onset, uint64_t n) {
    return vo_framer_ready(onset->framer, n);
}

static float highest(const float *levels, uint32_t bands) {
    float most = levels[0];
    for (uint32_t b = 1; b < bands; b++) most = levels[b] > most ? levels[b] : most;
    return most;
}

static float rise(const vo_onset *onset, const float *now, const float *before) {
    uint32_t bands = onset->bands;
    float least = fmaxf(highest(now, bands), highest(before, bands)) - onset->range_db;
    double sum = 0;
    for (uint32_t b = 0; b < bands; b++) {
        float from = before[b] > least ? before[b] : least;
        sum += now[b] > from ? (double)(now[b] - from) : 0;
    }
    return (float)(sum / bands);
}

uint64_t vo_onset_process(vo_onset *onset, float *values, const float *x, uint64_t n) {
    uint64_t count = 0;
    for (; vo_framer_next(onset->framer, &x, &n); count++) {
        float *before = onset->levels, *now = onset->before;
        vo_mel_apply(onset->mel, now, vo_framer_power(onset->framer));
        bool comparable = onset->frames > onset->first;
        values[count] = comparable ? rise(onset, now, before) : 0;
        if (!comparable) onset->frames++;
        onset->levels = now;
        onset->before = before;
    }
    return count;
}

void vo_onset_reset(vo_onset *onset) {
    vo_framer_reset(onset->framer);
    onset->frames = 0;
}
