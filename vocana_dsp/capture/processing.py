"""What happens to the audio of a capture between its device and its reader, on a C thread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .._native.capture import CaptureEngine
from .._native.engine import Engine
from ..dsp.chain import Chain
from ..dsp.mix import mix
from ..dsp.node import Analyzer
from ..errors import ConfigError
from .engine import Queueing
from .sources import Player

USER = "a capture"


@dataclass(frozen=True, slots=True)
class StepTimes:
    """How long one step of the engine's thread took, for each block, in microseconds.

    Attributes:
        name: "mix", "resample", "chain", "deliver", "analysis", or "total" for all of them.
        calls: how many blocks were timed.
        p50_us: half of them took no longer.
        p99_us: 99 of 100 took no longer.
        max_us: the longest.
    """

    name: str
    calls: int
    p50_us: float
    p99_us: float
    max_us: float


class Processing:
    """The engine's thread, and all that it runs. Control methods from one thread at a time.

    Making it claims the chain; when something does not fit it raises, and nothing is claimed.
    """

    def __init__(
        self,
        engine: CaptureEngine,
        player: Player,
        rate: int,
        channels: int,
        chain: Chain | None,
        analyzers: Sequence[Analyzer],
        queueing: Queueing,
    ) -> None:
        self._rate, self._channels = rate, channels
        self._chain = Chain() if chain is None else chain
        mixer = mix(player.channels, channels)
        self._mix = None if mixer is None else Chain([mixer])
        self.analyzers = Chain(_checked(analyzers))
        native = self._chain.prepare(rate, channels)
        self.channels_out = native.channels_out
        self._engine = Engine(
            engine,
            (player.rate, rate),
            None if self._mix is None else self._mix.prepare(player.rate, player.channels),
            native,
            self.analyzers.prepare(rate, native.channels_out) if len(self.analyzers) else None,
            queueing.tap(rate),
            queueing.rests(rate),
            player.waits,
        )
        native.claim(USER)
        self._natives = [native]  # that the engine uses, oldest first

    @property
    def chain(self) -> Chain:
        """The chain that is heard, or about to be."""
        return self._chain

    def change(self, chain: Chain) -> None:
        """Crossfade to another chain; ConfigError, and the old one goes on, when it does not fit.

        It has to give as many channels as the old one and to delay as much.
        """
        if not isinstance(chain, Chain):
            raise ConfigError(f"chain is {chain!r}, expected a Chain", hint="pass vo.Chain([...])")
        self._release_retired()
        if chain is self._chain:
            return
        old, native = self._natives[-1], chain.prepare(self._rate, self._channels)
        if native.channels_out != old.channels_out:
            raise ConfigError(
                f"the chain gives {native.channels_out} channels, expected {old.channels_out} as "
                "the one before",
                hint="open another capture for another number of channels",
            )
        missing = old.latency_frames - native.latency_frames
        if missing:
            delay_ms = missing * 1000.0 / self._rate
            raise ConfigError(
                f"the chain delays {native.latency_frames} frames, expected {old.latency_frames} "
                "as the one before",
                hint=f"add vo.Delay({delay_ms:g}) to it"
                if missing > 0
                else "open the capture with a chain that delays as much",
            )
        native.claim(USER)
        if self._engine.set_chain(native):
            self._natives.pop().release()
        self._natives.append(native)
        self._chain = chain

    def _release_retired(self) -> None:
        for native in self._natives[: self._engine.forget_retired()]:
            native.release()
            self._natives.remove(native)

    @property
    def latency_frames(self) -> int:
        """Frames by which resampler and chain delay what the reader gets."""
        return self._engine.latency_frames

    @property
    def times(self) -> list[StepTimes]:
        """How long each step took so far; the last one is all of them together. Any thread."""
        return [StepTimes(*row) for row in self._engine.times()]

    def start(self) -> None:
        """Start the thread."""
        self._engine.start()

    def stop(self, deadline_s: float) -> bool:
        """Let through what was captured and end the thread; False when it takes too long."""
        if not self._engine.stop(deadline_s):
            return False
        while self._natives:
            self._natives.pop().release()
        return True


def _checked(analyzers: Sequence[Analyzer]) -> Sequence[Analyzer]:
    if not isinstance(analyzers, Sequence) or isinstance(analyzers, str):
        raise ConfigError(
            f"analyzers is {analyzers!r}, expected a list", hint="pass analyzers=[vo.Levels()]"
        )
    for analyzer in analyzers:
        if not isinstance(analyzer, Analyzer):
            raise ConfigError(
                f"analyzers holds {analyzer!r}, expected analyzers",
                hint="vo.Levels, vo.Loudness and vo.Spectrum are; other nodes go into the chain",
            )
    return analyzers
