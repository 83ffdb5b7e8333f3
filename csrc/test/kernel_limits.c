#define _DEFAULT_SOURCE

#include "kernel_limits.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "check.h"

enum { TRIES = 31, L1_BYTES = 16 << 10, L2_BYTES = 256 << 10, PASSES_BYTES = 4 << 20 };
enum { FAR_TRIES = 5, FAR_BYTES = 128 << 20 }; /* more than any cache keeps for one core */

static _Alignas(64) float memory[2][L2_BYTES / sizeof(float)];
static volatile float sink;

double limit_now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

double limit_cycle_ns(void) {
    enum { STEPS = 100000 };
    double best = 1e9;
    for (int try = 0; try < TRIES; try++) {
        uint64_t x = (uint64_t)try;
        double start = limit_now_ns();
        for (int i = 0; i < STEPS; i++) {
            x += x >> 1; /* two that wait for each other */
            __asm__ volatile("" : "+r"(x));
        }
        double ns = (limit_now_ns() - start) / (2 * STEPS);
        if (ns < best) best = ns;
        sink = (float)x;
    }
    return best;
}

/* --- One pair for each level ------------------------------------------------- */

enum { CHAINS = 10, FMA_STEPS = 20000 };

/* Multiplies and adds, whole vectors in chains enough to hide their latency; returns how many
   floating-point operations. */
typedef double arithmetic(void);

/* Reads bytes once. */
typedef void loads(const float *x, size_t bytes);

#ifdef __x86_64__

#    include "kernels/begin_avx2.h"

static double fma_avx2(void) {
    __m256 sum[CHAINS], a = _mm256_set1_ps(0.5f);
    for (int k = 0; k < CHAINS; k++) sum[k] = _mm256_set1_ps((float)k);
    for (int i = 0; i < FMA_STEPS; i++)
        for (int k = 0; k < CHAINS; k++) sum[k] = _mm256_fmadd_ps(sum[k], a, a);
    for (int k = 0; k < CHAINS; k++) sink = _mm256_cvtss_f32(sum[k]);
    return 2.0 * 8 * CHAINS * FMA_STEPS;
}

static void loads_avx2(const float *x, size_t bytes) {
    __m256 a = _mm256_setzero_ps(), b = a, c = a, d = a;
    for (size_t i = 0; i < bytes / sizeof *x; i += 32) {
        a = _mm256_or_ps(a, _mm256_load_ps(x + i));
        b = _mm256_or_ps(b, _mm256_load_ps(x + i + 8));
        c = _mm256_or_ps(c, _mm256_load_ps(x + i + 16));
        d = _mm256_or_ps(d, _mm256_load_ps(x + i + 24));
    }
    sink = _mm256_cvtss_f32(_mm256_or_ps(_mm256_or_ps(a, b), _mm256_or_ps(c, d)));
}

#    include "kernels/end_target.h"

#    include "kernels/begin_avx512.h"

static double fma_avx512(void) {
    __m512 sum[CHAINS], a = _mm512_set1_ps(0.5f);
    for (int k = 0; k < CHAINS; k++) sum[k] = _mm512_set1_ps((float)k);
    for (int i = 0; i < FMA_STEPS; i++)
        for (int k = 0; k < CHAINS; k++) sum[k] = _mm512_fmadd_ps(sum[k], a, a);
    for (int k = 0; k < CHAINS; k++) sink = _mm512_cvtss_f32(sum[k]);
    return 2.0 * 16 * CHAINS * FMA_STEPS;
}

static void loads_avx512(const float *x, size_t bytes) {
    __m512 a = _mm512_setzero_ps(), b = a, c = a, d = a;
    for (size_t i = 0; i < bytes / sizeof *x; i += 64) {
        a = _mm512_or_ps(a, _mm512_load_ps(x + i));
        b = _mm512_or_ps(b, _mm512_load_ps(x + i + 16));
        c = _mm512_or_ps(c, _mm512_load_ps(x + i + 32));
        d = _mm512_or_ps(d, _mm512_load_ps(x + i + 48));
    }
    sink = _mm512_cvtss_f32(_mm512_or_ps(_mm512_or_ps(a, b), _mm512_or_ps(c, d)));
}

#    include "kernels/end_target.h"

#endif

#ifdef __aarch64__

#    include <arm_neon.h>

static double fma_neon(void) {
    float32x4_t sum[CHAINS], a = vdupq_n_f32(0.5f);
    for (int k = 0; k < CHAINS; k++) sum[k] = vdupq_n_f32((float)k);
    for (int i = 0; i < FMA_STEPS; i++)
        for (int k = 0; k < CHAINS; k++) sum[k] = vfmaq_f32(a, sum[k], a);
    for (int k = 0; k < CHAINS; k++) sink = vgetq_lane_f32(sum[k], 0);
    return 2.0 * 4 * CHAINS * FMA_STEPS;
}

