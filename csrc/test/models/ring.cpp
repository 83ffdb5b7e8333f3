/* ring.c itself, one thread writing and one reading, under every order of steps and every value
   that C11 lets a load return. Each frame must arrive once, in order and complete, without a data
   race on the storage; sizes differ on both sides, so that spans wrap and reads and writes are
   partial. Both ways in (write, acquire + commit) and out (read, peek + consume) are taken. */
#include "model_ring.hpp"

enum { CAPACITY = MODEL_CAPACITY, CHANNELS = MODEL_CHANNELS, FRAMES = MODEL_FRAMES };

struct ring_model : rl::test_suite<ring_model, 2> {
    model_ring<CAPACITY, CHANNELS> ring;

    void before() { ring.prepare(); }

    static void put(model_word *out, int frame, uint32_t n) {
        for (uint32_t i = 0; i < n * CHANNELS; i++) out[i] = frame * CHANNELS + (int)i;
    }

    static void expect(const model_word *in, int frame, uint32_t n) {
        for (uint32_t i = 0; i < n * CHANNELS; i++) RL_ASSERT(in[i] == frame * CHANNELS + (int)i);
    }

    void write() {
        for (int done = 0, turn = 0; done < FRAMES; turn++) {
            uint32_t n = 1 + (uint32_t)turn % CAPACITY, moved;
            if (n > (uint32_t)(FRAMES - done)) n = (uint32_t)(FRAMES - done);
            if (turn & 1) {
                model_word block[CAPACITY * CHANNELS];
                put(block, done, n);
                moved = vo_ring_write(&ring, block, n);
            } else {
                vo_spans to = vo_ring_acquire(&ring, n);
                put(to.first, done, to.first_frames);
                put(to.second, done + (int)to.first_frames, to.second_frames);
                moved = vo_ring_commit(&ring, to.first_frames + to.second_frames);
            }
            done += (int)moved;
            if (!moved) rl::yield(1, $);
        }
    }

    void read() {
        for (int done = 0, turn = 0; done < FRAMES; turn++) {
            uint32_t moved;
            if (turn & 1) {
                vo_spans from = vo_ring_peek(&ring, CAPACITY);
                expect(from.first, done, from.first_frames);
                expect(from.second, done + (int)from.first_frames, from.second_frames);
                moved = vo_ring_consume(&ring, from.first_frames + from.second_frames);
            } else {
                model_word block[CAPACITY * CHANNELS];
                moved = vo_ring_read(&ring, block, CAPACITY);
                expect(block, done, moved);
            }
            done += (int)moved;
            if (!moved) rl::yield(1, $);
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
    return simulate<ring_model>(argc, argv);
}
