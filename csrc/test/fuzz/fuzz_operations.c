/* Bytes as a sequence of writes, losses, reads and ends of a tap: after each, every frame is
   delivered, dropped or queued, and what is delivered is what was written there. */
#include "fuzz.h"
#include "vocana/tap.h"

enum { MOST = 64 };

static arena memory;

/* Two channels that tell the frame; exact in a float. */
static void fill(float frames[][2], uint64_t first, uint32_t n) {
    for (uint32_t i = 0; i < n; i++) {
        frames[i][0] = (float)(first + i + 1);
        frames[i][1] = -frames[i][0];
    }
}

typedef struct reader {
    uint64_t next; /* frame */
    bool fades;
} reader;

static void same(const reader *from, float frames[][2], uint64_t first, uint32_t n) {
    for (uint32_t i = 0; i < n && !from->fades; i++) {
        REQUIRE(frames[i][0] == (float)(first + i + 1));
        REQUIRE(frames[i][1] == -frames[i][0]);
    }
}

static void read(vo_tap *tap, reader *from, uint32_t n) {
    float frames[MOST][2];
    vo_tap_block block = vo_tap_read(tap, frames[0], n);
    REQUIRE(block.frames <= n);
    if (!block.frames) return;
    REQUIRE(block.frame == from->next + block.gap);
    same(from, frames, block.frame, block.frames);
    from->next = block.frame + block.frames;
}

static void read_on(vo_tap *tap, reader *from, uint32_t n) {
    float frames[MOST][2];
    uint32_t got = vo_tap_read_on(tap, frames[0], n);
    REQUIRE(got <= n);
    same(from, frames, from->next, got);
    from->next += got;
}

static void account(vo_tap *tap, uint64_t captured, const reader *from) {
    vo_tap_stats stats = vo_tap_stats_now(tap);
    REQUIRE(stats.captured == captured && from->next <= captured);
    REQUIRE(stats.captured == stats.delivered + stats.dropped + stats.queued);
    REQUIRE(stats.queued + vo_tap_room(tap) == vo_tap_capacity(tap));
    REQUIRE(stats.open_gap.frames <= stats.dropped);
}

static vo_tap *make(const uint8_t *d, reader *from) {
    vo_tap_config config = {
        .channels = 2,
        .policy = (vo_overflow_policy)(d[0] % 3),
        .capacity_frames = 1 + d[1] % MOST,
        .target_frames = d[2] % (1 + d[1] % MOST),
        .high_water_frames = d[3] % 2 ? d[2] % (1 + d[1] % MOST) + d[3] % 8 : 0,
        .fade_frames = d[4] % 2 ? d[4] % 16 : 0,
        .align_frames = d[4] % 4 == 3 ? 8 : 0,
        .events = 4,
        .breaker = {1 + d[5] % 4, 1 + d[6] % 32, 64},
    };
    vo_tap *tap;
    from->fades = config.fade_frames > 0;
    vo_status status = vo_tap_new(&tap, &config, arena_begin(&memory, ARENA_BYTES));
    REQUIRE(status == VO_OK || (status == VO_BAD_ARG && !memory.live));
    return tap;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    reader from = {0};
    vo_tap *tap = size >= 8 ? make(data, &from) : NULL;
    if (!tap) return -1;
    uint64_t captured = 0;
    float frames[MOST][2];
    for (size_t i = 8; i < size && captured < 1 << 20; i++) {
        uint32_t n = data[i] >> 2;
        switch (data[i] & 3) {
        case 0:
            fill(frames, captured, n);
            vo_tap_write(tap, frames[0], n);
            captured += n;
            break;
        case 1:
            read(tap, &from, n);
            break;
        case 2:
            read_on(tap, &from, n);
            break;
        default:
            if (n == 0) vo_tap_end(tap);
            vo_tap_lose(tap, n, n % 2 ? VO_CAUSE_DEVICE : VO_CAUSE_REJECTED);
            captured += n;
        }
        account(tap, captured, &from);
    }
    vo_tap_free(tap);
    REQUIRE(!memory.live);
    return 0;
}
