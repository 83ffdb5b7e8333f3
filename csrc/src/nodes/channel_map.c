/* Each channel that goes out is a sum of those that come in, each by its factor. */
#include <math.h>
#include <string.h>

#include "kernels/kernels.h"
#include "nodes/base.h"

/* held keeps the frames of one block that came in, which the rows going out take the place of. */
typedef struct channel_map {
    vo_node node;
    float *matrix; /* channels_out rows of `channels` factors */
    float *held;
    vo_kernels kernels;
    vo_allocator allocator;
} channel_map;

/* The first channel that counts is copied or scaled, the others are added. */
static void mix(const channel_map *map, float *out, const float *factors, uint32_t n) VO_REALTIME {
    bool begun = false;
    for (uint32_t c = 0; c < map->node.channels; c++) {
        const float *held = map->held + c * VO_NODE_MAX_FRAMES;
        if (factors[c] == 0) continue;
        if (begun)
            map->kernels.mix(out, held, factors[c], n);
        else
            map->kernels.gain(out, held, factors[c], n);
        begun = true;
    }
    if (!begun) memset(out, 0, n * sizeof *out);
}

static void process(vo_node *node, float *const *x, uint32_t n) VO_REALTIME {
    channel_map *map = (channel_map *)node;
    for (uint32_t c = 0; c < node->channels; c++)
        memcpy(map->held + c * VO_NODE_MAX_FRAMES, x[c], n * sizeof *map->held);
    for (uint32_t c = 0; c < node->channels_out; c++)
        mix(map, x[c], map->matrix + c * node->channels, n);
}

static void release(vo_node *node) {
    channel_map *map = (channel_map *)node;
    vo_allocator allocator = map->allocator;
    vo_release(&allocator, map->held);
    vo_release(&allocator, map->matrix);
    vo_release(&allocator, map);
}

static const vo_node_ops ops = {
    .size = sizeof ops, .name = "ChannelMap", .process = process, .free = release};

vo_status vo_channel_map_new(vo_node **out, const vo_format *format, uint32_t channels_out,
                             const float *matrix, const vo_allocator *allocator) {
    *out = NULL;
    uint32_t channels = format->channels, factors = channels * channels_out;
    if (!channels || channels > VO_NODE_MAX_CHANNELS) return VO_BAD_ARG;
    if (!channels_out || channels_out > VO_NODE_MAX_CHANNELS) return VO_BAD_ARG;
    for (uint32_t i = 0; i < factors; i++)
        if (!isfinite(matrix[i])) return VO_BAD_ARG;
    if (!allocator) allocator = vo_allocator_default();
    channel_map *map = vo_alloc(allocator, sizeof *map, VO_CACHE_LINE);
    if (!map) return VO_NO_MEM;
    map->allocator = *allocator;
    map->kernels = vo_kernels_select();
    map->node = (vo_node){&ops, channels, channels_out, 0};
    map->matrix = vo_alloc(allocator, factors * sizeof *matrix, VO_CACHE_LINE);
    map->held =
        vo_alloc(allocator, channels * VO_NODE_MAX_FRAMES * sizeof *map->held, VO_CACHE_LINE);
    if (!map->matrix || !map->held) {
        release(&map->node);
        return VO_NO_MEM;
    }
    memcpy(map->matrix, matrix, factors * sizeof *matrix);
    *out = &map->node;
    return VO_OK;
}
