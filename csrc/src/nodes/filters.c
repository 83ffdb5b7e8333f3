/* Filters that are designed from numbers: each kind is a table of parameters and a design. */
#include <math.h>

#include "nodes/base.h"
#include "vocana/sos.h"

/* How long a change takes. */
enum { FADE_MS = 10 };

/* A cut-off that is set while audio runs stays below this part of the rate. */
static const double MOST_FREQUENCY = 0.499;

enum { MOST_SECTIONS = VO_BUTTERWORTH_MOST_ORDER / 2 };

/* Sections from the values of the parameters and the frequency in cycles per frame of the first;
   returns how many. */
typedef uint32_t designer(vo_biquad *out, double frequency, const double *values) VO_REALTIME;

typedef struct filter {
    vo_base base;
    vo_sos *sos;
    designer *design;
    uint32_t rate;
} filter;

static uint32_t sections_of(const filter *f, vo_biquad *out) {
    double values[VO_PARAMS_MOST];
    for (uint32_t i = 0; i < f->base.params.count; i++) values[i] = vo_base_get(&f->base.node, i);
    return f->design(out, fmin(values[0] / f->rate, MOST_FREQUENCY), values);
}

static void process(vo_node *node, float *const *x, uint32_t n) VO_REALTIME {
    filter *f = (filter *)node;
    if (vo_params_changed(&f->base.params)) {
        vo_biquad sections[MOST_SECTIONS];
        (void)sections_of(f, sections);
        vo_sos_set(f->sos, sections);
    }
    vo_sos_process(f->sos, x, n);
}

static void reset(vo_node *node) VO_REALTIME {
    vo_sos_reset(((filter *)node)->sos);
}

static void release(vo_node *node) {
    vo_sos_free(((filter *)node)->sos);
    vo_base_free(node);
}

uint32_t vo_filter_sections(const vo_node *node, vo_biquad *out) {
    return node->ops->free == release ? sections_of((const filter *)node, out) : 0;
}

static vo_status make(vo_node **out, const vo_format *format, const double *values,
                      const vo_allocator *allocator, const vo_node_ops *ops, designer *design) {
    *out = NULL;
    void *made;
    vo_status status = vo_base_new(&made, sizeof(filter), ops, format, values, allocator);
    if (status) return status;
    filter *f = made;
    vo_biquad sections[MOST_SECTIONS];
    f->design = design;
    f->rate = format->rate;
    bool sound = vo_base_get(made, 0) < 0.5 * format->rate;
    for (uint32_t i = 0; i < ops->param_count; i++) { /* what is fixed is whole */
        double value = vo_base_get(made, i);
        sound = sound && (!ops->params[i].fixed || value == floor(value));
    }
    uint32_t fade_frames = (uint32_t)((uint64_t)format->rate * FADE_MS / 1000);
    status = sound ? vo_sos_new(&f->sos, sections, sections_of(f, sections), fade_frames,
                                format->channels, allocator)
                   : VO_BAD_ARG;
    if (status)
        release(made);
    else
        *out = made;
    return status;
}

/* --- Kinds -------------------------------------------------------------------- */

#define FREQUENCY(what, at) {.name = what, .least = 1, .most = 192000, .initial = at}
#define QUALITY(at) {.name = "q", .least = 0.05, .most = 100, .initial = at}
#define GAIN {.name = "gain_db", .least = -40, .most = 40, .initial = 0}
#define SLOPE {.name = "slope", .least = 0.1, .most = 1, .initial = 1}
#define ORDER                                                                                      \
    {.name = "order", .least = 1, .most = VO_BUTTERWORTH_MOST_ORDER, .initial = 2, .fixed = true}
#define BUTTERWORTH_Q 0.70710678118654752

const vo_param vo_low_pass_params[] = {FREQUENCY("cutoff_hz", 8000), QUALITY(BUTTERWORTH_Q), ORDER};
const vo_param vo_high_pass_params[] = {FREQUENCY("cutoff_hz", 80), QUALITY(BUTTERWORTH_Q), ORDER};
const vo_param vo_band_pass_params[] = {FREQUENCY("center_hz", 1000), QUALITY(BUTTERWORTH_Q)};
const vo_param vo_notch_params[] = {FREQUENCY("center_hz", 50), QUALITY(10)};
const vo_param vo_peaking_params[] = {FREQUENCY("center_hz", 1000), GAIN, QUALITY(BUTTERWORTH_Q)};
const vo_param vo_low_shelf_params[] = {FREQUENCY("cutoff_hz", 200), GAIN, SLOPE};
const vo_param vo_high_shelf_params[] = {FREQUENCY("cutoff_hz", 4000), GAIN, SLOPE};
const vo_param vo_dc_block_params[] = {FREQUENCY("cutoff_hz", 10)};

static uint32_t design_low_pass(vo_biquad *out, double f, const double *v) VO_REALTIME {
    return vo_biquad_butterworth(out, (uint32_t)v[2], false, f, v[1]);
}

static uint32_t design_high_pass(vo_biquad *out, double f, const double *v) VO_REALTIME {
    return vo_biquad_butterworth(out, (uint32_t)v[2], true, f, v[1]);
}

static uint32_t design_dc_block(vo_biquad *out, double f, const double *v) VO_REALTIME {
    (void)v;
    return vo_biquad_butterworth(out, 1, true, f, BUTTERWORTH_Q);
}

/* One section of a function of the Cookbook. */
#define DESIGN(noun, ...)                                                                          \
    static uint32_t design_##noun(vo_biquad *out, double f, const double *v) VO_REALTIME {         \
        *out = vo_biquad_##noun(f, __VA_ARGS__);                                                   \
        return 1;                                                                                  \
    }

DESIGN(band_pass, v[1])
DESIGN(notch, v[1])
DESIGN(peaking, v[1], v[2])
DESIGN(low_shelf, v[1], v[2])
DESIGN(high_shelf, v[1], v[2])

#define KIND(title, noun)                                                                          \
    static const vo_node_ops noun##_ops = {                                                        \
        .size = sizeof(vo_node_ops),                                                               \
        .name = title,                                                                             \
        .process = process,                                                                        \
        .reset = reset,                                                                            \
        .free = release,                                                                           \
        .set = vo_base_set,                                                                        \
        .get = vo_base_get,                                                                        \
        .params = vo_##noun##_params,                                                              \
        .param_count = sizeof vo_##noun##_params / sizeof *vo_##noun##_params,                     \
    };                                                                                             \
    vo_status vo_##noun##_new(vo_node **out, const vo_format *format, const double *params,        \
                              const vo_allocator *allocator) {                                     \
        return make(out, format, params, allocator, &noun##_ops, design_##noun);                   \
    }

KIND("LowPass", low_pass)
KIND("HighPass", high_pass)
KIND("BandPass", band_pass)
KIND("Notch", notch)
KIND("Peaking", peaking)
KIND("LowShelf", low_shelf)
KIND("HighShelf", high_shelf)
KIND("DCBlock", dc_block)
