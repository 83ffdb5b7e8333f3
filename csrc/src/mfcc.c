#include "vocana/mfcc.h"

#include <math.h>
#include <string.h>

#define PI 3.14159265358979323846

/* Coefficients that are summed side by side. A matrix column is padded to whole groups. */
enum { GROUP = 16 };

struct vo_mfcc {
    uint32_t bands, count, groups;
    float *matrix; /* for each group, for each band: the band's weight in each of the group */
    vo_allocator allocator;
};

static void fill(vo_mfcc *mfcc, double lifter) {
    float *to = mfcc->matrix;
    for (uint32_t g = 0; g < mfcc->groups; g++)
        for (uint32_t b = 0; b < mfcc->bands; b++)
            for (uint32_t k = g * GROUP; k < (g + 1) * GROUP; k++) {
                double scale = sqrt((k ? 2.0 : 1.0) / mfcc->bands);
                double lift = lifter > 0 ? 1 + lifter / 2 * sin(PI * (k + 1) / lifter) : 1;
                double angle = PI * k * (b + 0.5) / mfcc->bands;
                *to++ = (float)(lift * scale * cos(angle));
            }
}

vo_status vo_mfcc_new(vo_mfcc **out, uint32_t bands, uint32_t count, double lifter,
                      const vo_allocator *allocator) {
    *out = NULL;
    if (!count || count > bands || !(lifter >= 0 && lifter < INFINITY)) return VO_BAD_ARG;
    size_t bytes, groups = ((size_t)count + GROUP - 1) / GROUP;
    if (!vo_size_mul(groups * GROUP, bands, &bytes) || !vo_size_mul(bytes, sizeof(float), &bytes))
        return VO_TOO_BIG;
    if (!allocator) allocator = vo_allocator_default();
    vo_mfcc *mfcc = vo_alloc(allocator, sizeof *mfcc, VO_CACHE_LINE);
    if (!mfcc) return VO_NO_MEM;
    mfcc->allocator = *allocator;
    mfcc->bands = bands;
    mfcc->count = count;
    mfcc->groups = (uint32_t)groups;
    mfcc->matrix = vo_alloc(allocator, bytes, VO_CACHE_LINE);
    if (!mfcc->matrix) {
        vo_mfcc_free(mfcc);
        return VO_NO_MEM;
    }
    fill(mfcc, lifter);
    *out = mfcc;
    return VO_OK;
}

void vo_mfcc_free(vo_mfcc *mfcc) {
    if (!mfcc) return;
    vo_allocator allocator = mfcc->allocator;
    vo_release(&allocator, mfcc->matrix);
    vo_release(&allocator, mfcc);
}

/* Every compiler makes vectors of the inner loop, whatever it may assume of sums. */
static void sum_group(float sums[GROUP], const float *matrix, const float *logs, uint32_t bands) {
    for (uint32_t k = 0; k < GROUP; k++) sums[k] = 0;
    for (uint32_t b = 0; b < bands; b++, matrix += GROUP)
        for (uint32_t k = 0; k < GROUP; k++) sums[k] += matrix[k] * logs[b];
}

void vo_mfcc_apply(const vo_mfcc *mfcc, float *rows, const float *logs, uint64_t frames) {
    for (uint64_t t = 0; t < frames; t++, rows += mfcc->count, logs += mfcc->bands) {
        const float *matrix = mfcc->matrix;
        for (uint32_t k = 0; k < mfcc->count; k += GROUP, matrix += GROUP * (size_t)mfcc->bands) {
            float sums[GROUP];
            uint32_t n = mfcc->count - k < GROUP ? mfcc->count - k : GROUP;
            sum_group(sums, matrix, logs, mfcc->bands);
            memcpy(rows + k, sums, n * sizeof *sums);
        }
    }
}
