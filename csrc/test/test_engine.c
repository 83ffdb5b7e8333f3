/* The thread between a capture and its consumer: its timeline is the capture's, its account is
   exact, chains change without a click, and nobody waits for a consumer that may lose. */
#define _DEFAULT_SOURCE /* usleep, alarm */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine_scene.h"
#include "vocana/nodes.h"

static float zeros[4800];
/* --- Timeline --------------------------------------------------------------- */

/* Whatever a chain delays, frame n of the device is frame n of the consumer. */
static void delays_are_taken_off(void) {
    const uint32_t delays[] = {0, 1, 100, 511, 5000};
    for (size_t i = 0; i < sizeof delays / sizeof *delays; i++) {
        scene s = open_scene(&(scene_config){.frames = 30011, .delay = delays[i]});
        CHECK(vo_engine_latency(s.engine) == delays[i]);
        uint64_t frame = 0;
        vo_tap_block block;
        while ((block = next(&s)).frames) {
            CHECK(block.frame == frame && !block.gap);
            for (uint32_t k = 0; k < block.frames; k++) CHECK(s.read[k] == (float)(frame + k));
            frame += block.frames;
        }
        CHECK(frame == 30011);
        close_scene(&s);
    }
}

/* 48 to 16 kHz and back to more: as many frames as the time holds, and a tone stays in its place.
 */
static void rates_keep_the_time(void) {
    const uint32_t rates[] = {16000, 44100, 96000, 8000};
    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++) {
        enum { FRAMES = 48000 };
        scene s = open_scene(
            &(scene_config){.frames = FRAMES, .rate_out = rates[i], .tone_hz = 440, .delay = 77});
        uint64_t frame = 0, expected = ((uint64_t)FRAMES * rates[i] + 47999) / 48000;
        double worst = 0;
        vo_tap_block block;
        while ((block = next(&s)).frames) {
            CHECK(block.frame == frame && !block.gap);
            for (uint32_t k = 0; k < block.frames; k++, frame++) {
                if (frame < rates[i] / 50 || frame > expected - rates[i] / 50) continue;
                double ideal = 0.5 * sin(TAU * 440 * (double)frame / rates[i]);
                worst = fmax(worst, fabs(s.read[k] - ideal));
            }
        }
        CHECK(frame == expected);
        CHECK(worst < 1e-4); /* -80 dB: the resampler's own tests are closer */
        close_scene(&s);
    }
}

/* --- Losses ------------------------------------------------------------------- */

/* By hand: 1000 frames, 300 lost, 700 frames, 7 lost at the end. */
static void a_gap_stands_where_it_was_lost(void) {
    const uint32_t delays[] = {0, 250, 1200};
    for (size_t i = 0; i < sizeof delays / sizeof *delays; i++) {
        scene s = open_scene(&(scene_config){.by_hand = true, .delay = delays[i]});
        static float ramp[2000];
        for (int k = 0; k < 2000; k++) ramp[k] = (float)k;
        vo_capture_process(s.capture, ramp, 1000, 0, 0);
        vo_capture_process(s.capture, ramp + 1300, 700, 300, 2);
        vo_capture_process(s.capture, ramp, 0, 7, 2);
        vo_capture_end(s.capture, false);
        uint64_t frames = 0, lost = 0;
        vo_tap_block block;
        while ((block = next(&s)).frames) {
            if (block.gap) CHECK(block.frame == 1300 && block.gap == 300 && frames == 1000);
            lost += block.gap;
            for (uint32_t k = 0; k < block.frames; k++)
                CHECK(s.read[k] == (float)(block.frame + k));
            frames += block.frames;
        }
        vo_tap_stats stats = vo_tap_stats_now(s.tap);
        CHECK(frames == 1700 && lost == 300);
        CHECK(stats.captured == 2007 && stats.dropped == 307 && stats.delivered == 1700);
        close_scene(&s);
    }
}

