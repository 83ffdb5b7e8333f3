"""Arrays as the C library wants them: what is wrong with one, and views over C memory."""

cimport numpy as cnp
from libc.stdint cimport uint32_t, uint64_t

import operator

from vocana_dsp.errors import ConfigError

cnp.import_array()


cdef uint64_t whole(str name, object value, uint64_t least, uint64_t most) except? 0:
    """Return value, at least `least`; what is beyond `most` becomes `most`."""
    try:
        number = -1 if isinstance(value, bool) else operator.index(value)
    except TypeError:
        number = -1
    if number < least:
        raise ConfigError(
            f"{name} is {value!r}, expected a whole number of {least} or more",
            hint=f"pass an int of {least} or more as {name}",
        )
    return most if number > most else <uint64_t>number


cdef int refuse(object block, cnp.npy_intp channels, int need) except -1:
    """Raise why block is not (n, channels) float32 with the flags that are needed."""
    if not cnp.PyArray_Check(block):
        raise TypeError(
            f"{type(block).__name__}, expected a NumPy array of float32 with the shape "
            f"(n, {channels}); numpy.asarray makes one"
        )
    if block.dtype != "=f4":
        wrong = f"its dtype is {block.dtype.str}, expected native float32"
        hint = "convert it with block.astype(numpy.float32)"
    elif block.shape[1:] != (channels,) and not (channels == 1 and block.ndim == 1):
        wrong = f"its shape is {block.shape}, expected (n, {channels})"
        hint = f"pass one frame of {channels} samples a row"
    elif need == BLOCK_OUT and not block.flags.writeable:
        wrong = "it is read-only, expected a writable array"
        hint = f"pass numpy.empty((n, {channels}), numpy.float32)"
    else:
        wrong = "its frames do not lie one after the other, expected a C-contiguous, aligned array"
        hint = "copy it with numpy.ascontiguousarray"
    raise ConfigError(f"this array does not fit: {wrong}", code="bad_block", hint=hint)


cdef cnp.ndarray view_of(
    object owner, float *first, uint32_t n, cnp.npy_intp channels, bint writable
):
    """Return n frames at `first` as an array that keeps owner alive."""
    cdef cnp.npy_intp[2] shape = [n, channels]
    cdef cnp.ndarray view = cnp.PyArray_SimpleNewFromData(2, shape, cnp.NPY_FLOAT32, first)
    cnp.set_array_base(view, owner)
    if not writable:
        cnp.PyArray_CLEARFLAGS(view, cnp.NPY_ARRAY_WRITEABLE)
    return view
