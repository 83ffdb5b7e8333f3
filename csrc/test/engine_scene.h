/* A capture, an engine behind it, a chain of one node of the test's own, and a consumer. */
#ifndef ENGINE_SCENE_H
#define ENGINE_SCENE_H

#include <string.h>

#include "own_node.h"
#include "sim_device.h"
#include "vocana/engine.h"

#define TAU 6.28318530717958647692

typedef struct scene_config {
    uint64_t frames;   /* of the device */
    uint32_t rate_out; /* 48000 unless given */
    double tone_hz;    /* the device counts frames without */
    uint32_t delay;    /* of the chain, in frames of the output */
    uint64_t capacity; /* of the consumer's end, 1 << 17 unless given */
    bool analyse, by_hand /* no device */, losing /* does not wait for room */, idle;
} scene_config;

typedef struct scene {
    vo_sim_tone_config tone;
    vo_capture *capture;
    vo_sim *sim;
    vo_resampler *resampler;
    own_node *delayer, *analyser;
    vo_chain *chain, *analysis;
    vo_engine *engine;
    vo_outlets *outlets;
    vo_tap *tap;
    float read[4096];
} scene;

static inline void open_device(scene *s, const scene_config *config) {
    vo_sim_config device = plain(VO_SIM_LOCKSTEP, config->frames);
    if (config->tone_hz > 0) {
        s->tone = (vo_sim_tone_config){
            .channels = 1, .rate = 48000, .frequency_hz = config->tone_hz, .amplitude = 0.5};
        device.signal = (vo_sim_signal){vo_sim_tone, &s->tone};
    }
    CHECK(vo_sim_new(&s->sim, &device, s->capture, NULL) == VO_OK);
    CHECK(vo_sim_start(s->sim) == VO_OK);
}

static inline void open_outlets(scene *s, uint64_t capacity) {
    const vo_tap_config tap = {
        .channels = 1, .capacity_frames = capacity, .events = 64, .breaker = {1000000, 1, 1}};
    CHECK(vo_outlets_new(&s->outlets, 1, NULL) == VO_OK);
    CHECK(vo_tap_new(&s->tap, &tap, NULL) == VO_OK);
    CHECK(vo_outlets_attach(s->outlets, s->tap) == VO_OK);
}

static inline void close_outlets(scene *s) {
    vo_outlets_free(s->outlets);
    vo_tap_free(s->tap);
}

static inline scene open_scene(const scene_config *config) {
    static scene s;
    memset(&s, 0, sizeof s);
    uint32_t rate = config->rate_out ? config->rate_out : 48000;
    s.capture = open_capture(1 << 17);
    s.delayer = own_node_new(1, config->delay, 1);
    s.chain = chain_of(&s.delayer->node, rate);
    if (rate != 48000)
        CHECK(vo_resampler_new(&s.resampler, 48000, rate, 1, VO_RESAMPLER_BALANCED, NULL) == VO_OK);
    if (config->analyse) {
        s.analyser = own_node_new(1, 0, 1);
        s.analysis = chain_of(&s.analyser->node, rate);
    }
    open_outlets(&s, config->capacity ? config->capacity : 1 << 17);
    vo_engine_config engine = {
        .rate_in = 48000,
        .rate_out = rate,
        .channels_in = 1,
        .resampler = s.resampler,
        .chain = s.chain,
        .analysis = s.analysis,
        .out = s.outlets,
        .lossless = !config->losing,
    };
    CHECK(vo_engine_new(&s.engine, &engine, s.capture, NULL) == VO_OK);
    if (!config->idle) CHECK(vo_engine_start(s.engine) == VO_OK);
    if (!config->idle && !config->by_hand) open_device(&s, config);
    return s;
}

/* The next block; without frames when there is no more. */
static inline vo_tap_block next(scene *s) {
    for (;;) {
        bool ended = vo_tap_ended(s->tap);
        vo_tap_block block = vo_tap_read(s->tap, s->read, sizeof s->read / sizeof *s->read);
        if (block.frames || ended) return block;
        vo_status status = vo_tap_wait(s->tap, 1, HOUR_NS);
        CHECK(status == VO_OK || status == VO_INTERRUPTED);
    }
}

static inline void close_scene(scene *s) {
    if (s->sim) CHECK(vo_sim_stop(s->sim, HOUR_NS) == VO_OK);
    vo_sim_free(s->sim);
    CHECK(vo_engine_stop(s->engine, HOUR_NS) == VO_OK);
    vo_engine_free(s->engine);
    close_outlets(s);
    vo_chain_free(s->chain);
    vo_chain_free(s->analysis);
    vo_resampler_free(s->resampler);
    vo_node_free(&s->delayer->node);
    if (s->analyser) vo_node_free(&s->analyser->node);
    vo_capture_free(s->capture);
}

#endif
