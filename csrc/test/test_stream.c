/* What PortAudio calls: the callback behind it, with its own user data, and the end. */
#include "vocana/stream.h"

#include "check.h"
#include "failing_alloc.h"

typedef struct call {
    const void *input, *time;
    void *output;
    unsigned long n, flags;
} call;

static int remember(const void *input, void *output, unsigned long n, const void *time,
                    unsigned long flags, void *user) VO_REALTIME;

static int remember(const void *input, void *output, unsigned long n, const void *time,
                    unsigned long flags, void *user) {
    *(call *)user = (call){input, time, output, n, flags};
    return 7;
}

static void calls_are_passed_on(void) {
    float in, out;
    double time;
    call seen = {0};
    vo_stream *stream;
    CHECK(vo_stream_new(&stream, remember, &seen, NULL) == VO_OK);
    CHECK(vo_stream_call(&in, &out, 128, &time, 2, stream) == 7);
    CHECK(seen.input == &in && seen.output == &out && seen.time == &time);
    CHECK(seen.n == 128 && seen.flags == 2);
    vo_stream_free(stream);
}

static void the_end_is_told(void) {
    call seen;
    vo_stream *stream;
    CHECK(vo_stream_new(&stream, remember, &seen, NULL) == VO_OK);
    CHECK(!vo_stream_finished(stream));
    vo_stream_finish(stream);
    CHECK(vo_stream_finished(stream));
    vo_stream_free(stream);
    vo_stream_free(NULL);
}

/* Fault row 39. */
static void every_failure_is_told_and_leaks_nothing(void) {
    failing_alloc memory;
    failing_alloc_init(&memory, 1, false);
    vo_stream *stream = (vo_stream *)&memory;
    CHECK(vo_stream_new(&stream, remember, NULL, &memory.allocator) == VO_NO_MEM && !stream);
    CHECK(vo_stream_new(&stream, NULL, NULL, &memory.allocator) == VO_BAD_ARG && !stream);
    CHECK(memory.live == 0);
    CHECK(vo_stream_new(&stream, remember, NULL, &memory.allocator) == VO_OK);
    vo_stream_free(stream);
    CHECK(memory.live == 0);
}

int main(void) {
    calls_are_passed_on();
    the_end_is_told();
    every_failure_is_told_and_leaks_nothing();
    return 0;
}
