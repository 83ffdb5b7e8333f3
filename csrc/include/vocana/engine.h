/* The thread between a capture and its consumer: it mixes, resamples, runs a chain and analyses,
   and never waits for the consumer.

   It reads the capture's tap and feeds outlets, from where these stand. Their timeline is the
   capture's, in frames of the output: the delays of the resampler and the chain are taken off at
   its start and made good at its end, and a gap stands where it was lost. Outlets outlive it, so
   that another engine can go on where this one has ended. */
#ifndef VOCANA_ENGINE_H
#define VOCANA_ENGINE_H

#include "capture.h"
#include "chain.h"
#include "resampler.h"

VO_BEGIN_DECLS

/* Frames of the device that are processed at a time, at most. */
#define VO_ENGINE_BLOCK 1024

typedef struct vo_engine vo_engine;

/* Everything that is not NULL outlives the engine, is made for the format in which the one before
   leaves its frames, and is used by no other. */
typedef struct vo_engine_config {
    uint32_t rate_in, rate_out;
    uint32_t channels_in;    /* of the capture */
    vo_chain *mix;           /* at rate_in, changes the number of channels and delays nothing */
    vo_resampler *resampler; /* from rate_in to rate_out; NULL when these are equal */
    vo_chain *chain;         /* at rate_out; never NULL */
    vo_chain *analysis;      /* sees what the consumer gets, and changes nothing */
    vo_outlets *out;         /* written by this engine alone while it runs */
    bool lossless;           /* wait for room in every tap: for sources that can wait */

    /* Where the engine before has left off, on the monotonic clock: what passes until the first
       block of this capture begins is a gap. 0: that block follows at once. */
    uint64_t resumes_after_ns;
} vo_engine_config;

typedef enum vo_engine_stage {
    VO_ENGINE_MIX,
    VO_ENGINE_RESAMPLE,
    VO_ENGINE_CHAIN,
    VO_ENGINE_ANALYSIS,
    VO_ENGINE_DELIVER, /* into the taps */
    VO_ENGINE_TOTAL,
    VO_ENGINE_STAGES,
} vo_engine_stage;

/* --- Setup thread ------------------------------------------------------- */

/* The capture outlives the engine, and has no other reader. */
VO_NODISCARD vo_status vo_engine_new(vo_engine **out, const vo_engine_config *config,
                                     vo_capture *capture, const vo_allocator *allocator);

/* Only when the thread has not been started or has ended. */
void vo_engine_free(vo_engine *engine);

/* Once. */
VO_NODISCARD vo_status vo_engine_start(vo_engine *engine);

/* --- Any one thread at a time -------------------------------------------- */

/* After vo_capture_end: until all that was captured is in the taps, or as much as these take.
   TIMED_OUT when the thread has not ended in time; it may be called again. */
vo_status vo_engine_stop(vo_engine *engine, int64_t timeout_ns);

/* Until what has been captured so far is in the taps, as far as these take it. Neither the capture
   nor the outlets end: another engine may go on there. TIMED_OUT as above. */
vo_status vo_engine_leave(vo_engine *engine, int64_t timeout_ns);

/* Put another chain of the same format, channels and latency in the place of the one that runs,
   crossfaded within 10 ms; BAD_ARG when it is not like the old one. *untaken becomes the chain that
   was set before and is not taken any more, or NULL. */
VO_NODISCARD vo_status vo_engine_set_chain(vo_engine *engine, vo_chain *chain, vo_chain **untaken);

/* --- Any thread -------------------------------------------------------- */

/* How many chains have run and are out of use, in the order in which they were taken, the first one
   of all being the one of the config. */
uint64_t vo_engine_retired(const vo_engine *engine) VO_REALTIME;

/* What the system schedules the thread by, for priority and affinity; 0 before it runs. */
int64_t vo_engine_thread(const vo_engine *engine) VO_REALTIME;

/* Frames of the output by which resampler and chain delay. */
uint32_t vo_engine_latency(const vo_engine *engine) VO_REALTIME;

/* Durations of one stage, for the blocks as they came. */
vo_stage_times vo_engine_times(const vo_engine *engine, vo_engine_stage stage);

VO_END_DECLS

#endif
