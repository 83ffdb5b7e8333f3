#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/kernels.h"
#include "vocana/simd.h"

/* One step up. enter overwrites the entries in which this level is faster than those below. */
typedef struct rung {
    const char *name;
    bool (*available)(void);
    void (*enter)(vo_kernels *kernels);
} rung;

static bool always(void) {
    return true;
}

static void enter_scalar(vo_kernels *kernels) {
    *kernels = vo_kernels_scalar();
}

#ifdef __x86_64__

#    include <cpuid.h>

/* Read here and not with __builtin_cpu_supports, which needs a library that not every compiler
   brings. A level counts only if the system also saves its registers: XCR0 says so. */
typedef struct cpu {
    unsigned basic, extended, saved;
} cpu;

enum { SAVES_YMM = 0x06, SAVES_ZMM = 0xe6 };

static cpu this_cpu(void) {
    cpu it = {0};
    unsigned eax, ebx, ecx, edx;
    if (!__get_cpuid(1, &eax, &ebx, &ecx, &edx)) return it;
    it.basic = ecx;
    if (__get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx)) it.extended = ebx;
    if (it.basic & bit_OSXSAVE) __asm__ volatile("xgetbv" : "=a"(it.saved), "=d"(edx) : "c"(0));
    return it;
}

static bool all(unsigned bits, unsigned wanted) {
    return (bits & wanted) == wanted;
}

static bool has_avx2(void) {
    cpu it = this_cpu();
    return all(it.saved, SAVES_YMM) && all(it.basic, bit_AVX | bit_FMA) &&
           all(it.extended, bit_AVX2);
}

static bool has_avx512(void) {
    cpu it = this_cpu();
    return has_avx2() && all(it.saved, SAVES_ZMM) &&
           all(it.extended, bit_AVX512F | bit_AVX512DQ | bit_AVX512BW | bit_AVX512VL);
}

#endif

static const rung ladder[] = {
    {"scalar", always, enter_scalar},
#ifdef __x86_64__
    {"avx2", has_avx2, vo_kernels_avx2},
    {"avx512", has_avx512, vo_kernels_avx512},
#endif
#ifdef __aarch64__
    {"neon", always, vo_kernels_neon}, /* part of the base architecture */
#endif
};

vo_kernels vo_kernels_select(void) {
    const char *wanted = getenv("VOCANA_SIMD");
    vo_kernels kernels = {0};
    for (size_t i = 0; i < sizeof ladder / sizeof *ladder; i++) {
        if (!ladder[i].available()) continue;
        ladder[i].enter(&kernels);
        if (wanted && strcmp(wanted, ladder[i].name) == 0) break;
    }
    return kernels;
}

const char *vo_simd_name(void) {
    return vo_kernels_select().name;
}
