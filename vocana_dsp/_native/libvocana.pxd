"""The C API as Cython sees it; the only description of it outside csrc/include."""

from libc.stdint cimport int16_t, int32_t, int64_t, uint8_t, uint32_t, uint64_t

# --- status ---------------------------------------------------------------------------------------

cdef extern from "vocana/status.h" nogil:
    ctypedef enum vo_status:
        VO_OK
        VO_NO_MEM
        VO_BAD_ARG
        VO_TOO_BIG
        VO_EMPTY
        VO_BAD_HANDLE
        VO_TIMED_OUT
        VO_INTERRUPTED
        VO_SYSTEM

    const char *vo_status_text(vo_status status)

# --- alloc ----------------------------------------------------------------------------------------

cdef extern from "vocana/alloc.h" nogil:
    ctypedef struct vo_allocator:
        void *(*alloc)(void *self, size_t bytes, size_t align) noexcept nogil
        void (*free)(void *self, void *memory) noexcept nogil
        void *self

    void *vo_alloc(const vo_allocator *allocator, size_t bytes, size_t align)
    void vo_release(const vo_allocator *allocator, void *memory)

# --- simd -----------------------------------------------------------------------------------------

cdef extern from "vocana/simd.h" nogil:
    const char *vo_simd_name()

# --- ring -----------------------------------------------------------------------------------------

cdef extern from "vocana/ring.h" nogil:
    ctypedef struct vo_ring:
        pass

    ctypedef struct vo_spans:
        float *first
        float *second
        uint32_t first_frames
        uint32_t second_frames

    vo_status vo_ring_new(
        vo_ring **out, uint64_t frames, uint32_t channels, const vo_allocator *allocator
    )
    void vo_ring_free(vo_ring *ring)

    uint32_t vo_ring_write(vo_ring *ring, const float *frames, uint32_t n)
    vo_spans vo_ring_acquire(vo_ring *ring, uint32_t n)
    uint32_t vo_ring_commit(vo_ring *ring, uint32_t n)
    uint32_t vo_ring_writable(vo_ring *ring)
    uint64_t vo_ring_written(const vo_ring *ring)

    uint32_t vo_ring_read(vo_ring *ring, float *frames, uint32_t n)
    vo_spans vo_ring_peek(vo_ring *ring, uint32_t n)
    uint32_t vo_ring_copy(vo_ring *ring, uint32_t ahead, float *frames, uint32_t n)
    uint32_t vo_ring_consume(vo_ring *ring, uint32_t n)
    uint32_t vo_ring_readable(vo_ring *ring)
    uint64_t vo_ring_consumed(const vo_ring *ring)

    uint32_t vo_ring_capacity(const vo_ring *ring)
    uint32_t vo_ring_channels(const vo_ring *ring)
    uint32_t vo_ring_fill(const vo_ring *ring)
    const float *vo_ring_storage(const vo_ring *ring)

# --- pool -----------------------------------------------------------------------------------------

cdef extern from "vocana/pool.h" nogil:
    ctypedef struct vo_pool:
        pass

    ctypedef uint64_t vo_handle
    const vo_handle VO_NO_HANDLE

    ctypedef enum vo_pool_sharing:
        VO_POOL_PAIR
        VO_POOL_SHARED

    ctypedef struct vo_pool_config:
        uint32_t frames
        uint32_t channels
        uint32_t initial
        uint32_t maximum
        vo_pool_sharing sharing

    ctypedef struct vo_pool_stats:
        uint64_t acquired
        uint64_t reused
        uint64_t missed
        uint64_t rejected
        uint32_t live
        uint32_t free
        uint32_t peak
        uint32_t maximum

    vo_status vo_pool_new(
        vo_pool **out, const vo_pool_config *config, const vo_allocator *allocator
    )
    void vo_pool_free(vo_pool *pool)
    vo_status vo_pool_grow(vo_pool *pool)
    uint32_t vo_pool_trim(vo_pool *pool, uint64_t now_ns, uint64_t idle_ns, uint32_t keep)
    vo_status vo_pool_acquire(vo_pool *pool, vo_handle *out)
    vo_status vo_pool_release(vo_pool *pool, vo_handle handle, uint64_t now_ns)
    float *vo_pool_data(const vo_pool *pool, vo_handle handle)
    vo_pool_stats vo_pool_stats_now(const vo_pool *pool)

# --- fft ------------------------------------------------------------------------------------------

cdef extern from "vocana/fft.h" nogil:
    ctypedef struct vo_fft:
        pass

    bint vo_fft_supports(uint32_t n, bint real)
    vo_status vo_fft_new(vo_fft **out, uint32_t n, bint real, const vo_allocator *allocator)
    void vo_fft_free(vo_fft *fft)
    uint32_t vo_fft_size(const vo_fft *fft)
    void vo_fft_forward(vo_fft *fft, float *spectrum, const float *x)
    void vo_fft_inverse(vo_fft *fft, float *x, const float *spectrum)
    void vo_fft_forward_complex(vo_fft *fft, float *spectrum, const float *x)
    void vo_fft_inverse_complex(vo_fft *fft, float *x, const float *spectrum)

# --- window ---------------------------------------------------------------------------------------

cdef extern from "vocana/window.h" nogil:
    ctypedef enum vo_window:
        pass

    vo_status vo_window_named(vo_window *out, const char *name)
    const char *vo_window_name(uint32_t window)
    void vo_window_fill(float *factors, uint32_t n, vo_window window)

# --- stft -----------------------------------------------------------------------------------------

