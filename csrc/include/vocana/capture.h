/* What a device's callback calls: it inspects each block, counts, times itself and feeds its taps.
 */
#ifndef VOCANA_CAPTURE_H
#define VOCANA_CAPTURE_H

#include "outlets.h"

VO_BEGIN_DECLS

typedef struct vo_capture vo_capture;

/* What is done about samples of a class. */
typedef enum vo_input_action {
    VO_INPUT_FLAG,   /* count them, pass them on unchanged */
    VO_INPUT_CLEAN,  /* count them; NaN and denormals become 0, the rest is clamped to the limit */
    VO_INPUT_REJECT, /* count them; the block becomes a gap with cause REJECTED */
} vo_input_action;

typedef struct vo_input_policy {
    vo_input_action nonfinite;
    vo_input_action denormal;
    vo_input_action over;
    float limit; /* |x| beyond this is over range */
} vo_input_policy;

typedef struct vo_capture_config {
    vo_tap_config tap;
    vo_input_policy input;
} vo_capture_config;

typedef struct vo_capture_stats {
    vo_tap_stats tap;
    uint64_t xruns; /* callbacks that the device flagged */
    uint64_t callbacks;
    uint64_t nan; /* samples */
    uint64_t infinite;
    uint64_t denormal;
    uint64_t over;
    uint64_t rejected;               /* frames */
    uint64_t silent;                 /* frames of blocks in which every sample was zero */
    uint32_t block;                  /* frames of the last callback */
    uint64_t p50_ns, p99_ns, max_ns; /* duration of a callback */
} vo_capture_stats;

typedef struct vo_last_callback {
    uint64_t ns;     /* monotonic clock when the device called, 0 before the first */
    uint32_t frames; /* that it brought */
    int64_t thread;  /* what the system schedules the device's thread by */
    uint64_t silent; /* frames of zeros with which what came so far ends */
} vo_last_callback;

typedef struct vo_first_callback {
    uint64_t ns;     /* monotonic clock at its start, 0 before it */
    uint64_t frames; /* that it brought, and that it told as lost */
} vo_first_callback;

/* --- Setup thread ------------------------------------------------------- */

VO_NODISCARD vo_status vo_capture_new(vo_capture **out, const vo_capture_config *config,
                                      const vo_allocator *allocator);
void vo_capture_free(vo_capture *capture);

/* --- Audio thread only --------------------------------------------------- */

/* n interleaved frames that follow `lost` frames which the device lost. flags are the device's own
   and count as an xrun when not zero. */
void vo_capture_process(vo_capture *capture, const float *frames, uint32_t n, uint64_t lost,
                        uint32_t flags) VO_REALTIME;

/* The same of frames that came by another way: ns is when the device called, by the monotonic
   clock; what is later than now means now. */
void vo_capture_process_at(vo_capture *capture, const float *frames, uint32_t n, uint64_t lost,
                           uint32_t flags, uint64_t ns) VO_REALTIME;

/* The same with the prototype of a PortAudio stream callback; user is the vo_capture. */
int vo_capture_portaudio(const void *input, void *output, unsigned long n, const void *time,
                         unsigned long flags, void *user) VO_REALTIME;

/* The source has ended, or was lost. */
void vo_capture_end(vo_capture *capture, bool lost) VO_REALTIME;

/* --- Any thread -------------------------------------------------------- */

/* The tap of its config, and all that it feeds: that one and those that are attached there. */
vo_tap *vo_capture_tap(vo_capture *capture) VO_REALTIME;
vo_outlets *vo_capture_outlets(vo_capture *capture) VO_REALTIME;

vo_capture_stats vo_capture_stats_now(const vo_capture *capture);

/* The last callback: cheap, for those who look often whether the device still calls. */
vo_last_callback vo_capture_last(const vo_capture *capture);
vo_first_callback vo_capture_first(const vo_capture *capture);
uint64_t vo_capture_channel_nonfinite(const vo_capture *capture, uint32_t channel) VO_REALTIME;

VO_END_DECLS

#endif
