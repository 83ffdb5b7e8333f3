"""Arrays as the C library wants them: (n, channels) float32, whole frames in a row."""

cimport numpy as cnp
from libc.stdint cimport UINT32_MAX, uint32_t, uint64_t

cdef enum:
    BLOCK_IN = cnp.NPY_ARRAY_C_CONTIGUOUS | cnp.NPY_ARRAY_ALIGNED
    BLOCK_OUT = BLOCK_IN | cnp.NPY_ARRAY_WRITEABLE

cdef int refuse(object block, cnp.npy_intp channels, int need) except -1
cdef uint64_t whole(str name, object value, uint64_t least, uint64_t most) except? 0
cdef cnp.ndarray view_of(
    object owner, float *first, uint32_t n, cnp.npy_intp channels, bint writable
)


cdef inline float *frames_of(
    object block, cnp.npy_intp channels, int need, uint32_t *n
) except NULL:
    """Return the samples of block and its length in frames, or raise what is wrong with it."""
    cdef cnp.ndarray array
    cdef int axes
    if cnp.PyArray_Check(block):
        array = <cnp.ndarray>block
        axes = cnp.PyArray_NDIM(array)
        if (
            cnp.PyArray_TYPE(array) == cnp.NPY_FLOAT32
            and (cnp.PyArray_FLAGS(array) & need) == need
            and cnp.PyArray_ISNOTSWAPPED(array)
            and (
                (axes == 2 and cnp.PyArray_DIMS(array)[1] == channels)
                or (axes == 1 and channels == 1)
            )
        ):
            n[0] = <uint32_t>min(cnp.PyArray_DIMS(array)[0], <cnp.npy_intp>UINT32_MAX)
            return <float *>cnp.PyArray_DATA(array)
    refuse(block, channels, need)
    return NULL
