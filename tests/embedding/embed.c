/* A program of somebody else's: a ring, a simulated device that a capture records, and a chain with
   a node of its own. */
#include <stdio.h>

#include <vocana/capture.h>
#include <vocana/chain.h>
#include <vocana/nodes.h>
#include <vocana/ring.h>
#include <vocana/sim.h>

static int use_ring(void) {
    vo_ring *ring;
    if (vo_ring_new(&ring, 500, 2, NULL)) return 1;
    float block[64][2] = {{0}}, back[64][2];
    for (int i = 0; i < 64; i++) block[i][0] = (float)i;
    int ok = vo_ring_capacity(ring) == 512 && vo_ring_write(ring, block[0], 64) == 64 &&
             vo_ring_read(ring, back[0], 64) == 64 && back[63][0] == 63.0f;
    vo_ring_free(ring);
    return !ok;
}

static int use_capture(void) {
    vo_capture_config capture_config = {
        .tap = {.channels = 1,
                .capacity_frames = 4800,
                .target_frames = 960,
                .fade_frames = 240,
                .align_frames = 720,
                .events = 64,
                .breaker = {.trips_after = 5, .rest_frames = 1200, .max_rest_frames = 76800}},
        .input = {.limit = 2.0f},
    };
    vo_capture *capture;
    if (vo_capture_new(&capture, &capture_config, NULL)) return 1;
    uint32_t channels = 1;
    vo_sim_config sim_config = {
        .rate = 48000,
        .channels = 1,
        .block_frames = 128,
        .frames = 48000,
        .pace = VO_SIM_LOCKSTEP,
        .signal = {.read = vo_sim_counter, .self = &channels},
    };
    vo_sim *sim;
    if (vo_sim_new(&sim, &sim_config, capture, NULL) || vo_sim_start(sim)) return 1;

    vo_tap *tap = vo_capture_tap(capture);
    float frames[960];
    uint64_t next = 0, wrong = 0;
    while (vo_tap_wait(tap, 960, 1000000000) == VO_OK) {
        vo_tap_block block = vo_tap_read(tap, frames, 960);
        if (!block.frames) break;
        for (uint32_t i = 0; i < block.frames; i++) wrong += frames[i] != (float)(next + i);
        next += block.frames;
    }
    vo_tap_stats stats = vo_tap_stats_now(tap);
    int stopped = vo_sim_stop(sim, 1000000000) == VO_OK;
    vo_sim_free(sim);
    vo_capture_free(capture);
    printf("%llu frames, %llu wrong, %llu lost\n", (unsigned long long)next,
           (unsigned long long)wrong, (unsigned long long)stats.dropped);
    return !(stopped && next == 48000 && !wrong && stats.captured == 48000);
}

/* A node on the stack: half of everything. */
static void halve(vo_node *node, float *const *x, uint32_t n) VO_REALTIME {
    for (uint32_t c = 0; c < node->channels; c++)
        for (uint32_t i = 0; i < n; i++) x[c][i] *= 0.5f;
}

static void keep(vo_node *node) {
    (void)node;
}

static int use_chain(void) {
    static const vo_node_ops ops = {
        .size = sizeof ops, .name = "half", .process = halve, .free = keep};
    const vo_format format = {48000, 2};
    vo_node half = {&ops, 2, 2, 0}, *gain;
    const double gain_db = 20;
    if (vo_node_kind_named("Gain")->make(&gain, &format, &gain_db, NULL)) return 1;
    vo_node *const nodes[] = {&half, gain};
    vo_chain *chain;
    if (vo_chain_new(&chain, &format, nodes, 2, NULL)) return 1;
    float in[1000][2], out[1000][2];
    for (int i = 0; i < 1000; i++) in[i][0] = in[i][1] = (float)i;
    vo_chain_process(chain, out[0], in[0], 1000);
    int ok = out[999][0] == 4995.0f && out[1][1] == 5.0f;
    ok &= vo_chain_set_bypass(chain, 0, true) == VO_OK && vo_node_set(gain, 0, 25) == VO_BAD_ARG;
    vo_chain_process(chain, out[0], in[0], 1000);
    ok &= out[999][1] == 9990.0f && vo_chain_times(chain, 3).count == 2;
    vo_chain_free(chain);
    vo_node_free(gain);
    return !ok;
}

int main(void) {
    return use_ring() || use_chain() || use_capture();
}