/* Three losses of one frame at 48 kHz are one frame at 16 kHz; the timeline keeps its place. */
static void small_losses_add_up(void) {
    scene s = open_scene(&(scene_config){.by_hand = true, .rate_out = 16000});
    for (int i = 0; i < 90; i++) vo_capture_process(s.capture, zeros, 479, 1, 2);
    vo_capture_end(s.capture, false);
    uint64_t frames = 0;
    vo_tap_block block;
    while ((block = next(&s)).frames) frames += block.frames;
    vo_tap_stats stats = vo_tap_stats_now(s.tap);
    CHECK(stats.captured == 90 * 480 / 3 && stats.delivered == frames);
    CHECK(stats.captured == stats.delivered + stats.dropped + stats.queued);
    CHECK(stats.dropped >= 29 && stats.dropped <= 30);
    close_scene(&s);
}

/* More losses wait for a long delay than there is room for: none is forgotten. */
static void many_gaps_wait_for_a_long_delay(void) {
    scene s = open_scene(&(scene_config){.by_hand = true, .delay = 40000});
    for (int i = 0; i < 500; i++) vo_capture_process(s.capture, zeros, 10, 3, 2);
    vo_capture_end(s.capture, false);
    while (next(&s).frames) {
    }
    vo_tap_stats stats = vo_tap_stats_now(s.tap);
    CHECK(stats.captured == 500 * 13 && stats.dropped == 500 * 3);
    close_scene(&s);
}

/* A consumer that reads nothing loses what does not fit, counted; the capture's own ring does not
   overflow, because the engine goes on. */
static void a_stuck_consumer_loses_and_the_engine_goes_on(void) {
    scene s = open_scene(&(scene_config){.by_hand = true, .capacity = 4000, .losing = true});
    static float block[480];
    for (int i = 0; i < 1000; i++) {
        vo_capture_process(s.capture, block, 480, 0, 0);
        if (i % 10 == 9) usleep(200);
        while (vo_tap_stats_now(vo_capture_tap(s.capture)).queued > 20000) usleep(100);
    }
    vo_capture_end(s.capture, false);
    CHECK(vo_engine_stop(s.engine, HOUR_NS) == VO_OK);
    CHECK(vo_tap_stats_now(vo_capture_tap(s.capture)).dropped == 0);
    vo_tap_stats stats = vo_tap_stats_now(s.tap);
    CHECK(stats.captured == 480000 && stats.queued == 4000 && stats.dropped == 476000);
    close_scene(&s);
}

static void events_are_passed_on(void) {
    scene s = open_scene(&(scene_config){.by_hand = true, .rate_out = 16000});
    vo_capture_process(s.capture, zeros, 480, 0, 0);
    vo_capture_process(s.capture, zeros, 480, 300, 5);
    vo_capture_end(s.capture, true);
    while (next(&s).frames) {
    }
    vo_event events[16];
    uint32_t n = vo_events_pop(vo_tap_events(s.tap), events, 16);
    CHECK(n == 3);
    CHECK(events[0].kind == VO_EVENT_XRUN && events[0].frame == 160 && events[0].value == 5);
    CHECK(events[1].kind == VO_EVENT_DEVICE_LOST && events[1].value == 100);
    CHECK(events[2].kind == VO_EVENT_ENDED && events[2].value == 1 && events[2].frame == 420);
    close_scene(&s);
}

/* Of an engine that starts late: more than it passes on at once, and a ring that overflowed. */
static void many_events_are_passed_on_in_frames_of_the_output(void) {
    enum { RING = 1 << 17, GAPS = 20 };
    scene s = open_scene(&(scene_config){.by_hand = true, .rate_out = 16000, .idle = true});
    static float zeros[RING];
    for (int i = 0; i < GAPS; i++) vo_capture_process(s.capture, zeros, 480, 3, 2);
    vo_capture_process(s.capture, zeros, RING - GAPS * 480, 0, 0);
    vo_capture_process(s.capture, zeros, 480, 0, 0); /* lost */
    CHECK(vo_engine_start(s.engine) == VO_OK);
    while (vo_tap_stats_now(vo_capture_tap(s.capture)).queued) usleep(100);
    vo_capture_process(s.capture, zeros, 480, 0, 0);
    vo_capture_end(s.capture, false);
    while (next(&s).frames) {
    }
    vo_event events[64];
    const uint32_t n = vo_events_pop(vo_tap_events(s.tap), events, 64), pairs = 2 * GAPS;
    CHECK(n == pairs + 3);
    for (uint32_t i = 0; i < pairs; i++) {
        CHECK(events[i].kind == (i % 2 ? VO_EVENT_DEVICE_LOST : VO_EVENT_XRUN));
        CHECK(events[i].value == (i % 2 ? 1 : 2) && events[i].frame == i / 2 * 161);
    }
    uint32_t began = 0, ended = 0;
    for (uint32_t i = pairs; i < n; i++) {
        began += events[i].kind == VO_EVENT_OVERFLOW_BEGAN && events[i].frame == 43711;
        ended += events[i].kind == VO_EVENT_OVERFLOW_ENDED && events[i].value == 160;
    }
    CHECK(began == 1 && ended == 1);
    close_scene(&s);
}

