"""Audio from a source, complete, however long Python is busy."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import TYPE_CHECKING

from ..config import (
    MAX_CHANNELS,
    MAX_RATE_HZ,
    Breaker,
    InputPolicy,
    Overflow,
    instance,
    positive,
    seconds,
    whole,
)
from ..errors import StreamClosed
from . import lifetime
from .account import Account
from .block import Block, Event, Gap
from .engine import Queueing
from .path import open_first, sources_of
from .processed import Processed
from .reader import Reader
from .sizing import BlockSizing, SizedBlocks, longest_ms
from .sources import Source
from .watch import GOES_ON, Watch
from .watched import Watched

if TYPE_CHECKING:
    from ..dsp.chain import Chain
    from ..dsp.node import Analyzer
    from .path import Path
    from .recovery import Recovery
    from .stats import Stats
    from .supervisor import Supervisor

# stop() and close() return within this time, whatever the device does.
STOP_DEADLINE_S = 0.8


class Capture(Processed, Watched, lifetime.Closed):
    """Audio from a device, a file or a generator, as blocks of float32.

    A C callback fills a lock-free ring without ever waiting for Python; this object reads it. The
    source is opened when the object is made and starts with ``with``, the first read or `start`.
    Every method may be called from any thread; a block goes to one reader.

    Args:
        source: where audio comes from: `Device` (None is the default device), `File`, `Tone`,
            `Silence`, or a simulated device of `vocana_dsp.testing`.
        rate: frames per second that blocks have; None is the source's own rate.
        channels: that go into the chain; None takes what the source has. One is mixed from several,
            and several are copies of one.
        block_ms: length of the blocks that iteration gives; with a `BlockSizing` they are longer
            while this process keeps a processor busy.
        ring_ms: how long Python may be busy before anything is lost.
        overflow: what happens beyond that.
        breaker: when a capture stops trying to queue into a full ring.
        input: what is done about NaN, infinity, denormals and samples out of range.
        chain: what the sound goes through, on a C thread.
        analyzers: what measures it behind the chain, on the same thread; each has `snapshot`.
        fallback: sources that take over, in this order, when the one before is lost and does not
            come back. The format stays what it was: they are resampled and mixed to it.
        recovery: how a device that is lost, stalled or silent is opened again, while the reader's
            timeline goes on with an exact gap; None, and without a fallback, its loss is an error.

    Raises:
        ConfigError: an argument is out of its range, or a node does not fit the format.
        DeviceError: there is no such device, or it does not open.
        FormatError: a file is not audio, or a rate is not supported.

    >>> import vocana_dsp as vo
    >>> with vo.Capture(vo.testing.SimulatedDevice(seconds=0.05, pace="lockstep")) as mic:
    ...     [(block.frame, len(block), block.gap) for block in mic]
    [(0, 960, 0), (960, 960, 0), (1920, 480, 0)]
    >>> mic.stats.captured, mic.stats.dropped
    (2400, 0)
    """

    def __init__(
        self,
        source: Source | None = None,
        *,
        rate: int | None = None,
        channels: int | None = None,
        block_ms: float | BlockSizing = 20.0,
        ring_ms: float = 2000.0,
        overflow: Overflow = Overflow(),  # noqa: B008 - frozen
        breaker: Breaker = Breaker(),  # noqa: B008 - frozen
        input: InputPolicy = InputPolicy(),  # noqa: A002, B008 - the field's word; frozen
        chain: Chain | None = None,
        analyzers: Sequence[Analyzer] = (),
        fallback: Sequence[Source] = (),
        recovery: Recovery | None = None,
    ) -> None:
        self._state = "closed"
        self._halted = True
        positive("ring_ms", ring_ms, "ms")
        if rate is not None:
            whole("rate", rate, 1, MAX_RATE_HZ)
        if channels is not None:
            whole("channels", channels, 1, MAX_CHANNELS)
        instance("overflow", overflow, Overflow)
        instance("breaker", breaker, Breaker)
        instance("input", input, InputPolicy)
        queueing = Queueing(longest_ms(block_ms), ring_ms, overflow, breaker)
        sources = sources_of(source, fallback)
        follows = recovery is not None or len(sources) > 1
        if follows:
            from .supervisor import checked, supervise  # here: a capture without it starts sooner

            recovery = checked(recovery)
        path, opened = open_first(
            sources, rate, channels, chain, analyzers, queueing, input, follows
        )
        self._path = path
        self._tap = path.tap
        self._sized = SizedBlocks(block_ms, path.rate)
        self._account = Account(path)
        self._watch: Watch | Supervisor = Watch(path)
        self._runner: Path | Supervisor = path
        if recovery is not None:
            supervisor = supervise(path, sources, opened, recovery, self._account)
            self._watch = self._runner = supervisor
        self._reader = Reader(path.tap, self._account, self._watch, overflow)
        self._dead_reason = None
        self._last_stats: Stats | None = None
        self._halting = threading.Lock()
        self._halted = False
        self._state = "open"
        lifetime.register(self)

    # --- What was opened ---------------------------------------------------------------------

    @property
    def rate(self) -> int:
        """Frames per second."""
        return self._path.rate

    @property
    def channels(self) -> int:
        """Samples of a frame."""
        return self._path.channels

    @property
    def block_frames(self) -> int:
        """Frames of the next block that iteration gives."""
        return self._sized.next_frames()

    # --- Lifecycle ---------------------------------------------------------------------------

    def start(self) -> None:
        """Start the source. Does nothing when it has started."""
        if self._state == "closed":
            raise self._closed()
        if self._state == "open":
            self._state = "running"
            self._watch.started()
            try:
                self._runner.start()
            except BaseException:
                self._state = "failed"
                self._halt(lost=True)
                raise

    def stop(self) -> None:
        """Stop the source for good, within a second. What is queued can still be read."""
        if self._state in ("open", "running"):
            lost = self.state == "failed"
            self._state = "failed" if lost else "stopped"
            self._reader.ending = True
            self._halt(lost)

    def close(self) -> None:
        """Stop the source and give the device back, within a second. May be called again.

        It has to be when an exception, such as KeyboardInterrupt, came out of `stop` or this.
        """
        if self._state == "closed" and self._halted:
            return
        lost = self.state == "failed"
        self._state = "closed"
        self._reader.closed = True
        self._halt(lost)
        self._last_stats = self._account.stats()
        self._tap.wake()
        lifetime.forget(self)

    def _halt(self, lost: bool) -> None:
        """Stop the source, unless that is done, or somebody does it now."""
        if not self._halting.acquire(blocking=False):
            return
        try:
            if not self._halted:
                self._runner.halt(lost, STOP_DEADLINE_S)
                self._halted = True
        finally:
            self._halting.release()
            self._reader.over = True
            self._tap.wake()

    def abandon(self, reason: str) -> None:
        """Declare it dead without touching the device: for a forked child."""
        self._dead_reason = reason
        self._last_stats = self._account.stats()
        self._state = "closed"
        self._halted = True
        self._reader.closed = True
        self._path.abandon()

    # --- Reading -----------------------------------------------------------------------------

    def read(
        self, frames: int, timeout: float | None = None, *, fill_silence: bool = False
    ) -> Block:
        """Read `frames` frames, waiting for them.

        The block is shorter when a gap, the end of the source or the timeout comes first; at the
        end it is empty. With `fill_silence` a timeout fills the rest with zeros, so that the time
        line goes on; these frames are in the `gap` of this block and not in `stats`. If the device
        was only late, its audio still comes, with the frame that it really has; if it lost that
        audio, the next block's gap is what goes beyond the zeros.

        Args:
            frames: how many, at least 1.
            timeout: seconds to wait at most; None waits.
            fill_silence: whether a timeout fills the block up.

        Raises:
            StreamClosed: the capture is closed.
            DeviceError: the device is lost or stalled, and nothing is queued.
            RingOverflow: frames were lost, under the "fail" policy.
        """
        whole("frames", frames, 1, 2**31 - 1)
        deadline = None if timeout is None else time.monotonic() + seconds("timeout", timeout)
        self._check_open()
        block = self._reader.take(frames, deadline, stall_is_error=not fill_silence)
        if fill_silence and self._reader.timed_out and self.state in GOES_ON:
            return self._account.filled(block, frames)
        return block

    def __iter__(self) -> Iterator[Block]:
        """Blocks of `block_frames` frames; shorter before a gap and at the end."""
        self._check_open()
        return self._blocks()

    def _blocks(self) -> Iterator[Block]:
        with contextlib.suppress(StreamClosed):  # closed by another thread: there is no more
            while len(block := self._reader.take(self.block_frames, None)):
                yield block

    def __aiter__(self) -> AsyncIterator[Block]:
        """Give the same blocks without blocking the event loop."""
        self._check_open()
        return self._blocks_async()

    async def _blocks_async(self) -> AsyncIterator[Block]:
        with contextlib.suppress(StreamClosed):
            while True:
                block = await self._reader.take_async(self.block_frames)
                if not len(block):
                    return
                yield block

    def _check_open(self) -> None:
        if self._state == "open":
            self.start()
        if self._state == "closed":
            raise self._closed()

    # --- Accounts ----------------------------------------------------------------------------

    @property
    def stats(self) -> Stats:
        """One consistent snapshot; the last one after `close`."""
        return self._last_stats or self._account.stats()

    @property
    def gaps(self) -> list[Gap]:
        """Every loss so far, in order; adjacent ones are merged: see `Gap`."""
        return self._account.gaps

    def events(self) -> list[Event]:
        """Return and take what has happened since the last call, in the order of the timeline."""
        return self._account.events()