cdef extern from "vocana/stft.h" nogil:
    ctypedef struct vo_stft:
        pass

    ctypedef struct vo_istft:
        pass

    ctypedef struct vo_stft_config:
        const float *window
        uint32_t n_fft
        uint32_t hop
        uint32_t before

    const double VO_STFT_LEAST_OVERLAP
    vo_status vo_stft_new(
        vo_stft **out, const vo_stft_config *config, const vo_allocator *allocator
    )
    void vo_stft_free(vo_stft *stft)
    double vo_stft_overlap(const float *window, uint32_t n_fft, uint32_t hop)
    vo_status vo_istft_new(
        vo_istft **out, const vo_stft_config *config, const vo_allocator *allocator
    )
    void vo_istft_free(vo_istft *istft)
    uint64_t vo_stft_ready(const vo_stft *stft, uint64_t n)
    uint64_t vo_stft_process(vo_stft *stft, float *spectra, const float *x, uint64_t n)
    void vo_stft_reset(vo_stft *stft)
    void vo_istft_process(vo_istft *istft, float *x, const float *spectra, uint64_t frames)
    void vo_istft_rest(const vo_istft *istft, float *x)
    void vo_istft_reset(vo_istft *istft)

# --- meter ----------------------------------------------------------------------------------------

cdef extern from "vocana/meter.h" nogil:
    ctypedef struct vo_level:
        float peak
        float rms

    ctypedef struct vo_meter:
        pass

    vo_status vo_meter_new(vo_meter **out, const vo_allocator *allocator)
    vo_level vo_meter_level(
        const vo_meter *meter, const float *frames, uint32_t n, uint32_t channels, uint32_t channel
    )

# --- node -----------------------------------------------------------------------------------------

cdef extern from "vocana/node.h" nogil:
    enum:
        VO_NODE_MAX_FRAMES
        VO_NODE_MAX_CHANNELS

    ctypedef struct vo_format:
        uint32_t rate
        uint32_t channels

    ctypedef struct vo_param:
        const char *name
        double least
        double most
        double initial
        bint fixed

    ctypedef struct vo_node_ops:
        uint32_t size
        const char *name
        void (*process)(vo_node *node, float *const *x, uint32_t n) noexcept nogil
        void (*reset)(vo_node *node) noexcept nogil
        void (*free)(vo_node *node) noexcept nogil
        void (*set)(vo_node *node, uint32_t index, double value) noexcept nogil
        double (*get)(const vo_node *node, uint32_t index) noexcept nogil
        uint32_t (*read)(const vo_node *node, double *values, uint32_t most) noexcept nogil
        const vo_param *params
        uint32_t param_count

    ctypedef struct vo_node:
        const vo_node_ops *ops
        uint32_t channels
        uint32_t channels_out
        uint32_t latency_frames

    void vo_node_free(vo_node *node)
    vo_status vo_node_check(const vo_node *node)
    vo_status vo_node_set(vo_node *node, uint32_t index, double value)
    double vo_node_get(const vo_node *node, uint32_t index)
    uint32_t vo_node_read(const vo_node *node, double *values, uint32_t most)

# --- biquad ---------------------------------------------------------------------------------------

cdef extern from "vocana/biquad.h" nogil:
    ctypedef struct vo_biquad:
        double g
        double k
        double n0
        double n1
        double n2

# --- sos, fir -------------------------------------------------------------------------------------

cdef extern from "vocana/sos.h" nogil:
    enum:
        VO_SOS_MOST_SECTIONS

cdef extern from "vocana/fir.h" nogil:
    enum:
        VO_FIR_MOST_TAPS

# --- nodes ----------------------------------------------------------------------------------------

cdef extern from "vocana/nodes.h" nogil:
    ctypedef vo_status vo_node_new(
        vo_node **out, const vo_format *format, const double *params,
        const vo_allocator *allocator
    )

    ctypedef struct vo_node_kind:
        const char *name
        vo_node_new *make
        const vo_param *params
        uint32_t param_count

    const vo_node_kind *vo_node_kind_named(const char *name)
    uint32_t vo_node_kinds(const vo_node_kind **out)
    vo_status vo_channel_map_new(
        vo_node **out, const vo_format *format, uint32_t channels_out, const float *matrix,
        const vo_allocator *allocator
    )
    vo_status vo_sos_node_new(
        vo_node **out, const vo_format *format, const double (*rows)[6], uint32_t count,
        const vo_allocator *allocator
    )
    vo_status vo_fir_node_new(
        vo_node **out, const vo_format *format, const float *taps, uint32_t count,
        const vo_allocator *allocator
    )
    uint32_t vo_filter_sections(const vo_node *node, vo_biquad *out)

# --- chain ----------------------------------------------------------------------------------------

cdef extern from "vocana/chain.h" nogil:
    ctypedef struct vo_chain:
        pass

    ctypedef struct vo_stage_times:
        uint64_t count
        double p50_ns
        double p99_ns
        double max_ns
        uint64_t faults

    vo_status vo_chain_new(
        vo_chain **out, const vo_format *format, vo_node *const *nodes, uint32_t count,
        const vo_allocator *allocator
    )
    void vo_chain_free(vo_chain *chain)
    void vo_chain_process(vo_chain *chain, float *out, const float *input, uint32_t n)
    void vo_chain_reset(vo_chain *chain, uint32_t node)
    uint32_t vo_chain_channels_out(const vo_chain *chain)
    uint32_t vo_chain_latency(const vo_chain *chain)
    vo_status vo_chain_set_bypass(vo_chain *chain, uint32_t node, bint bypassed)
    bint vo_chain_bypassed(const vo_chain *chain, uint32_t node)
    vo_stage_times vo_chain_times(const vo_chain *chain, uint32_t stage)

# --- levels ---------------------------------------------------------------------------------------

