"""Policies of a capture: plain data, checked when it is made, with units in the names."""

from __future__ import annotations

import math
import operator
import os
from collections.abc import Iterable
from dataclasses import dataclass
from numbers import Real
from typing import TYPE_CHECKING, Literal, TypeVar, get_args

from .errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

_T = TypeVar("_T")

OverflowPolicy = Literal["drop_newest", "skip", "fail"]
InputAction = Literal["flag", "clean", "reject"]

# How far a skip may move to fit better, in milliseconds: one period of a 67 Hz tone.
ALIGN_MS = 15.0

MAX_CHANNELS = 1024
MAX_DSP_CHANNELS = 64  # of nodes and meters, as in C
MAX_RATE_HZ = 768_000
MIN_RESAMPLED_HZ = 8000  # lowest rate on either side of a resampler
MAX_N_FFT = 2**20  # a second of the highest rate fits
MAX_FRAMES = 2**62


def positive(name: str, value: float, unit: str = "") -> float:
    """Return `value` if it is a finite number above zero, else raise ConfigError."""
    number = number_of(value)
    if number is None:
        raise ConfigError(
            f"{name} is {value!r}, expected a number{unit and f' of {unit}'}",
            hint=f"pass a finite number above 0 as {name}",
        )
    if number <= 0:
        raise ConfigError(
            f"{name} is {value!r}, expected more than 0{unit and f' {unit}'}",
            hint=f"pass a number above 0 as {name}",
        )
    return number


def not_negative(name: str, value: float, unit: str = "") -> float:
    """Return `value` if it is a finite number from zero up, else raise ConfigError."""
    number = number_of(value)
    if number is None or number < 0:
        raise ConfigError(
            f"{name} is {value!r}, expected 0 or more{unit and f' {unit}'}",
            hint=f"pass a finite number from 0 up as {name}",
        )
    return number


def number_of(value: object) -> float | None:
    """Return `value` as a finite float, or None when it is not a number, or too large for one.

    Numbers are those of Python and of NumPy, and neither's truth values.
    """
    if isinstance(value, bool) or not isinstance(value, Real):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def whole(name: str, value: int, least: int, most: int) -> int:
    """Return `value` if it is an integer between `least` and `most`, else raise ConfigError."""
    try:
        number = None if isinstance(value, bool) else operator.index(value)
    except TypeError:
        number = None
    if number is None or not least <= number <= most:
        raise ConfigError(
            f"{name} is {value!r}, expected a whole number from {least} to {most}",
            hint=f"pass {name} within that range",
        )
    return number


def one_of(name: str, value: str, choices: tuple[str, ...]) -> str:
    """Return `value` if it is one of `choices`, else raise ConfigError."""
    if not isinstance(value, str) or value not in choices:
        raise ConfigError(
            f"{name} is {value!r}, expected one of {', '.join(map(repr, choices))}",
            hint=f"pass {name}={choices[0]!r}, or another of these",
        )
    return value


def flag(name: str, value: bool) -> bool:
    """Return `value` if it is True or False, else raise ConfigError."""
    if not isinstance(value, bool):
        raise ConfigError(
            f"{name} is {value!r}, expected True or False", hint=f"pass {name}=True or {name}=False"
        )
    return value


def path_of(name: str, value: str | bytes | os.PathLike[str] | os.PathLike[bytes]) -> Path:
    r"""Return `value` as a path, or raise ConfigError when no file can be called so.

    >>> path_of("path", b"talk.wav").name
    'talk.wav'
    """
    try:
        text = os.fsdecode(value)
        encoded = os.fsencode(text)
    except (TypeError, UnicodeError):
        encoded = b""
    if not encoded or b"\0" in encoded:
        raise ConfigError(
            f"{name} is {value!r}, expected the name of a file or folder",
            hint=f"pass {name} as text or as a pathlib.Path, without NUL",
        )
    from pathlib import Path  # slow to import, and not always needed

    return Path(text)


def octets_of(name: str, value: object, hint: str) -> memoryview:
    """Return the bytes of `value` without a copy, or raise ConfigError when it has none.

    >>> octets_of("data", b"ab", "pass bytes").nbytes
    2
    """
    try:
        return memoryview(value).cast("B")  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise ConfigError(f"{name} is {value!r}, expected bytes", hint=hint) from None


def instance(name: str, value: object, kind: type, where: str = "vocana_dsp") -> None:
    """Raise ConfigError unless `value` is one of `kind`."""
    if not isinstance(value, kind):
        raise ConfigError(
            f"{name} is {value!r}, expected {kind.__name__}(...)",
            hint=f"pass {name}={where}.{kind.__name__}(...)",
        )


def members(name: str, values: object, kind: type[_T]) -> tuple[_T, ...]:
    """Return `values` as a tuple of `kind`, or raise ConfigError.

    >>> members("stages", [1, 2], int)
    (1, 2)
    """
    listed = isinstance(values, Iterable)
    found = tuple(values) if isinstance(values, Iterable) else (values,)
    wrong = [value for value in found if not isinstance(value, kind)]
    if wrong or not listed:
        what = f"holds {wrong[0]!r}" if listed else f"is {values!r}"
        raise ConfigError(
            f"{name} {what}, expected a list of {kind.__name__}",
            hint=f"pass {name}=[vocana_dsp.{kind.__name__}(...)], or several of them",
        )
    return found


