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
    new_says_what_is_wrong_and_survives_a_failing_allocator();
    return 0;
}
