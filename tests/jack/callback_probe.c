/* A stream callback that checks the sound card's counter, so that these tests need no engine. */
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum { WRAP = 1 << 24 };

/* Everything is written by the audio thread alone and may be read at any time. A jump is a frame
   that is not the one after its predecessor; lost sums what the jumps left out. */
typedef struct probe {
    uint32_t channels;
    uint32_t reserved;
    atomic_uint_fast64_t callbacks;
    atomic_uint_fast64_t frames;
    atomic_uint_fast64_t jumps;
    atomic_uint_fast64_t lost;
    atomic_uint_fast64_t unequal; /* frames whose channels differ */
    atomic_uint_fast64_t early;   /* the same while JACK still connects port after port */
    atomic_uint_fast64_t zeros;   /* frames of zeros, which are not checked */
    atomic_uint_fast64_t flagged;
    atomic_uint_fast64_t least_block;
    atomic_uint_fast64_t most_block;
    uint64_t expected; /* next value, plus 1; 0 before the first */
} probe;

static void add(atomic_uint_fast64_t *counter, uint64_t n) {
    atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + n,
                          memory_order_relaxed);
}

static bool channels_agree(const probe *p, const float *frame) {
    for (uint32_t c = 1; c < p->channels; c++)
        if (frame[c] != frame[0]) return false;
    return true;
}

static void check_frame(probe *p, const float *frame) {
    if (!channels_agree(p, frame)) {
        add(p->expected ? &p->unequal : &p->early, 1);
        return;
    }
    const uint64_t value = (uint64_t)frame[0];
    if (frame[0] == 0.0f && p->expected != 1) {
        add(&p->zeros, 1);
        return;
    }
    if (p->expected && value != p->expected - 1) {
        add(&p->jumps, 1);
        add(&p->lost, (value + WRAP - (p->expected - 1)) % WRAP);
    }
    p->expected = (value + 1) % WRAP + 1;
}

int probe_callback(const void *input, void *output, unsigned long n, const void *time,
                   unsigned long flags, void *user) {
    (void)output, (void)time;
    probe *p = user;
    const float *frames = input;
    for (unsigned long i = 0; i < n; i++) check_frame(p, frames + i * p->channels);
    if (flags) add(&p->flagged, 1);
    if (!p->callbacks || n < p->least_block) p->least_block = n;
    if (n > p->most_block) p->most_block = n;
    add(&p->callbacks, 1);
    add(&p->frames, n);
    return 0;
}