def function_of(name: str, value: object, *, optional: bool = False) -> None:
    """Raise ConfigError unless `value` can be called, or is None and `optional`."""
    if not (callable(value) or (optional and value is None)):
        raise ConfigError(
            f"{name} is {value!r}, expected a function",
            hint=f"pass the function itself as {name}, without calling it",
        )


def frames_of(duration_ms: float, rate_hz: int) -> int:
    """Whole frames in a duration, to the nearest frame; ConfigError beyond any memory or disk.

    >>> frames_of(5.0, 16_000), frames_of(5.0, 96_000)
    (80, 480)
    """
    frames = float(duration_ms) * rate_hz / 1000.0
    if not frames < MAX_FRAMES:
        raise ConfigError(
            f"a duration is {duration_ms!r} ms, {frames:g} frames, expected less than 2**62 frames",
            hint="lengths are in milliseconds",
        )
    return round(frames)


def seconds(name: str, value: float) -> float:
    """Return a time to wait, not below 0, or raise ConfigError when it is not a number."""
    if isinstance(value, bool) or not isinstance(value, Real) or math.isnan(value):
        raise ConfigError(
            f"{name} is {value!r}, expected seconds", hint=f"pass a number or None as {name}"
        )
    return max(0.0, float(value))


@dataclass(frozen=True, slots=True)
class Overflow:
    """What happens when the consumer is slower than the device.

    Attributes:
        policy: ``"drop_newest"`` keeps all that is queued and loses what does not fit, so nothing
            is lost until the ring is full. ``"skip"`` gives latency back: above `high_water_ms`
            (when the ring is full if that is None) the consumer jumps to `target_ms`. ``"fail"``
            loses like ``drop_newest``, and the next read raises `RingOverflow`.
        crossfade_ms: length of the join on both sides of a loss; 0 joins hard.
        target_ms: how much stays queued after a skip; also how far the consumer must have caught
            up for a resting breaker to try again at once.
        high_water_ms: fill above which a skip happens; None means a full ring.

    >>> Overflow("skip", target_ms=40).policy
    'skip'
    """

    policy: OverflowPolicy = "drop_newest"
    crossfade_ms: float = 5.0
    target_ms: float = 20.0
    high_water_ms: float | None = None

    def __post_init__(self) -> None:
        one_of("policy", self.policy, get_args(OverflowPolicy))
        if self.crossfade_ms != 0:
            positive("crossfade_ms", self.crossfade_ms, "ms")
        positive("target_ms", self.target_ms, "ms")
        if self.high_water_ms is not None:
            positive("high_water_ms", self.high_water_ms, "ms")
            if self.high_water_ms < self.target_ms:
                raise ConfigError(
                    f"high_water_ms is {self.high_water_ms!r}, below target_ms {self.target_ms!r}",
                    hint="a skip goes from above high water down to the target: raise "
                    "high_water_ms or lower target_ms",
                )


@dataclass(frozen=True, slots=True)
class Breaker:
    """When a capture stops trying to queue into a ring that stays full, and for how long.

    Attributes:
        trips_after: consecutive device blocks that overflowed before it opens.
        rest_ms: first rest, in milliseconds of the device's timeline.
        max_rest_ms: longest rest; each trip soon after another doubles the rest up to this.

    >>> Breaker().trips_after
    5
    """

    trips_after: int = 5
    rest_ms: float = 25.0
    max_rest_ms: float = 1600.0

    def __post_init__(self) -> None:
        whole("trips_after", self.trips_after, 1, 2**31 - 1)
        positive("rest_ms", self.rest_ms, "ms")
        positive("max_rest_ms", self.max_rest_ms, "ms")
        if self.max_rest_ms < self.rest_ms:
            raise ConfigError(
                f"max_rest_ms is {self.max_rest_ms!r}, below rest_ms {self.rest_ms!r}",
                hint="rests double from rest_ms up to max_rest_ms: raise max_rest_ms",
            )


@dataclass(frozen=True, slots=True)
class InputPolicy:
    """What is done about samples that no converter should deliver. All are counted.

    Each class is ``"flag"`` (count, pass on unchanged), ``"clean"`` (count and repair) or
    ``"reject"`` (count; the block becomes a gap with cause ``"rejected"``). A block without such
    samples passes bit for bit.

    Attributes:
        nonfinite: NaN and infinity; cleaned to 0 and to the limit.
        denormal: numbers too small for full precision; cleaned to 0.
        over: finite samples beyond `limit`; cleaned to the limit.
        limit: largest magnitude that is in range, 1.0 being full scale.

    >>> InputPolicy(over="clean", limit=1.0).over
    'clean'
    """

    nonfinite: InputAction = "clean"
    denormal: InputAction = "clean"
    over: InputAction = "flag"
    limit: float = 2.0

    def __post_init__(self) -> None:
        for name in ("nonfinite", "denormal", "over"):
            one_of(name, getattr(self, name), get_args(InputAction))
        positive("limit", self.limit)
