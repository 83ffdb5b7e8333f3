#define _DEFAULT_SOURCE

#include "kernel_checks.h"

#include <float.h>
#include <math.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "kernel_lines.h"
#include "vocana/simd.h"

static const char *const names[KERNEL_LEVELS] = {"scalar", "avx2", "avx512", "neon"};

size_t kernel_levels(vo_kernels found[KERNEL_LEVELS]) {
    size_t count = 0;
    for (size_t i = 0; i < KERNEL_LEVELS; i++) {
        CHECK(setenv("VOCANA_SIMD", names[i], 1) == 0);
        found[count] = vo_kernels_select();
        CHECK(strcmp(vo_simd_name(), found[count].name) == 0);
        if (strcmp(found[count].name, names[i]) == 0) count++;
    }
    CHECK(unsetenv("VOCANA_SIMD") == 0);
    CHECK(count >= 1 && strcmp(found[0].name, "scalar") == 0);
#if defined(__x86_64__) && !defined(__clang__)
    CHECK((count > 1) == !!__builtin_cpu_supports("avx2"));
    CHECK((count > 2) == !!__builtin_cpu_supports("avx512vl"));
#endif
    return count;
}

/* --- What rows need --------------------------------------------------------- */

bool only_within(const void *arena, size_t bytes, const void *window, size_t window_bytes,
                 const void *canary, size_t canary_bytes) {
    const char *start = arena, *first = window, *last = first + window_bytes;
    for (const char *p = start; p < start + bytes; p += canary_bytes)
        if ((p < first || p >= last) && memcmp(p, canary, canary_bytes) != 0) return false;
    return true;
}

bool same_samples(const float *a, const float *b, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (memcmp(a + i, b + i, sizeof *a) != 0 && !(isnan(a[i]) && isnan(b[i]))) return false;
    return true;
}

void put_special(float *x, size_t n) {
    const float special[] = {
        0,
        -0.0f,
        from_bits(1),
        from_bits(0x80000001),
        from_bits(0x807fffff),
        FLT_MIN,
        -FLT_MIN,
        FLT_MAX,
        INFINITY,
        -INFINITY,
        from_bits(0x7f800001),
        NAN,
    };
    for (size_t put = 0; n && put < 1 + random_bits() % 2; put++)
        x[random_bits() % n] = special[random_bits() % (sizeof special / sizeof *special)];
}

/* --- Rows ------------------------------------------------------------------ */

static void map_pages(kernel_pages *pages) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    for (int i = 0; i < 4; i++) {
        char *map = mmap(NULL, 4 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (map == MAP_FAILED || mprotect(map + page, 2 * page, PROT_READ | PROT_WRITE)) _exit(2);
        pages->first[i] = map + page;
        pages->end[i] = map + 3 * page;
    }
}

/* In a child, because a kernel that reads beyond dies. */
static const char *touch(const kernel_row *row, const vo_kernels *k) {
    fflush(NULL);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        /* A planted fault dies here on purpose: no report of a sanitizer, no core. */
        signal(SIGSEGV, SIG_DFL);
        setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
        kernel_pages pages;
        map_pages(&pages);
        for (size_t n = 0; n <= MAX_LENGTH; n++)
            for (int end = 0; end < 2; end++) row->touch(k, &pages, n, end);
        _exit(0);
    }
    int status;
    CHECK(waitpid(child, &status, 0) == child);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? NULL : "reads or writes outside";
}

static const char *wrong_with(const kernel_row *row, const vo_kernels *k) {
    const char *wrong = row->check(k);
    return wrong ? wrong : touch(row, k);
}

static const kernel_row *row_of(const kernel_row *rows, size_t count, const char *kernel) {
    for (size_t i = 0; i < count; i++)
        if (strcmp(rows[i].kernel, kernel) == 0) return &rows[i];
    return NULL;
}

void kernel_checks(const kernel_row *rows, size_t row_count, const kernel_fault *faults,
                   size_t fault_count) {
    vo_kernels found[KERNEL_LEVELS];
    size_t count = kernel_levels(found);
    for (size_t r = 0; r < row_count; r++)
        for (size_t l = 0; l < count; l++)
            say_equal(rows[r].kernel, found[l].name, wrong_with(&rows[r], &found[l]));
    for (size_t f = 0; f < fault_count; f++) {
        const kernel_row *row = row_of(rows, row_count, faults[f].kernel);
        CHECK(row);
        vo_kernels bad = vo_kernels_scalar();
        faults[f].spoil(&bad);
        say_caught(faults[f].fault, wrong_with(row, &bad));
    }
}
