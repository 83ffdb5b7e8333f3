/* What the signal path of an engine (engine_path.c) and its thread (engine.c) share. */
#ifndef VOCANA_ENGINE_PRIVATE_H
#define VOCANA_ENGINE_PRIVATE_H

#include <stdatomic.h>

#include "histogram.h"
#include "os/os.h"
#include "vocana/crossfade.h"
#include "vocana/engine.h"

/* Gaps that wait for the frames before them to come through; more are merged into the last. */
enum { VO_ENGINE_GAPS = 64 };

/* at: how many frames of this engine stand before it in the taps. */
typedef struct vo_engine_gap {
    uint64_t at, frames;
    vo_cause cause;
} vo_engine_gap;

struct vo_engine {
    vo_engine_config config;
    vo_capture *capture;
    vo_tap *in;
    vo_outlets *out;
    vo_allocator allocator;

    uint32_t most; /* frames that a block can become */
    uint32_t channels_out;
    uint32_t latency;       /* of resampler and chain, in frames of the output */
    uint32_t chain_latency; /* of every chain: the first one may be gone */
    uint32_t channels_mid;  /* between mix and chain */
    float *taken, *mixed, *resampled, *chained, *faded_in, *analysed;
    vo_crossfade *fade;

    /* The engine's thread only. base is where the outlets stood; read and lost count the capture's
       frames, made and told those of the output: frames in the taps, and frames of gaps. late is
       what is left of the latency to take off. next is the chain that is being faded in, NULL when
       none is. */
    uint64_t base, read, lost, made, told, late;
    bool resumed; /* what passed before the first block has been told */
    vo_engine_gap gaps[VO_ENGINE_GAPS];
    uint32_t first_gap, gap_count;
    vo_chain *chain, *next;
    uint32_t faded;

    vo_histogram times[VO_ENGINE_STAGES];

    /* pending: set by the control thread, taken by the engine's; each exchanges it, and the release
       of one pairs with the acquire of the other. retired's release pairs with the acquire of
       whoever then frees a chain. */
    _Atomic(vo_chain *) pending;
    _Atomic uint64_t retired;

    vo_thread thread;
    vo_wake ended, nudge; /* told by the thread when it ends; told to it when it should stop */
    bool ended_is_open, nudge_is_open, started;
    _Atomic bool stopping, leaving, running;
};

/* --- The engine's thread ------------------------------------------------- */

/* n frames of the capture that come after `lost` frames that are lost for this cause. */
void vo_engine_run(vo_engine *engine, const float *frames, uint32_t n) VO_REALTIME;
void vo_engine_lose(vo_engine *engine, uint64_t frames, vo_cause cause) VO_REALTIME;

/* Up to n more frames of what resampler and chain still hold; how many are left after that. */
uint64_t vo_engine_drain(vo_engine *engine, uint32_t n) VO_REALTIME;

/* Tell of the gaps that stand at the end. */
void vo_engine_tell_gaps(vo_engine *engine) VO_REALTIME;

/* frames of the capture in frames of the output, rounded up. */
uint64_t vo_engine_scale(const vo_engine *engine, uint64_t frames) VO_REALTIME;

#endif
