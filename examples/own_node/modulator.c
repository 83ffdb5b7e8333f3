#include "modulator.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>

#define TWO_PI 6.28318530717958647692

/* The vo_node stands first, so that a pointer to it is one to the whole. frequency_hz is set by any
   thread and carries nothing but itself; the rest belongs to the audio thread. */
typedef struct modulator {
    vo_node node;
    _Atomic double frequency_hz;
    double rate;
    double turns; /* of the sine, 0..1: the state that goes on from block to block */
} modulator;

static const vo_param params[] = {
    {.name = "frequency_hz", .least = 0, .most = 20000, .initial = 440},
};

static void process(vo_node *node, float *const *x, uint32_t n) VO_REALTIME {
    modulator *m = (modulator *)node;
    double step = atomic_load_explicit(&m->frequency_hz, memory_order_relaxed) / m->rate;
    for (uint32_t i = 0; i < n; i++) {
        float factor = (float)sin(TWO_PI * m->turns);
        for (uint32_t c = 0; c < node->channels; c++) x[c][i] *= factor;
        m->turns += step;
        if (m->turns >= 1) m->turns -= 1;
    }
}

static void reset(vo_node *node) VO_REALTIME {
    ((modulator *)node)->turns = 0;
}

static void release(vo_node *node) {
    free(node);
}

static void set(vo_node *node, uint32_t index, double value) VO_REALTIME {
    (void)index; /* there is one parameter, and its range has been checked */
    atomic_store_explicit(&((modulator *)node)->frequency_hz, value, memory_order_relaxed);
}

static double get(const vo_node *node, uint32_t index) VO_REALTIME {
    (void)index;
    return atomic_load_explicit(&((const modulator *)node)->frequency_hz, memory_order_relaxed);
}

static const vo_node_ops ops = {.size = sizeof ops,
                                .name = "RingModulator",
                                .process = process,
                                .reset = reset,
                                .free = release,
                                .set = set,
                                .get = get,
                                .params = params,
                                .param_count = 1};

vo_node *modulator_new(uint32_t rate, uint32_t channels, double frequency_hz) {
    modulator *m = malloc(sizeof *m);
    if (!m) return NULL;
    m->node = (vo_node){&ops, channels, channels, 0};
    atomic_init(&m->frequency_hz, frequency_hz);
    m->rate = rate;
    m->turns = 0;
    return &m->node;
}
