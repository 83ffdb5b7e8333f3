#include "kernels/fft.h"

vo_fft_kernels vo_fft_kernels_select(void) {
    return vo_fft_kernels_scalar();
}
