#include "vocana/capture.h"

#include <float.h>
#include <math.h>

#include "guard.h"
#include "histogram.h"
#include "kernels/kernels.h"
#include "os/os.h"
#include "snapshot.h"

/* Frames that are cleaned at a time: more than any usual callback brings, because the breaker
   counts each piece. */
enum { CLEAN_FRAMES = 8192 };

/* Far above the duration of a block, far below the time that it takes to open a device. */
#define PAUSE_NS 200000000u

/* Words of the snapshot. */
enum {
    XRUNS,
    CALLBACKS,
    NANS,
    INFINITE,
    DENORMAL,
    OVER,
    REJECTED,
    SILENT,
    BLOCK,
    LAST_NS,
    THREAD,
    SILENT_RUN,
    FIRST_NS,
    FIRST_FRAMES,
    WORDS,
};

_Static_assert((int)WORDS <= (int)VO_SNAPSHOT_WORDS, "the snapshot is too small");

struct vo_capture {
    vo_tap *tap;
    vo_outlets *outlets; /* the first of which is tap */
    vo_input_policy input;
    vo_kernels kernels;
    uint32_t channels;
    vo_allocator allocator;

    /* Audio thread only. */
    uint64_t counts[WORDS];
    float *cleaned;

    vo_snapshot snapshot;
    vo_histogram durations;
    _Atomic uint64_t *nonfinite; /* of each channel */
};

vo_status vo_capture_new(vo_capture **out, const vo_capture_config *config,
                         const vo_allocator *allocator) {
    *out = NULL;
    const vo_input_policy *input = &config->input;
    if (!(input->limit > 0) || input->limit > FLT_MAX || input->nonfinite > VO_INPUT_REJECT ||
        input->denormal > VO_INPUT_REJECT || input->over > VO_INPUT_REJECT)
        return VO_BAD_ARG;
    if (!allocator) allocator = vo_allocator_default();
    vo_capture *capture = vo_alloc(allocator, sizeof *capture, VO_CACHE_LINE);
    if (!capture) return VO_NO_MEM;
    capture->allocator = *allocator;
    capture->input = *input;
    capture->kernels = vo_kernels_select();
    vo_status status = vo_tap_new(&capture->tap, &config->tap, allocator);
    if (!status) status = vo_outlets_new(&capture->outlets, config->tap.channels, allocator);
    if (!status) status = vo_outlets_attach(capture->outlets, capture->tap);
    if (status) {
        vo_capture_free(capture);
        return status;
    }
    uint32_t channels = capture->channels = config->tap.channels;
    size_t clean_bytes;
    if (!vo_size_mul(channels, CLEAN_FRAMES * sizeof(float), &clean_bytes)) {
        vo_capture_free(capture);
        return VO_TOO_BIG;
    }
    capture->cleaned = vo_alloc(allocator, clean_bytes, VO_CACHE_LINE);
    capture->nonfinite = vo_alloc(allocator, channels * sizeof(uint64_t), VO_CACHE_LINE);
    if (!capture->cleaned || !capture->nonfinite) {
        vo_capture_free(capture);
        return VO_NO_MEM;
    }
    *out = capture;
    return VO_OK;
}

void vo_capture_free(vo_capture *capture) {
    if (!capture) return;
    vo_allocator allocator = capture->allocator;
    vo_outlets_free(capture->outlets);
    vo_tap_free(capture->tap);
    vo_release(&allocator, capture->cleaned);
    vo_release(&allocator, capture->nonfinite);
    vo_release(&allocator, capture);
}

/* --- Input policy -------------------------------------------------------- */

/* One sample that is not clean, counted, and as the policy wants it. */
static float one_sample(vo_capture *capture, float x, uint32_t channel) {
    const vo_input_policy *input = &capture->input;
    float clamped = x > 0 ? input->limit : -input->limit;
    if (isnan(x) || isinf(x)) {
        capture->counts[isnan(x) ? NANS : INFINITE]++;
        _Atomic uint64_t *count = &capture->nonfinite[channel];
        atomic_store_explicit(count, atomic_load_explicit(count, memory_order_relaxed) + 1,
                              memory_order_relaxed);
        if (input->nonfinite != VO_INPUT_CLEAN) return x;
        return isnan(x) ? 0.0f : clamped;
    }
    if (fpclassify(x) == FP_SUBNORMAL) {
        capture->counts[DENORMAL]++;
        return input->denormal == VO_INPUT_CLEAN ? 0.0f : x;
    }
    if (fabsf(x) > input->limit) {
        capture->counts[OVER]++;
        return input->over == VO_INPUT_CLEAN ? clamped : x;
    }
    return x;
}

