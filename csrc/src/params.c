#include "params.h"

vo_status vo_params_init(vo_params *params, const vo_param *table, uint32_t count,
                         const double *values) {
    if (count > VO_PARAMS_MOST) return VO_BAD_ARG;
    for (uint32_t i = 0; i < count; i++) {
        double value = values ? values[i] : table[i].initial;
        if (!(value >= table[i].least && value <= table[i].most)) return VO_BAD_ARG;
        atomic_init(&params->wanted[i], value);
    }
    atomic_init(&params->changes, 0);
    params->seen = 0;
    params->count = count;
    return VO_OK;
}
