/* An engine that starts, stops in every state, leaves its place to another one, or cannot be made.
 */
#include "engine_scene.h"
#include "failing_alloc.h"

/* --- Life ------------------------------------------------------------------------ */

static void it_stops_in_every_state(void) {
    scene s = open_scene(&(scene_config){.frames = 1 << 20, .capacity = 1000, .idle = true});
    CHECK(vo_engine_stop(s.engine, 0) == VO_OK); /* never started */
    CHECK(vo_engine_start(s.engine) == VO_BAD_ARG);
    close_scene(&s);
    s = open_scene(&(scene_config){.frames = 1 << 20, .capacity = 1000});
    CHECK(vo_engine_start(s.engine) == VO_BAD_ARG);
    CHECK(next(&s).frames);
    CHECK(vo_sim_stop(s.sim, HOUR_NS) == VO_OK);
    if (!vo_tap_ended(vo_capture_tap(s.capture))) vo_capture_end(s.capture, false);
    CHECK(vo_engine_stop(s.engine, HOUR_NS) == VO_OK); /* without room, and without a reader */
    CHECK(vo_tap_ended(s.tap));
    close_scene(&s);
    s = open_scene(&(scene_config){.by_hand = true});
    CHECK(vo_engine_stop(s.engine, 1000000) == VO_TIMED_OUT); /* the capture has not ended */
    vo_capture_end(s.capture, false);
    CHECK(vo_engine_stop(s.engine, HOUR_NS) == VO_OK);
    close_scene(&s);
}

/* --- One engine after another ------------------------------------------------------ */

enum { HEARD = 1000, BLOCK = 480 };

/* An engine at another rate and of another capture, which heard `block` first, in the place of the
   scene's, which has left; `passed` frames of the output lie in between. */
static vo_capture *go_on(scene *s, uint32_t rate, vo_resampler *resampler, const float *block,
                         uint64_t passed) {
    vo_capture *capture = open_capture(1 << 16);
    vo_capture_process(capture, block, BLOCK, 0, 0);
    uint64_t begins_ns = vo_capture_first(capture).ns - (uint64_t)BLOCK * 1000000000 / rate;
    vo_engine_config config = {.rate_in = rate,
                               .rate_out = 48000,
                               .channels_in = 1,
                               .resampler = resampler,
                               .chain = s->chain,
                               .out = s->outlets,
                               .lossless = true,
                               .resumes_after_ns = begins_ns - passed * 1000000000 / 48000};
    vo_engine_free(s->engine);
    CHECK(vo_engine_new(&s->engine, &config, capture, NULL) == VO_OK);
    CHECK(vo_engine_start(s->engine) == VO_OK);
    return capture;
}

/* L2: whatever the chain delays, what the first engine heard comes whole, then one gap of exactly
   what passed, then the second one's first block; the consumer's end goes on. */
static void another_engine_goes_on_after_an_exact_gap(void) {
    const uint32_t delays[] = {0, 250, 1200};
    const uint64_t passed[] = {0, 1, 1000, 48000 * 3600};
    static float ramp[HEARD + BLOCK];
    for (int i = 0; i < HEARD + BLOCK; i++) ramp[i] = (float)i;
    for (size_t i = 0; i < 3 * 4; i++) {
        uint64_t gap = passed[i / 3];
        scene s = open_scene(&(scene_config){.by_hand = true, .delay = delays[i % 3]});
        vo_capture_process(s.capture, ramp, HEARD, 0, 0);
        CHECK(vo_engine_leave(s.engine, HOUR_NS) == VO_OK && !vo_tap_ended(s.tap));
        CHECK(vo_outlets_position(s.outlets) == HEARD);
        vo_capture *second = go_on(&s, 48000, NULL, ramp + HEARD, gap);
        vo_capture_end(second, false);
        uint64_t frames = 0, lost = 0;
        for (vo_tap_block block; (block = next(&s)).frames; frames += block.frames) {
            CHECK(block.frame == frames + lost + block.gap);
            CHECK(!block.gap || (frames == HEARD && block.gap == gap));
            lost += block.gap;
            for (uint32_t k = 0; k < block.frames; k++) CHECK(s.read[k] == ramp[frames + k]);
        }
        CHECK(frames == HEARD + BLOCK && lost == gap);
        vo_event event;
        CHECK(vo_events_pop(vo_tap_events(s.tap), &event, 1) == 1);
        if (gap) {
            CHECK(event.kind == VO_EVENT_DEVICE_LOST && event.frame == HEARD && event.value == gap);
            CHECK(vo_events_pop(vo_tap_events(s.tap), &event, 1) == 1);
        }
        CHECK(event.kind == VO_EVENT_ENDED && event.frame == HEARD + BLOCK + gap);
        close_scene(&s);
        vo_capture_free(second);
    }
}

/* Fault 53: the second device has another rate; the timeline has not. */
static void another_rate_goes_on_at_the_same(void) {
    scene s = open_scene(&(scene_config){.by_hand = true});
    static float zeros[HEARD];
    vo_resampler *resampler;
    CHECK(vo_resampler_new(&resampler, 16000, 48000, 1, VO_RESAMPLER_BALANCED, NULL) == VO_OK);
    vo_capture_process(s.capture, zeros, HEARD, 0, 0);
    CHECK(vo_engine_leave(s.engine, HOUR_NS) == VO_OK);
    vo_capture *second = go_on(&s, 16000, resampler, zeros, 700);
    vo_capture_end(second, false);
    while (next(&s).frames) {
    }
    vo_tap_stats stats = vo_tap_stats_now(s.tap);
    CHECK(stats.delivered == HEARD + 3 * BLOCK && stats.dropped == 700);
    close_scene(&s);
    vo_resampler_free(resampler);
    vo_capture_free(second);
}

