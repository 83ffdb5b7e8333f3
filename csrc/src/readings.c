#include "readings.h"

vo_status vo_readings_init(vo_readings *readings, uint32_t count, const vo_allocator *allocator) {
    size_t bytes;
    readings->values = NULL;
    if (!count) return VO_BAD_ARG;
    if (!vo_size_mul(count, 2 * sizeof *readings->values, &bytes)) return VO_TOO_BIG;
    readings->values = vo_alloc(allocator, bytes, VO_CACHE_LINE);
    if (!readings->values) return VO_NO_MEM;
    for (size_t i = 0; i < 2 * (size_t)count; i++) atomic_init(&readings->values[i], 0);
    atomic_init(&readings->turn, 0);
    readings->count = count;
    return VO_OK;
}

void vo_readings_release(vo_readings *readings, const vo_allocator *allocator) {
    vo_release(allocator, readings->values);
}

void vo_readings_publish(vo_readings *readings, const double *values) {
    uint64_t turn = atomic_load_explicit(&readings->turn, memory_order_relaxed) + 1;
    _Atomic double *copy = readings->values + (turn & 1) * readings->count;
    for (uint32_t i = 0; i < readings->count; i++)
        atomic_store_explicit(&copy[i], values[i], memory_order_release);
    atomic_store_explicit(&readings->turn, turn, memory_order_release);
}

uint32_t vo_readings_read(const vo_readings *readings, double *values, uint32_t most) {
    uint32_t n = most < readings->count ? most : readings->count;
    uint64_t before, after;
    do {
        before = atomic_load_explicit(&readings->turn, memory_order_acquire);
        const _Atomic double *copy = readings->values + (before & 1) * readings->count;
        for (uint32_t i = 0; i < n; i++)
            values[i] = atomic_load_explicit(&copy[i], memory_order_acquire);
        after = atomic_load_explicit(&readings->turn, memory_order_relaxed);
    } while (before != after);
    return readings->count;
}
