#include "kernels/families.h"

VO_REALTIME void vo_scalar_interleave(float *out, float *const *rows, uint32_t channels, size_t n) {
    for (size_t c = 0; c < channels; c++) {
        const float *row = rows[c];
        for (size_t i = 0; i < n; i++) out[i * channels + c] = row[i];
    }
}

VO_REALTIME void vo_scalar_deinterleave(float *const *rows, const float *x, uint32_t channels,
                                        size_t n) {
    for (size_t c = 0; c < channels; c++) {
        float *row = rows[c];
        for (size_t i = 0; i < n; i++) row[i] = x[i * channels + c];
    }
}

void vo_rows_scalar(vo_kernels *kernels) {
    kernels->interleave = vo_scalar_interleave;
    kernels->deinterleave = vo_scalar_deinterleave;
}
