#include "vocana/stream.h"

#include <stdatomic.h>

struct vo_stream {
    vo_stream_callback callback;
    void *user;
    _Atomic bool finished;
    vo_allocator allocator;
};

vo_status vo_stream_new(vo_stream **out, vo_stream_callback callback, void *user,
                        const vo_allocator *allocator) {
    *out = NULL;
    if (!callback) return VO_BAD_ARG;
    if (!allocator) allocator = vo_allocator_default();
    vo_stream *stream = vo_alloc(allocator, sizeof *stream, VO_CACHE_LINE);
    if (!stream) return VO_NO_MEM;
    stream->callback = callback;
    stream->user = user;
    stream->allocator = *allocator;
    *out = stream;
    return VO_OK;
}

void vo_stream_free(vo_stream *stream) {
    if (!stream) return;
    vo_allocator allocator = stream->allocator;
    vo_release(&allocator, stream);
}

int vo_stream_call(const void *input, void *output, unsigned long n, const void *time,
                   unsigned long flags, void *user) {
    const vo_stream *stream = user;
    return stream->callback(input, output, n, time, flags, stream->user);
}

void vo_stream_finish(void *user) {
    vo_stream *stream = user;
    atomic_store_explicit(&stream->finished, true, memory_order_release);
}

bool vo_stream_finished(const vo_stream *stream) {
    return atomic_load_explicit(&stream->finished, memory_order_acquire);
}
