/* What the nodes of the library have in common: parameters, and the memory they are made of. */
#ifndef VOCANA_NODES_BASE_H
#define VOCANA_NODES_BASE_H

#include "nodes/nodes.h"

/* First in a node's struct. */
typedef struct vo_base {
    vo_node node;
    vo_params params;
    vo_allocator allocator;
} vo_base;

/* --- Setup thread ------------------------------------------------------- */

/* A zeroed struct of `size` bytes that begins with a vo_base: as many channels out as in, no
   latency, parameters from `params`. BAD_ARG when one is out of range; *out is NULL then. */
VO_NODISCARD vo_status vo_base_new(void **out, size_t size, const vo_node_ops *ops,
                                   const vo_format *format, const double *params,
                                   const vo_allocator *allocator);

/* ops->free of a node that owns nothing else. */
void vo_base_free(vo_node *node);

/* --- Any thread --------------------------------------------------------- */

/* ops->set and ops->get. */
void vo_base_set(vo_node *node, uint32_t index, double value) VO_REALTIME;
double vo_base_get(const vo_node *node, uint32_t index) VO_REALTIME;

#endif
