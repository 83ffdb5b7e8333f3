/* A ring of the model's own, and how to make it ready: ring.c's _new without its memory. */
#ifndef VOCANA_MODEL_RING_HPP
#define VOCANA_MODEL_RING_HPP

#include "model.hpp"

#include "memory.hpp"

#include "code/ring.c"

template <uint32_t capacity_frames, uint32_t channel_count> struct model_ring : vo_ring {
    model_word storage[capacity_frames * channel_count];

    void prepare() {
        atomic_init(&head, 0);
        atomic_init(&tail, 0);
        writer.head = writer.tail_seen = 0;
        reader.tail = reader.head_seen = 0;
        frames = storage;
        mask = capacity_frames - 1;
        capacity = capacity_frames;
        channels = channel_count;
        for (uint32_t i = 0; i < capacity_frames * channel_count; i++) storage[i] = -1;
    }
};

#endif
