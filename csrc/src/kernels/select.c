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

/* __builtin_cpu_supports also asks whether the system saves the wide registers. */
static bool has_avx2(void) {
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

static bool has_avx512(void) {
    return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
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
