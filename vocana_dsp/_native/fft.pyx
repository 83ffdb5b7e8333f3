"""vo_fft: Fourier transforms of one size, of one row or of many."""

cimport numpy as cnp
from libc.stdint cimport UINT32_MAX, uint32_t

from vocana_dsp._native.block cimport BLOCK_IN, BLOCK_OUT, whole
from vocana_dsp._native.busy cimport enter
from vocana_dsp._native.libvocana cimport *
from vocana_dsp._native.status cimport check

from vocana_dsp.errors import ConfigError

cnp.import_array()

# Floats of a call below which the GIL is kept: about a microsecond of work.
cdef enum:
    SHORT = 8192

ctypedef void (*transform)(vo_fft *fft, float *to, const float *of) noexcept nogil


def supports(n, real=True):
    """Return whether a transform of n is native: 2^a 3^b 5^c, and even if it is real."""
    return bool(vo_fft_supports(<uint32_t>whole("n", n, 0, UINT32_MAX), real))


cdef class Fft:
    """Transforms of n samples and back; any one thread at a time.

    Rows are C-contiguous: samples (n,) or (rows, n), float32 (complex64 unless real); spectra
    (bins,) or (rows, bins), complex64. Raises ConfigError for an n that `supports` denies.
    """

    cdef vo_fft *ptr
    cdef readonly bint real
    cdef readonly uint32_t n
    cdef readonly uint32_t bins
    cdef transform there, back
    cdef bint busy

    def __cinit__(self, n, real=True):
        self.n = <uint32_t>whole("n", n, 1, UINT32_MAX)
        check(
            vo_fft_new(&self.ptr, self.n, real, NULL), f"a native transform of {n}",
            "2^a 3^b 5^c, and even if it is real", "pass such a size",
        )
        self.real = real
        self.bins = self.n // 2 + 1 if real else self.n
        self.there = vo_fft_forward if real else vo_fft_forward_complex
        self.back = vo_fft_inverse if real else vo_fft_inverse_complex

    def __dealloc__(self):
        vo_fft_free(self.ptr)

    def forward(self, x, out):
        """Fill out with the spectra of the rows of x."""
        cdef cnp.ndarray samples = rows(x, self.n, BLOCK_IN, self.sample_type())
        cdef cnp.ndarray spectra = rows(out, self.bins, BLOCK_OUT, cnp.NPY_COMPLEX64)
        self.run(self.there, spectra, samples)

    def inverse(self, spectra, out):
        """Fill out with the samples of the rows of spectra."""
        cdef cnp.ndarray samples = rows(out, self.n, BLOCK_OUT, self.sample_type())
        cdef cnp.ndarray values = rows(spectra, self.bins, BLOCK_IN, cnp.NPY_COMPLEX64)
        self.run(self.back, samples, values)

    def bind(self, x, out):
        """Return a `Bound` to these arrays."""
        return Bound(self, x, out)

    cdef int sample_type(self) noexcept:
        return cnp.NPY_FLOAT32 if self.real else cnp.NPY_COMPLEX64

    cdef int run(self, transform call, cnp.ndarray to, cnp.ndarray of) except -1:
        cdef float *y = <float *>cnp.PyArray_DATA(to)
        cdef const float *x = <const float *>cnp.PyArray_DATA(of)
        cdef Py_ssize_t count = cnp.PyArray_DIMS(of)[0] if cnp.PyArray_NDIM(of) == 2 else 1
        if (cnp.PyArray_DIMS(to)[0] if cnp.PyArray_NDIM(to) == 2 else 1) != count:
            raise ConfigError(
                f"the arrays have {count} rows and another number, expected the same in both",
                hint="make out with as many rows as what goes in",
            )
        cdef Py_ssize_t y_row = cnp.PyArray_NBYTES(to) // 4 // max(count, 1)
        cdef Py_ssize_t x_row = cnp.PyArray_NBYTES(of) // 4 // max(count, 1)
        enter(&self.busy)
        if count * self.n < SHORT:
            many(call, self.ptr, y, y_row, x, x_row, count)
        else:
            with nogil:
                many(call, self.ptr, y, y_row, x, x_row, count)
        self.busy = False
        return 0


cdef void many(
    transform call, vo_fft *fft, float *y, Py_ssize_t y_row, const float *x, Py_ssize_t x_row,
    Py_ssize_t count
) noexcept nogil:
    for _ in range(count):
        call(fft, y, x)
        y += y_row
        x += x_row


cdef class Bound:
    """A transform and its two arrays, checked once: a call costs little more than its work."""

    cdef Fft fft
    cdef readonly object x, spectrum
    cdef float *samples
    cdef float *values

    def __init__(self, Fft fft not None, x, spectrum):
        self.fft = fft
        self.x = rows(x, fft.n, BLOCK_OUT, fft.sample_type())
        self.spectrum = rows(spectrum, fft.bins, BLOCK_OUT, cnp.NPY_COMPLEX64)
        if x.ndim != 1 or spectrum.ndim != 1:
            raise ConfigError("these arrays have rows, expected one axis", hint="bind one row")
        self.samples = <float *>cnp.PyArray_DATA(<cnp.ndarray>x)
        self.values = <float *>cnp.PyArray_DATA(<cnp.ndarray>spectrum)

    def forward(self):
        """Transform `x` into `spectrum`."""
        enter(&self.fft.busy)
        self.fft.there(self.fft.ptr, self.values, self.samples)
        self.fft.busy = False

    def inverse(self):
        """Transform `spectrum` back into `x`."""
        enter(&self.fft.busy)
        self.fft.back(self.fft.ptr, self.samples, self.values)
        self.fft.busy = False


cdef cnp.ndarray rows(object array, cnp.npy_intp n, int need, int kind):
    """Return array if it is (n,) or (rows, n) of that kind, or raise what is wrong with it."""
    cdef cnp.ndarray found
    cdef int axes
    if not cnp.PyArray_Check(array):
        raise TypeError(f"{type(array).__name__}, expected a NumPy array")
    found = array
    axes = cnp.PyArray_NDIM(found)
    if (
        cnp.PyArray_TYPE(found) != kind
        or (cnp.PyArray_FLAGS(found) & need) != need
        or not cnp.PyArray_ISNOTSWAPPED(found)
        or axes not in (1, 2)
        or cnp.PyArray_DIMS(found)[axes - 1] != n
    ):
        dtype = "float32" if kind == cnp.NPY_FLOAT32 else "complex64"
        raise ConfigError(
            f"this array does not fit: {array.dtype} {array.shape}, expected C-contiguous "
            f"{dtype} ({n},) or (rows, {n})",
            code="bad_block",
            hint=f"copy it with numpy.ascontiguousarray(x, numpy.{dtype})",
        )
    return found
