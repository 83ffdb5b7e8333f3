"""Audio from a source, complete, however long Python is busy."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import AsyncIterator, Iterator
from types import TracebackType
from typing import cast

import numpy as np

from .._native.capture import CaptureEngine
from ..config import ALIGN_MS, Breaker, InputPolicy, Overflow, frames_of, positive, whole
from ..config import MAX_CHANNELS as _MAX_CHANNELS
from ..errors import ConfigError, DeviceError, RingOverflow, StreamClosed
from . import lifetime
from .block import (
    Block,
    BreakerState,
    CallbackTimes,
    Cause,
    Event,
    Gap,
    InputCounts,
    State,
    Stats,
)
from .sources import Device, Source

# A waiting reader looks this often whether its device still lives.
LIVENESS_S = 0.05
# A device without a callback for this long, and for ten blocks, is stalled.
STALL_S = 1.5
STALL_BLOCKS = 10
# stop() and close() return within this time, whatever the device does.
STOP_DEADLINE_S = 0.9
EVENTS = 1024

_POLICIES = {"drop_newest": 0, "skip": 1, "fail": 2}
_ACTIONS = {"flag": 0, "clean": 1, "reject": 2}


class Capture:
    """Audio from a device, a file or a generator, as blocks of float32.

    A C callback fills a lock-free ring without ever waiting for Python; this object reads it. The
    source is opened when the object is made and starts with ``with``, the first read or `start`.
    Every method may be called from any thread; a block goes to one reader.

    Args:
        source: where audio comes from: `Device` (None is the default device), `File`, `Tone`,
            `Silence`, or a simulated device of `vocana_dsp.testing`.
        channels: how many to open; None takes what the source has.
        block_ms: length of the blocks that iteration gives.
        ring_ms: how long Python may be busy before anything is lost.
        overflow: what happens beyond that.
        breaker: when a capture stops trying to queue into a full ring.
        input: what is done about NaN, infinity, denormals and samples out of range.

    Raises:
        ConfigError: an argument is out of its range.
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
        channels: int | None = None,
        block_ms: float = 20.0,
        ring_ms: float = 2000.0,
        overflow: Overflow = Overflow(),  # noqa: B008 - frozen
        breaker: Breaker = Breaker(),  # noqa: B008 - frozen
        input: InputPolicy = InputPolicy(),  # noqa: A002, B008 - the field's word; frozen
    ) -> None:
        self._state: State = "closed"
        positive("block_ms", block_ms, "ms")
        positive("ring_ms", ring_ms, "ms")
        if channels is not None:
            whole("channels", channels, 1, _MAX_CHANNELS)
        self._player = (Device() if source is None else source).open(channels)
        self._rate = self._player.rate
        self._channels = self._player.channels
        self._overflow = overflow
        self._engine = self._make_engine(block_ms, ring_ms, breaker, input)
        self._player.connect(self._engine)
        self._dead_reason: str | None = None
        self._overflows_told = 0
        self._filled = 0  # frames of silence handed out since the last real one
        self._next_frame = 0
        self._gaps: list[Gap] = []
        self._events: deque[Event] = deque(maxlen=EVENTS)
        self._started_ns = 0
        self._last_stats: Stats | None = None
        self._state = "open"
        lifetime.register(self)

    def _make_engine(
        self, block_ms: float, ring_ms: float, breaker: Breaker, inputs: InputPolicy
    ) -> CaptureEngine:
        rate, overflow = self._rate, self._overflow
        self.block_frames = max(1, frames_of(block_ms, rate))
        capacity = frames_of(ring_ms, rate)
        target = max(1, frames_of(overflow.target_ms, rate))
        high_water = frames_of(overflow.high_water_ms or 0.0, rate)
        for name, length, frames in (
            ("block_ms", block_ms, self.block_frames),
            ("target_ms", overflow.target_ms, target + 1),
            ("high_water_ms", overflow.high_water_ms, high_water),
        ):
            if frames > capacity and (name != "target_ms" or overflow.policy == "skip"):
                raise ConfigError(
                    f"{name} is {length!r}, more than a ring of {ring_ms!r} ms holds",
                    hint=f"raise ring_ms or lower {name}",
                )
        return CaptureEngine(
            self._channels,
            capacity,
            _POLICIES[overflow.policy],
            min(target, capacity - 1),
            high_water,
            frames_of(overflow.crossfade_ms, rate),
            frames_of(ALIGN_MS, rate) if overflow.crossfade_ms else 0,
            EVENTS,
            (
                breaker.trips_after,
                max(1, frames_of(breaker.rest_ms, rate)),
                max(1, frames_of(breaker.max_rest_ms, rate)),
            ),
            (
                _ACTIONS[inputs.nonfinite],
                _ACTIONS[inputs.denormal],
                _ACTIONS[inputs.over],
                inputs.limit,
            ),
        )

    # --- What was opened ---------------------------------------------------------------------

    @property
    def rate(self) -> int:
        """Frames per second."""
        return self._rate

    @property
    def channels(self) -> int:
        """Samples of a frame."""
        return self._channels

    # --- Lifecycle ---------------------------------------------------------------------------

    def start(self) -> None:
        """Start the source. Does nothing when it has started."""
        if self._state == "closed":
            raise self._closed()
        if self._state == "open":
            self._state = "running"
            self._started_ns = time.monotonic_ns()
            try:
                self._player.start()
            except BaseException:
                self._state = "failed"
                raise

    def stop(self) -> None:
        """Stop the source for good, within a second. What is queued can still be read."""
        if self._state in ("open", "running"):
            lost = self._state == "running" and not self._engine.ended and not self._alive()
            self._state = "failed" if lost else "stopped"
            self._halt(lost)

    def close(self) -> None:
        """Stop the source and give the device back, within a second. May be called again."""
        if self._state == "closed":
            return
        was_running = self._state == "running"
        self._state = "closed"
        if was_running or self._started_ns == 0:
            self._halt(lost=False)
        self._last_stats = self._stats_now()
        self._engine.wake()
        lifetime.forget(self)

    def _halt(self, lost: bool) -> None:
        """Stop the player; a device that hangs keeps the engine's memory for ever."""
        if self._player.stop(STOP_DEADLINE_S):
            self._engine.end(lost)
        else:
            self._engine.leak()
        self._engine.wake()

    def abandon(self, reason: str) -> None:
        """Declare it dead without touching the device: for a forked child."""
        self._dead_reason = reason
        self._last_stats = self._stats_now()
        self._state = "closed"
        self._engine.leak()

    def __enter__(self) -> Capture:
        """Start the source."""
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close."""
        self.close()

    def __del__(self) -> None:
        """Close what nobody closed."""
        if getattr(self, "_state", "closed") != "closed":
            with contextlib.suppress(Exception):
                self.close()

    def _closed(self) -> StreamClosed:
        return StreamClosed(
            self._dead_reason or "the capture is closed",
            hint="make a new Capture",
        )

    # --- Health ------------------------------------------------------------------------------

    def _alive(self) -> bool:
        return self._player.active

    def _silent_for_s(self) -> float:
        """Seconds without a callback, beyond what is normal for the device; 0 when all is well."""
        if not self._player.realtime:
            return 0.0
        last_ns = self._engine.last_callback_ns or self._started_ns
        age_s = (time.monotonic_ns() - last_ns) / 1e9
        blocks_s = STALL_BLOCKS * self._engine.stats()["block"] / self._rate
        return age_s if age_s > max(STALL_S, blocks_s) else 0.0

    @property
    def state(self) -> State:
        """How the capture is.

        "open" (not started), "running", "stalled" (the device has stopped calling), "ended" (the
        source has ended), "stopped", "failed" (the device is lost) or "closed".
        """
        if self._state != "running":
            return self._state
        if self._engine.ended:
            return "ended"
        if not self._alive():
            # The last thing that an ending source does before it is inactive is to say so.
            return "ended" if self._engine.ended else "failed"
        return "stalled" if self._silent_for_s() else "running"

    # --- Reading -----------------------------------------------------------------------------

    def read(
        self, frames: int, timeout: float | None = None, *, fill_silence: bool = False
    ) -> Block:
        """Read `frames` frames, waiting for them.

        The block is shorter when a gap, the end of the source or the timeout comes first; at the
        end it is empty. With `fill_silence` a timeout fills the rest with zeros, so that the time
        line goes on; these frames are told as a gap of this block and are not in `stats`.

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
        deadline = None if timeout is None else time.monotonic() + max(0.0, timeout)
        block = self._take(frames, deadline)
        if fill_silence and len(block) < frames and self.state in ("running", "stalled"):
            return self._fill_up(block, frames)
        return block

    def __iter__(self) -> Iterator[Block]:
        """Blocks of `block_frames` frames; shorter before a gap and at the end."""
        while len(block := self._take(self.block_frames, None)):
            yield block

    async def __aiter__(self) -> AsyncIterator[Block]:
        """Give the same blocks without blocking the event loop."""
        while True:
            if not self._ready(self.block_frames):
                await self._wait_async(self.block_frames)
                continue
            block = self._take(self.block_frames, time.monotonic())
            if not len(block):
                return
            yield block

    def _ready(self, frames: int) -> bool:
        """Whether a take of that many frames would return at once: with frames, or at the end."""
        self._check_open()
        queued = self._engine.stats()["queued"]
        return queued >= min(frames, self._engine.capacity) or self._over()

    async def _wait_async(self, frames: int) -> None:
        loop = asyncio.get_running_loop()
        readable = asyncio.Event()
        descriptor = self._engine.descriptor
        loop.add_reader(descriptor, readable.set)
        try:
            if not self._engine.arm(frames):
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(readable.wait(), LIVENESS_S)
        finally:
            loop.remove_reader(descriptor)
            self._engine.disarm()
        self._check_device()

    def _over(self) -> bool:
        return self._engine.ended or self._state in ("stopped", "failed", "closed")

    def _check_open(self) -> None:
        if self._state == "open":
            self.start()
        if self._state == "closed":
            raise self._closed()

    def _check_device(self) -> None:
        """Raise when nothing is queued and nothing will come."""
        if self._over() or self._engine.stats()["queued"]:
            return
        state = self.state
        if state == "failed":
            raise DeviceError(
                "the device is lost: it no longer works",
                code="device_lost",
                hint="check that it is plugged in and its sound server runs; make a new Capture",
                retryable=True,
            )
        if state == "stalled":
            raise DeviceError(
                f"the device has not called for {self._silent_for_s():.1f} s",
                code="device_stalled",
                hint="it may come back: read again, or close and make a new Capture",
                retryable=True,
            )

    def _take(self, frames: int, deadline: float | None) -> Block:
        """Up to `frames` frames without a gap inside; fewer at a gap, the end or the deadline."""
        self._check_open()
        self._check_overflow()
        engine = self._engine
        out = np.empty((frames, self._channels), np.float32)
        have = frame = gap = 0
        cause: Cause | None = None
        while True:
            last_try = self._over() or (deadline is not None and time.monotonic() >= deadline)
            if not have:
                have, frame, gap, cause, skipped = engine.read_into(out)
                if skipped:
                    self._events.append(Event(-1, frame, "skipped", skipped))
            else:
                have += engine.read_on_into(out[have:])
            if have == frames or last_try or (have and engine.gap_is_next):
                break
            self._wait(frames - have, deadline)
            self._check_overflow()
            if not have:
                self._check_device()
        if not have:
            return Block(out[:0], self._next_frame, self._next_frame / self._rate)
        return self._told(out[:have], frame, gap, cause)

    def _wait(self, frames: int, deadline: float | None) -> None:
        left = LIVENESS_S if deadline is None else min(LIVENESS_S, deadline - time.monotonic())
        if left > 0:
            self._engine.wait(min(frames, self._engine.capacity), left)
        if self._state == "closed":
            raise self._closed()

    def _told(self, data: np.ndarray, frame: int, gap: int, cause: Cause | None) -> Block:
        """Enter a block's gap into the account."""
        if gap:
            assert cause is not None
            self._record(Gap(frame - gap, gap, cause))
            gap = max(0, gap - self._filled)
        self._filled = 0
        self._next_frame = frame + len(data)
        return Block(data, frame, frame / self._rate, gap, cause if gap else None)

    def _record(self, gap: Gap) -> None:
        last = self._gaps[-1] if self._gaps else None
        if last and last.cause == gap.cause and last.frame + last.frames == gap.frame:
            self._gaps[-1] = Gap(last.frame, last.frames + gap.frames, gap.cause)
        else:
            self._gaps.append(gap)

    def _fill_up(self, block: Block, frames: int) -> Block:
        missing = frames - len(block)
        self._filled += missing
        self._next_frame += missing
        data = np.concatenate([block.data, np.zeros((missing, self._channels), np.float32)])
        return Block(data, block.frame, block.time, block.gap + missing, block.cause or "device")

    def _check_overflow(self) -> None:
        if self._overflow.policy != "fail":
            return
        stats = self._engine.stats()
        if stats["overflows"] > self._overflows_told:
            self._overflows_told = stats["overflows"]
            raise RingOverflow(
                f"the ring of {self._engine.capacity} frames was full, {stats['dropped']} frames "
                "have been lost so far",
                hint="read faster, raise ring_ms, or use another overflow policy; reading again "
                "goes on after the loss",
                retryable=True,
            )

    # --- Accounts ----------------------------------------------------------------------------

    @property
    def stats(self) -> Stats:
        """One consistent snapshot; the last one after `close`."""
        return self._last_stats or self._stats_now()

    def _stats_now(self) -> Stats:
        s = self._engine.stats()
        latency = s["queued"] + s["block"]
        return Stats(
            captured=s["captured"],
            delivered=s["delivered"],
            dropped=s["dropped"],
            queued=s["queued"],
            overflows=s["overflows"],
            xruns=s["xruns"],
            breaker_state=cast(BreakerState, s["breaker_state"]),
            breaker_trips=s["breaker_trips"],
            callbacks=s["callbacks"],
            callback_us=CallbackTimes(*s["callback_us"]),
            latency_ms=latency * 1000.0 / self._rate,
            latency_frames=latency,
            events_dropped=s["events_dropped"],
            input=InputCounts(*s["input"]),
        )

    @property
    def gaps(self) -> list[Gap]:
        """Every loss so far, in order; adjacent ones of one cause are merged."""
        told = list(self._gaps)
        for frame, frames, cause in self._engine.gaps():
            self._record(Gap(frame, frames, cause))
        found, self._gaps = self._gaps, told
        return found

    def events(self) -> list[Event]:
        """Return and take what has happened since the last call, in the order of the timeline."""
        native, _ = self._engine.events()
        found = [*(Event(*event) for event in native), *self._events]
        self._events.clear()
        return sorted(found, key=lambda event: event.frame)
