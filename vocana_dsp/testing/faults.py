"""What can go wrong with a simulated device, each at a frame of its timeline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from .._native.sim import MAX_BLOCK_FRAMES, MAX_BLOCK_SIZES
from ..config import MAX_CHANNELS, MAX_RATE_HZ, frames_of, number_of, positive, whole
from ..errors import ConfigError

# kind, frame, frames, amount, sizes: what vocana_dsp._native.sim.Sim takes.
NativeFault: TypeAlias = tuple[str, int, int, float, tuple[int, ...]]


def _checked_frame(frame: int) -> int:
    return whole("frame", frame, 0, 2**63)


def _length(ms: float | None, rate: int) -> int:
    return 0 if ms is None else max(1, frames_of(ms, rate))


@dataclass(frozen=True, slots=True)
class Jitter:
    """Callbacks come up to `max_ms` late (evenly spread, seeded), for `ms`, or for ever."""

    frame: int
    max_ms: float
    ms: float | None = None

    def __post_init__(self) -> None:
        _checked_frame(self.frame)
        positive("max_ms", self.max_ms, "ms")
        if self.ms is not None:
            positive("ms", self.ms, "ms")

    def native(self, rate: int) -> NativeFault:
        """Return it as the native device takes it."""
        return ("jitter", self.frame, _length(self.ms, rate), self.max_ms * 1e6, ())


@dataclass(frozen=True, slots=True)
class Stall:
    """No callback for `ms`. What the device heard meanwhile is lost, or comes late in a burst."""

    frame: int
    ms: float
    lost: bool = True

    def __post_init__(self) -> None:
        _checked_frame(self.frame)
        positive("ms", self.ms, "ms")

    def native(self, rate: int) -> NativeFault:
        """Return it as the native device takes it."""
        return ("stall", self.frame, _length(self.ms, rate), float(self.lost), ())


@dataclass(frozen=True, slots=True)
class Unplug:
    """The device is gone: no callback any more, and it is not active.

    Attributes:
        frame: the last one is the one before this.
        ms: after this time it can be opened again by a capture that recovers; None, and it never
            can. Meanwhile its signal goes on: what it played is lost.
        refusals: how often it then refuses to open.
        rate: that it has then, in frames per second; None is the one before. Later faults of the
            script are at frames of that rate.
        channels: that it has then; None is as many as before.
    """

    frame: int
    ms: float | None = None
    refusals: int = 0
    rate: int | None = None
    channels: int | None = None

    def __post_init__(self) -> None:
        _checked_frame(self.frame)
        if self.ms is not None:
            positive("ms", self.ms, "ms")
        whole("refusals", self.refusals, 0, 2**31 - 1)
        if self.rate is not None:
            whole("rate", self.rate, 1, MAX_RATE_HZ)
        if self.channels is not None:
            whole("channels", self.channels, 1, MAX_CHANNELS)

    def native(self, rate: int) -> NativeFault:
        """Return it as the native device takes it."""
        return ("unplug", self.frame, 0, 0.0, ())


@dataclass(frozen=True, slots=True)
class SilenceFrom:
    """Zeros instead of the signal, for `ms`, or for ever. The signal goes on underneath."""

    frame: int
    ms: float | None = None

    def __post_init__(self) -> None:
        _checked_frame(self.frame)
        if self.ms is not None:
            positive("ms", self.ms, "ms")

    def native(self, rate: int) -> NativeFault:
        """Return it as the native device takes it."""
        return ("silence", self.frame, _length(self.ms, rate), 0.0, ())


@dataclass(frozen=True, slots=True)
class RateDrift:
    """The device's clock runs `ppm` parts per million fast (slow if negative), in real time."""

    frame: int
    ppm: float

    def __post_init__(self) -> None:
        _checked_frame(self.frame)
        ppm = number_of(self.ppm)
        if ppm is None or not -500_000 <= ppm <= 500_000:
            raise ConfigError(
                f"ppm is {self.ppm!r}, expected a number from -500000 to 500000",
                hint="a good crystal is off by 100 at most",
            )

    def native(self, rate: int) -> NativeFault:
        """Return it as the native device takes it."""
        return ("drift", self.frame, 0, float(self.ppm), ())


@dataclass(frozen=True, slots=True)
class BlockSizes:
    """Callbacks of these sizes in turn, in frames."""

    frame: int
    sizes: Sequence[int]

    def __post_init__(self) -> None:
        _checked_frame(self.frame)
        if not isinstance(self.sizes, Sequence) or not 1 <= len(self.sizes) <= MAX_BLOCK_SIZES:
            raise ConfigError(
                f"sizes is {self.sizes!r}, expected a list of 1 to {MAX_BLOCK_SIZES} sizes",
                hint="the list is played in turn; shorten it",
            )
        for size in self.sizes:
            whole("size", size, 1, MAX_BLOCK_FRAMES)

    def native(self, rate: int) -> NativeFault:
        """Return it as the native device takes it."""
        return ("blocks", self.frame, 0, 0.0, tuple(self.sizes))


Fault: TypeAlias = Jitter | Stall | Unplug | SilenceFrom | RateDrift | BlockSizes
