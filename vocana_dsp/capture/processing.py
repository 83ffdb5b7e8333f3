"""What happens to the audio of a capture between its device and its reader, on a C thread."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass

from .._native.capture import CaptureEngine
from .._native.chain import NativeChain
from .._native.engine import Engine
from .._native.node import MAX_CHANNELS
from .._native.outlets import Outlets
from .._native.tap import Tap
from ..config import MAX_RATE_HZ, MIN_RESAMPLED_HZ, instance, whole
from ..dsp.chain import Chain
from ..dsp.mix import mix
from ..dsp.node import Analyzer
from ..errors import ConfigError, DeviceError
from .engine import Queueing
from .sources import Player

USER = "a capture"


@dataclass(frozen=True, slots=True)
class StepTimes:
    """How long one step of the engine's thread took, for each block, in microseconds.

    Attributes:
        name: "mix", "resample", "chain", "analysis", "deliver", or "total" for all of them.
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
    """The engine's thread, and all that it runs; any thread may control it.

    Making it claims the chain; when something does not fit it raises, and nothing is claimed. One
    device may follow another: chain, analyzers, `outlets` and `tap` go on.
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
        chain = Chain() if chain is None else chain
        instance("chain", chain, Chain)
        whole("channels", channels, 1, MAX_CHANNELS)
        self._turn = threading.Lock()  # never held while a device may hang
        self._rate, self._channels = rate, channels
        self.analyzers = Chain(_checked(analyzers))
        mixer = self._mixer(player)
        native = chain.build(rate, channels)
        self.channels_out = native.channels_out
        self._analysis = (
            self.analyzers.prepare(rate, native.channels_out) if len(self.analyzers) else None
        )
        self.tap = Tap(self.channels_out, queueing.tap(rate), queueing.rests(rate))
        self.outlets = Outlets(self.channels_out)
        self.outlets.attach(self.tap)
        self._engine = self._connected(engine, player, mixer, native, 0)
        self._running: list[tuple[Chain, NativeChain]] = []  # that the engine uses, oldest first
        self._take(chain, native)
        self._chain = chain

    def _mixer(self, player: Player) -> Chain | None:
        """Return what makes the channels of the chain from those of a device."""
        if self._rate != player.rate:
            for name, value in (("rate", self._rate), ("the rate of the source", player.rate)):
                whole(name, value, MIN_RESAMPLED_HZ, MAX_RATE_HZ)
        mixer = mix(player.channels, self._channels)
        return None if mixer is None else Chain([mixer])

    def _connected(
        self,
        engine: CaptureEngine,
        player: Player,
        mixer: Chain | None,
        native: NativeChain,
        resumes_after_ns: int,
    ) -> Engine:
        self._mix = mixer
        return Engine(
            engine,
            (player.rate, self._rate),
            None if mixer is None else mixer.prepare(player.rate, player.channels),
            native,
            self._analysis,
            self.outlets,
            player.waits,
            resumes_after_ns,
        )

    def _take(self, chain: Chain, native: NativeChain) -> None:
        chain.adopt(native)
        native.claim(USER)
        self._running.append((chain, native))

    def _give_back(self, index: int) -> None:
        chain, native = self._running.pop(index)
        native.release()
        chain.reset()

    @property
    def chain(self) -> Chain:
        """The chain that is heard, or about to be; the last one after the end."""
        return self._chain

    def change(self, chain: Chain) -> None:
        """Crossfade to another chain; ConfigError, and the old one goes on, when it does not fit.

        It has to give as many channels as the old one and to delay as much.
        """
        instance("chain", chain, Chain)
        with self._turn:
            self._change(chain)

    def _change(self, chain: Chain) -> None:
        for _ in range(self._engine.forget_retired()):
            self._give_back(0)
        if chain is self._chain or not self._running:
            return
        old, native = self._running[-1][1], chain.build(self._rate, self._channels)
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
        if self._engine.set_chain(native):
            self._give_back(-1)
        self._take(chain, native)
        self._chain = chain

    @property
    def latency_frames(self) -> int:
        """Frames by which resampler and chain delay what the reader gets."""
        return self._engine.latency_frames

    @property
    def thread(self) -> int:
        """Native id of the thread; 0 before it runs."""
        return self._engine.thread

    @property
    def times(self) -> list[StepTimes]:
        """How long each step took so far; the last one is all of them together. Any thread."""
        return [StepTimes(*row) for row in self._engine.times()]

    def start(self) -> None:
        """Start the thread."""
        self._engine.start()

    def leave(self, deadline_s: float) -> bool:
        """Let through what a device that is gone has given; False when it takes too long."""
        with self._turn:
            if not self._engine.leave(deadline_s):
                return False
            while len(self._running) > 1:
                self._give_back(0)
            return True

    def stuck(self) -> DeviceError:
        """Return the error of a thread that does not end."""
        return DeviceError(
            "the thread behind the device does not end",
            code="engine_hangs",
            hint="a node of the chain is stuck; Capture.times tells which",
            retryable=False,
        )

    def follow(self, engine: CaptureEngine, player: Player, resumes_after_ns: int) -> None:
        """Go on with another device, after `leave`.

        Args:
            engine: what the device feeds.
            player: the device.
            resumes_after_ns: end of what was heard last, on the monotonic clock: what passes until
                the device's first block is a gap. 0 when the device tells that by itself.

        Raises:
            ConfigError: its format does not fit.
            DeviceError: the thread of the device before has not come to its end.
        """
        with self._turn:
            if not self._engine.leave(0.0):
                raise self.stuck()
            mixer, native = self._mixer(player), self._running[-1][1]
            self._engine = self._connected(engine, player, mixer, native, resumes_after_ns)
            self._engine.start()

    def stop(self, deadline_s: float, lost: bool = False) -> bool:
        """Let through what was captured and end the thread; False when it takes too long."""
        with self._turn:
            if not self._engine.stop(deadline_s):
                return False
            if not self.tap.ended:
                self.outlets.end(lost)
            while self._running:
                self._give_back(-1)
            self.analyzers.dissolve()
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
