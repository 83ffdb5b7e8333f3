/* ledger.c and ring.c themselves, used in the order of tap_write.c and tap_read.c: the writer
   records a gap and then publishes the frames after it; the reader looks at the ring and then at
   the ledger. Whoever sees a frame must have seen every gap before it, complete.

   The ledger holds two records, so that slots are used again. */
#include "model_ring.hpp"

#include "code/ledger.c"

enum { FRAMES = MODEL_FRAMES, CAPACITY = 4, RECORDS = 2 };

struct gaps_model : rl::test_suite<gaps_model, 2> {
    model_ring<CAPACITY, 1> ring;
    vo_ledger ledger;
    vo_gap slots[RECORDS];

    void before() {
        ring.prepare();
        atomic_init(&ledger.head, 0);
        atomic_init(&ledger.tail, 0);
        ledger.slots = slots;
        ledger.mask = RECORDS - 1;
    }

    void record(int at) {
        vo_gap gap;
        gap.at = at;
        gap.frame = 10 * at;
        gap.frames = at + 1;
        while (!vo_ledger_push(&ledger, &gap)) rl::yield(1, $);
    }

    void publish(int position) {
        model_word frame = position;
        while (!vo_ring_write(&ring, &frame, 1)) rl::yield(1, $);
    }

    /* A gap of i + 1 frames stands before each frame i. */
    void write() {
        for (int i = 0; i < FRAMES; i++) {
#ifdef MUTANT_PUBLISH_BEFORE_RECORD
            publish(i);
            record(i);
#else
            record(i);
            publish(i);
#endif
        }
    }

    void read() {
        for (int done = 0; done < FRAMES;) {
#ifdef MUTANT_LEDGER_BEFORE_RING
            const vo_gap *gap = vo_ledger_peek(&ledger, 0);
            uint32_t queued = vo_ring_readable(&ring);
#else
            uint32_t queued = vo_ring_readable(&ring);
            const vo_gap *gap = vo_ledger_peek(&ledger, 0);
#endif
            if (!queued) {
                rl::yield(1, $);
                continue;
            }
            RL_ASSERT(gap);
            RL_ASSERT(gap->at == done && gap->frame == 10 * done && gap->frames == done + 1);
            vo_ledger_pop(&ledger);
            model_word frame;
            RL_ASSERT(vo_ring_read(&ring, &frame, 1) == 1);
            RL_ASSERT(frame == done);
            done++;
        }
    }

    void thread(unsigned index) {
        if (index)
            read();
        else
            write();
    }
};

#include "simulate.hpp"

int main(int argc, char **argv) {
    return simulate<gaps_model>(argc, argv);
}
