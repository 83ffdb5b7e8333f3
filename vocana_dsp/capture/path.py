"""The way from a source to the reader of a capture: what is opened, and what is made for it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .._native.capture import CaptureEngine
from .._native.outlets import Outlets
from .._native.tap import TapReader
from ..config import InputPolicy
from ..errors import ConfigError
from .engine import Queueing, make_engine, relay
from .sources import Device, Player, Source

if TYPE_CHECKING:
    from ..dsp.chain import Chain
    from ..dsp.node import Analyzer
    from .processing import Processing

# The engine's thread has at least this long to let through what was captured.
LEAST_S = 0.15


@dataclass(frozen=True, slots=True)
class Path:
    """A source that is open, and the ring behind it; a thread between the two when one is needed.

    Attributes:
        player: the open device.
        engine: what its callback feeds.
        processing: what stands between; None when the reader gets what the device gives.
        rate: of what the reader gets, in Hz.
        channels: of what the reader gets.
    """

    player: Player
    engine: CaptureEngine
    processing: Processing | None
    rate: int
    channels: int

    @property
    def tap(self) -> TapReader:
        """What the reader reads."""
        return self.engine if self.processing is None else self.processing.tap

    @property
    def outlets(self) -> Outlets:
        """Where more consumers of what the reader gets are attached."""
        return self.engine.outlets if self.processing is None else self.processing.outlets

    @property
    def delay_frames(self) -> int:
        """Frames of the output by which the sound is late."""
        return 0 if self.processing is None else self.processing.latency_frames

    @property
    def threads(self) -> dict[str, int]:
        """Native ids of the C threads that run now."""
        engine = 0 if self.processing is None else self.processing.thread
        found = {"device": self.engine.last_callback()[2], "engine": engine}
        return {name: native for name, native in found.items() if native}

    def processed(self, what: str) -> Processing:
        """Return what stands between; ConfigError when nothing does."""
        if self.processing is None:
            raise ConfigError(
                f"the capture was opened without {what}",
                hint="pass chain=vo.Chain() or analyzers=[...] when it is made",
            )
        return self.processing

    def start(self) -> None:
        """Start the thread, if there is one, and the device."""
        if self.processing is not None:
            self.processing.start()
        self.player.start()

    def halt(self, lost: bool, deadline_s: float) -> None:
        """Stop the device, and let through what it gave; what hangs keeps its memory for ever."""
        gives_up = time.monotonic() + deadline_s
        if self.player.stop(deadline_s):
            self.engine.end(lost)
            left_s = max(LEAST_S, gives_up - time.monotonic())
            if self.processing is None or self.processing.stop(left_s):
                return
        self.engine.leak()

    def abandon(self) -> None:
        """Touch nothing any more: for a forked child."""
        self.player.abandon()
        self.engine.leak()


def open_path(
    source: Source | None,
    rate: int | None,
    channels: int | None,
    chain: Chain | None,
    analyzers: Sequence[Analyzer],
    queueing: Queueing,
    inputs: InputPolicy,
) -> Path:
    """Open a source and make what is needed behind it; raises as `Capture` says."""
    if source is None:
        source = Device()
    if isinstance(source, type) or not hasattr(source, "open"):
        raise ConfigError(
            f"source is {source!r}, expected Device, File, Tone, Silence or a simulated device",
            hint=f"a device is Device({source!r}), a sound file File({source!r})",
        )
    player = source.open(channels)
    rate = player.rate if rate is None else rate
    channels = player.channels if channels is None else channels
    if (rate, channels) == (player.rate, player.channels) and chain is None and not analyzers:
        engine = make_engine(rate, channels, queueing, inputs)
        player.connect(engine)
        return Path(player, engine, None, rate, channels)

    from .processing import Processing  # here: a capture without it starts sooner

    queueing.tap(rate)  # says what does not fit, in the lengths that were passed
    engine = make_engine(player.rate, player.channels, relay(queueing), inputs)
    processing = Processing(engine, player, rate, channels, chain, analyzers, queueing)
    try:
        player.connect(engine)
    except BaseException:
        processing.stop(LEAST_S)  # gives the chain back
        raise
    return Path(player, engine, processing, rate, processing.channels_out)
