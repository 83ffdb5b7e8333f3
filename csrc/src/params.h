/* The parameters of a node: set by any thread, picked up by the audio thread at the start of a
   block. */
#ifndef VOCANA_PARAMS_H
#define VOCANA_PARAMS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "vocana/node.h"

enum { VO_PARAMS_MOST = 12 };

/* Each wanted value carries nothing but itself. changes counts sets; its release pairs with the
   audio thread's acquire, so whoever sees a count sees the values that were set before it. */
typedef struct vo_params {
    _Atomic double wanted[VO_PARAMS_MOST];
    _Atomic uint32_t changes;
    uint32_t seen; /* audio thread only */
    uint32_t count;
} vo_params;

/* --- Setup thread ------------------------------------------------------- */

/* values in the order of the table, NULL for the initial ones; BAD_ARG when one is out of range. */
VO_NODISCARD vo_status vo_params_init(vo_params *params, const vo_param *table, uint32_t count,
                                      const double *values);

/* --- Any thread --------------------------------------------------------- */

static inline void vo_params_set(vo_params *params, uint32_t index, double value) {
    atomic_store_explicit(&params->wanted[index], value, memory_order_relaxed);
    atomic_fetch_add_explicit(&params->changes, 1, memory_order_release);
}

static inline double vo_params_get(const vo_params *params, uint32_t index) {
    return atomic_load_explicit(&params->wanted[index], memory_order_relaxed);
}

/* --- Audio thread only --------------------------------------------------- */

/* Whether something was set since the last call. */
static inline bool vo_params_changed(vo_params *params) {
    uint32_t now = atomic_load_explicit(&params->changes, memory_order_acquire);
    bool changed = now != params->seen;
    params->seen = now;
    return changed;
}

#endif
