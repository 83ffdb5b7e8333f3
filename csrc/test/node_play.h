/* Plays interleaved-by-row signals through a node in blocks that a test chooses. */
#ifndef NODE_PLAY_H
#define NODE_PLAY_H

#include <string.h>

#include "check.h"
#include "guard.h"
#include "kernel_samples.h"
#include "vocana/chain.h"
#include "vocana/nodes.h"

enum { PLAY_CHANNELS = 2 };

/* rows[c] of n frames, in place, in blocks of `block` frames, or for 0 of lengths by chance. */
static inline void play(vo_node *node, float *const *rows, uint32_t n, uint32_t block) {
    static _Alignas(64) float x[PLAY_CHANNELS][VO_NODE_MAX_FRAMES];
    float *const in_place[PLAY_CHANNELS] = {x[0], x[1]};
    for (uint32_t at = 0, run; at < n; at += run) {
        uint32_t longest = random_bits() % 3 ? 40 : VO_NODE_MAX_FRAMES;
        run = block ? block : 1 + random_bits() % longest;
        if (run > n - at) run = n - at;
        for (uint32_t c = 0; c < node->channels; c++)
            memcpy(x[c], rows[c] + at, run * sizeof(float));
        vo_guard_begin();
        node->ops->process(node, in_place, run);
        vo_guard_end();
        for (uint32_t c = 0; c < node->channels; c++)
            memcpy(rows[c] + at, x[c], run * sizeof(float));
    }
}

static inline void play_chain(vo_chain *chain, float *out, const float *in, uint32_t n) {
    vo_guard_begin(); /* A6 */
    vo_chain_process(chain, out, in, n);
    vo_guard_end();
}

#endif
