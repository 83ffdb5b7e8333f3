#include "vocana/pcm.h"

#include "kernels/kernels.h"

struct vo_pcm {
    vo_kernels kernels;
    vo_allocator allocator;
};

vo_status vo_pcm_new(vo_pcm **out, const vo_allocator *allocator) {
    if (!allocator) allocator = vo_allocator_default();
    vo_pcm *pcm = *out = vo_alloc(allocator, sizeof *pcm, VO_CACHE_LINE);
    if (!pcm) return VO_NO_MEM;
    pcm->kernels = vo_kernels_select();
    pcm->allocator = *allocator;
    return VO_OK;
}

void vo_pcm_free(vo_pcm *pcm) {
    if (!pcm) return;
    vo_allocator allocator = pcm->allocator;
    vo_release(&allocator, pcm);
}

void vo_pcm_from_int16(const vo_pcm *pcm, float *out, const int16_t *x, size_t n) {
    pcm->kernels.from_int16(out, x, n);
}

void vo_pcm_from_int24(const vo_pcm *pcm, float *out, const uint8_t *x, size_t n) {
    pcm->kernels.from_int24(out, x, n);
}

void vo_pcm_from_int32(const vo_pcm *pcm, float *out, const int32_t *x, size_t n) {
    pcm->kernels.from_int32(out, x, n);
}

void vo_pcm_to_int16(const vo_pcm *pcm, int16_t *out, const float *x, size_t n) {
    pcm->kernels.to_int16(out, x, n);
}

void vo_pcm_to_int24(const vo_pcm *pcm, uint8_t *out, const float *x, size_t n) {
    pcm->kernels.to_int24(out, x, n);
}

void vo_pcm_to_int32(const vo_pcm *pcm, int32_t *out, const float *x, size_t n) {
    pcm->kernels.to_int32(out, x, n);
}

void vo_pcm_gain(const vo_pcm *pcm, float *out, const float *x, float g, size_t n) {
    pcm->kernels.gain(out, x, g, n);
}

void vo_pcm_mix(const vo_pcm *pcm, float *y, const float *x, float g, size_t n) {
    pcm->kernels.mix(y, x, g, n);
}

void vo_pcm_interleave(const vo_pcm *pcm, float *out, float *const *rows, uint32_t channels,
                       size_t n) {
    pcm->kernels.interleave(out, rows, channels, n);
}

void vo_pcm_deinterleave(const vo_pcm *pcm, float *const *rows, const float *x, uint32_t channels,
                         size_t n) {
    pcm->kernels.deinterleave(rows, x, channels, n);
}