/* A device that only ever told of losses is left with these; one that said nothing, with none. */
static void losses_without_a_frame_are_told_when_it_leaves(void) {
    static float zeros[HEARD];
    scene s = open_scene(&(scene_config){.by_hand = true});
    CHECK(vo_engine_leave(s.engine, HOUR_NS) == VO_OK && vo_outlets_position(s.outlets) == 0);
    vo_capture *second = go_on(&s, 48000, NULL, zeros, 100);
    CHECK(vo_engine_leave(s.engine, HOUR_NS) == VO_OK);
    CHECK(vo_outlets_position(s.outlets) == BLOCK + 100);
    close_scene(&s);
    vo_capture_free(second);
    s = open_scene(&(scene_config){.by_hand = true});
    vo_capture_process(s.capture, zeros, 0, 321, 2);
    CHECK(vo_engine_leave(s.engine, HOUR_NS) == VO_OK && vo_outlets_position(s.outlets) == 321);
    close_scene(&s);
}

/* Where nothing may be lost it waits for the consumer, until it is told to stop. */
static void leaving_waits_for_room(void) {
    static float zeros[HEARD];
    scene s = open_scene(&(scene_config){.by_hand = true, .capacity = 300});
    vo_capture_process(s.capture, zeros, HEARD, 0, 0);
    CHECK(vo_engine_leave(s.engine, 1000000) == VO_TIMED_OUT);
    uint64_t frames = 0;
    while (frames < 900) frames += next(&s).frames;
    CHECK(vo_engine_leave(s.engine, HOUR_NS) == VO_OK && !vo_tap_ended(s.tap));
    while (frames < HEARD) frames += next(&s).frames;
    close_scene(&s);
    s = open_scene(&(scene_config){.by_hand = true, .capacity = 300});
    vo_capture_process(s.capture, zeros, HEARD, 0, 0);
    CHECK(vo_engine_leave(s.engine, 1000000) == VO_TIMED_OUT);
    CHECK(vo_engine_stop(s.engine, HOUR_NS) == VO_OK && vo_tap_ended(s.tap));
    close_scene(&s);
}

/* --- Making one -------------------------------------------------------------------- */

static void new_says_what_is_wrong_and_survives_a_failing_allocator(void) {
    vo_capture *capture = open_capture(1000);
    own_node *node = own_node_new(1, 3, 1);
    vo_chain *chain = chain_of(&node->node, 48000);
    vo_outlets *outlets, *wide_outlets;
    CHECK(vo_outlets_new(&outlets, 1, NULL) == VO_OK);
    CHECK(vo_outlets_new(&wide_outlets, 2, NULL) == VO_OK);
    vo_engine_config good = {
        .rate_in = 48000, .rate_out = 48000, .channels_in = 1, .chain = chain, .out = outlets};
    vo_engine_config bad[10];
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) bad[i] = good;
    own_node *wide = own_node_new(2, 0, 1);
    vo_node *of_two = &wide->node;
    vo_chain *two;
    CHECK(vo_chain_new(&two, &(vo_format){48000, 2}, &of_two, 1, NULL) == VO_OK);
    bad[0].rate_in = 0;
    bad[1].rate_out = 16000; /* and no resampler */
    bad[2].chain = NULL;
    bad[3].out = wide_outlets;
    bad[4].mix = chain; /* delays */
    bad[5].analysis = chain;
    bad[6].analysis = two;
    bad[7].rate_out = 0;
    bad[8].channels_in = 0;
    bad[9].out = NULL;
    vo_engine *engine;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK(vo_engine_new(&engine, &bad[i], capture, NULL) == VO_BAD_ARG && !engine);
    vo_chain *untaken;
    CHECK(vo_engine_new(&engine, &good, capture, NULL) == VO_OK);
    CHECK(vo_engine_set_chain(engine, two, &untaken) == VO_BAD_ARG && !untaken);
    vo_engine_free(engine);
    vo_chain_free(two);
    vo_node_free(of_two);
    failing_alloc memory;
    uint64_t k = 1;
    for (;; k++) {
        failing_alloc_init(&memory, k, false);
        if (vo_engine_new(&engine, &good, capture, &memory.allocator) == VO_OK) break;
        CHECK(!engine && memory.failures == 1 && memory.live == 0);
    }
    CHECK(k > 8);
    vo_engine_free(engine);
    CHECK(memory.live == 0);
    vo_engine_free(NULL);
    vo_outlets_free(outlets);
    vo_outlets_free(wide_outlets);
    vo_chain_free(chain);
    vo_node_free(&node->node);
    vo_capture_free(capture);
}

int main(void) {
    watch_for_a_hang();
    it_stops_in_every_state();
    another_engine_goes_on_after_an_exact_gap();
    another_rate_goes_on_at_the_same();
    losses_without_a_frame_are_told_when_it_leaves();
    leaving_waits_for_room();
    new_says_what_is_wrong_and_survives_a_failing_allocator();
    return 0;
}