static void each_sample(vo_capture *capture, const float *frames, uint32_t n) {
    float *to = capture->cleaned;
    for (uint32_t frame = 0; frame < n; frame++)
        for (uint32_t channel = 0; channel < capture->channels; channel++)
            *to++ = one_sample(capture, *frames++, channel);
}

static bool rejected(const vo_input_policy *input, uint32_t seen) {
    return (seen & VO_SEEN_NONFINITE && input->nonfinite == VO_INPUT_REJECT) ||
           (seen & VO_SEEN_DENORMAL && input->denormal == VO_INPUT_REJECT) ||
           (seen & VO_SEEN_OVER && input->over == VO_INPUT_REJECT);
}

static bool unchanged(const vo_input_policy *input, uint32_t seen) {
    return !(seen & VO_SEEN_NONFINITE && input->nonfinite == VO_INPUT_CLEAN) &&
           !(seen & VO_SEEN_DENORMAL && input->denormal == VO_INPUT_CLEAN) &&
           !(seen & VO_SEEN_OVER && input->over == VO_INPUT_CLEAN);
}

/* The counts of a block are published before its frames, so whoever sees frames sees them counted.
 */
static void hand_on(vo_capture *capture, const float *frames, uint32_t n) {
    vo_snapshot_publish(&capture->snapshot, capture->counts, WORDS);
    vo_outlets_write(capture->outlets, frames, n);
}

static void hand_on_loss(vo_capture *capture, uint64_t n, vo_cause cause) {
    vo_snapshot_publish(&capture->snapshot, capture->counts, WORDS);
    vo_outlets_lose(capture->outlets, n, cause);
}

/* Count what is wrong with a block and hand it on as the policy wants it. */
static void take_unclean(vo_capture *capture, const float *frames, uint32_t n, uint32_t seen) {
    uint32_t channels = capture->channels;
    bool reject = rejected(&capture->input, seen), pass = unchanged(&capture->input, seen);
    bool denormals_alone = !(seen & (VO_SEEN_NONFINITE | VO_SEEN_OVER));
    for (uint32_t done = 0; done < n;) {
        uint32_t run = n - done < CLEAN_FRAMES ? n - done : CLEAN_FRAMES;
        const float *from = frames + (size_t)done * channels;
        if (denormals_alone)
            capture->counts[DENORMAL] +=
                capture->kernels.flush(capture->cleaned, from, (size_t)run * channels);
        else
            each_sample(capture, from, run);
        if (!reject && !pass) hand_on(capture, capture->cleaned, run);
        done += run;
    }
    if (reject) {
        vo_outlets_tell(capture->outlets, VO_EVENT_REJECTED, vo_outlets_position(capture->outlets),
                        n);
        capture->counts[REJECTED] += n;
        hand_on_loss(capture, n, VO_CAUSE_REJECTED);
    } else if (pass) {
        hand_on(capture, frames, n);
    }
}

/* --- The callback -------------------------------------------------------- */

void vo_capture_process(vo_capture *capture, const float *frames, uint32_t n, uint64_t lost,
                        uint32_t flags) {
    vo_capture_process_at(capture, frames, n, lost, flags, UINT64_MAX);
}

