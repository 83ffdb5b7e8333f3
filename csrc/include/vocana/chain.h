/* Nodes in a row: interleaved frames go in and come out, planar blocks in between.

   Each node can be bypassed: what is heard instead is what went into it, delayed by as much as the
   node delays, crossfaded. NaN and infinity never enter a node. */
#ifndef VOCANA_CHAIN_H
#define VOCANA_CHAIN_H

#include "node.h"

VO_BEGIN_DECLS

typedef struct vo_chain vo_chain;

/* Durations of one stage, for blocks of the size that process was called with. */
typedef struct vo_stage_times {
    uint64_t count;
    uint64_t p50_ns, p99_ns, max_ns;
} vo_stage_times;

/* --- Setup thread ------------------------------------------------------- */

/* The nodes stay the caller's: they outlive the chain and are in no other. BAD_ARG when one takes
   other channels than the one before it gives. No nodes are a chain that copies. */
VO_NODISCARD vo_status vo_chain_new(vo_chain **out, const vo_format *format, vo_node *const *nodes,
                                    uint32_t count, const vo_allocator *allocator);
void vo_chain_free(vo_chain *chain);

/* --- Audio thread only --------------------------------------------------- */

/* n frames of any number; out has channels_out samples a frame and does not overlap in. */
void vo_chain_process(vo_chain *chain, float *out, const float *in, uint32_t n) VO_REALTIME;

/* As new: every node, every delay. */
void vo_chain_reset(vo_chain *chain) VO_REALTIME;

/* --- Any thread --------------------------------------------------------- */

uint32_t vo_chain_channels_out(const vo_chain *chain) VO_REALTIME;

/* Sum over the nodes, bypassed or not: a bypass keeps the latency. */
uint32_t vo_chain_latency(const vo_chain *chain) VO_REALTIME;

/* BAD_ARG for a node that is not there or that changes the number of channels. */
VO_NODISCARD vo_status vo_chain_set_bypass(vo_chain *chain, uint32_t node,
                                           bool bypassed) VO_REALTIME;
bool vo_chain_bypassed(const vo_chain *chain, uint32_t node) VO_REALTIME;

/* Times of a node, or with node == count those of the whole; all 0 beyond. */
vo_stage_times vo_chain_times(const vo_chain *chain, uint32_t node);

VO_END_DECLS

#endif
