/* Samples for the tests of the kernels: the same in every run. */
#ifndef KERNEL_SAMPLES_H
#define KERNEL_SAMPLES_H

#include <stdint.h>
#include <string.h>

static uint64_t random_state = 88172645463325252u;

static inline uint32_t random_bits(void) {
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (uint32_t)(random_state >> 32);
}

static inline float random_sample(void) {
    return (float)random_bits() * 0x1p-31f - 1;
}

static inline float from_bits(uint32_t bits) {
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

#endif