cdef extern from "vocana/levels.h" nogil:
    ctypedef struct vo_levels:
        pass

    ctypedef struct vo_levels_config:
        uint32_t rate
        uint32_t channels
        double rms_ms
        double attack_ms
        double release_ms
        double hold_ms

    ctypedef struct vo_channel_levels:
        double rms
        double peak
        double held

    vo_status vo_levels_new(
        vo_levels **out, const vo_levels_config *config, const vo_allocator *allocator
    )
    void vo_levels_free(vo_levels *levels)
    void vo_levels_process(vo_levels *levels, const float **x, size_t stride, size_t n)
    void vo_levels_reset(vo_levels *levels)
    vo_channel_levels vo_levels_now(const vo_levels *levels, uint32_t channel)

# --- correlation ----------------------------------------------------------------------------------

cdef extern from "vocana/correlation.h" nogil:
    ctypedef struct vo_correlation:
        pass

    vo_status vo_correlation_new(
        vo_correlation **out, uint32_t rate, double time_ms, const vo_allocator *allocator
    )
    void vo_correlation_free(vo_correlation *correlation)
    void vo_correlation_process(
        vo_correlation *correlation, const float **x, size_t stride, size_t n
    )
    void vo_correlation_reset(vo_correlation *correlation)
    double vo_correlation_now(const vo_correlation *correlation)
    double vo_correlation_whole(const vo_correlation *correlation)

# --- quality --------------------------------------------------------------------------------------

cdef extern from "vocana/quality.h" nogil:
    ctypedef struct vo_quality:
        pass

    enum:
        VO_QUALITY_SILENT
        VO_QUALITY_DC
        VO_QUALITY_FLAT
        VO_QUALITY_IMBALANCE
        VO_QUALITY_CLIPPED
        VO_QUALITY_INVALID

    ctypedef struct vo_quality_limits:
        double silent_db
        double dc
        double flat
        double imbalance_db
        double clip
        uint32_t clip_run

    ctypedef struct vo_quality_figures:
        uint64_t frames
        uint64_t clipped
        uint64_t invalid
        double peak
        double rms
        double mean
        double noise_floor
        uint32_t flags

    vo_status vo_quality_new(
        vo_quality **out, uint32_t rate, uint32_t channels, const vo_quality_limits *limits,
        const vo_allocator *allocator
    )
    void vo_quality_free(vo_quality *quality)
    void vo_quality_process(vo_quality *quality, const float **x, size_t stride, size_t n)
    void vo_quality_reset(vo_quality *quality)
    vo_quality_figures vo_quality_now(const vo_quality *quality, uint32_t channel)
    vo_quality_limits vo_quality_limits_default()

# --- loudness -------------------------------------------------------------------------------------

cdef extern from "vocana/loudness.h" nogil:
    ctypedef struct vo_loudness:
        pass

    enum:
        VO_LOUDNESS_LEAST_RATE

    ctypedef struct vo_loudness_config:
        uint32_t rate
        uint32_t channels
        const double *weights
        bint true_peak

    ctypedef struct vo_loudness_reading:
        double momentary
        double short_term
        double max_momentary
        double max_short_term
        double integrated
        double range
        double true_peak_db

    vo_status vo_loudness_new(
        vo_loudness **out, const vo_loudness_config *config, const vo_allocator *allocator
    )
    void vo_loudness_free(vo_loudness *loudness)
    void vo_loudness_process(vo_loudness *loudness, const float **x, size_t stride, size_t n)
    void vo_loudness_reset(vo_loudness *loudness)
    vo_loudness_reading vo_loudness_now(const vo_loudness *loudness)

# --- truepeak -------------------------------------------------------------------------------------

cdef extern from "vocana/truepeak.h" nogil:
    ctypedef struct vo_truepeak:
        pass

    vo_status vo_truepeak_new(
        vo_truepeak **out, uint32_t rate, uint32_t channels, const vo_allocator *allocator
    )
    void vo_truepeak_free(vo_truepeak *truepeak)
    float vo_truepeak_process(
        vo_truepeak *truepeak, uint32_t channel, float *peaks, const float *x, uint32_t n,
        float floor
    )

# --- gcc_phat -------------------------------------------------------------------------------------

cdef extern from "vocana/gcc_phat.h" nogil:
    ctypedef struct vo_gcc_phat:
        pass

    enum:
        VO_GCC_PHAT_MOST_FRAMES

    ctypedef struct vo_gcc_phat_config:
        uint32_t piece_frames
        uint32_t max_delay_frames
        double memory_frames

    ctypedef struct vo_gcc_phat_delay:
        double frames
        double confidence

    vo_status vo_gcc_phat_new(
        vo_gcc_phat **out, const vo_gcc_phat_config *config, const vo_allocator *allocator
    )
    void vo_gcc_phat_free(vo_gcc_phat *gcc_phat)
    void vo_gcc_phat_process(
        vo_gcc_phat *gcc_phat, const float *first, const float *second, size_t stride, size_t n
    )
    void vo_gcc_phat_reset(vo_gcc_phat *gcc_phat)
    vo_gcc_phat_delay vo_gcc_phat_now(vo_gcc_phat *gcc_phat)

# --- resampler ------------------------------------------------------------------------------------

cdef extern from "vocana/resampler.h" nogil:
    ctypedef enum vo_resampler_quality:
        VO_RESAMPLER_FAST
        VO_RESAMPLER_BALANCED
        VO_RESAMPLER_BEST

    ctypedef struct vo_resampler:
        pass

    vo_status vo_resampler_new(
        vo_resampler **out,
        uint32_t from_rate,
        uint32_t to_rate,
        uint32_t channels,
        vo_resampler_quality quality,
        const vo_allocator *allocator,
    )
    void vo_resampler_free(vo_resampler *resampler)

    uint64_t vo_resampler_process(
        vo_resampler *resampler, float *out, uint64_t room, const float *frames, uint64_t n
    )
    uint64_t vo_resampler_output(const vo_resampler *resampler, uint64_t n)
    uint64_t vo_resampler_flush(vo_resampler *resampler, float *out, uint64_t room)
    void vo_resampler_reset(vo_resampler *resampler)

    uint32_t vo_resampler_latency(const vo_resampler *resampler)
    double vo_resampler_passband_hz(const vo_resampler *resampler)

