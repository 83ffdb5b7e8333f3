#include "nodes/glide.h"

#include "kernels/dynamics.h"

vo_status vo_glide_init(vo_glide *glide, const vo_format *format, const vo_param *table,
                        uint32_t count, const double *values) {
    if (!format->rate || !format->channels || format->channels > VO_NODE_MAX_CHANNELS)
        return VO_BAD_ARG;
    vo_status status = vo_params_init(&glide->params, table, count, values);
    if (status != VO_OK) return status;
    glide->length = 1 + format->rate / (1000 / VO_GLIDE_MS) / VO_DYNAMICS_GROUP;
    vo_glide_arrive(glide);
    return VO_OK;
}

static void want(vo_glide *glide) {
    for (uint32_t i = 0; i < glide->params.count; i++)
        glide->to[i] = vo_params_get(&glide->params, i);
}

void vo_glide_arrive(vo_glide *glide) {
    vo_params_changed(&glide->params);
    want(glide);
    for (uint32_t i = 0; i < glide->params.count; i++) glide->now[i] = glide->to[i];
    glide->left = 0;
}

void vo_glide_listen(vo_glide *glide) {
    if (!vo_params_changed(&glide->params)) return;
    want(glide);
    glide->left = glide->length;
}

bool vo_glide_move(vo_glide *glide) {
    if (!glide->left) return false;
    for (uint32_t i = 0; i < glide->params.count; i++)
        glide->now[i] += (glide->to[i] - glide->now[i]) / glide->left;
    glide->left--;
    return true;
}
