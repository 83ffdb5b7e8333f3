#include "kernels/levels.h"
#include "kernels/resample.h"

vo_resample_kernels vo_resample_kernels_select(void) {
    return vo_resample_kernels_scalar();
}
