"""Where a capture's audio can come from, and the devices that play these sources."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from os import PathLike, fspath
from typing import TYPE_CHECKING, Any, Protocol

from .._native.sim import Sim
from ..config import MAX_CHANNELS, MAX_RATE_HZ, positive, whole
from ..errors import ConfigError

if TYPE_CHECKING:
    from .._native.capture import CaptureEngine
    from .choice import Wanted

FOREVER = 2**64 - 1


class Player(Protocol):
    """A device that is open: it knows its format, and runs once it is connected to an engine."""

    rate: int
    channels: int

    @property
    def realtime(self) -> bool:
        """Whether callbacks come by the clock, so that their absence means something."""

    @property
    def waits(self) -> bool:
        """Whether the device waits for room instead of losing what does not fit."""

    def connect(self, engine: CaptureEngine) -> None:
        """Make the device call `engine` once it is started."""

    def start(self) -> None:
        """Let it run."""

    @property
    def active(self) -> bool:
        """Whether the device still works. Never hangs."""

    def stop(self, deadline_s: float) -> bool:
        """Stop it for good; False when it hangs, and may still call the engine."""

    def abandon(self) -> None:
        """Never touch the device again: for a forked child, whose parent goes on using it."""


class Source(Protocol):
    """A description of where audio comes from.

    One that has to be opened in another way once a device has failed has a method ``reopening``: it
    takes the last player that it has opened, or None, and returns the source to open in its place.
    """

    def open(self, channels: int | None) -> Player:
        """Open it, with that many channels if it can choose; None leaves the choice to it."""


@dataclass
class SimPlayer:
    """Plays a signal on the simulated device; see `vocana_dsp._native.sim.Sim` for the fields."""

    rate: int
    channels: int
    signal: tuple[Any, ...]
    block_frames: int = 480
    frames: int = FOREVER
    pace: str = "realtime"
    seed: int = 0
    faults: Sequence[tuple[str, int, int, float, tuple[int, ...]]] = ()
    first: int = 0
    lost: int = 0
    device: Any = None  # what was opened, for who opens it again
    refused: int = 0  # how often that has been refused
    _sim: Sim | None = None

    @property
    def realtime(self) -> bool:
        """Whether callbacks come by the clock."""
        return self.pace == "realtime"

    @property
    def waits(self) -> bool:
        """Whether it waits for room."""
        return self.pace == "lockstep"

    def connect(self, engine: CaptureEngine) -> None:
        """Make the simulated device call `engine` once it is started."""
        self._sim = Sim(
            engine,
            self.rate,
            self.block_frames,
            self.frames,
            self.pace,
            self.seed,
            self.signal,
            list(self.faults),
            self.first,
            self.lost,
        )

    def start(self) -> None:
        """Start the device's thread."""
        assert self._sim is not None
        self._sim.start()

    @property
    def active(self) -> bool:
        """Whether the thread runs and the device has not been unplugged."""
        return self._sim is not None and self._sim.active

    @property
    def place(self) -> int:
        """Frame of its timeline that it has come to, once it is not active any more."""
        return self.first if self._sim is None else self._sim.place

    def stop(self, deadline_s: float) -> bool:
        """Stop the thread; False when it has not ended in time."""
        return self._sim is None or self._sim.stop(deadline_s)

    def abandon(self) -> None:
        """Forget the thread: it lives in another process."""
        if self._sim is not None:
            self._sim.abandon()


@dataclass(frozen=True, slots=True)
class Tone:
    """A sine in real time, the same in every channel.

    Attributes:
        frequency_hz: above 0 and at most half the rate.
        level_db: peak level in dBFS; 0 is full scale.
        rate: frames per second.
        channels: how many.

    >>> Tone(440).rate
    48000
    """

    frequency_hz: float
    level_db: float = -20.0
    rate: int = 48_000
    channels: int = 1

    def __post_init__(self) -> None:
        check_format(self.rate, self.channels)
        positive("frequency_hz", self.frequency_hz, "Hz")
        if self.frequency_hz > self.rate / 2:
            raise ConfigError(
                f"frequency_hz is {self.frequency_hz!r}, expected at most {self.rate / 2:g}, half "
                "the rate",
                hint="lower the frequency or raise the rate",
            )
        level = self.level_db
        number = isinstance(level, int | float) and not isinstance(level, bool)
        if not number or not math.isfinite(level) or level > 200:
            raise ConfigError(
                f"level_db is {self.level_db!r}, expected a number of dB, at most 200",
                hint="-20 is a comfortable level, 0 is full scale",
            )

    def open(self, channels: int | None) -> Player:
        """Open it, with its own channels."""
        amplitude = 10.0 ** (self.level_db / 20.0)
        return SimPlayer(self.rate, self.channels, ("tone", float(self.frequency_hz), amplitude))


