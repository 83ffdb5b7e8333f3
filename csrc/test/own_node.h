/* A node of the tests' own, and a chain of it. */
#ifndef OWN_NODE_H
#define OWN_NODE_H

#include <stdlib.h>

#include "check.h"
#include "vocana/chain.h"

/* Delays by node.latency_frames and multiplies. Adds up what comes in, for an analysis. */
typedef struct own_node {
    vo_node node;
    float factor;
    float *held;
    uint32_t oldest;
    double sum;
} own_node;

static void own_node_process(vo_node *node, float *const *x, uint32_t n) VO_REALTIME {
    own_node *own = (own_node *)node;
    for (uint32_t i = 0; i < n; i++) {
        own->sum += x[0][i];
        float now = x[0][i];
        if (node->latency_frames) {
            now = own->held[own->oldest];
            own->held[own->oldest] = x[0][i];
            own->oldest = (own->oldest + 1) % node->latency_frames;
        }
        x[0][i] = own->factor * now;
    }
}

static void own_node_free(vo_node *node) {
    free(((own_node *)node)->held);
    free(node);
}

static const vo_node_ops own_node_ops = {
    .size = sizeof(vo_node_ops), .name = "own", .process = own_node_process, .free = own_node_free};

static inline own_node *own_node_new(uint32_t channels, uint32_t delay, float factor) {
    own_node *own = calloc(1, sizeof *own);
    CHECK(own);
    own->node = (vo_node){&own_node_ops, channels, channels, delay};
    own->factor = factor;
    CHECK((own->held = calloc(delay + 1, sizeof *own->held)));
    return own;
}

static inline vo_chain *chain_of(vo_node *node, uint32_t rate) {
    vo_chain *chain;
    CHECK(vo_chain_new(&chain, &(vo_format){rate, 1}, &node, 1, NULL) == VO_OK);
    return chain;
}

#endif
