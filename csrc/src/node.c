#include "vocana/node.h"

void vo_node_free(vo_node *node) {
    if (node) node->ops->free(node);
}

static bool complete(const vo_node_ops *ops) {
    if (!ops || ops->size != sizeof *ops || !ops->name || !ops->process || !ops->free) return false;
    return !ops->param_count || (ops->params && ops->set && ops->get);
}

vo_status vo_node_check(const vo_node *node) {
    bool sound = node && complete(node->ops) && node->channels && node->channels_out &&
                 node->channels <= VO_NODE_MAX_CHANNELS &&
                 node->channels_out <= VO_NODE_MAX_CHANNELS;
    return sound ? VO_OK : VO_BAD_ARG;
}

vo_status vo_node_set(vo_node *node, uint32_t index, double value) {
    if (index >= node->ops->param_count) return VO_BAD_ARG;
    const vo_param *param = &node->ops->params[index];
    if (param->fixed || !(value >= param->least && value <= param->most)) return VO_BAD_ARG;
    node->ops->set(node, index, value);
    return VO_OK;
}

double vo_node_get(const vo_node *node, uint32_t index) {
    return index < node->ops->param_count ? node->ops->get(node, index) : 0;
}

uint32_t vo_node_read(const vo_node *node, double *values, uint32_t most) {
    return node->ops->read ? node->ops->read(node, values, most) : 0;
}