/* --- Chains that change -------------------------------------------------------- */

/* From a gain of 1 to one of 0 and back, on ones: within 0..1, and no step steeper than the fade.
   Every chain that was in use is told once. */
static void chains_change_without_a_click(void) {
    scene s = open_scene(&(scene_config){.by_hand = true});
    own_node *nodes[] = {own_node_new(1, 0, 0), own_node_new(1, 0, 1), own_node_new(1, 0, 0)};
    vo_chain *chains[3], *untaken;
    for (int i = 0; i < 3; i++) chains[i] = chain_of(&nodes[i]->node, 48000);
    static float ones[480];
    for (int i = 0; i < 480; i++) ones[i] = 1;
    float last = 1, lowest = 1;
    uint64_t taken = 0;
    for (int block = 0; block < 60; block++) {
        if (block == 10) {
            CHECK(vo_engine_set_chain(s.engine, chains[2], &untaken) == VO_OK && !untaken);
            CHECK(vo_engine_set_chain(s.engine, chains[0], &untaken) == VO_OK);
            CHECK(untaken == chains[2]); /* nothing has come in between */
        }
        if (block == 30) CHECK(vo_engine_set_chain(s.engine, chains[1], &untaken) == VO_OK);
        vo_capture_process(s.capture, ones, 480, 0, 0);
        for (uint32_t got = 0; got < 480;) {
            CHECK(vo_tap_wait(s.tap, 1, HOUR_NS) == VO_OK);
            vo_tap_block read = vo_tap_read(s.tap, s.read, 480);
            for (uint32_t i = 0; i < read.frames; i++) {
                CHECK(s.read[i] >= 0 && s.read[i] <= 1);
                CHECK(fabsf(s.read[i] - last) <= (float)(TAU / 4 / 480) + 1e-6f);
                last = s.read[i];
                if (last < lowest) lowest = last;
            }
            got += read.frames;
            taken += read.frames;
        }
        if (block == 20) {
            CHECK(last == 0 && vo_engine_retired(s.engine) == 1);
            vo_chain_free(s.chain); /* the first one: nothing looks at it any more */
            s.chain = NULL;
        }
    }
    CHECK(last == 1 && lowest == 0 && vo_engine_retired(s.engine) == 2 && taken == 28800);
    own_node *slow = own_node_new(1, 5, 1);
    vo_chain *late = chain_of(&slow->node, 48000);
    CHECK(vo_engine_set_chain(s.engine, late, &untaken) == VO_BAD_ARG && !untaken);
    vo_capture_end(s.capture, false);
    close_scene(&s);
    vo_chain_free(late);
    vo_node_free(&slow->node);
    for (int i = 0; i < 3; i++) {
        vo_chain_free(chains[i]);
        vo_node_free(&nodes[i]->node);
    }
}

/* --- Analysis and times ---------------------------------------------------------- */

static void the_analysis_sees_what_the_consumer_gets(void) {
    scene s = open_scene(
        &(scene_config){.frames = 20000, .rate_out = 16000, .delay = 300, .analyse = true});
    double sum = 0;
    vo_tap_block block;
    while ((block = next(&s)).frames)
        for (uint32_t k = 0; k < block.frames; k++) sum += s.read[k];
    CHECK(vo_engine_stop(s.engine, HOUR_NS) == VO_OK);
    CHECK(s.analyser->sum == sum && sum != 0);
    close_scene(&s);
}

