"""The one rule for arrays: what counts as sound, and how it becomes float32.

Sound is floats with 1.0 as full scale, (frames,) or (frames, channels), in arrays or lists.
Integers are refused, since nobody knows their full scale. All else is converted to float32 with
whole frames in a row; what that cannot hold becomes infinity, and nothing warns.

NaN and infinity are never taken for sound. A `Chain` repairs them before its first node; meters
count them as 0; features raise FormatError, for a frame with one in it has no number; transforms
and resamplers pass them on, as far as a window or a filter reaches.

Arrays without a frame are blocks like others: streams take them and give nothing for them. A whole
signal needs a sample where there is no number without one, and an error says so.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from .config import MAX_CHANNELS, MAX_RATE_HZ, whole
from .errors import ConfigError

Samples = npt.NDArray[np.float32]

LARGEST = float(np.finfo(np.float32).max)

_T = TypeVar("_T")


def floats(name: str, x: npt.ArrayLike, kinds: str = "f") -> npt.NDArray[Any]:
    """Return x as an array of floats, of complex ones too with `kinds` "fc"; no copy if it is one.

    Raises:
        ConfigError: it is of another kind, or no array at all.
    """
    try:
        found = np.asarray(x)
    except (TypeError, ValueError):
        raise ConfigError(
            f"{name} is no array: its rows differ in length, expected numbers in even rows",
            hint="pass (frames,) or (frames, channels)",
        ) from None
    if found.dtype.kind not in kinds:
        raise ConfigError(
            f"{name} is {found.dtype}, expected floats with 1.0 as full scale",
            hint="convert integers with x / 32768 and the like",
        )
    return found


def sound(name: str, x: npt.ArrayLike, most: int = MAX_CHANNELS) -> npt.NDArray[np.floating]:
    """Return x as (frames,) or (frames, channels) of floats, or raise ConfigError."""
    found = floats(name, x)
    if found.ndim not in (1, 2):
        raise ConfigError(
            f"{name} has {found.ndim} axes, expected (frames,) or (frames, channels)",
            hint=channels_last(name, found.shape),
        )
    if found.ndim == 2 and found.shape[1] > most:
        raise ConfigError(
            f"{name} has {found.shape[1]} channels, expected {most} at most",
            hint=channels_last(name, found.shape, "pass fewer channels at a time"),
        )
    return found


def channels_last(
    name: str, shape: tuple[int, ...], otherwise: str = "reshape it with channels last"
) -> str:
    """Return the hint for an array that is no (frames, channels), or seems to have too many.

    >>> channels_last("x", (2, 48_000))
    'put channels last: x.T'
    """
    first = len(shape) == 2 and shape[0] < shape[1]
    return f"put channels last: {name}.T" if first else otherwise


def cast(found: npt.NDArray[Any], kind: type = np.float32) -> npt.NDArray[Any]:
    """Return an array as float32, or another kind, C-contiguous; itself if it is that.

    >>> cast(np.array([0.5, 1e300]))
    array([0.5, inf], dtype=float32)
    """
    with np.errstate(over="ignore"):
        return np.ascontiguousarray(found, kind)


def block(name: str, x: npt.ArrayLike, channels: int) -> Samples:
    """Return x as float32 with that many channels, and as many axes as it has.

    Raises:
        ConfigError: as `sound`, or another number of channels.
    """
    found = sound(name, x)
    width = found.shape[1] if found.ndim == 2 else 1
    if width != channels:
        raise ConfigError(
            f"{name} has {width} channels, expected {channels}",
            hint=f"put channels last: {name}.T"
            if found.shape[0] == channels
            else f"pass (frames, {channels}), channels last",
        )
    return cast(found)


def fed(process: Callable[[Any], _T], x: npt.ArrayLike, channels: int) -> _T:
    """Return what a C object makes of a block: as it is if it takes that, else of `block`.

    Raises:
        ConfigError: as `block`; nothing has been processed.
    """
    try:
        return process(x)
    except (ConfigError, TypeError) as error:
        if getattr(error, "code", "bad_block") != "bad_block":
            raise
    return process(block("block", x, channels))


def numbers(name: str, given: npt.ArrayLike, single: bool = False) -> npt.NDArray[np.float64]:
    """Return a new array of finite numbers, `single` ones within float32, or raise ConfigError."""
    try:
        found = np.array(given, np.float64)
    except (TypeError, ValueError):
        raise ConfigError(
            f"{name} is no array of numbers, expected rows of one length",
            hint=f"pass {name} as a list or an array",
        ) from None
    if not np.isfinite(found).all():
        raise ConfigError(
            f"{name} holds a number that is not finite, expected finite ones",
            hint="pass finite numbers",
        )
    largest = np.abs(found).max(initial=0)
    if single and largest > LARGEST:
        raise ConfigError(
            f"{name} holds {largest:g}, beyond float32, expected {LARGEST:g} at most",
            hint="scale them down",
        )
    return found


def frequencies(given: npt.ArrayLike, rate: int) -> npt.NDArray[np.float64]:
    """Return frequencies of 0 to rate / 2, in Hz and in their shape, or raise ConfigError."""
    half = whole("rate", rate, 1, MAX_RATE_HZ) / 2
    found = numbers("frequencies_hz", given)
    wrong = found[(found < 0) | (found > half)]
    if wrong.size:
        raise ConfigError(
            f"frequencies_hz holds {wrong[0]:g}, expected 0 to {half:g} Hz, half of the rate",
            hint="leave out what the rate cannot hold",
        )
    return found
