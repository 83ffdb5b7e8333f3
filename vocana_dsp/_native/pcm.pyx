"""vo_pcm: integers to float and back, gain and mix of arrays, rows and frames."""

cimport cython
cimport numpy as cnp
from libc.math cimport isfinite
from libc.stddef cimport size_t
from libc.stdint cimport int16_t, int32_t, uint8_t, uint32_t

from vocana_dsp._native.block cimport BLOCK_IN, BLOCK_OUT
from vocana_dsp._native.libvocana cimport *
from vocana_dsp._native.status cimport check

from vocana_dsp.errors import ConfigError

cnp.import_array()

cdef enum:
    LONG = 1 << 14  # samples from which on a call lets other threads run
    MOST_ROWS = 64

cdef vo_pcm *PCM = NULL  # made once; nothing in it changes
check(vo_pcm_new(&PCM, NULL), "the kernels of this processor")


# --- What fits ------------------------------------------------------------------------------------

cdef inline float *samples_of(object array, str name, int need, size_t *n) except NULL:
    """Return the samples of a float32 array in a row and their number, or raise what is wrong."""
    if cnp.PyArray_Check(array):
        if (
            cnp.PyArray_TYPE(<cnp.ndarray>array) == cnp.NPY_FLOAT32
            and (cnp.PyArray_FLAGS(<cnp.ndarray>array) & need) == need
            and cnp.PyArray_ISNOTSWAPPED(<cnp.ndarray>array)
        ):
            n[0] = <size_t>cnp.PyArray_SIZE(<cnp.ndarray>array)
            return <float *>cnp.PyArray_DATA(<cnp.ndarray>array)
    refuse(array, name, need)
    return NULL


cdef int refuse(object array, str name, int need) except -1:
    if not cnp.PyArray_Check(array):
        raise TypeError(f"{name} is {type(array).__name__}, expected a NumPy array of float32")
    if array.dtype != "=f4":
        wrong = f"is {array.dtype.str}, expected native float32"
        hint = f"convert it with {name}.astype(numpy.float32)"
    elif need == BLOCK_OUT and not array.flags.writeable:
        wrong, hint = "is read-only, expected a writable array", "copy it with numpy.array"
    else:
        wrong = "does not lie in one piece, expected a C-contiguous, aligned array"
        hint = "copy it with numpy.ascontiguousarray"
    raise ConfigError(f"{name} {wrong}", code="bad_block", hint=hint)


cdef int same_size(size_t n, size_t others, str name) except -1:
    if n != others:
        raise ConfigError(
            f"{name} has {others} samples, expected {n}", hint=f"pass a {name} of the same shape"
        )
    return 0


cdef int apart(const float *a, const float *b, size_t n, str name) except -1:
    """Two arrays are one, or share nothing."""
    if a != b and a < b + n and b < a + n:
        raise ConfigError(
            f"{name} overlaps x, but does not begin where it begins",
            hint=f"pass x itself as {name}, or an array of its own",
        )
    return 0


cdef double factor_of(object g) except? -1:
    cdef double factor = g
    if not isfinite(factor):
        raise ConfigError(f"g is {g!r}, expected a finite number", hint="pass a factor, not dB")
    return factor


# --- Arrays ---------------------------------------------------------------------------------------

# A call without binding is shorter by some tens of ns; its signature stands in the docstring.

@cython.binding(False)
def gain(x, g, out=None):
    """Return g * x, in out or in a new array.

    x: float32, C-contiguous, of any shape; out: as x and of its size, may be x itself. The call
    costs some tens of ns and 0.02 ns a sample. Raises ConfigError when an array does not fit or g
    is not finite, TypeError when one is no array. Any thread.

    >>> import numpy as np
    >>> gain(np.array([1.0, -2.0], np.float32), 0.5)
    array([ 0.5, -1. ], dtype=float32)
    """
    cdef size_t n, room
    cdef const float *source = samples_of(x, "x", BLOCK_IN, &n)
    cdef float factor = <float>factor_of(g)
    if out is None:
        out = cnp.PyArray_SimpleNew(
            cnp.PyArray_NDIM(x), cnp.PyArray_DIMS(x), cnp.NPY_FLOAT32
        )
    cdef float *target = samples_of(out, "out", BLOCK_OUT, &room)
    same_size(n, room, "out")
    apart(source, target, n, "out")
    if n < LONG:
        vo_pcm_gain(PCM, target, source, factor, n)
    else:
        with nogil:
            vo_pcm_gain(PCM, target, source, factor, n)
    return out


