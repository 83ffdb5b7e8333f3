/* What gates, compressors and limiters have in common: one gain for all channels, made from the
   loudest of them, in groups of VO_DYNAMICS_GROUP frames from the start of the stream.

   Parameters move only where a group starts, in a straight line for VO_DYNAMICS_RAMP_MS. So what is
   heard of a change depends on the frame at which the audio thread learns of it, and not on
   blocks. */
#ifndef VOCANA_NODES_DYNAMICS_H
#define VOCANA_NODES_DYNAMICS_H

#include "kernels/dynamics.h"
#include "kernels/kernels.h"
#include "params.h"

enum {
    VO_DYNAMICS_RAMP_MS = 20,
    VO_DYNAMICS_FRAMES = VO_DYNAMICS_GROUP + VO_NODE_MAX_FRAMES,
};

/* 20 log10(2). */
#define VO_DB_PER_LOG2 6.0205999132796239

typedef struct vo_dynamics vo_dynamics;

/* prepare: `now` is other than it was. gains, unless the node has a process of its own: those of n
   frames from the start of a group, whether any can be other than 1; what it remembers it remembers
   at the end of a group. level may be gain. */
typedef struct vo_dynamics_kind {
    void (*prepare)(vo_dynamics *it) VO_REALTIME;
    bool (*gains)(vo_dynamics *it, float *gain, const float *level, uint32_t n) VO_REALTIME;
} vo_dynamics_kind;

/* level and gain hold the lead frames of an unfinished group, then those of the block. moving:
   `now` is another in this group than in the one before, of which there are left more, of length in
   all. */
struct vo_dynamics {
    vo_node node;
    vo_allocator allocator;
    const vo_dynamics_kind *kind;
    vo_kernels kernels;
    vo_dynamics_kernels dynamics;
    vo_params params;
    double rate;
    double now[VO_PARAMS_MOST], to[VO_PARAMS_MOST];
    uint32_t left, length;
    bool moving;
    uint32_t lead;
    float most;            /* of level, or more */
    _Atomic float reading; /* what it means is the node's */
    _Alignas(VO_CACHE_LINE) float level[VO_DYNAMICS_FRAMES];
    _Alignas(VO_CACHE_LINE) float gain[VO_DYNAMICS_FRAMES];
};

/* --- Setup thread ------------------------------------------------------- */

/* Memory of that many bytes, which begin with a vo_dynamics; the node's own reset comes next. */
VO_NODISCARD vo_status vo_dynamics_new(vo_dynamics **out, size_t bytes, const vo_node_ops *ops,
                                       const vo_dynamics_kind *kind, const vo_format *format,
                                       const double *params, const vo_allocator *allocator);

/* --- For tables of nodes --------------------------------------------------- */

void vo_dynamics_free(vo_node *node);
void vo_dynamics_process(vo_node *node, float *const *x, uint32_t n) VO_REALTIME;
void vo_dynamics_set(vo_node *node, uint32_t index, double value) VO_REALTIME;
double vo_dynamics_get(const vo_node *node, uint32_t index) VO_REALTIME;

/* --- Audio thread only, in this order ------------------------------------------ */

/* At a reset: no group has begun, and `now` is what is wanted. */
void vo_dynamics_restart(vo_dynamics *it) VO_REALTIME;

/* Learn of sets, and of the level of n frames; returns how many frames level then has. */
uint32_t vo_dynamics_begin(vo_dynamics *it, float *const *x, uint32_t n) VO_REALTIME;

/* How many of the frames from `at` to `all` have the same `now`; at is the start of a group. */
uint32_t vo_dynamics_run(vo_dynamics *it, uint32_t at, uint32_t all) VO_REALTIME;

/* Keep what belongs to the group that is not over. */
void vo_dynamics_end(vo_dynamics *it, uint32_t all) VO_REALTIME;

#endif
