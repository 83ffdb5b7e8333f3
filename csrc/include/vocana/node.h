/* A stage of a chain: it works in place on planar blocks, on the audio thread.

   A node is made for one format by a _new of its own. Those of the library and those of other
   programs look alike: a vo_node stands first in the object, and its table says what it can do.

       typedef struct half { vo_node node; } half;

       static void process(vo_node *node, float *const *x, uint32_t n) VO_REALTIME {
           for (uint32_t c = 0; c < node->channels; c++)
               for (uint32_t i = 0; i < n; i++) x[c][i] *= 0.5f;
       }

   The output must not depend on how the frames are cut into blocks, to the bit, as long as no
   parameter is set in between. */
#ifndef VOCANA_NODE_H
#define VOCANA_NODE_H

#include <stdbool.h>
#include <stdint.h>

#include "alloc.h"
#include "status.h"

VO_BEGIN_DECLS

/* Frames of one call of process at most, and channels of a chain. */
#define VO_NODE_MAX_FRAMES 512
#define VO_NODE_MAX_CHANNELS 64

typedef struct vo_format {
    uint32_t rate;     /* frames per second */
    uint32_t channels; /* 1..VO_NODE_MAX_CHANNELS */
} vo_format;

/* A number that can be set. Names carry their unit: cutoff_hz, threshold_db, attack_ms. */
typedef struct vo_param {
    const char *name;
    double least, most, initial;
    bool fixed; /* set when the node is made, and not after */
} vo_param;

typedef struct vo_node vo_node;

/* NULL where a node has no use for a function; process and free are never NULL. */
typedef struct vo_node_ops {
    uint32_t size; /* sizeof(vo_node_ops) */
    const char *name;

    /* Audio thread only. n frames, at most VO_NODE_MAX_FRAMES, of each channel, in place. x has a
       row for each of the larger of channels and channels_out; rows are aligned to 64 bytes, do
       not overlap, and hold VO_NODE_MAX_FRAMES. */
    void (*process)(vo_node *node, float *const *x, uint32_t n) VO_REALTIME;

    /* Audio thread only. As if it had just been made; what is set stays set, without a ramp. */
    void (*reset)(vo_node *node) VO_REALTIME;

    /* Setup thread, when no other uses it. */
    void (*free)(vo_node *node);

    /* Any thread. The audio thread hears of it with its next block, and ramps to it. The caller
       has checked index and range. */
    void (*set)(vo_node *node, uint32_t index, double value) VO_REALTIME;
    double (*get)(const vo_node *node, uint32_t index) VO_REALTIME;

    /* Any thread. Up to `most` numbers that the node has measured, taken at one moment; returns
       how many there are. */
    uint32_t (*read)(const vo_node *node, double *values, uint32_t most) VO_REALTIME;

    const vo_param *params;
    uint32_t param_count;
} vo_node_ops;

struct vo_node {
    const vo_node_ops *ops;
    uint32_t channels;       /* that come in */
    uint32_t channels_out;   /* that go out */
    uint32_t latency_frames; /* by which it delays; never changes */
};

/* --- Setup thread ------------------------------------------------------- */

/* The node's own free; NULL is nothing. */
void vo_node_free(vo_node *node);

/* BAD_ARG unless the table is of this version, complete, and its counts are in range. For nodes
   that come from other programs. */
VO_NODISCARD vo_status vo_node_check(const vo_node *node);

/* --- Any thread --------------------------------------------------------- */

/* BAD_ARG, and nothing changes, for an unknown index, a fixed parameter, NaN or a value beyond the
   range. */
VO_NODISCARD vo_status vo_node_set(vo_node *node, uint32_t index, double value) VO_REALTIME;
double vo_node_get(const vo_node *node, uint32_t index) VO_REALTIME;

/* The node's own read; 0 when it measures nothing. */
uint32_t vo_node_read(const vo_node *node, double *values, uint32_t most) VO_REALTIME;

VO_END_DECLS

#endif