@cython.binding(False)
def mix(y, x, g=1.0):
    """Add g * x to y, in place, and return y; arrays and errors are those of `gain`.

    >>> import numpy as np
    >>> mix(np.array([1.0, 1.0], np.float32), np.array([2.0, 4.0], np.float32), 0.5)
    array([2., 3.], dtype=float32)
    """
    cdef size_t n, others
    cdef float *target = samples_of(y, "y", BLOCK_OUT, &n)
    cdef const float *source = samples_of(x, "x", BLOCK_IN, &others)
    cdef float factor = <float>factor_of(g)
    same_size(n, others, "x")
    apart(source, target, n, "y")
    if n < LONG:
        vo_pcm_mix(PCM, target, source, factor, n)
    else:
        with nogil:
            vo_pcm_mix(PCM, target, source, factor, n)
    return y


def interleave(const float[:, ::1] rows not None):
    """Return (n, channels) from (channels, n), at least one channel and at most 64."""
    cdef cnp.npy_intp[2] shape = [rows.shape[1], rows.shape[0]]
    cdef cnp.ndarray out = cnp.PyArray_SimpleNew(2, shape, cnp.NPY_FLOAT32)
    cdef float *each[MOST_ROWS]
    cdef float *frames = <float *>cnp.PyArray_DATA(out)
    cdef Py_ssize_t c
    for c in range(shape[1]):
        each[c] = <float *>&rows[0, 0] + c * shape[0] if shape[0] else frames
    with nogil:
        vo_pcm_interleave(PCM, frames, each, <uint32_t>shape[1], <size_t>shape[0])
    return out


def deinterleave(const float[:, ::1] x not None):
    """Return (channels, n) from (n, channels), at least one channel and at most 64."""
    cdef cnp.npy_intp[2] shape = [x.shape[1], x.shape[0]]
    cdef cnp.ndarray out = cnp.PyArray_SimpleNew(2, shape, cnp.NPY_FLOAT32)
    cdef float *each[MOST_ROWS]
    cdef Py_ssize_t c
    for c in range(shape[0]):
        each[c] = <float *>cnp.PyArray_DATA(out) + c * shape[1]
    cdef const float *frames = &x[0, 0] if shape[1] else NULL
    with nogil:
        vo_pcm_deinterleave(PCM, each, frames, <uint32_t>shape[0], <size_t>shape[1])
    return out


# --- Integers: arrays as vocana_dsp.dsp.pcm makes them, contiguous, of one number of samples ------

def to_float(cnp.ndarray out not None, cnp.ndarray x not None):
    """Fill float32 from int16, int32, or the bytes of int24."""
    cdef size_t n = <size_t>cnp.PyArray_SIZE(out)
    cdef float *target = <float *>cnp.PyArray_DATA(out)
    cdef const void *source = cnp.PyArray_DATA(x)
    cdef int kind = cnp.PyArray_TYPE(x)
    with nogil:
        if kind == cnp.NPY_INT16:
            vo_pcm_from_int16(PCM, target, <const int16_t *>source, n)
        elif kind == cnp.NPY_INT32:
            vo_pcm_from_int32(PCM, target, <const int32_t *>source, n)
        else:
            vo_pcm_from_int24(PCM, target, <const uint8_t *>source, n)


def from_float(cnp.ndarray out not None, cnp.ndarray x not None):
    """Fill int16, int32, or the bytes of int24 from float32."""
    cdef size_t n = <size_t>cnp.PyArray_SIZE(x)
    cdef void *target = cnp.PyArray_DATA(out)
    cdef const float *source = <const float *>cnp.PyArray_DATA(x)
    cdef int kind = cnp.PyArray_TYPE(out)
    with nogil:
        if kind == cnp.NPY_INT16:
            vo_pcm_to_int16(PCM, <int16_t *>target, source, n)
        elif kind == cnp.NPY_INT32:
            vo_pcm_to_int32(PCM, <int32_t *>target, source, n)
        else:
            vo_pcm_to_int24(PCM, <uint8_t *>target, source, n)
