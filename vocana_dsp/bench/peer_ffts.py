"""Transforms of other libraries, called from C: Intel's IPP and FFTW."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from .. import simd
from .._native.bench_fft import peer_ns
from .peers import PeerAbsentError, peer

Floats = npt.NDArray[np.float32]

# The part of IPP for each level; without a level of ours, its own choice would be another's.
IPP_LEVELS = {"avx2": "l9", "avx512": "k0"}
DIVIDE_NOTHING = 8
FFTW_MEASURE = 0


def ipp(x: Floats, spectrum: Floats) -> Callable[[int], float]:
    """Return what times IPP's real FFT of x into spectrum, given a number of calls.

    Raises PeerAbsentError without the package ipp, or for a size that is no power of two.
    """
    order = len(x).bit_length() - 1
    library = _ipp_library()
    sizes = [ctypes.c_int() for _ in range(3)]
    if 1 << order != len(x):
        raise PeerAbsentError(f"its FFT takes powers of two, not {len(x)}")
    if library.ippsFFTGetSize_R_32f(order, DIVIDE_NOTHING, 0, *map(ctypes.byref, sizes)):
        raise PeerAbsentError("ipp refused its own sizes")
    plan, initial, work = (_aligned(size.value) for size in sizes)
    spec = ctypes.c_void_p()
    at = [buffer.ctypes.data for buffer in (plan, initial, work)]
    library.ippsFFTInit_R_32f(
        ctypes.byref(spec), order, DIVIDE_NOTHING, 0, ctypes.c_void_p(at[0]), ctypes.c_void_p(at[1])
    )
    forward = ctypes.cast(library.ippsFFTFwd_RToCCS_32f, ctypes.c_void_p).value or 0
    addresses = (x.ctypes.data, spectrum.ctypes.data, spec.value or 0, at[2])
    kept = (plan, initial, work, x, spectrum)
    return lambda calls: peer_ns(forward, addresses, calls) if kept else 0.0


def fftw(x: Floats, spectrum: Floats) -> Callable[[int], float]:
    """Return the same of FFTW, from the library in pyfftw's wheel, with a measured plan."""
    folder = Path(peer("pyfftw").__file__).parent.parent / "pyfftw.libs"
    found = list(folder.glob("libfftw3f-*.so*"))
    if not found:
        raise PeerAbsentError("pip install pyfftw, as a wheel")
    library = ctypes.CDLL(str(found[0]))
    make = library.fftwf_plan_dft_r2c_1d
    make.restype = ctypes.c_void_p
    given, kept = x.copy(), (x, spectrum)
    plan = make(
        len(x), ctypes.c_void_p(x.ctypes.data), ctypes.c_void_p(spectrum.ctypes.data), FFTW_MEASURE
    )
    x[:] = given  # planning writes over it
    execute = ctypes.cast(library.fftwf_execute, ctypes.c_void_p).value or 0
    return lambda calls: peer_ns(execute, (plan,), calls) if kept else 0.0


def _ipp_library() -> Any:
    if simd not in IPP_LEVELS:
        raise PeerAbsentError(f"ipp has nothing for {simd}")
    try:
        files = metadata.files("ipp") or []
    except metadata.PackageNotFoundError as absent:
        raise PeerAbsentError("pip install ipp") from absent
    paths = {file.name.split(".")[0]: str(file.locate()) for file in files}
    try:
        ctypes.CDLL(paths["libippcore"], mode=ctypes.RTLD_GLOBAL)
        return ctypes.CDLL(paths[f"libipps{IPP_LEVELS[simd]}"])
    except (KeyError, OSError) as absent:
        raise PeerAbsentError(f"pip install ipp ({absent})") from absent


def _aligned(size: int) -> npt.NDArray[np.uint8]:
    whole = np.zeros(size + 64, np.uint8)
    first = -whole.ctypes.data % 64
    return whole[first:]
