/* Filters that are given as numbers: rows of SciPy's sos, and taps. Nothing about them is live. */
#include "nodes/base.h"
#include "vocana/fir.h"
#include "vocana/sos.h"

/* --- Sos ----------------------------------------------------------------------- */

typedef struct cascade {
    vo_base base;
    vo_sos *sos;
} cascade;

static void process_sos(vo_node *node, float *const *x, uint32_t n) VO_REALTIME {
    vo_sos_process(((cascade *)node)->sos, x, n);
}

static void reset_sos(vo_node *node) VO_REALTIME {
    vo_sos_reset(((cascade *)node)->sos);
}

static void free_sos(vo_node *node) {
    vo_sos_free(((cascade *)node)->sos);
    vo_base_free(node);
}

static const vo_node_ops sos_ops = {.size = sizeof(vo_node_ops),
                                    .name = "Sos",
                                    .process = process_sos,
                                    .reset = reset_sos,
                                    .free = free_sos};

vo_status vo_sos_node_new(vo_node **out, const vo_format *format, const double (*rows)[6],
                          uint32_t count, const vo_allocator *allocator) {
    *out = NULL;
    vo_biquad sections[VO_SOS_MOST_SECTIONS];
    if (!count || count > VO_SOS_MOST_SECTIONS) return VO_BAD_ARG;
    for (uint32_t i = 0; i < count; i++)
        if (vo_biquad_from_row(&sections[i], rows[i])) return VO_BAD_ARG;
    vo_biquad_balance(sections, count);
    void *made;
    vo_status status = vo_base_new(&made, sizeof(cascade), &sos_ops, format, NULL, allocator);
    if (status) return status;
    cascade *c = made;
    status = vo_sos_new(&c->sos, sections, count, 0, format->channels, allocator);
    if (status)
        free_sos(made);
    else
        *out = made;
    return status;
}

/* --- Fir ----------------------------------------------------------------------- */

typedef struct response {
    vo_base base;
    vo_fir *fir;
} response;

static void process_fir(vo_node *node, float *const *x, uint32_t n) VO_REALTIME {
    vo_fir_process(((response *)node)->fir, x, n);
}

static void reset_fir(vo_node *node) VO_REALTIME {
    vo_fir_reset(((response *)node)->fir);
}

static void free_fir(vo_node *node) {
    vo_fir_free(((response *)node)->fir);
    vo_base_free(node);
}

static const vo_node_ops fir_ops = {.size = sizeof(vo_node_ops),
                                    .name = "Fir",
                                    .process = process_fir,
                                    .reset = reset_fir,
                                    .free = free_fir};

vo_status vo_fir_node_new(vo_node **out, const vo_format *format, const float *taps, uint32_t count,
                          const vo_allocator *allocator) {
    *out = NULL;
    void *made;
    vo_status status = vo_base_new(&made, sizeof(response), &fir_ops, format, NULL, allocator);
    if (status) return status;
    response *r = made;
    status = vo_fir_new(&r->fir, taps, count, format->channels, allocator);
    if (status)
        free_fir(made);
    else
        *out = made;
    return status;
}