static void loads_neon(const float *x, size_t bytes) {
    float32x4_t a = vdupq_n_f32(0), b = a, c = a, d = a;
    for (size_t i = 0; i < bytes / sizeof *x; i += 16) {
        a = vmaxq_f32(a, vld1q_f32(x + i));
        b = vmaxq_f32(b, vld1q_f32(x + i + 4));
        c = vmaxq_f32(c, vld1q_f32(x + i + 8));
        d = vmaxq_f32(d, vld1q_f32(x + i + 12));
    }
    sink = vmaxvq_f32(vmaxq_f32(vmaxq_f32(a, b), vmaxq_f32(c, d)));
}

#endif

static const struct level {
    const char *name;
    arithmetic *fma;
    loads *load;
} levels[] = {
#ifdef __x86_64__
    {"avx2", fma_avx2, loads_avx2},
    {"avx512", fma_avx512, loads_avx512},
#endif
#ifdef __aarch64__
    {"neon", fma_neon, loads_neon},
#endif
    {"", NULL, NULL},
};

/* --- Tables ------------------------------------------------------------------- */

static double flops_a_ns(arithmetic *fma) {
    double best = 0;
    for (int try = 0; try < TRIES; try++) {
        double start = limit_now_ns(), done = fma();
        double rate = done / (limit_now_ns() - start);
        if (rate > best) best = rate;
    }
    return best;
}

static double loads_a_ns(loads *load, size_t bytes) {
    double best = 0;
    memset(memory, 1, sizeof memory); /* else every page is the same one of zeros */
    for (int try = 0; try < TRIES; try++) {
        double start = limit_now_ns();
        for (size_t done = 0; done < PASSES_BYTES; done += bytes) load(memory[0], bytes);
        double rate = PASSES_BYTES / (limit_now_ns() - start);
        if (rate > best) best = rate;
    }
    return best;
}

static double far_loads_a_ns(loads *load) {
    float *far = aligned_alloc(64, FAR_BYTES);
    double best = 0;
    CHECK(far);
    memset(far, 1, FAR_BYTES);
    for (int try = 0; try < FAR_TRIES; try++) {
        double start = limit_now_ns();
        load(far, FAR_BYTES);
        double rate = FAR_BYTES / (limit_now_ns() - start);
        if (rate > best) best = rate;
    }
    free(far);
    return best;
}

/* Half of it to the other half. */
static double far_copies_a_ns(void) {
    char *far = aligned_alloc(64, FAR_BYTES);
    double best = 0;
    CHECK(far);
    memset(far, 1, FAR_BYTES);
    for (int try = 0; try < FAR_TRIES; try++) {
        double start = limit_now_ns();
        memcpy(far, far + FAR_BYTES / 2, FAR_BYTES / 2);
        __asm__ volatile("" ::: "memory");
        double rate = FAR_BYTES / 2 / (limit_now_ns() - start);
        if (rate > best) best = rate;
    }
    free(far);
    return best;
}

static double copies_a_ns(size_t bytes) {
    double best = 0;
    memset(memory, 1, sizeof memory);
    for (int try = 0; try < TRIES; try++) {
        double start = limit_now_ns();
        for (size_t done = 0; done < PASSES_BYTES; done += bytes) {
            memcpy(memory[1], memory[0], bytes);
            __asm__ volatile("" ::: "memory");
        }
        double rate = PASSES_BYTES / (limit_now_ns() - start);
        if (rate > best) best = rate;
    }
    return best;
}

void limit_print(const char *level, double cycle_ns) {
    for (const struct level *l = levels; l->fma; l++)
        if (strcmp(l->name, level) == 0)
            printf("limit  %-7s %6.1f flop/cycle, loads %5.1f B/cycle from L1, %5.1f from L2, "
                   "%4.1f from memory\n",
                   level, flops_a_ns(l->fma) * cycle_ns, loads_a_ns(l->load, L1_BYTES) * cycle_ns,
                   loads_a_ns(l->load, L2_BYTES) * cycle_ns, far_loads_a_ns(l->load) * cycle_ns);
    if (strcmp(level, "scalar") == 0)
        printf("limit  memcpy  %6.1f B/cycle of 2 KiB, %.1f of 256 KiB, %.1f of %d MiB\n",
               copies_a_ns(2048) * cycle_ns, copies_a_ns(L2_BYTES) * cycle_ns,
               far_copies_a_ns() * cycle_ns, FAR_BYTES >> 21);
}