# --- drift ----------------------------------------------------------------------------------------

cdef extern from "vocana/drift.h" nogil:
    const double VO_DRIFT_LEAST_RATIO
    const double VO_DRIFT_MOST_RATIO
    const uint32_t VO_DRIFT_LATENCY_FRAMES

    ctypedef struct vo_drift:
        pass

    vo_status vo_drift_new(vo_drift **out, uint32_t channels, const vo_allocator *allocator)
    void vo_drift_free(vo_drift *drift)

    vo_status vo_drift_set_ratio(vo_drift *drift, double ratio)
    double vo_drift_ratio(const vo_drift *drift)
    uint64_t vo_drift_max_output(uint64_t n)

    uint64_t vo_drift_process(
        vo_drift *drift, float *out, uint64_t room, const float *frames, uint64_t n
    )
    void vo_drift_reset(vo_drift *drift)

# --- pcm ------------------------------------------------------------------------------------------

cdef extern from "vocana/pcm.h" nogil:
    ctypedef struct vo_pcm:
        pass

    vo_status vo_pcm_new(vo_pcm **out, const vo_allocator *allocator)

    void vo_pcm_from_int16(const vo_pcm *pcm, float *out, const int16_t *x, size_t n)
    void vo_pcm_from_int24(const vo_pcm *pcm, float *out, const uint8_t *x, size_t n)
    void vo_pcm_from_int32(const vo_pcm *pcm, float *out, const int32_t *x, size_t n)
    void vo_pcm_to_int16(const vo_pcm *pcm, int16_t *out, const float *x, size_t n)
    void vo_pcm_to_int24(const vo_pcm *pcm, uint8_t *out, const float *x, size_t n)
    void vo_pcm_to_int32(const vo_pcm *pcm, int32_t *out, const float *x, size_t n)
    void vo_pcm_gain(const vo_pcm *pcm, float *out, const float *x, float g, size_t n)
    void vo_pcm_mix(const vo_pcm *pcm, float *y, const float *x, float g, size_t n)
    void vo_pcm_interleave(
        const vo_pcm *pcm, float *out, float **rows, uint32_t channels, size_t n
    )
    void vo_pcm_deinterleave(
        const vo_pcm *pcm, float **rows, const float *x, uint32_t channels, size_t n
    )

# --- fragment -------------------------------------------------------------------------------------

cdef extern from "vocana/fragment.h" nogil:
    uint32_t vo_fragment_rms(const void *fragment, uint32_t width, size_t n)
    uint32_t vo_fragment_max(const void *fragment, uint32_t width, size_t n)
    void vo_fragment_lin2lin(
        void *out, uint32_t out_width, const void *fragment, uint32_t width, size_t n
    )
    void vo_fragment_tomono(
        void *out, const void *fragment, uint32_t width, double left, double right, size_t n
    )

# --- breaker --------------------------------------------------------------------------------------

cdef extern from "vocana/breaker.h" nogil:
    ctypedef struct vo_breaker_config:
        uint32_t trips_after
        uint64_t rest_frames
        uint64_t max_rest_frames

# --- ledger ---------------------------------------------------------------------------------------

cdef extern from "vocana/ledger.h" nogil:
    ctypedef struct vo_gap:
        uint64_t at
        uint64_t frame
        uint64_t frames
        uint32_t cause

    ctypedef enum vo_cause:
        VO_CAUSE_DEVICE

    const char *vo_cause_text(uint32_t cause)

# --- events ---------------------------------------------------------------------------------------

cdef extern from "vocana/events.h" nogil:
    ctypedef struct vo_event:
        uint64_t seq
        uint64_t frame
        uint64_t value
        uint32_t kind

    ctypedef struct vo_events:
        pass

    uint32_t vo_events_pop(vo_events *events, vo_event *out, uint32_t n)
    uint64_t vo_events_dropped(const vo_events *events)
    ctypedef enum vo_event_kind:
        VO_EVENT_ENDED

    const char *vo_event_text(uint32_t kind)

# --- wav ------------------------------------------------------------------------------------------

cdef extern from "vocana/wav.h" nogil:
    const uint32_t VO_WAV_HEAD_BYTES
    const uint64_t VO_WAV_OPEN

    ctypedef enum vo_wav_subtype:
        VO_WAV_FLOAT32
        VO_WAV_PCM24
        VO_WAV_PCM16

    ctypedef struct vo_wav_format:
        uint32_t rate
        uint32_t channels
        vo_wav_subtype subtype

    ctypedef struct vo_wav_info:
        uint32_t rate
        uint32_t channels
        uint32_t bits
        bint floating
        bint open
        bint rf64
        uint64_t data_at
        uint64_t frames
        uint64_t stated_frames

    uint32_t vo_wav_frame_bytes(const vo_wav_format *format)
    vo_status vo_wav_head(uint8_t *out, const vo_wav_format *format, uint64_t frames)
    uint64_t vo_wav_file_bytes(const vo_wav_format *format, uint64_t frames)
    vo_status vo_wav_parse(
        vo_wav_info *out, const uint8_t *head, uint64_t bytes, uint64_t file_bytes
    )

# --- sidecar --------------------------------------------------------------------------------------