@dataclass(frozen=True, slots=True)
class Silence:
    """Zeros in real time.

    >>> Silence(channels=2).channels
    2
    """

    rate: int = 48_000
    channels: int = 1

    def __post_init__(self) -> None:
        check_format(self.rate, self.channels)

    def open(self, channels: int | None) -> Player:
        """Open it, with its own channels."""
        return SimPlayer(self.rate, self.channels, ("silence",))


@dataclass(frozen=True, slots=True)
class File:
    """A sound file that libsndfile reads, in real time, on a thread that does not need the GIL.

    Attributes:
        path: WAV, FLAC, Ogg, MP3 and whatever else libsndfile opens.
        loop: begin again at the end, for ever.
    """

    path: str | PathLike[str]
    loop: bool = False

    def open(self, channels: int | None) -> Player:
        """Open it, with its own channels; FormatError when it is not audio."""
        from ..files.soundfiles import open_for_reading

        if not isinstance(self.path, str | PathLike):
            raise ConfigError(
                f"path is {self.path!r}, expected a str or a Path", hint="name a sound file"
            )
        found = open_for_reading(fspath(self.path), self.loop)
        return SimPlayer(found.rate, found.channels, found.signal)


@dataclass(frozen=True, slots=True)
class Device:
    """An input device of this machine, through PortAudio.

    Attributes:
        name_or_index: part of its name, a regular expression that is found in it, such as
            ``re.compile("usb", re.I)``, or its index in ``vocana devices``; None is the default.
        rate: frames per second; None is the device's own.
        block_frames: frames of one callback; 0 leaves the choice to the device, which is best.
        isolate: open it in a child process. It is then looked for among the devices that there are
            now, and its driver or sound server can neither hang nor crash this process.
    """

    name_or_index: Wanted = None
    rate: int | None = None
    block_frames: int = 0
    isolate: bool = False

    def __post_init__(self) -> None:
        wanted = self.name_or_index
        text = wanted.pattern if isinstance(wanted, re.Pattern) else wanted
        named = isinstance(text, str) and text.strip() != ""
        numbered = isinstance(wanted, int) and not isinstance(wanted, bool)
        if wanted is not None and not named and not numbered:
            raise ConfigError(
                f"name_or_index is {wanted!r}, expected a name, a pattern, an index or None",
                hint="run `vocana devices` for names and indexes; None is the default device",
            )
        if self.rate is not None:
            whole("rate", self.rate, 1, MAX_RATE_HZ)
        whole("block_frames", self.block_frames, 0, 2**16)
        if not isinstance(self.isolate, bool):
            raise ConfigError(
                f"isolate is {self.isolate!r}, expected True or False",
                hint="pass isolate=True for a device in a child process",
            )

    def open(self, channels: int | None) -> Player:
        """Open it; DeviceError when there is no such device or it does not open."""
        if self.isolate:
            from .isolation import IsolatedPlayer

            return IsolatedPlayer(self.name_or_index, self.rate, channels, self.block_frames)

        from .device import open_player

        return open_player(self.name_or_index, self.rate, channels, self.block_frames)

    def reopening(self, player: Player | None) -> Device:
        """Return the device as it can be opened after one was lost: in a child process.

        The PortAudio of this process does not know what was plugged in later, and may hang.

        Args:
            player: what `open` returned, if it was called. A number means another device once one
                has come or gone, so the name of this one takes its place.
        """
        wanted = self.name_or_index
        if isinstance(wanted, int):
            wanted = getattr(player, "name", wanted)
        return replace(self, name_or_index=wanted, isolate=True)


def check_format(rate: int, channels: int) -> None:
    """Raise ConfigError unless the rate and the number of channels make sense."""
    whole("rate", rate, 1, MAX_RATE_HZ)
    whole("channels", channels, 1, MAX_CHANNELS)
