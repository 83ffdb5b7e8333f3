#include "nodes/base.h"

vo_status vo_base_new(void **out, size_t size, const vo_node_ops *ops, const vo_format *format,
                      const double *params, const vo_allocator *allocator) {
    *out = NULL;
    if (!format->rate || !format->channels || format->channels > VO_NODE_MAX_CHANNELS)
        return VO_BAD_ARG;
    if (!allocator) allocator = vo_allocator_default();
    vo_base *base = vo_alloc(allocator, size, VO_CACHE_LINE);
    if (!base) return VO_NO_MEM;
    vo_status status = vo_params_init(&base->params, ops->params, ops->param_count, params);
    if (status != VO_OK) {
        vo_release(allocator, base);
        return status;
    }
    base->node = (vo_node){ops, format->channels, format->channels, 0};
    base->allocator = *allocator;
    *out = base;
    return VO_OK;
}

void vo_base_free(vo_node *node) {
    vo_allocator allocator = ((vo_base *)node)->allocator;
    vo_release(&allocator, node);
}

void vo_base_set(vo_node *node, uint32_t index, double value) {
    vo_params_set(&((vo_base *)node)->params, index, value);
}

double vo_base_get(const vo_node *node, uint32_t index) {
    return vo_params_get(&((const vo_base *)node)->params, index);
}