cdef extern from "vocana/sidecar.h" nogil:
    ctypedef struct vo_sidecar:
        pass

    ctypedef struct vo_sidecar_head:
        vo_wav_format format
        uint32_t segment
        uint64_t first_frame
        uint64_t capture_frame
        int64_t started_wall_ns
        uint64_t started_ns
        char *recording  # all three are arrays
        char *previous
        char *spool

    ctypedef struct vo_sidecar_gap:
        uint64_t frame
        uint64_t frames
        uint32_t cause

    ctypedef enum vo_sidecar_end:
        VO_SIDECAR_OPEN
        VO_SIDECAR_CLOSED
        VO_SIDECAR_ROLLED
        VO_SIDECAR_SEALED

    void vo_sidecar_free(vo_sidecar *sidecar)
    vo_status vo_sidecar_parse(
        vo_sidecar **out, const char *text, uint64_t bytes, const vo_allocator *allocator
    )
    const vo_sidecar_head *vo_sidecar_head_of(const vo_sidecar *sidecar)
    uint64_t vo_sidecar_durable(const vo_sidecar *sidecar)
    vo_sidecar_end vo_sidecar_end_of(const vo_sidecar *sidecar)
    const vo_sidecar_gap *vo_sidecar_gaps(const vo_sidecar *sidecar, uint64_t *count)
    const uint32_t *vo_sidecar_seconds(const vo_sidecar *sidecar, uint64_t *count)
    uint64_t vo_sidecar_rest(const vo_sidecar *sidecar, uint32_t *crc)

# --- tap ------------------------------------------------------------------------------------------

cdef extern from "vocana/tap.h" nogil:
    ctypedef struct vo_tap:
        pass

    ctypedef enum vo_overflow_policy:
        VO_DROP_NEWEST
        VO_SKIP
        VO_FAIL

    ctypedef struct vo_tap_config:
        uint32_t channels
        vo_overflow_policy policy
        uint64_t capacity_frames
        uint64_t target_frames
        uint64_t high_water_frames
        uint32_t fade_frames
        uint32_t align_frames
        uint32_t events
        vo_breaker_config breaker

    ctypedef struct vo_tap_block:
        uint64_t frame
        uint64_t gap
        uint64_t skipped
        uint32_t cause
        uint32_t frames

    ctypedef struct vo_tap_stats:
        uint64_t captured
        uint64_t delivered
        uint64_t dropped
        uint64_t queued
        uint64_t overflows
        uint64_t trips
        uint32_t breaker
        vo_gap open_gap

    vo_status vo_tap_new(
        vo_tap **out, const vo_tap_config *config, const vo_allocator *allocator
    )
    void vo_tap_free(vo_tap *tap)
    void vo_tap_write(vo_tap *tap, const float *frames, uint32_t n)
    void vo_tap_lose(vo_tap *tap, uint64_t n, vo_cause cause)
    void vo_tap_end(vo_tap *tap)
    vo_events *vo_tap_events(vo_tap *tap)
    vo_tap_block vo_tap_read(vo_tap *tap, float *frames, uint32_t n)
    uint32_t vo_tap_read_on(vo_tap *tap, float *frames, uint32_t n)
    vo_status vo_tap_wait(vo_tap *tap, uint64_t n, int64_t timeout_ns)
    bint vo_tap_ready(vo_tap *tap, uint64_t n)
    bint vo_tap_arm(vo_tap *tap, uint64_t n)
    int vo_tap_descriptor(const vo_tap *tap)
    void vo_tap_disarm(vo_tap *tap)
    bint vo_tap_next_gap(vo_tap *tap, uint32_t ahead, vo_gap *out)
    bint vo_tap_at_gap(vo_tap *tap)
    vo_tap_stats vo_tap_stats_now(const vo_tap *tap)
    bint vo_tap_ended(const vo_tap *tap)
    uint64_t vo_tap_capacity(const vo_tap *tap)
    void vo_tap_wake(vo_tap *tap)

# --- outlets --------------------------------------------------------------------------------------

cdef extern from "vocana/outlets.h" nogil:
    ctypedef struct vo_outlets:
        pass

    uint64_t VO_OUTLETS_NOTHING

    vo_status vo_outlets_new(
        vo_outlets **out, uint32_t channels, const vo_allocator *allocator
    )
    void vo_outlets_free(vo_outlets *outlets)
    vo_status vo_outlets_attach(vo_outlets *outlets, vo_tap *tap)
    vo_status vo_outlets_detach(vo_outlets *outlets, vo_tap *tap, int64_t timeout_ns)
    uint64_t vo_outlets_first(const vo_outlets *outlets, const vo_tap *tap)
    uint64_t vo_outlets_position(const vo_outlets *outlets)
    bint vo_outlets_ended(const vo_outlets *outlets)
    uint32_t vo_outlets_channels(const vo_outlets *outlets)
    void vo_outlets_tell(
        vo_outlets *outlets, vo_event_kind kind, uint64_t frame, uint64_t value
    )
    void vo_outlets_end(vo_outlets *outlets)

# --- playout --------------------------------------------------------------------------------------

cdef extern from "vocana/playout.h" nogil:
    ctypedef struct vo_playout:
        pass

    ctypedef struct vo_playout_config:
        uint32_t rate
        uint32_t channels
        uint32_t block_frames
        uint32_t min_frames
        uint32_t start_frames
        uint32_t max_frames
        uint64_t capacity_frames
        uint64_t calm_frames
        uint32_t fade_frames
        uint32_t align_frames
        uint32_t mute_frames
        double most_ppm

    ctypedef struct vo_playout_block:
        uint64_t frame
        uint64_t skipped
        uint32_t played
        uint32_t concealed
        uint32_t silent

    ctypedef struct vo_playout_stats:
        uint64_t pulled
        uint64_t played
        uint64_t concealed
        uint64_t silent
        uint64_t taken
        uint64_t skipped
        uint64_t lost
        uint64_t skips
        uint64_t concealments
        uint64_t underruns
        uint64_t interruptions
        uint64_t longest
        uint64_t queued
        uint64_t target
        uint64_t changes
        uint64_t frame
        double level
        double ratio

    vo_status vo_playout_new(
        vo_playout **out, const vo_playout_config *config, const vo_allocator *allocator
    )
    void vo_playout_free(vo_playout *playout)
    vo_tap *vo_playout_tap(vo_playout *playout)
    vo_playout_block vo_playout_pull(
        vo_playout *playout, float *out, uint32_t n, uint32_t since_frames
    )
    vo_playout_stats vo_playout_stats_now(const vo_playout *playout)

