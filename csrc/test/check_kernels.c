/* The ladder: what VOCANA_SIMD selects. --bench times the levels side by side instead. */
#define _DEFAULT_SOURCE

#include <stdio.h>
#include <string.h>

#include "check.h"
#include "kernel_bench.h"
#include "kernel_checks.h"
#include "vocana/simd.h"

/* I10: the best level when nothing, nonsense or a level of another processor is asked for. */
static void check_fallback(const char *best) {
    const char *const wrong[] = {"", "AVX2", "sse9", "scalar ", "%s%n", "avx2,avx512"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        CHECK(setenv("VOCANA_SIMD", wrong[i], 1) == 0);
        CHECK(strcmp(vo_simd_name(), best) == 0);
    }
#ifdef __x86_64__
    const char *foreign = "neon";
#else
    const char *foreign = "avx2";
#endif
    CHECK(setenv("VOCANA_SIMD", foreign, 1) == 0);
    CHECK(strcmp(vo_simd_name(), best) == 0);
    CHECK(unsetenv("VOCANA_SIMD") == 0);
    CHECK(strcmp(vo_simd_name(), best) == 0);
}

/* A table is pointers and nothing else; none of them is NULL. */
static void check_complete(const vo_kernels *k) {
    enum { ENTRIES = sizeof *k / sizeof(void *) };
    const void *entries[ENTRIES];
    memcpy(entries, k, sizeof *k);
    for (size_t i = 0; i < ENTRIES; i++) CHECK(entries[i]);
}

int main(int argc, char **argv) {
    const char *asked = getenv("VOCANA_SIMD");
    char wanted[32];
    snprintf(wanted, sizeof wanted, "%s", asked ? asked : "");
    const vo_kernels selected = vo_kernels_select();
    vo_kernels found[KERNEL_LEVELS];
    size_t count = kernel_levels(found);
    printf("VOCANA_SIMD=%s selects %s\n", wanted, selected.name);
    for (size_t l = 0; l < count; l++)
        if (strcmp(wanted, found[l].name) == 0) CHECK(strcmp(selected.name, wanted) == 0);
    check_fallback(found[count - 1].name);
    for (size_t l = 0; l < count; l++) check_complete(&found[l]);
    if (argc > 1 && strcmp(argv[1], "--bench") == 0) kernel_bench(found, count);
    return 0;
}
