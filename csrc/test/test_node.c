/* The table of a node that comes from another program, its parameters, and the list of kinds. */
#include <math.h>
#include <string.h>

#include "check.h"
#include "vocana/nodes.h"

typedef struct scale {
    vo_node node;
    double factor;
} scale;

static void process(vo_node *node, float *const *x, uint32_t n) VO_REALTIME {
    for (uint32_t i = 0; i < n; i++) x[0][i] *= (float)((scale *)node)->factor;
}

static int freed;

static void release(vo_node *node) {
    (void)node;
    freed++;
}

static void set(vo_node *node, uint32_t index, double value) VO_REALTIME {
    if (index == 0) ((scale *)node)->factor = value;
}

static double get(const vo_node *node, uint32_t index) VO_REALTIME {
    return index == 0 ? ((const scale *)node)->factor : 7;
}

static const vo_param params[] = {{.name = "factor", .least = -1, .most = 2, .initial = 1},
                                  {.name = "other", .most = 9, .initial = 7, .fixed = true}};

static const vo_node_ops ops = {.size = sizeof ops,
                                .name = "scale",
                                .process = process,
                                .free = release,
                                .set = set,
                                .get = get,
                                .params = params,
                                .param_count = 2};

static void a_table_is_checked(void) {
    scale s = {.node = {&ops, 1, 1, 0}, .factor = 1};
    CHECK(vo_node_check(&s.node) == VO_OK);
    CHECK(vo_node_check(NULL) == VO_BAD_ARG);
    vo_node_ops bad[] = {ops, ops, ops, ops, ops, ops};
    bad[0].size -= 8;
    bad[1].name = NULL;
    bad[2].process = NULL;
    bad[3].free = NULL;
    bad[4].set = NULL;
    bad[5].params = NULL;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        s.node.ops = &bad[i];
        CHECK(vo_node_check(&s.node) == VO_BAD_ARG);
    }
    s.node.ops = NULL;
    CHECK(vo_node_check(&s.node) == VO_BAD_ARG);
    s.node = (vo_node){&ops, 0, 1, 0};
    CHECK(vo_node_check(&s.node) == VO_BAD_ARG);
    s.node = (vo_node){&ops, 1, VO_NODE_MAX_CHANNELS + 1, 0};
    CHECK(vo_node_check(&s.node) == VO_BAD_ARG);
}

static void a_value_is_checked(void) {
    scale s = {.node = {&ops, 1, 1, 0}, .factor = 1};
    CHECK(vo_node_set(&s.node, 0, 2) == VO_OK && vo_node_get(&s.node, 0) == 2);
    const double wrong[] = {2.001, -1.001, NAN, INFINITY, -INFINITY};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        CHECK(vo_node_set(&s.node, 0, wrong[i]) == VO_BAD_ARG && s.factor == 2);
    CHECK(vo_node_set(&s.node, 1, 7) == VO_BAD_ARG); /* fixed */
    CHECK(vo_node_set(&s.node, 2, 0) == VO_BAD_ARG && vo_node_get(&s.node, 2) == 0);
    CHECK(vo_node_get(&s.node, 1) == 7);
    vo_node_free(&s.node);
    vo_node_free(NULL);
    CHECK(freed == 1);
}

/* Every kind can be made with its initial values, says no to one beyond them, and comes back by its
   name. */
static void kinds_are_whole(void) {
    const vo_node_kind *kinds;
    uint32_t count = vo_node_kinds(&kinds);
    CHECK(!vo_node_kind_named("") && !vo_node_kind_named("nonsense"));
    const vo_format format = {48000, 2};
    for (const vo_node_kind *kind = kinds; kind < kinds + count; kind++) {
        CHECK(vo_node_kind_named(kind->name) == kind);
        vo_node *node;
        CHECK(kind->make(&node, &format, NULL, NULL) == VO_OK);
        CHECK(vo_node_check(node) == VO_OK && node->channels == 2);
        CHECK(node->ops->param_count == kind->param_count && node->ops->params == kind->params);
        double values[16] = {0};
        for (uint32_t i = 0; i < kind->param_count; i++) {
            CHECK(vo_node_get(node, i) == kind->params[i].initial);
            values[i] = kind->params[i].initial;
        }
        vo_node_free(node);
        for (uint32_t i = 0; i < kind->param_count; i++) {
            double before = values[i];
            values[i] = NAN;
            CHECK(kind->make(&node, &format, values, NULL) == VO_BAD_ARG && !node);
            values[i] = nextafter(kind->params[i].most, INFINITY);
            CHECK(kind->make(&node, &format, values, NULL) == VO_BAD_ARG && !node);
            values[i] = before;
        }
    }
}

int main(void) {
    a_table_is_checked();
    a_value_is_checked();
    kinds_are_whole();
    return 0;
}