# --- capture --------------------------------------------------------------------------------------

cdef extern from "vocana/capture.h" nogil:
    ctypedef struct vo_capture:
        pass

    ctypedef enum vo_input_action:
        VO_INPUT_FLAG
        VO_INPUT_CLEAN
        VO_INPUT_REJECT

    ctypedef struct vo_input_policy:
        vo_input_action nonfinite
        vo_input_action denormal
        vo_input_action over
        float limit

    ctypedef struct vo_capture_config:
        vo_tap_config tap
        vo_input_policy input

    ctypedef struct vo_capture_stats:
        vo_tap_stats tap
        uint64_t xruns
        uint64_t callbacks
        uint64_t nan
        uint64_t infinite
        uint64_t denormal
        uint64_t over
        uint64_t rejected
        uint64_t silent
        uint32_t block
        uint64_t p50_ns
        uint64_t p99_ns
        uint64_t max_ns

    ctypedef struct vo_last_callback:
        uint64_t ns
        uint32_t frames
        int64_t thread
        uint64_t silent

    vo_status vo_capture_new(
        vo_capture **out, const vo_capture_config *config, const vo_allocator *allocator
    )
    void vo_capture_free(vo_capture *capture)
    void vo_capture_process(
        vo_capture *capture, const float *frames, uint32_t n, uint64_t lost, uint32_t flags
    )
    int vo_capture_portaudio(
        const void *input, void *output, unsigned long n, const void *time, unsigned long flags,
        void *user
    )
    void vo_capture_end(vo_capture *capture, bint lost)
    vo_tap *vo_capture_tap(vo_capture *capture)
    vo_outlets *vo_capture_outlets(vo_capture *capture)
    vo_capture_stats vo_capture_stats_now(const vo_capture *capture)
    vo_last_callback vo_capture_last(const vo_capture *capture)
    uint64_t vo_capture_channel_nonfinite(const vo_capture *capture, uint32_t channel)

# --- engine ---------------------------------------------------------------------------------------

cdef extern from "vocana/engine.h" nogil:
    ctypedef struct vo_engine:
        pass

    ctypedef struct vo_engine_config:
        uint32_t rate_in
        uint32_t rate_out
        uint32_t channels_in
        vo_chain *mix
        vo_resampler *resampler
        vo_chain *chain
        vo_chain *analysis
        vo_outlets *out
        bint lossless
        uint64_t resumes_after_ns

    ctypedef enum vo_engine_stage:
        VO_ENGINE_MIX
        VO_ENGINE_TOTAL

    vo_status vo_engine_new(
        vo_engine **out, const vo_engine_config *config, vo_capture *capture,
        const vo_allocator *allocator
    )
    void vo_engine_free(vo_engine *engine)
    vo_status vo_engine_start(vo_engine *engine)
    vo_status vo_engine_stop(vo_engine *engine, int64_t timeout_ns)
    vo_status vo_engine_leave(vo_engine *engine, int64_t timeout_ns)
    vo_status vo_engine_set_chain(vo_engine *engine, vo_chain *chain, vo_chain **untaken)
    uint64_t vo_engine_retired(const vo_engine *engine)
    int64_t vo_engine_thread(const vo_engine *engine)
    uint32_t vo_engine_latency(const vo_engine *engine)
    vo_stage_times vo_engine_times(const vo_engine *engine, vo_engine_stage stage)

# --- sim ------------------------------------------------------------------------------------------

cdef extern from "vocana/sim.h" nogil:
    ctypedef struct vo_sim:
        pass

    ctypedef enum vo_sim_pace:
        VO_SIM_REALTIME
        VO_SIM_LOCKSTEP
        VO_SIM_FLATOUT

    ctypedef uint32_t (*vo_sim_read)(
        void *self, uint64_t frame, float *out, uint32_t n
    ) noexcept nogil

    ctypedef struct vo_sim_signal:
        vo_sim_read read
        void *self

    ctypedef enum vo_sim_fault_kind:
        VO_SIM_JITTER
        VO_SIM_STALL
        VO_SIM_UNPLUG
        VO_SIM_SILENCE
        VO_SIM_DRIFT
        VO_SIM_BLOCKS

    enum:
        VO_SIM_BLOCK_SIZES
        VO_SIM_MAX_BLOCK

    ctypedef struct vo_sim_fault:
        vo_sim_fault_kind kind
        uint64_t frame
        uint64_t frames
        double amount
        uint32_t *sizes

    ctypedef struct vo_sim_config:
        uint32_t rate
        uint32_t channels
        uint32_t block_frames
        uint64_t first
        uint64_t lost
        uint64_t frames
        vo_sim_pace pace
        uint64_t seed
        vo_sim_signal signal
        const vo_sim_fault *faults
        uint32_t fault_count

    vo_status vo_sim_new(
        vo_sim **out, const vo_sim_config *config, vo_capture *capture,
        const vo_allocator *allocator
    )
    vo_status vo_sim_start(vo_sim *sim)
    vo_status vo_sim_stop(vo_sim *sim, int64_t timeout_ns)
    void vo_sim_free(vo_sim *sim)
    bint vo_sim_active(const vo_sim *sim)
    uint64_t vo_sim_place(const vo_sim *sim)

    uint32_t vo_sim_counter(void *self, uint64_t frame, float *out, uint32_t n) noexcept
    uint32_t vo_sim_silence(void *self, uint64_t frame, float *out, uint32_t n) noexcept
    uint32_t vo_sim_tone(void *self, uint64_t frame, float *out, uint32_t n) noexcept
    uint32_t vo_sim_from_array(void *self, uint64_t frame, float *out, uint32_t n) noexcept
    uint32_t vo_sim_from_file(void *self, uint64_t frame, float *out, uint32_t n) noexcept

    ctypedef struct vo_sim_tone_config:
        double frequency_hz
        double rate
        double amplitude
        uint32_t channels

    ctypedef struct vo_sim_array:
        const float *frames
        uint64_t count
        uint32_t channels

    ctypedef int64_t (*vo_file_readf)(void *file, float *out, int64_t n) noexcept nogil
    ctypedef int64_t (*vo_file_seek)(void *file, int64_t frame, int whence) noexcept nogil

    ctypedef struct vo_sim_file:
        vo_file_readf readf
        vo_file_seek seek
        void *file
        uint64_t frames
        uint64_t position
        uint32_t channels
        bint loop

