#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/families.h"
#include "kernels/levels.h"
#include "vocana/simd.h"

static bool always(void) {
    return true;
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

/* A rung: a level that this architecture knows, lowest first. */
typedef struct rung {
    const char *name;
    vo_simd_level level;
    bool (*available)(void);
} rung;

static const rung ladder[] = {
    {"scalar", VO_SIMD_SCALAR, always},
#ifdef __x86_64__
    {"avx2", VO_SIMD_AVX2, has_avx2},
    {"avx512", VO_SIMD_AVX512, has_avx512},
#endif
#ifdef __aarch64__
    {"neon", VO_SIMD_NEON, always}, /* part of the base architecture */
#endif
};

/* The rung to stop at: the one that is asked for, or the highest there is. */
static const rung *top(void) {
    const char *wanted = getenv("VOCANA_SIMD");
    const rung *highest = ladder;
    for (size_t i = 0; i < sizeof ladder / sizeof *ladder; i++) {
        if (!ladder[i].available()) continue;
        highest = &ladder[i];
        if (wanted && strcmp(wanted, highest->name) == 0) break;
    }
    return highest;
}

bool vo_simd_reaches(vo_simd_level level) {
    for (const rung *at = ladder, *last = top(); at <= last; at++)
        if (at->level == level) return at->available();
    return false;
}

vo_kernels vo_kernels_scalar(void) {
    vo_kernels kernels = {.name = "scalar"};
    vo_mix_scalar(&kernels);
    vo_rows_scalar(&kernels);
    vo_pcm_scalar(&kernels);
    vo_level_scalar(&kernels);
    return kernels;
}

#ifdef __x86_64__

static void climb(vo_kernels *kernels) {
    if (vo_simd_reaches(VO_SIMD_AVX2)) {
        kernels->name = "avx2";
        vo_mix_avx2(kernels);
        vo_rows_avx2(kernels);
        vo_pcm_avx2(kernels);
        vo_level_avx2(kernels);
    }
    if (vo_simd_reaches(VO_SIMD_AVX512)) {
        kernels->name = "avx512";
        vo_mix_avx512(kernels);
        vo_rows_avx512(kernels);
        vo_pcm_avx512(kernels);
        vo_level_avx512(kernels);
    }
}

#elif defined(__aarch64__)

static void climb(vo_kernels *kernels) {
    if (vo_simd_reaches(VO_SIMD_NEON)) {
        kernels->name = "neon";
        vo_mix_neon(kernels);
        vo_rows_neon(kernels);
        vo_pcm_neon(kernels);
        vo_level_neon(kernels);
    }
}

#else

static void climb(vo_kernels *kernels) {
    (void)kernels;
}

#endif

vo_kernels vo_kernels_select(void) {
    vo_kernels kernels = vo_kernels_scalar();
    climb(&kernels);
    return kernels;
}

const char *vo_simd_name(void) {
    return top()->name;
}
