/* Filters that are given as numbers: rows of SciPy's sos, and taps. Nothing about them is live. */
#include "nodes/nodes.h"
#include "vocana/fir.h"
#include "vocana/sos.h"

/* --- Sos ----------------------------------------------------------------------- */

typedef struct cascade {
    vo_node node;
    vo_sos *sos;
    vo_allocator allocator;
} cascade;

static void process_sos(vo_node *node, float *const *x, uint32_t n) VO_REALTIME {
    vo_sos_process(((cascade *)node)->sos, x, n);
}

static void reset_sos(vo_node *node) VO_REALTIME {
    vo_sos_reset(((cascade *)node)->sos);
}

static void free_sos(vo_node *node) {
    cascade *c = (cascade *)node;
    vo_allocator allocator = c->allocator;
    vo_sos_free(c->sos);
    vo_release(&allocator, c);
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
    if (count > VO_SOS_MOST_SECTIONS) return VO_BAD_ARG;
    for (uint32_t i = 0; i < count; i++)
        if (vo_biquad_from_row(&sections[i], rows[i])) return VO_BAD_ARG;
    if (!allocator) allocator = vo_allocator_default();
    cascade *c = vo_alloc(allocator, sizeof *c, VO_CACHE_LINE);
    if (!c) return VO_NO_MEM;
    c->node = (vo_node){&sos_ops, format->channels, format->channels, 0};
    c->allocator = *allocator;
    vo_status status = vo_sos_new(&c->sos, sections, count, 0, format->channels, allocator);
    if (status)
        free_sos(&c->node);
    else
        *out = &c->node;
    return status;
}

/* --- Fir ----------------------------------------------------------------------- */

typedef struct response {
    vo_node node;
    vo_fir *fir;
    vo_allocator allocator;
} response;

static void process_fir(vo_node *node, float *const *x, uint32_t n) VO_REALTIME {
    vo_fir_process(((response *)node)->fir, x, n);
}

static void reset_fir(vo_node *node) VO_REALTIME {
    vo_fir_reset(((response *)node)->fir);
}

static void free_fir(vo_node *node) {
    response *r = (response *)node;
    vo_allocator allocator = r->allocator;
    vo_fir_free(r->fir);
    vo_release(&allocator, r);
}

static const vo_node_ops fir_ops = {.size = sizeof(vo_node_ops),
                                    .name = "Fir",
                                    .process = process_fir,
                                    .reset = reset_fir,
                                    .free = free_fir};

vo_status vo_fir_node_new(vo_node **out, const vo_format *format, const float *taps, uint32_t count,
                          const vo_allocator *allocator) {
    *out = NULL;
    if (!allocator) allocator = vo_allocator_default();
    response *r = vo_alloc(allocator, sizeof *r, VO_CACHE_LINE);
    if (!r) return VO_NO_MEM;
    r->node = (vo_node){&fir_ops, format->channels, format->channels, 0};
    r->allocator = *allocator;
    vo_status status = vo_fir_new(&r->fir, taps, count, format->channels, allocator);
    if (status)
        free_fir(&r->node);
    else
        *out = &r->node;
    return status;
}