# --- record ---------------------------------------------------------------------------------------

cdef extern from "vocana/record.h" nogil:
    enum:
        VO_RECORD_UNKNOWN

    ctypedef struct vo_record_config:
        vo_wav_format format
        const char *folder
        const char *name
        const char *spool
        uint64_t flush_ns
        uint64_t segment_frames
        uint64_t limit_bytes
        uint64_t memory_bytes

    ctypedef struct vo_record_times:
        uint64_t p50_ns
        uint64_t p99_ns
        uint64_t max_ns

    ctypedef struct vo_record_stats:
        uint64_t frames
        uint64_t frames_written
        uint64_t frames_durable
        uint64_t frames_waiting
        uint64_t frames_gone
        uint64_t gaps
        uint64_t silence_frames
        uint64_t dropped_frames
        uint64_t first_dropped
        uint64_t files
        uint64_t writes
        uint64_t bytes
        uint64_t failures
        int32_t error
        uint64_t seconds_left
        int place
        vo_record_times write
        vo_record_times sync

# --- recorder -------------------------------------------------------------------------------------

cdef extern from "vocana/recorder.h" nogil:
    ctypedef struct vo_recorder:
        pass

    ctypedef struct vo_recorder_config:
        vo_record_config record
        uint64_t ring_frames
        uint64_t frames

    ctypedef enum vo_recorder_state:
        VO_RECORDER_OPEN
        VO_RECORDER_RUNNING
        VO_RECORDER_ENDED

    vo_status vo_recorder_new(
        vo_recorder **out, const vo_recorder_config *config, int *error,
        const vo_allocator *allocator,
    )
    void vo_recorder_free(vo_recorder *recorder)
    void vo_recorder_abandon(vo_recorder *recorder)
    vo_status vo_recorder_attach(vo_recorder *recorder, vo_outlets *outlets)
    vo_status vo_recorder_detach(vo_recorder *recorder, int64_t timeout_ns)
    vo_status vo_recorder_start(vo_recorder *recorder)
    vo_status vo_recorder_wait(vo_recorder *recorder, int64_t timeout_ns)
    vo_status vo_recorder_stop(vo_recorder *recorder, int64_t timeout_ns)
    uint32_t vo_recorder_events(vo_recorder *recorder, vo_event *out, uint32_t n)
    vo_recorder_state vo_recorder_state_now(const vo_recorder *recorder)
    vo_record_stats vo_recorder_stats_now(const vo_recorder *recorder)
    uint64_t vo_recorder_events_dropped(const vo_recorder *recorder)
    bint vo_recorder_path(const vo_recorder *recorder, uint32_t index, char *out, uint64_t bytes)
    int64_t vo_recorder_thread(const vo_recorder *recorder)

# --- stream ---------------------------------------------------------------------------------------

cdef extern from "vocana/stream.h" nogil:
    ctypedef struct vo_stream:
        pass

    ctypedef int (*vo_stream_callback)(
        const void *input, void *output, unsigned long n, const void *time, unsigned long flags,
        void *user
    )

    vo_status vo_stream_new(
        vo_stream **out, vo_stream_callback callback, void *user, const vo_allocator *allocator
    )
    void vo_stream_free(vo_stream *stream)
    int vo_stream_call(
        const void *input, void *output, unsigned long n, const void *time, unsigned long flags,
        void *user
    )
    void vo_stream_finish(void *user)
    bint vo_stream_finished(const vo_stream *stream)

# --- link -----------------------------------------------------------------------------------------

cdef extern from "vocana/link.h" nogil:
    ctypedef enum vo_link_state:
        VO_LINK_IDLE
        VO_LINK_RUNNING
        VO_LINK_ENDED
        VO_LINK_GONE
        VO_LINK_GARBAGE
        VO_LINK_STOPPED

    ctypedef struct vo_link_stats:
        uint64_t packets
        uint64_t frames
        uint64_t lost

    ctypedef struct vo_link_sender:
        pass

    ctypedef struct vo_link_receiver:
        pass

    vo_status vo_link_sender_new(
        vo_link_sender **out, int descriptor, uint32_t channels, uint64_t capacity_frames,
        const vo_allocator *allocator
    )
    vo_status vo_link_sender_start(vo_link_sender *sender)
    vo_status vo_link_sender_stop(vo_link_sender *sender, int64_t timeout_ns)
    void vo_link_sender_free(vo_link_sender *sender)
    void vo_link_send(
        vo_link_sender *sender, const float *frames, uint32_t n, uint64_t lost, uint32_t flags
    )
    int vo_link_portaudio(
        const void *input, void *output, unsigned long n, const void *time, unsigned long flags,
        void *user
    )
    vo_link_state vo_link_sender_state(const vo_link_sender *sender)
    vo_link_stats vo_link_sender_stats(const vo_link_sender *sender)

    vo_status vo_link_receiver_new(
        vo_link_receiver **out, int descriptor, uint32_t channels, vo_capture *capture,
        const vo_allocator *allocator
    )
    vo_status vo_link_receiver_start(vo_link_receiver *receiver)
    void vo_link_receiver_stop(vo_link_receiver *receiver, int64_t timeout_ns)
    void vo_link_receiver_free(vo_link_receiver *receiver)
    vo_link_state vo_link_receiver_state(const vo_link_receiver *receiver)
    vo_link_stats vo_link_receiver_stats(const vo_link_receiver *receiver)

