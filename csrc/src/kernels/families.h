/* What the files of the kernels know of each other: a file is one family at one level, and fills
   the entries of that family that it has. */
#ifndef VOCANA_KERNELS_FAMILIES_H
#define VOCANA_KERNELS_FAMILIES_H

#include "kernels/kernels.h"

void vo_mix_scalar(vo_kernels *kernels);
void vo_mix_avx2(vo_kernels *kernels);
void vo_mix_avx512(vo_kernels *kernels);
void vo_mix_neon(vo_kernels *kernels);

void vo_rows_scalar(vo_kernels *kernels);
void vo_rows_avx2(vo_kernels *kernels);
void vo_rows_avx512(vo_kernels *kernels);
void vo_rows_neon(vo_kernels *kernels);

void vo_pcm_scalar(vo_kernels *kernels);
void vo_pcm_avx2(vo_kernels *kernels);
void vo_pcm_avx512(vo_kernels *kernels);
void vo_pcm_neon(vo_kernels *kernels);

void vo_level_scalar(vo_kernels *kernels);
void vo_level_avx2(vo_kernels *kernels);
void vo_level_avx512(vo_kernels *kernels);
void vo_level_neon(vo_kernels *kernels);

/* Scalar kernels that variants end with, or leave other cases to. */
void vo_scalar_interleave(float *out, float *const *rows, uint32_t channels, size_t n) VO_REALTIME;
void vo_scalar_deinterleave(float *const *rows, const float *x, uint32_t channels,
                            size_t n) VO_REALTIME;
void vo_scalar_from_int16(float *out, const int16_t *x, size_t n) VO_REALTIME;
void vo_scalar_from_int24(float *out, const uint8_t *x, size_t n) VO_REALTIME;
void vo_scalar_from_int32(float *out, const int32_t *x, size_t n) VO_REALTIME;
void vo_scalar_to_int16(int16_t *out, const float *x, size_t n) VO_REALTIME;
void vo_scalar_to_int24(uint8_t *out, const float *x, size_t n) VO_REALTIME;
void vo_scalar_to_int32(int32_t *out, const float *x, size_t n) VO_REALTIME;
uint32_t vo_scalar_classify(const float *x, size_t n, float limit) VO_REALTIME;
uint32_t vo_scalar_sanitise(float *out, const float *x, size_t n, float limit) VO_REALTIME;
uint32_t vo_scalar_flush(float *out, const float *x, size_t n) VO_REALTIME;

#endif
