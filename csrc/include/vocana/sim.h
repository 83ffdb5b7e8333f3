/* A simulated device: a C thread that calls vo_capture_process as a sound card's would, in real
   time or on a virtual clock, with scripted faults. */
#ifndef VOCANA_SIM_H
#define VOCANA_SIM_H

#include "capture.h"

VO_BEGIN_DECLS

typedef struct vo_sim vo_sim;

typedef enum vo_sim_pace {
    VO_SIM_REALTIME, /* a block each block's duration */
    VO_SIM_LOCKSTEP, /* virtual clock: the next block when the tap has room for it */
    VO_SIM_FLATOUT,  /* virtual clock: waits for nobody */
} vo_sim_pace;

/* Where frames come from; called on the device's thread. */
typedef struct vo_sim_signal {
    /* Fill up to n frames that start at `frame`; fewer than n ends the source. */
    uint32_t (*read)(void *self, uint64_t frame, float *out, uint32_t n);
    void *self;
} vo_sim_signal;

typedef enum vo_sim_fault_kind {
    VO_SIM_JITTER, /* callbacks up to amount ns late, for `frames` frames (0: for ever) */
    VO_SIM_STALL, /* no callback for `frames` frames; amount 1: these are lost, 0: they come late */
    VO_SIM_UNPLUG,  /* the device is gone */
    VO_SIM_SILENCE, /* zeros instead of the signal, for `frames` frames (0: for ever) */
    VO_SIM_DRIFT,   /* clock off by amount parts per million from here */
    VO_SIM_BLOCKS,  /* block sizes in turn from here */
} vo_sim_fault_kind;

enum { VO_SIM_BLOCK_SIZES = 16, VO_SIM_MAX_BLOCK = 1 << 16 };

typedef struct vo_sim_fault {
    vo_sim_fault_kind kind;
    uint64_t frame; /* on the device's timeline; acts on the first block at or after it */
    uint64_t frames;
    double amount;
    uint32_t sizes[VO_SIM_BLOCK_SIZES]; /* BLOCKS: each 1 .. VO_SIM_MAX_BLOCK, 0 ends the list */
} vo_sim_fault;

typedef struct vo_sim_config {
    uint32_t rate;
    uint32_t channels;
    uint32_t block_frames;
    uint64_t first;  /* frame of its timeline with which it begins */
    uint64_t lost;   /* frames before that one which it tells as lost */
    uint64_t frames; /* length of the timeline; UINT64_MAX = until the signal ends */
    vo_sim_pace pace;
    uint64_t seed; /* of the jitter */
    vo_sim_signal signal;
    const vo_sim_fault *faults; /* sorted by frame; copied */
    uint32_t fault_count;
} vo_sim_config;

/* --- Setup thread ------------------------------------------------------- */

VO_NODISCARD vo_status vo_sim_new(vo_sim **out, const vo_sim_config *config, vo_capture *capture,
                                  const vo_allocator *allocator);

/* Once: BAD_ARG after that. SYSTEM when no thread can be had. */
VO_NODISCARD vo_status vo_sim_start(vo_sim *sim);

/* Ask the thread to end and wait for it: OK, or TIMED_OUT when it has not ended in time. */
vo_status vo_sim_stop(vo_sim *sim, int64_t timeout_ns);

/* Only after vo_sim_stop returned OK, or when never started. */
void vo_sim_free(vo_sim *sim);

/* --- Any thread -------------------------------------------------------- */

/* The device's thread runs and the device has not been unplugged. */
bool vo_sim_active(const vo_sim *sim);

/* Frame of its timeline that is next, or that it has come to in real time since; only when it is
   not active any more. */
uint64_t vo_sim_place(const vo_sim *sim);

/* --- Ready-made signals -------------------------------------------------- */

/* Frame n of every channel is n mod 2^24, exact in float32. self: &(uint32_t){channels}. */
uint32_t vo_sim_counter(void *self, uint64_t frame, float *out, uint32_t n);

/* Zeros. self: &(uint32_t){channels}. */
uint32_t vo_sim_silence(void *self, uint64_t frame, float *out, uint32_t n);

typedef struct vo_sim_tone_config {
    double frequency_hz, rate, amplitude;
    uint32_t channels;
} vo_sim_tone_config;

uint32_t vo_sim_tone(void *self, uint64_t frame, float *out, uint32_t n);

typedef struct vo_sim_array {
    const float *frames; /* borrowed */
    uint64_t count;
    uint32_t channels;
} vo_sim_array;

uint32_t vo_sim_from_array(void *self, uint64_t frame, float *out, uint32_t n);

/* A file behind libsndfile, whose functions the caller found. */
typedef int64_t (*vo_file_readf)(void *file, float *out, int64_t n);
typedef int64_t (*vo_file_seek)(void *file, int64_t frame, int whence);

typedef struct vo_sim_file {
    vo_file_readf readf;
    vo_file_seek seek;
    void *file;
    uint64_t frames;   /* in the file, >= 1 */
    uint64_t position; /* frame that the file would give next; 0 at first */
    uint32_t channels;
    bool loop;
} vo_sim_file;

uint32_t vo_sim_from_file(void *self, uint64_t frame, float *out, uint32_t n);

VO_END_DECLS

#endif