# --- framer ---------------------------------------------------------------------------------------

cdef extern from "vocana/framer.h" nogil:
    ctypedef struct vo_framer:
        pass

    ctypedef struct vo_framer_config:
        const float *window
        uint32_t n_fft
        uint32_t hop
        uint32_t before

    vo_status vo_framer_new(
        vo_framer **out, const vo_framer_config *config, const vo_allocator *allocator
    )
    void vo_framer_free(vo_framer *framer)
    uint64_t vo_framer_ready(const vo_framer *framer, uint64_t n)
    void vo_framer_reset(vo_framer *framer)

# --- mel ------------------------------------------------------------------------------------------

cdef extern from "vocana/mel.h" nogil:
    ctypedef struct vo_mel:
        pass

    ctypedef enum vo_mel_scale:
        VO_MEL_SLANEY
        VO_MEL_HTK

    ctypedef enum vo_mel_log:
        VO_MEL_LINEAR
        VO_MEL_DB
        VO_MEL_LOG10
        VO_MEL_LN

    ctypedef struct vo_mel_config:
        uint32_t rate
        uint32_t n_fft
        uint32_t bands
        double f_min_hz
        double f_max_hz
        vo_mel_scale scale
        bint equal_area
        bint from_magnitude
        vo_mel_log log
        float floor

    vo_status vo_mel_new(vo_mel **out, const vo_mel_config *config, const vo_allocator *allocator)
    void vo_mel_free(vo_mel *mel)
    uint32_t vo_mel_bands(const vo_mel *mel)
    void vo_mel_weights(const vo_mel *mel, float *weights)
    uint64_t vo_mel_process(
        const vo_mel *mel, vo_framer *framer, float *rows, const float *x, uint64_t n
    )

# --- mfcc -----------------------------------------------------------------------------------------

cdef extern from "vocana/mfcc.h" nogil:
    ctypedef struct vo_mfcc:
        pass

    vo_status vo_mfcc_new(
        vo_mfcc **out, uint32_t bands, uint32_t count, double lifter,
        const vo_allocator *allocator
    )
    void vo_mfcc_free(vo_mfcc *mfcc)
    void vo_mfcc_apply(const vo_mfcc *mfcc, float *rows, const float *logs, uint64_t frames)

# --- spectral -------------------------------------------------------------------------------------

cdef extern from "vocana/spectral.h" nogil:
    ctypedef struct vo_spectral:
        pass

    enum:
        VO_SPECTRAL_FEATURES
        VO_SPECTRAL_MOST_OCTAVES

    ctypedef struct vo_spectral_config:
        uint32_t rate
        uint32_t n_fft
        double window_energy
        double rolloff
        uint32_t octaves
        double contrast_hz

    vo_status vo_spectral_new(
        vo_spectral **out, const vo_spectral_config *config, const vo_allocator *allocator
    )
    void vo_spectral_free(vo_spectral *spectral)
    uint32_t vo_spectral_width(const vo_spectral *spectral)
    uint64_t vo_spectral_process(
        vo_spectral *spectral, vo_framer *framer, float *rows, const float *x, uint64_t n
    )
    uint64_t vo_spectral_crossings(
        const vo_spectral *spectral, vo_framer *framer, float *values, const float *x, uint64_t n
    )
    void vo_spectral_reset(vo_spectral *spectral)

# --- onset ----------------------------------------------------------------------------------------

cdef extern from "vocana/onset.h" nogil:
    ctypedef struct vo_onset:
        pass

    vo_status vo_onset_new(
        vo_onset **out, const vo_mel_config *bank, uint32_t hop, float range_db,
        const float *window, const vo_allocator *allocator
    )
    void vo_onset_free(vo_onset *onset)
    uint64_t vo_onset_ready(const vo_onset *onset, uint64_t n)
    uint64_t vo_onset_process(vo_onset *onset, float *values, const float *x, uint64_t n)
    void vo_onset_reset(vo_onset *onset)

# --- tempo ----------------------------------------------------------------------------------------

cdef extern from "vocana/tempo.h" nogil:
    ctypedef struct vo_tempo:
        pass

    ctypedef struct vo_tempo_estimate:
        double bpm
        double confidence

    vo_status vo_tempo_new(
        vo_tempo **out, double values_per_s, double memory_s, const vo_allocator *allocator
    )
    void vo_tempo_free(vo_tempo *tempo)
    void vo_tempo_push(vo_tempo *tempo, const float *strengths, uint64_t n)
    vo_tempo_estimate vo_tempo_now(const vo_tempo *tempo)
    void vo_tempo_reset(vo_tempo *tempo)

# --- erb ------------------------------------------------------------------------------------------

cdef extern from "vocana/erb.h" nogil:
    double vo_erb_width_hz(double hz)
    double vo_erb_from_hz(double hz)
    double vo_erb_to_hz(double erb)
    vo_status vo_erb_widths(
        uint32_t *widths, uint32_t bands, uint32_t rate, uint32_t n_fft, uint32_t least
    )
