/* snapshot.h itself, one thread publishing and two reading: every copy that a reader gets was
   published as it is, and a reader never goes back in time. */
#include "model.hpp"

#include "code/snapshot.h"

enum { PUBLISHED = MODEL_FRAMES, WORDS = 2 };

struct snapshot_model : rl::test_suite<snapshot_model, 3> {
    vo_snapshot snapshot;

    void before() {
        atomic_init(&snapshot.turn, 0);
        for (int copy = 0; copy < 2; copy++)
            for (int i = 0; i < VO_SNAPSHOT_WORDS; i++) atomic_init(&snapshot.words[copy][i], 0);
    }

    void publish() {
        for (uint64_t i = 1; i <= PUBLISHED; i++) {
            uint64_t words[WORDS] = {i, 10 * i};
            vo_snapshot_publish(&snapshot, words, WORDS);
        }
    }

    void read() {
        for (uint64_t turn = 0, last = 0; turn < 2; turn++) {
            uint64_t words[WORDS];
            vo_snapshot_read(&snapshot, words, WORDS);
            RL_ASSERT(words[1] == 10 * words[0]);
            RL_ASSERT(words[0] >= last);
            last = words[0];
        }
    }

    void thread(unsigned index) {
        if (index)
            read();
        else
            publish();
    }
};

#include "simulate.hpp"

int main(int argc, char **argv) {
    return simulate<snapshot_model>(argc, argv);
}
