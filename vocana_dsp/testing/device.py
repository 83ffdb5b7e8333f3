"""The simulated device as a source."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt

from .._native.sim import MAX_BLOCK_FRAMES
from ..arrays import channels_last
from ..capture.sources import FOREVER, Player, SimPlayer, Source, check_format
from ..config import MAX_CHANNELS, frames_of, one_of, positive, whole
from ..errors import ConfigError, FormatError
from .faults import Fault

Pace = Literal["realtime", "lockstep", "flatout"]


@dataclass(frozen=True, slots=True, eq=False)
class SimulatedDevice:
    """A sound card made of a C thread; it calls the same C callback as a real one.

    Attributes:
        signal: "counter" (frame n has the value n mod 2**24, exact in float32), "silence", or an
            array of (frames,) or (frames, channels) float32, which ends the source when it ends.
        rate: frames per second.
        channels: how many; an array's own count when it has a second axis.
        block_frames: frames of one callback.
        pace: "realtime"; "lockstep", a virtual clock on which the next block comes when the ring
            has room, so nothing is lost; "flatout", a virtual clock that waits for nobody.
        seconds: length on the device's timeline; None is without end, or the whole array.
        script: faults, each at a frame of the timeline.
        seed: of the jitter.
    """

    signal: Literal["counter", "silence"] | npt.NDArray[np.float32] = "counter"
    rate: int = 48_000
    channels: int = 1
    block_frames: int = 128
    pace: Pace = "realtime"
    seconds: float | None = None
    script: Sequence[Fault] = ()
    seed: int = 0

    def __init__(
        self,
        signal: Literal["counter", "silence"] | npt.ArrayLike = "counter",
        *,
        rate: int = 48_000,
        channels: int = 1,
        block_frames: int = 128,
        pace: Pace = "realtime",
        seconds: float | None = None,
        script: Sequence[Fault] = (),
        seed: int = 0,
    ) -> None:
        check_format(rate, channels)
        whole("block_frames", block_frames, 1, MAX_BLOCK_FRAMES)
        one_of("pace", pace, get_args(Pace))
        whole("seed", seed, 0, 2**63 - 1)
        if seconds is not None:
            positive("seconds", seconds, "s")
        if isinstance(signal, str):
            one_of("signal", signal, ("counter", "silence"))
        else:
            signal = _as_frames(signal, channels)
            channels = signal.shape[1]
        if not isinstance(script, Sequence) or isinstance(script, str):
            raise ConfigError(
                f"script is {script!r}, expected a list of faults", hint="pass script=[Stall(...)]"
            )
        for fault in script:
            if not isinstance(fault, Fault):
                raise ConfigError(
                    f"the script holds {fault!r}, expected faults",
                    hint="use Jitter, Stall, Unplug, SilenceFrom, RateDrift or BlockSizes",
                )
        values: dict[str, Any] = {
            "signal": signal,
            "rate": rate,
            "channels": channels,
            "block_frames": block_frames,
            "pace": pace,
            "seconds": seconds,
            "script": tuple(sorted(script, key=lambda fault: fault.frame)),
            "seed": seed,
        }
        for name, value in values.items():
            object.__setattr__(self, name, value)

    def open(self, channels: int | None) -> Player:
        """Open it, with its own channels."""
        return self.opened(0, 0)

    def opened(self, first: int, lost: int) -> SimPlayer:
        """Open it at a frame of its timeline, behind so many that it tells as lost."""
        named = isinstance(self.signal, str)
        return SimPlayer(
            rate=self.rate,
            channels=self.channels,
            signal=(self.signal,) if named else ("array", self.signal),
            block_frames=self.block_frames,
            frames=FOREVER if self.seconds is None else frames_of(self.seconds * 1000.0, self.rate),
            pace=self.pace,
            seed=self.seed,
            faults=[fault.native(self.rate) for fault in self.script if fault.frame >= first],
            first=first,
            lost=lost,
            device=self,
        )

    def reopening(self, player: Player | None) -> Source:
        """Return the device as it is after `player`, of its own, has failed."""
        if player is None:
            return self
        from .returning import Returning  # here: it is a device itself

        assert isinstance(player, SimPlayer)
        return Returning(player)


def _as_frames(signal: npt.ArrayLike, channels: int) -> npt.NDArray[np.float32]:
    array = np.asarray(signal)
    if array.ndim not in (1, 2) or not np.issubdtype(array.dtype, np.floating):
        raise FormatError(
            f"the signal has shape {array.shape} and dtype {array.dtype}, expected (frames,) or "
            "(frames, channels) of floats",
            hint="convert integers with x / 32768 and the like, and put channels last",
        )
    if array.ndim == 2 and array.shape[1] > MAX_CHANNELS:
        raise ConfigError(
            f"the signal has {array.shape[1]} channels, expected {MAX_CHANNELS} at most",
            hint=channels_last("signal", array.shape, "pass fewer channels"),
        )
    if array.ndim == 1:
        array = np.repeat(array[:, None], channels, axis=1)
    elif channels not in (1, array.shape[1]) or not array.shape[1]:
        raise ConfigError(
            f"the signal has {array.shape[1]} channels, expected {channels}",
            hint="leave channels out to take the signal's own",
        )
    return np.array(array, np.float32, order="C")
