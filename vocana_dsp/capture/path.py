"""The way from a source to the reader of a capture: what is opened, and what is made for it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING

from .._native.outlets import Outlets
from .._native.tap import TapReader
from ..config import InputPolicy
from ..errors import ConfigError, DeviceError
from .engine import Queueing, make_engine, relay
from .session import Session
from .sources import Device, Source

if TYPE_CHECKING:
    from ..dsp.chain import Chain
    from ..dsp.node import Analyzer
    from .processing import Processing

# The engine's thread has at least this long to let through what was captured.
LEAST_S = 0.15


class Path:
    """A source that is open, and the ring behind it; a thread between the two when one is needed.

    Attributes:
        session: the device that is open now.
        source: the one whose device runs, or ran last.
        device: what that calls itself; None for a source without a device.
        processing: what stands between; None when the reader gets what the device gives.
        rate: of what the reader gets, in Hz.
        channels: of what the reader gets.
        is_running: the device was started, and nobody has asked it to stop.
        prepare: opens a source that takes the place of a session; for any thread.
    """

    def __init__(
        self,
        source: Source,
        session: Session,
        processing: Processing | None,
        rate: int,
        channels: int,
        prepare: Callable[[Source, Session], Session],
    ) -> None:
        self.session = session
        self.is_running = False
        self.runs(source)
        self.prepare = prepare
        self.processing = processing
        self.rate = rate
        self.channels = channels

    def runs(self, source: Source) -> None:
        """Tell that the session's device, which is of this source, runs."""
        self.source = source
        self.device: str | None = getattr(self.session.player, "name", None)

    @property
    def tap(self) -> TapReader:
        """What the reader reads."""
        return self.session.engine if self.processing is None else self.processing.tap

    @property
    def outlets(self) -> Outlets:
        """Where more consumers of what the reader gets are attached."""
        if self.processing is None:
            return self.session.engine.outlets
        return self.processing.outlets

    @property
    def delay_frames(self) -> int:
        """Frames of the output by which the sound is late."""
        return 0 if self.processing is None else self.processing.latency_frames

    @property
    def threads(self) -> dict[str, int]:
        """Native ids of the C threads that run now."""
        engine = 0 if self.processing is None else self.processing.thread
        found = {"device": self.session.engine.last_callback()[2], "engine": engine}
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
        self.session.player.start()
        self.is_running = True

    def halt(self, lost: bool, deadline_s: float) -> None:
        """Stop the device, and let through what it gave; what hangs keeps its memory for ever."""
        self.is_running = False
        gives_up = time.monotonic() + deadline_s
        engine, processing = self.session.engine, self.processing
        stopped = self.session.player.stop(deadline_s)
        if stopped:
            engine.end(lost)
        else:
            engine.leak()
        left_s = max(LEAST_S, gives_up - time.monotonic())
        if processing is not None and (stopped or processing.leave(left_s)):
            processing.stop(left_s, lost)

    def abandon(self) -> None:
        """Touch nothing any more: for a forked child."""
        self.session.player.abandon()
        self.session.engine.leak()


def sources_of(source: Source | None, fallback: Sequence[Source]) -> list[Source]:
    """Return what can be opened, in order; ConfigError when something is no source."""
    if not isinstance(fallback, Sequence) or isinstance(fallback, str):
        raise ConfigError(
            f"fallback is {fallback!r}, expected a list of sources",
            hint="pass fallback=[vo.Device()]",
        )
    return [source_of(source), *(source_of(other, "a fallback") for other in fallback)]


def open_first(
    sources: Sequence[Source],
    rate: int | None,
    channels: int | None,
    chain: Chain | None,
    analyzers: Sequence[Analyzer],
    queueing: Queueing,
    inputs: InputPolicy,
    follows: bool,
) -> tuple[Path, int]:
    """Open the first source that opens, and return which; raises what the first one raised."""
    failure: DeviceError | None = None
    for index, source in enumerate(sources):
        try:
            path = open_path(source, rate, channels, chain, analyzers, queueing, inputs, follows)
        except DeviceError as error:
            failure = failure or error
        else:
            return path, index
    assert failure is not None
    raise failure


def source_of(value: Source | None, name: str = "source") -> Source:
    """Return the source that is meant; ConfigError when it is none."""
    if value is None:
        return Device()
    if isinstance(value, type) or not hasattr(value, "open"):
        raise ConfigError(
            f"{name} is {value!r}, expected Device, File, Tone, Silence or a simulated device",
            hint=f"a device is Device({value!r}), a sound file File({value!r})",
        )
    return value


def open_path(
    source: Source,
    rate: int | None,
    channels: int | None,
    chain: Chain | None,
    analyzers: Sequence[Analyzer],
    queueing: Queueing,
    inputs: InputPolicy,
    follows: bool = False,
) -> Path:
    """Open a source and make what is needed behind it; raises as `Capture` says.

    With `follows` there is always a thread, behind which another device can follow.
    """
    asked = channels

    def prepare(source: Source, before: Session) -> Session:
        player = source.open(asked)
        try:
            engine = make_engine(player.rate, player.channels, relay(queueing), inputs)
            player.connect(engine)
        except BaseException:
            player.stop(LEAST_S)
            raise
        return Session(player, engine, before.counts(), before.end_ns())

    with ExitStack() as undo:  # when something does not fit
        player = source.open(channels)
        undo.callback(player.stop, LEAST_S)
        rate = player.rate if rate is None else rate
        channels = player.channels if channels is None else channels
        same = (rate, channels) == (player.rate, player.channels)
        processing = None
        if same and chain is None and not analyzers and not follows:
            engine = make_engine(rate, channels, queueing, inputs)
        else:
            from .processing import Processing  # here: a capture without it starts sooner

            queueing.tap(rate)  # says what does not fit, in the lengths that were passed
            engine = make_engine(player.rate, player.channels, relay(queueing), inputs)
            processing = Processing(engine, player, rate, channels, chain, analyzers, queueing)
            undo.callback(processing.stop, LEAST_S)  # gives the chain back
            channels = processing.channels_out
        player.connect(engine)
        undo.pop_all()
    return Path(source, Session(player, engine), processing, rate, channels, prepare)
