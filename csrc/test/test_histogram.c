#include "histogram.h"

#include <stdlib.h>

#include "check.h"

static int by_value(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* A quantile is at least the exact one and at most a bucket (1.6 %) above it. */
static void quantiles_are_right_within_a_bucket(void) {
    enum { N = 10000 };
    static uint64_t values[N];
    vo_histogram *histogram = calloc(1, sizeof *histogram);
    CHECK(histogram);
    uint64_t state = 1;
    for (int i = 0; i < N; i++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        values[i] = state >> (28 + state % 30);
        vo_histogram_record(histogram, values[i]);
    }
    CHECK(vo_histogram_count(histogram) == N);
    qsort(values, N, sizeof *values, by_value);
    const double fractions[] = {0.01, 0.25, 0.5, 0.9, 0.99, 0.999, 1.0};
    for (size_t i = 0; i < sizeof fractions / sizeof *fractions; i++) {
        uint64_t exact = values[(int)(fractions[i] * N + 0.5) - 1];
        uint64_t found = vo_histogram_quantile(histogram, fractions[i]);
        CHECK(found >= exact);
        CHECK((double)found <= (double)exact * (1 + 1.0 / 64) + 1);
    }
    CHECK(vo_histogram_longest(histogram) == values[N - 1]);
    free(histogram);
}

static void extremes_have_a_bucket(void) {
    vo_histogram *histogram = calloc(1, sizeof *histogram);
    CHECK(histogram);
    CHECK(vo_histogram_quantile(histogram, 0.5) == 0);
    vo_histogram_record(histogram, 0);
    CHECK(vo_histogram_quantile(histogram, 0.5) == 0);
    vo_histogram_record(histogram, UINT64_MAX);
    CHECK(vo_histogram_longest(histogram) == UINT64_MAX);
    CHECK(vo_histogram_count(histogram) == 2);
    free(histogram);
}

int main(void) {
    quantiles_are_right_within_a_bucket();
    extremes_have_a_bucket();
    return 0;
}
