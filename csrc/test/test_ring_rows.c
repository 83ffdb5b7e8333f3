/* A9: a reader that has nothing to read clears nothing. The ring's storage stands on pages of its
   own, which can be made read-only while the reader works. */
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS */
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "vocana/ring.h"
#include "vocana/tap.h"

enum { CAPACITY = 8192, CHANNELS = 2, STORAGE_BYTES = CAPACITY * CHANNELS * sizeof(float) };
enum { OFFSET = CAPACITY - 1000 }; /* what is queued wraps */

static void *storage; /* the last block of STORAGE_BYTES, which only a ring asks for */
static int storages;  /* how many there were */

/* Whole pages for each block; the first one holds its size. */
static void *alloc_pages(void *self, size_t bytes, size_t align) {
    (void)self;
    size_t page = (size_t)sysconf(_SC_PAGESIZE), whole = (bytes + 2 * page - 1) / page * page;
    CHECK(align <= page);
    char *pages = mmap(NULL, whole, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(pages != MAP_FAILED);
    memcpy(pages, &whole, sizeof whole);
    if (bytes == STORAGE_BYTES) {
        storage = pages + page;
        storages++;
    }
    return pages + page;
}

static void free_pages(void *self, void *memory) {
    (void)self;
    char *pages = (char *)memory - sysconf(_SC_PAGESIZE);
    size_t whole;
    memcpy(&whole, pages, sizeof whole);
    CHECK(munmap(pages, whole) == 0);
}

static const vo_allocator paged = {alloc_pages, free_pages, NULL};

static vo_ring *paged_ring(void) {
    vo_ring *ring;
    CHECK(vo_ring_new(&ring, CAPACITY, CHANNELS, &paged) == VO_OK);
    return ring;
}

static void protect(const vo_ring *ring, int protection) {
    CHECK(mprotect((void *)vo_ring_storage(ring), STORAGE_BYTES, protection) == 0);
}

static float signal_at(uint64_t sample) {
    return (float)sample + 0.5f;
}

/* 2000 frames, of which sample 0 stands at OFFSET. */
static void fill(vo_ring *ring) {
    static float in[CAPACITY * CHANNELS];
    CHECK(vo_ring_write(ring, in, OFFSET) == OFFSET && vo_ring_consume(ring, OFFSET) == OFFSET);
    for (uint64_t i = 0; i < 2000 * CHANNELS; i++) in[i] = signal_at(i);
    CHECK(vo_ring_write(ring, in, 2000) == 2000);
}

static void is_signal(const float *frames, uint64_t first, uint32_t n) {
    for (uint64_t i = 0; i < (uint64_t)n * CHANNELS; i++)
        CHECK(frames[i] == signal_at(first * CHANNELS + i));
}

/* A9 */
static void a_reader_never_writes_into_the_storage(void) {
    vo_ring *ring = paged_ring();
    static float out[CAPACITY * CHANNELS], before[CAPACITY * CHANNELS];
    fill(ring);
    memcpy(before, vo_ring_storage(ring), sizeof before);
    protect(ring, PROT_READ);

    vo_spans queued = vo_ring_peek(ring, UINT32_MAX);
    CHECK(queued.first_frames == 1000 && queued.second_frames == 1000);
    is_signal(queued.first, 0, 1000);
    is_signal(queued.second, 1000, 1000);
    CHECK(vo_ring_copy(ring, 900, out, 300) == 300);
    is_signal(out, 900, 300);
    CHECK(vo_ring_read(ring, out, 500) == 500);
    is_signal(out, 0, 500);
    CHECK(vo_ring_consume(ring, 700) == 700);
    CHECK(vo_ring_read(ring, out, CAPACITY) == 800); /* short: the writer is behind */
    is_signal(out, 1200, 800);
    CHECK(vo_ring_read(ring, out, CAPACITY) == 0); /* and again with nothing at all */
    CHECK(vo_ring_copy(ring, 0, out, CAPACITY) == 0);
    CHECK(vo_ring_consume(ring, CAPACITY) == 0);
    CHECK(vo_ring_peek(ring, CAPACITY).first == NULL);

    CHECK(!memcmp(before, vo_ring_storage(ring), sizeof before));
    protect(ring, PROT_READ | PROT_WRITE);
    CHECK(vo_ring_write(ring, out, 10) == 10 && vo_ring_readable(ring) == 10);
    vo_ring_free(ring);
}

/* A9: nor does the reader of a tap, also where it skips and joins what does not belong together,
   and where the writer is behind. */
static void a_tap_reader_never_writes_into_the_storage(void) {
    const vo_tap_config config = {.channels = CHANNELS,
                                  .policy = VO_SKIP,
                                  .capacity_frames = CAPACITY,
                                  .target_frames = 1000,
                                  .high_water_frames = 3000,
                                  .fade_frames = 100,
                                  .align_frames = 50,
                                  .events = 16,
                                  .breaker = {1000, 1, 1}};
    static float in[2 * CAPACITY * CHANNELS], out[CAPACITY * CHANNELS];
    vo_tap *tap;
    storages = 0;
    CHECK(vo_tap_new(&tap, &config, &paged) == VO_OK && storages == 1);
    for (uint64_t i = 0; i < 2 * CAPACITY * CHANNELS; i++) in[i] = signal_at(i % 97) / 97;
    vo_tap_write(tap, in, 2 * CAPACITY); /* half of it is lost */
    CHECK(mprotect(storage, STORAGE_BYTES, PROT_READ) == 0);

    uint64_t skipped = 0;
    vo_tap_block block;
    while ((block = vo_tap_read(tap, out, 300)).frames) skipped += block.skipped;
    for (int again = 0; again < 3; again++) CHECK(vo_tap_read(tap, out, CAPACITY).frames == 0);
    CHECK(vo_tap_read_on(tap, out, CAPACITY) == 0);
    vo_tap_stats stats = vo_tap_stats_now(tap);
    CHECK(skipped > 0 && stats.queued == 0 && stats.delivered > 0);
    CHECK(stats.captured == 2 * CAPACITY && stats.delivered + stats.dropped == 2 * CAPACITY);

    CHECK(mprotect(storage, STORAGE_BYTES, PROT_READ | PROT_WRITE) == 0);
    vo_tap_free(tap);
}

/* The signal that ends a child which does this to a ring with read-only storage; 0: none. */
static int ends_by(void (*act)(vo_ring *)) {
    vo_ring *ring = paged_ring();
    fill(ring);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        const struct rlimit no_core = {0, 0};
        (void)setrlimit(RLIMIT_CORE, &no_core);
        signal(SIGSEGV, SIG_DFL); /* a sanitizer has its own */
        protect(ring, PROT_READ);
        act(ring);
        _exit(0);
    }
    int status;
    CHECK(waitpid(child, &status, 0) == child);
    vo_ring_free(ring);
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static void write_a_frame(vo_ring *ring) {
    const float frame[CHANNELS] = {1.0f, 2.0f};
    (void)vo_ring_write(ring, frame, 1);
}

static void read_and_clear(vo_ring *ring) {
    vo_spans queued = vo_ring_peek(ring, 1);
    memset(queued.first, 0, CHANNELS * sizeof(float));
    (void)vo_ring_consume(ring, 1);
}

static void read_a_frame(vo_ring *ring) {
    float frame[CHANNELS];
    (void)vo_ring_read(ring, frame, 1);
}

/* The control: the pages are guarded. */
static void whoever_writes_there_is_seen(void) {
    CHECK(ends_by(write_a_frame) == SIGSEGV);
    CHECK(ends_by(read_and_clear) == SIGSEGV);
    CHECK(ends_by(read_a_frame) == 0);
}

int main(void) {
    a_reader_never_writes_into_the_storage();
    a_tap_reader_never_writes_into_the_storage();
    whoever_writes_there_is_seen();
    return 0;
}
