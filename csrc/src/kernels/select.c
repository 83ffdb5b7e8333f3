#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/families.h"
#include "kernels/levels.h"
#include "vocana/simd.h"

#ifdef __x86_64__

#    include <cpuid.h>

enum { SAVES_YMM = 0x06, SAVES_ZMM = 0xe6 };

static bool all(unsigned bits, unsigned wanted) {
    return (bits & wanted) == wanted;
}

/* Read here and not with __builtin_cpu_supports, which needs a library that not every compiler
   brings. A level counts only if the system also saves its registers: XCR0 says so. Each cpuid is
   microseconds where a hypervisor answers it, so none is asked twice. */
static vo_simd_level best(void) {
    unsigned eax, ebx, ecx, edx, saved;
    if (__get_cpuid_max(0, NULL) < 7) return VO_SIMD_SCALAR;
    __cpuid(1, eax, ebx, ecx, edx);
    if (!all(ecx, bit_OSXSAVE | bit_AVX | bit_FMA)) return VO_SIMD_SCALAR;
    __asm__ volatile("xgetbv" : "=a"(saved), "=d"(edx) : "c"(0));
    __cpuid_count(7, 0, eax, ebx, ecx, edx);
    if (!all(saved, SAVES_YMM) || !all(ebx, bit_AVX2)) return VO_SIMD_SCALAR;
    bool wide = all(ebx, bit_AVX512F | bit_AVX512DQ | bit_AVX512BW | bit_AVX512VL);
    return wide && all(saved, SAVES_ZMM) ? VO_SIMD_AVX512 : VO_SIMD_AVX2;
}

#elif defined(__aarch64__)

static vo_simd_level best(void) {
    return VO_SIMD_NEON; /* part of the base architecture */
}

#else

static vo_simd_level best(void) {
    return VO_SIMD_SCALAR;
}

#endif

/* A rung: a level that this architecture knows, lowest first. */
typedef struct rung {
    const char *name;
    vo_simd_level level;
} rung;

static const rung ladder[] = {
    {"scalar", VO_SIMD_SCALAR},
#ifdef __x86_64__
    {"avx2", VO_SIMD_AVX2},
    {"avx512", VO_SIMD_AVX512},
#endif
#ifdef __aarch64__
    {"neon", VO_SIMD_NEON},
#endif
};

/* The rung to stop at: the one that is asked for, or the highest there is. */
static const rung *top(void) {
    const char *wanted = getenv("VOCANA_SIMD");
    const vo_simd_level last = best();
    const rung *at = ladder;
    while (at->level != last && !(wanted && strcmp(wanted, at->name) == 0)) at++;
    return at;
}

bool vo_simd_reaches(vo_simd_level level) {
    for (const rung *at = ladder, *last = top(); at <= last; at++)
        if (at->level == level) return true;
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
