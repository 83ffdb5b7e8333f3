/* Numbers too small for full precision, which slow a recursion down a hundredfold: switched off
   for the length of a call, and the thread's own choice put back. */
#ifndef VOCANA_DENORMALS_H
#define VOCANA_DENORMALS_H

#include <stdint.h>

#include "vocana/attributes.h"

#ifdef __x86_64__

#    include <immintrin.h>

enum { VO_FLUSH_RESULTS = 0x8000, VO_FLUSH_OPERANDS = 0x0040 };

static inline uint64_t vo_denormals_off(void) VO_REALTIME {
    uint32_t before = _mm_getcsr();
    _mm_setcsr(before | VO_FLUSH_RESULTS | VO_FLUSH_OPERANDS);
    return before;
}

static inline void vo_denormals_restore(uint64_t before) VO_REALTIME {
    _mm_setcsr((uint32_t)before);
}

#elif defined(__aarch64__)

enum { VO_FLUSH_TO_ZERO = 1 << 24 };

static inline uint64_t vo_denormals_off(void) VO_REALTIME {
    uint64_t before;
    __asm__ volatile("mrs %0, fpcr" : "=r"(before));
    __asm__ volatile("msr fpcr, %0" : : "r"(before | VO_FLUSH_TO_ZERO));
    return before;
}

static inline void vo_denormals_restore(uint64_t before) VO_REALTIME {
    __asm__ volatile("msr fpcr, %0" : : "r"(before));
}

#else

static inline uint64_t vo_denormals_off(void) VO_REALTIME {
    return 0;
}

static inline void vo_denormals_restore(uint64_t before) VO_REALTIME {
    (void)before;
}

#endif

#endif
