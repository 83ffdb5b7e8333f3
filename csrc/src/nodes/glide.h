/* Parameters of a node that works in groups of VO_DYNAMICS_GROUP frames: they move only where a
   group starts, in a straight line for VO_GLIDE_MS. So what is heard of a change depends on the
   frame at which the audio thread learns of it, and not on blocks. */
#ifndef VOCANA_NODES_GLIDE_H
#define VOCANA_NODES_GLIDE_H

#include "params.h"

enum { VO_GLIDE_MS = 20 };

typedef struct vo_glide {
    vo_params params;
    double now[VO_PARAMS_MOST], to[VO_PARAMS_MOST];
    uint32_t left, length; /* groups of a way that are ahead, and in all */
} vo_glide;

/* --- Setup thread ------------------------------------------------------- */

/* BAD_ARG, too, for a format that no node can have. */
VO_NODISCARD vo_status vo_glide_init(vo_glide *glide, const vo_format *format,
                                     const vo_param *table, uint32_t count, const double *values);

/* --- Audio thread only --------------------------------------------------- */

/* Be where the last sets want to be. */
void vo_glide_arrive(vo_glide *glide) VO_REALTIME;

/* At the start of a block: learn of sets. */
void vo_glide_listen(vo_glide *glide) VO_REALTIME;

/* At the start of a group: whether `now` moved. */
bool vo_glide_move(vo_glide *glide) VO_REALTIME;

#endif