void vo_capture_process_at(vo_capture *capture, const float *frames, uint32_t n, uint64_t lost,
                           uint32_t flags, uint64_t ns) {
    vo_guard_begin();
    uint64_t started = vo_clock_ns();
    vo_outlets *outlets = capture->outlets;
    if (!capture->counts[CALLBACKS]++) {
        capture->counts[FIRST_NS] = started;
        capture->counts[FIRST_FRAMES] = n + lost;
    }
    capture->counts[BLOCK] = n;
    /* After a pause it may be another one: the device may have been opened anew. */
    if (started - capture->counts[LAST_NS] > PAUSE_NS)
        capture->counts[THREAD] = (uint64_t)vo_thread_self();
    capture->counts[LAST_NS] = ns < started ? ns : started;
    if (flags) {
        capture->counts[XRUNS]++;
        vo_outlets_tell(outlets, VO_EVENT_XRUN, vo_outlets_position(outlets), flags);
    }
    if (lost) {
        vo_outlets_tell(outlets, VO_EVENT_DEVICE_LOST, vo_outlets_position(outlets), lost);
        hand_on_loss(capture, lost, VO_CAUSE_DEVICE);
    }
    uint32_t seen =
        capture->kernels.classify(frames, (size_t)n * capture->channels, capture->input.limit);
    bool silent = !(seen & VO_SEEN_SIGNAL);
    capture->counts[SILENT_RUN] = silent ? capture->counts[SILENT_RUN] + n : 0;
    if (silent) capture->counts[SILENT] += n;
    if (seen & ~(uint32_t)VO_SEEN_SIGNAL)
        take_unclean(capture, frames, n, seen);
    else
        hand_on(capture, frames, n);
    vo_histogram_record(&capture->durations, vo_clock_ns() - started);
    vo_guard_end();
}

int vo_capture_portaudio(const void *input, void *output, unsigned long n, const void *time,
                         unsigned long flags, void *user) {
    (void)output;
    (void)time;
    if (input)
        vo_capture_process(user, input, (uint32_t)n, 0, (uint32_t)flags);
    else /* the device calls, and has nothing to give */
        vo_capture_process(user, NULL, 0, n, (uint32_t)flags);
    return 0; /* paContinue */
}

void vo_capture_end(vo_capture *capture, bool lost) {
    vo_outlets *outlets = capture->outlets;
    vo_outlets_tell(outlets, VO_EVENT_ENDED, vo_outlets_position(outlets), lost);
    vo_outlets_end(outlets);
}

/* --- Any thread ---------------------------------------------------------- */

vo_tap *vo_capture_tap(vo_capture *capture) {
    return capture->tap;
}

vo_outlets *vo_capture_outlets(vo_capture *capture) {
    return capture->outlets;
}

vo_capture_stats vo_capture_stats_now(const vo_capture *capture) {
    /* The tap first: the counts are then those of every frame that it tells of, or of a block more.
     */
    vo_tap_stats tap = vo_tap_stats_now(capture->tap);
    uint64_t words[WORDS];
    vo_snapshot_read(&capture->snapshot, words, WORDS);
    return (vo_capture_stats){
        .tap = tap,
        .xruns = words[XRUNS],
        .callbacks = words[CALLBACKS],
        .nan = words[NANS],
        .infinite = words[INFINITE],
        .denormal = words[DENORMAL],
        .over = words[OVER],
        .rejected = words[REJECTED],
        .silent = words[SILENT],
        .block = (uint32_t)words[BLOCK],
        .p50_ns = vo_histogram_quantile(&capture->durations, 0.50),
        .p99_ns = vo_histogram_quantile(&capture->durations, 0.99),
        .max_ns = vo_histogram_longest(&capture->durations),
    };
}

vo_last_callback vo_capture_last(const vo_capture *capture) {
    uint64_t words[WORDS];
    vo_snapshot_read(&capture->snapshot, words, WORDS);
    return (vo_last_callback){
        .ns = words[LAST_NS],
        .frames = (uint32_t)words[BLOCK],
        .thread = (int64_t)words[THREAD],
        .silent = words[SILENT_RUN],
    };
}

vo_first_callback vo_capture_first(const vo_capture *capture) {
    uint64_t words[WORDS];
    vo_snapshot_read(&capture->snapshot, words, WORDS);
    return (vo_first_callback){.ns = words[FIRST_NS], .frames = words[FIRST_FRAMES]};
}

uint64_t vo_capture_channel_nonfinite(const vo_capture *capture, uint32_t channel) {
    if (channel >= capture->channels) return 0;
    return atomic_load_explicit(&capture->nonfinite[channel], memory_order_relaxed);
}
