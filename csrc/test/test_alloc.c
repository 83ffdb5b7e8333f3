/* Sizes that overflow, memory that is not there, and the allocator that the other tests rely on. */
#include "vocana/alloc.h"

#include <stdint.h>
#include <string.h>

#include "check.h"
#include "failing_alloc.h"
#include "vocana/capture.h"
#include "vocana/crossfade.h"
#include "vocana/pool.h"
#include "vocana/ring.h"
#include "vocana/status.h"

/* B14 */
static void multiplies_with_care(void) {
    size_t out;
    CHECK(vo_size_mul(3, 5, &out) && out == 15);
    CHECK(vo_size_mul(0, SIZE_MAX, &out) && out == 0);
    CHECK(!vo_size_mul((size_t)1 << 62, 4, &out));
    CHECK(!vo_size_mul((size_t)1 << 62, 2, &out));
    CHECK(!vo_size_mul(SIZE_MAX, 1, &out));
    CHECK(!vo_size_mul(PTRDIFF_MAX, 1, &out)); /* no room for padding */
    CHECK(vo_size_mul((size_t)1 << 31, (size_t)1 << 31, &out) && out == (size_t)1 << 62);
}

static void gives_zeroed_aligned_memory(void) {
    for (size_t align = 1; align <= 4096; align *= 2) {
        for (size_t bytes = 0; bytes < 300; bytes += 37) {
            unsigned char *memory = vo_alloc(NULL, bytes, align);
            CHECK(memory && (uintptr_t)memory % align == 0);
            for (size_t i = 0; i < bytes; i++) CHECK(memory[i] == 0);
            memset(memory, 0xa5, bytes);
            vo_release(NULL, memory);
        }
    }
    CHECK(vo_alloc(NULL, SIZE_MAX, 64) == NULL);
    CHECK(vo_alloc(NULL, PTRDIFF_MAX, 64) == NULL);
    vo_release(NULL, NULL);
}

/* The detector itself: it fails the call it was told to fail, and sees a leak. */
static void fails_on_request(void) {
    failing_alloc memory;
    failing_alloc_init(&memory, 2, false);
    void *first = vo_alloc(&memory.allocator, 8, 64);
    CHECK(first && memory.live == 1);
    CHECK(vo_alloc(&memory.allocator, 8, 64) == NULL && memory.failures == 1);
    void *third = vo_alloc(&memory.allocator, 8, 4);
    CHECK(third && memory.live == 2 && memory.calls == 3);
    vo_release(&memory.allocator, first);
    CHECK(memory.live == 1); /* a leak would show */
    vo_release(&memory.allocator, third);
    CHECK(memory.live == 0);
    failing_alloc_init(&memory, 1, true);
    for (int i = 0; i < 3; i++) CHECK(vo_alloc(&memory.allocator, 8, 8) == NULL);
    CHECK(memory.failures == 3);
}

/* --- Every _new, with its 1st, 2nd, ... allocation failing ------------------- */

static vo_status make_ring(const vo_allocator *allocator) {
    vo_ring *ring;
    vo_status status = vo_ring_new(&ring, 100, 2, allocator);
    CHECK((status == VO_OK) == (ring != NULL));
    if (ring) vo_ring_free(ring);
    return status;
}

static vo_status make_pool_of(vo_pool_sharing sharing, const vo_allocator *allocator) {
    vo_pool *pool;
    vo_pool_config config = {64, 2, 4, 8, sharing};
    vo_status status = vo_pool_new(&pool, &config, allocator);
    CHECK((status == VO_OK) == (pool != NULL));
    if (pool) vo_pool_free(pool);
    return status;
}

static vo_status make_pair_pool(const vo_allocator *allocator) {
    return make_pool_of(VO_POOL_PAIR, allocator);
}

static vo_status make_shared_pool(const vo_allocator *allocator) {
    return make_pool_of(VO_POOL_SHARED, allocator);
}

static vo_status make_events(const vo_allocator *allocator) {
    vo_events *events;
    vo_status status = vo_events_new(&events, 10, allocator);
    CHECK((status == VO_OK) == (events != NULL));
    if (events) vo_events_free(events);
    return status;
}

static vo_status make_ledger(const vo_allocator *allocator) {
    vo_ledger *ledger;
    vo_status status = vo_ledger_new(&ledger, 10, allocator);
    CHECK((status == VO_OK) == (ledger != NULL));
    if (ledger) vo_ledger_free(ledger);
    return status;
}

static vo_status make_crossfade(const vo_allocator *allocator) {
    vo_crossfade *crossfade;
    vo_status status = vo_crossfade_new(&crossfade, 240, 720, 2, allocator);
    CHECK((status == VO_OK) == (crossfade != NULL));
    if (crossfade) vo_crossfade_free(crossfade);
    return status;
}

static vo_tap_config tap_config(void) {
    return (vo_tap_config){.channels = 2,
                           .policy = VO_SKIP,
                           .capacity_frames = 4800,
                           .target_frames = 960,
                           .fade_frames = 240,
                           .align_frames = 720,
                           .events = 64,
                           .breaker = {5, 1200, 76800}};
}

static vo_status make_tap(const vo_allocator *allocator) {
    vo_tap *tap;
    vo_tap_config config = tap_config();
    vo_status status = vo_tap_new(&tap, &config, allocator);
    CHECK((status == VO_OK) == (tap != NULL));
    if (tap) vo_tap_free(tap);
    return status;
}

static vo_status make_capture(const vo_allocator *allocator) {
    vo_capture *capture;
    vo_capture_config config = {.tap = tap_config(), .input = {.limit = 2.0f}};
    vo_status status = vo_capture_new(&capture, &config, allocator);
    CHECK((status == VO_OK) == (capture != NULL));
    if (capture) vo_capture_free(capture);
    return status;
}

static void survives_every_failure(const char *name, vo_status (*make)(const vo_allocator *),
                                   uint64_t least) {
    for (int from_then_on = 0; from_then_on < 2; from_then_on++) {
        failing_alloc memory;
        uint64_t k = 1;
        for (;; k++) {
            failing_alloc_init(&memory, k, from_then_on);
            vo_status status = make(&memory.allocator);
            CHECK(memory.live == 0);
            if (!memory.failures) {
                CHECK(status == VO_OK);
                break;
            }
            CHECK(status == VO_NO_MEM);
        }
        CHECK(k - 1 == memory.calls && memory.calls >= least);
        if (!from_then_on)
            printf("%-12s %2llu allocations\n", name, (unsigned long long)memory.calls);
    }
}

static void names_every_status(void) {
#define X(name, value, text) CHECK(!strcmp(vo_status_text(VO_##name), text) && VO_##name == value);
    VO_STATUS_MAP(X)
#undef X
    CHECK(!strcmp(vo_status_text((vo_status)-1000), "unknown status"));
}

int main(void) {
    multiplies_with_care();
    gives_zeroed_aligned_memory();
    fails_on_request();
    names_every_status();
    survives_every_failure("ring", make_ring, 2);
    survives_every_failure("pool, pair", make_pair_pool, 8);
    survives_every_failure("pool, shared", make_shared_pool, 6);
    survives_every_failure("events", make_events, 2);
    survives_every_failure("ledger", make_ledger, 2);
    survives_every_failure("crossfade", make_crossfade, 1);
    survives_every_failure("tap", make_tap, 6);
    survives_every_failure("capture", make_capture, 7);
    return 0;
}
