"""Integers to float and back, arrays in place, and what the standard library had as ``audioop``.

Float samples have 1.0 as full scale. Everything may be called from any thread; calls on long arrays
let other threads run.

>>> import numpy as np
>>> from vocana_dsp import pcm
>>> pcm.from_float(np.array([0.5, 1.0, np.nan], np.float32))
array([16384, 32767,     0], dtype=int16)
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt

from .._native import fragment as _fragment
from .._native import pcm as _native
from .._native.pcm import gain, mix
from ..arrays import cast, floats
from ..config import MAX_DSP_CHANNELS, number_of, octets_of, whole
from ..errors import ConfigError, FormatError

__all__ = [
    "deinterleave",
    "from_float",
    "gain",
    "interleave",
    "lin2lin",
    "max",
    "mix",
    "rms",
    "to_float",
    "tomono",
]

Floats = npt.NDArray[np.float32]
Integers = npt.NDArray[np.int16] | npt.NDArray[np.int32] | npt.NDArray[np.uint8]
Fragment = bytes | bytearray | memoryview
Width = Literal[1, 2, 3, 4]

INT24_BYTES = 3

# --- Integers <-> float ------------------------------------------------------


def to_float(data: Integers) -> Floats:
    """Return integer samples as float32: x / 2**15, 2**23 or 2**31.

    Exact for int16 and int24; int32 is rounded to the 24 bits of a float.

    Args:
        data: (frames,) or (frames, channels), int16 or int32; or packed int24, the lowest byte
            first, as uint8 (frames * 3,) or (frames, channels * 3).

    Raises:
        FormatError: another type, another number of axes, or bytes that are not three a sample.

    >>> import numpy as np
    >>> to_float(np.array([-32768, 0, 16384], np.int16))
    array([-1. ,  0. ,  0.5], dtype=float32)
    >>> to_float(np.array([0, 0, 64, 0, 0, 128], np.uint8))
    array([ 0.5, -1. ], dtype=float32)
    """
    found = _of_axes("data", np.asarray(data))
    if found.dtype not in ("=i2", "=i4", "=u1"):
        raise FormatError(
            f"data is {found.dtype}, expected int16, int32, or uint8 of packed int24",
            hint="convert it with data.astype(numpy.int16), or read the file as float",
        )
    shape = found.shape
    if found.dtype == np.uint8:
        if shape[-1] % INT24_BYTES:
            raise FormatError(
                f"data has {shape[-1]} bytes in its last axis, expected a multiple of 3",
                hint="an int24 is 3 bytes; 8-bit samples are (data - 128.0) / 128",
            )
        shape = (*shape[:-1], shape[-1] // INT24_BYTES)
    out = np.empty(shape, np.float32)
    _native.to_float(out, np.ascontiguousarray(found))
    return out


def from_float(data: npt.ArrayLike, bits: Literal[16, 24, 32] = 16) -> Integers:
    """Return float samples as integers, rounded to the nearest, halves to even.

    What is beyond full scale saturates, NaN becomes 0.

    Args:
        data: (frames,) or (frames, channels), converted to float32.
        bits: 16 gives int16 and 32 int32, of the same shape; 24 gives packed bytes, the lowest
            first, as uint8 (frames * 3,) or (frames, channels * 3).

    Raises:
        FormatError: no floats, or another number of axes.
        ConfigError: other bits.

    >>> from_float([0.5, -2.0], bits=24)
    array([  0,   0,  64,   0,   0, 128], dtype=uint8)
    """
    if bits not in (16, 24, 32):
        raise ConfigError(f"bits is {bits!r}, expected 16, 24 or 32", hint="pass bits=16")
    found = _of_axes("data", np.asarray(data))
    if not np.issubdtype(found.dtype, np.floating):
        raise FormatError(
            f"data is {found.dtype}, expected floats with 1.0 as full scale",
            hint="convert integers with vocana_dsp.pcm.to_float",
        )
    shape = found.shape
    if bits == 24:
        shape = (*shape[:-1], shape[-1] * INT24_BYTES)
    kind = {16: np.int16, 24: np.uint8, 32: np.int32}[bits]
    out: Integers = np.empty(shape, kind)
    _native.from_float(out, cast(found))
    return out


def _of_axes(name: str, found: npt.NDArray[np.generic]) -> npt.NDArray[np.generic]:
    if found.ndim not in (1, 2):
        raise FormatError(
            f"{name} has {found.ndim} axes, expected (frames,) or (frames, channels)",
            hint="reshape it with channels last",
        )
    return found


# --- Layout ------------------------------------------------------------------


def interleave(rows: npt.ArrayLike) -> Floats:
    """Return (frames, channels) float32 from one row for each channel: (channels, frames).

    Raises ConfigError for another number of axes, or of channels than 1 to 64.

    >>> interleave([[1, 2], [3, 4]])
    array([[1., 3.],
           [2., 4.]], dtype=float32)
    """
    return _native.interleave(_matrix("rows", rows, 0))


def deinterleave(data: npt.ArrayLike) -> Floats:
    """Return one row for each channel, (channels, frames) float32, from (frames, channels).

    Raises ConfigError for another number of axes, or of channels than 1 to 64.

    >>> deinterleave([[1, 3], [2, 4]])
    array([[1., 2.],
           [3., 4.]], dtype=float32)
    """
    return _native.deinterleave(_matrix("data", data, 1))


def _matrix(name: str, data: npt.ArrayLike, axis: int) -> Floats:
    found = cast(floats(name, data, "fiu"))
    if found.ndim != 2 or not 1 <= found.shape[axis] <= MAX_DSP_CHANNELS:
        expected = "(channels, frames)" if axis == 0 else "(frames, channels)"
        raise ConfigError(
            f"{name} has the shape {found.shape}, expected {expected} of 1 to 64 channels",
            hint="transpose it, or pass fewer channels at a time",
        )
    return found


# --- Fragments: bytes of signed samples, as audioop had them -----------------


def rms(fragment: Fragment, width: Width) -> int:
    r"""Return the root of the mean square of a fragment, rounded down; 0 of an empty one.

    fragment: signed samples of `width` bytes, 1 to 4, the lowest byte first. ConfigError for
    another width, FormatError for a part of a sample.

    >>> rms(b"\x00\x40\x00\xc0", 2)
    16384
    """
    return _fragment.rms(*_samples(fragment, width, 1))


def max(fragment: Fragment, width: Width) -> int:  # noqa: A001
    r"""Return the greatest magnitude in a fragment; arguments and errors are those of `rms`.

    >>> max(b"\x00\x80\xff\x7f", 2)
    32768
    """
    return _fragment.greatest(*_samples(fragment, width, 1))


def lin2lin(fragment: Fragment, width: Width, newwidth: Width) -> bytes:
    r"""Return the fragment in samples of `newwidth` bytes: the high ones stay, or zeros follow.

    Arguments and errors are those of `rms`.

    >>> lin2lin(b"\x34\x12", 2, 1), lin2lin(b"\x12", 1, 3)
    (b'\x12', b'\x00\x00\x12')
    """
    return _fragment.lin2lin(*_samples(fragment, width, 1), whole("newwidth", newwidth, 1, 4))


def tomono(fragment: Fragment, width: Width, lfactor: float, rfactor: float) -> bytes:
    r"""Return left * lfactor + right * rfactor of a stereo fragment, rounded down and saturated.

    Arguments and errors are those of `rms`; ConfigError also for a factor that is not finite.

    >>> tomono(b"\x00\x10\x00\x30", 2, 0.5, 0.5)
    b'\x00 '
    """
    samples = _samples(fragment, width, 2)
    for name, factor in (("lfactor", lfactor), ("rfactor", rfactor)):
        if number_of(factor) is None:
            raise ConfigError(f"{name} is {factor!r}, expected a finite number", hint="pass 0.5")
    return _fragment.tomono(*samples, lfactor, rfactor)


def _samples(fragment: Fragment, width: int, channels: int) -> tuple[memoryview, int]:
    """Return the bytes of a fragment that is made of whole frames, and the width of its samples."""
    whole("width", width, 1, 4)
    octets = octets_of("the fragment", fragment, "pass array.tobytes()")
    if len(octets) % (width * channels):
        raise FormatError(
            f"the fragment has {len(octets)} bytes, expected a multiple of {width * channels}",
            hint="cut it behind a whole frame, or pass the width of its samples",
        )
    return octets, width
