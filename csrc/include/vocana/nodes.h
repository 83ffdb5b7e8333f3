/* The nodes of the library. Each _new takes a format, the node's parameters in the order of its
   table (NULL for the initial values), and an allocator; BAD_ARG for a value out of its range. */
#ifndef VOCANA_NODES_H
#define VOCANA_NODES_H

#include "biquad.h"
#include "node.h"

VO_BEGIN_DECLS

typedef vo_status vo_node_new(vo_node **out, const vo_format *format, const double *params,
                              const vo_allocator *allocator);

/* What can be made by name, with numbers alone. */
typedef struct vo_node_kind {
    const char *name;
    vo_node_new *make;
    const vo_param *params;
    uint32_t param_count;
} vo_node_kind;

/* --- Setup thread ------------------------------------------------------- */

/* The kind of that name, NULL when there is none. */
const vo_node_kind *vo_node_kind_named(const char *name);

/* The kinds there are, in no order that means anything; returns how many. */
uint32_t vo_node_kinds(const vo_node_kind **out);

/* Other channels than come in: channels_out rows of format->channels factors each. */
VO_NODISCARD vo_status vo_channel_map_new(vo_node **out, const vo_format *format,
                                          uint32_t channels_out, const float *matrix,
                                          const vo_allocator *allocator);

/* A cascade of 1..16 sections, each a row b0 b1 b2 a0 a1 a2 as in SciPy's sos. BAD_ARG also for a
   row that is not finite or not stable. */
VO_NODISCARD vo_status vo_sos_node_new(vo_node **out, const vo_format *format,
                                       const double (*rows)[6], uint32_t count,
                                       const vo_allocator *allocator);

/* What a filter of the kinds above is made of, with its parameters as they are set now: up to
   VO_SOS_MOST_SECTIONS sections; returns how many, 0 for any other node. */
uint32_t vo_filter_sections(const vo_node *node, vo_biquad *out);

/* A finite impulse response; BAD_ARG as of vo_fir_new. */
VO_NODISCARD vo_status vo_fir_node_new(vo_node **out, const vo_format *format, const float *taps,
                                       uint32_t count, const vo_allocator *allocator);

VO_END_DECLS

#endif