/* Of one block every percentile is its time, and the stages' times add up to the whole. */
static void stages_are_timed(void) { /* F5 H1 */
    scene s = open_scene(&(scene_config){.by_hand = true, .analyse = true});
    vo_capture_process(s.capture, zeros, 480, 0, 0);
    vo_capture_end(s.capture, false);
    while (next(&s).frames) {
    }
    CHECK(vo_engine_stop(s.engine, HOUR_NS) == VO_OK);
    vo_stage_times total = vo_engine_times(s.engine, VO_ENGINE_TOTAL);
    CHECK(total.count == 1 && total.p50_ns > 0 && total.p50_ns == total.max_ns);
    double sum = 0;
    for (int stage = 0; stage < VO_ENGINE_TOTAL; stage++) {
        vo_stage_times times = vo_engine_times(s.engine, (vo_engine_stage)stage);
        CHECK(times.count == (stage == VO_ENGINE_MIX || stage == VO_ENGINE_RESAMPLE ? 0 : 1));
        sum += times.p50_ns;
    }
    CHECK(sum == total.p50_ns);
    CHECK(vo_engine_times(s.engine, VO_ENGINE_STAGES).count == 0);
    close_scene(&s);
}

/* Two channels become one before all else, and small rooms are filled by small blocks. */
static void channels_are_mixed_first(void) {
    const float mean[] = {0.5f, 0.5f};
    const vo_format two = {48000, 2};
    vo_capture_config stereo = {
        .tap = {.channels = 2, .capacity_frames = 1 << 14, .events = 4, .breaker = {1000, 1, 1}},
        .input = {VO_INPUT_FLAG, VO_INPUT_FLAG, VO_INPUT_FLAG, 1e9f}};
    vo_node *map;
    vo_capture *capture;
    vo_chain *mix;
    vo_engine *engine;
    own_node *own = own_node_new(1, 0, 1);
    vo_chain *chain = chain_of(&own->node, 48000);
    CHECK(vo_capture_new(&capture, &stereo, NULL) == VO_OK);
    CHECK(vo_channel_map_new(&map, &two, 1, mean, NULL) == VO_OK);
    CHECK(vo_chain_new(&mix, &two, &map, 1, NULL) == VO_OK);
    scene reader = {0};
    open_outlets(&reader, 100);
    vo_engine_config config = {.rate_in = 48000,
                               .rate_out = 48000,
                               .channels_in = 2,
                               .mix = mix,
                               .chain = chain,
                               .out = reader.outlets,
                               .lossless = true};
    CHECK(vo_engine_new(&engine, &config, capture, NULL) == VO_OK);
    CHECK(vo_engine_start(engine) == VO_OK);
    static float pairs[2 * 5000];
    for (int i = 0; i < 5000; i++) pairs[2 * i + 1] = 2 * (pairs[2 * i] = (float)i);
    vo_capture_process(capture, pairs, 5000, 0, 0);
    vo_capture_end(capture, false);
    uint64_t frame = 0;
    for (vo_tap_block block; (block = next(&reader)).frames;)
        for (uint32_t k = 0; k < block.frames; k++, frame++)
            CHECK(reader.read[k] == 1.5f * (float)frame);
    CHECK(frame == 5000 && vo_engine_times(engine, VO_ENGINE_MIX).count >= 50);
    CHECK(vo_engine_stop(engine, HOUR_NS) == VO_OK);
    vo_engine_free(engine);
    close_outlets(&reader);
    vo_chain_free(mix);
    vo_chain_free(chain);
    vo_node_free(map);
    vo_node_free(&own->node);
    vo_capture_free(capture);
}

int main(void) {
    watch_for_a_hang();
    delays_are_taken_off();
    rates_keep_the_time();
    a_gap_stands_where_it_was_lost();
    small_losses_add_up();
    many_gaps_wait_for_a_long_delay();
    a_stuck_consumer_loses_and_the_engine_goes_on();
    events_are_passed_on();
    many_events_are_passed_on_in_frames_of_the_output();
    chains_change_without_a_click();
    the_analysis_sees_what_the_consumer_gets();
    stages_are_timed();
    channels_are_mixed_first();
    return 0;
}
