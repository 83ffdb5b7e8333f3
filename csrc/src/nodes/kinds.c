#include <stddef.h>
#include <string.h>

#include "nodes/nodes.h"

/* The last entry only ends the list. */
static const vo_node_kind kinds[] = {
#define X(name, noun, count) {#name, vo_##noun##_new, vo_##noun##_params, count},
    VO_NODE_KIND_MAP(X)
#undef X
        {NULL, NULL, NULL, 0},
};

uint32_t vo_node_kinds(const vo_node_kind **out) {
    *out = kinds;
    return sizeof kinds / sizeof *kinds - 1;
}

const vo_node_kind *vo_node_kind_named(const char *name) {
    for (const vo_node_kind *kind = kinds; kind->name; kind++)
        if (strcmp(kind->name, name) == 0) return kind;
    return NULL;
}
