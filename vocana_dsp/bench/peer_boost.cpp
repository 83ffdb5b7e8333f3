// boost::lockfree::spsc_queue behind the table that every contender of the ring's benchmark fills
// (struct vo_bench_queue). Compiled when the benchmark runs, where Boost is installed.

#include <boost/align/aligned_allocator.hpp>
#include <boost/lockfree/spsc_queue.hpp>
#include <cstddef>
#include <cstdint>
#include <new>

namespace {

struct frame {
    float left, right;
};

// Frames from a page's start, as every contender has them.
using pages = boost::alignment::aligned_allocator<frame, 4096>;
using queue = boost::lockfree::spsc_queue<frame, boost::lockfree::allocator<pages>>;

void *make(uint32_t frames, uint32_t channels) {
    if (channels != 2) return nullptr;
    try {
        return new queue(frames);
    } catch (const std::bad_alloc &) {
        return nullptr;
    }
}

uint32_t push(void *self, const float *frames, uint32_t n) {
    return static_cast<uint32_t>(
        static_cast<queue *>(self)->push(reinterpret_cast<const frame *>(frames), n));
}

uint32_t pop(void *self, float *frames, uint32_t n) {
    return static_cast<uint32_t>(
        static_cast<queue *>(self)->pop(reinterpret_cast<frame *>(frames), n));
}

void destroy(void *self) {
    delete static_cast<queue *>(self);
}

} // namespace

extern "C" const struct {
    void *(*make)(uint32_t, uint32_t);
    uint32_t (*push)(void *, const float *, uint32_t);
    uint32_t (*pop)(void *, float *, uint32_t);
    void (*destroy)(void *);
} vo_bench_peer = {make, push, pop, destroy};
