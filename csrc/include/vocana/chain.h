/* Nodes in a row: interleaved frames go in and come out, planar blocks in between.

   Each node can be bypassed: what is heard instead is what went into it, delayed by as much as the
   node delays, crossfaded. A node that is not heard goes on working, so that it is up to date when
   it is heard again.

   NaN and infinity never enter a node, nor leave the chain: on the way in they become 0 and the
   limit. A node that makes them from sound is reset, and its block is repaired in the same way. */
#ifndef VOCANA_CHAIN_H
#define VOCANA_CHAIN_H

#include "node.h"

VO_BEGIN_DECLS

/* What infinity becomes, with its sign: +24 dB over full scale. */
#define VO_CHAIN_LIMIT 16.0f

typedef struct vo_chain vo_chain;

/* Durations of one stage, one for each call of process. */
typedef struct vo_stage_times {
    uint64_t count;
    double p50_ns, p99_ns, max_ns;
    uint64_t faults; /* blocks that held NaN or infinity and were repaired */
} vo_stage_times;

/* --- Setup thread ------------------------------------------------------- */

/* The nodes stay the caller's: they outlive the chain and are in no other. BAD_ARG when one fails
   vo_node_check or takes other channels than the one before it gives. No nodes are a chain that
   copies. */
VO_NODISCARD vo_status vo_chain_new(vo_chain **out, const vo_format *format, vo_node *const *nodes,
                                    uint32_t count, const vo_allocator *allocator);
void vo_chain_free(vo_chain *chain);

/* --- Audio thread only --------------------------------------------------- */

/* n frames of any number; out has channels_out samples a frame and does not overlap in. Denormals
   are off meanwhile: they count as 0. */
void vo_chain_process(vo_chain *chain, float *out, const float *in, uint32_t n) VO_REALTIME;

/* --- Any thread --------------------------------------------------------- */

/* The node and its bypass, or with node == count all of them, are as new from the next call of
   process on. Parameters and bypasses stay as they are set, without a ramp. */
void vo_chain_reset(vo_chain *chain, uint32_t node) VO_REALTIME;

uint32_t vo_chain_channels_out(const vo_chain *chain) VO_REALTIME;

/* Sum over the nodes, bypassed or not: a bypass keeps the latency. */
uint32_t vo_chain_latency(const vo_chain *chain) VO_REALTIME;

/* BAD_ARG for a node that is not there or that changes the number of channels. */
VO_NODISCARD vo_status vo_chain_set_bypass(vo_chain *chain, uint32_t node,
                                           bool bypassed) VO_REALTIME;
bool vo_chain_bypassed(const vo_chain *chain, uint32_t node) VO_REALTIME;

/* Times of a node, its bypass included; with stage == count those of the way in and out, with
   count + 1 those of the whole, which are the sum of all others; all 0 beyond. */
vo_stage_times vo_chain_times(const vo_chain *chain, uint32_t stage) VO_REALTIME;

VO_END_DECLS

#endif
