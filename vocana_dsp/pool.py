"""Buffers that are made once and used again."""

from __future__ import annotations

import queue
import threading
import time
import warnings
from dataclasses import dataclass
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

from ._native.pool import Pool
from .config import number_of, seconds, whole
from .errors import ConfigError, PoolError, PoolExhausted, StreamClosed

_MAX_COUNT = 2**31 - 1
_BYTES_PER_SAMPLE = 4
_NS_PER_S = 1_000_000_000
_MAX_IDLE_NS = 2**63 - 1
_LONGEST_SLEEP_S = 3600.0


@dataclass(frozen=True, slots=True)
class PoolStats:
    """What a pool has done so far.

    Attributes:
        live: buffers handed out now.
        free: buffers that wait to be handed out.
        peak: most buffers that were ever live at a time.
        acquired: buffers handed out in all.
        reused: of these, buffers that somebody had used before.
        grown: of these, buffers for which memory was asked for, because none was free.
        missed: acquires that ended with `PoolExhausted`.
        rejected: releases that were refused.
        leaked: buffers that were collected without having been released.
    """

    live: int
    free: int
    peak: int
    acquired: int
    reused: int
    grown: int
    missed: int
    rejected: int
    leaked: int

    @property
    def hit_ratio(self) -> float:
        """Share of all acquires that a free buffer served at once; 1.0 before the first."""
        asked = self.acquired + self.missed
        return (self.acquired - self.grown) / asked if asked else 1.0


class BufferPool:
    """Equal float32 buffers, of which `initial` are made at once and `maximum` may ever exist.

    Beyond `initial` buffers are made when nothing is free, and `trim` gives free ones back. Every
    method may be called from any thread; `acquire` with a timeout waits without holding the GIL.

    Args:
        frames: length of a buffer in frames.
        channels: samples in a frame.
        initial: buffers made at once.
        maximum: most buffers at a time, handed out and free together.
        limit_bytes: most memory that `maximum` buffers may take; None for no limit.

    Raises:
        ConfigError: a size is out of range, `initial` is above `maximum`, or `maximum` buffers
            would take more than `limit_bytes`. Nothing has been allocated.

    >>> pool = BufferPool(480, channels=2, initial=1, maximum=2)
    >>> with pool.acquire() as buffer:
    ...     buffer.array[:] = 0.0
    ...     buffer.array.shape, pool.stats.live
    ((480, 2), 1)
    >>> pool.stats.live, pool.stats.free
    (0, 1)
    """

    def __init__(
        self,
        frames: int,
        channels: int = 1,
        *,
        initial: int = 10,
        maximum: int = 50,
        limit_bytes: int | None = None,
    ) -> None:
        frames = whole("frames", frames, 1, _MAX_COUNT)
        channels = whole("channels", channels, 1, _MAX_COUNT)
        maximum = whole("maximum", maximum, 1, _MAX_COUNT)
        initial = whole("initial", initial, 0, maximum)
        if limit_bytes is not None:
            limit_bytes = whole("limit_bytes", limit_bytes, 1, 2**63)
        total = frames * channels * _BYTES_PER_SAMPLE * maximum
        if limit_bytes is not None and total > limit_bytes:
            raise ConfigError(
                f"{maximum} buffers of {frames} frames and {channels} channels take {total} bytes, "
                f"expected {limit_bytes} at most",
                code="pool_over_limit",
                hint="lower maximum or frames, or raise limit_bytes",
            )
        self._pool = Pool(frames, channels, initial, maximum)
        self._wakes: queue.SimpleQueue[None] = queue.SimpleQueue()
        # Guards the counts below. A collected buffer takes no lock: it may be collected anywhere.
        self._lock = threading.Lock()
        self._waiting = 0
        self._grown = 0
        self._missed = 0
        self._closed = False

    def acquire(self, timeout: float = 0.0) -> PooledBuffer:
        """Hand out a buffer of undefined content; wait up to `timeout` seconds for one.

        Raises:
            PoolExhausted: `maximum` buffers are still handed out after `timeout`.
            StreamClosed: the pool is closed.
            MemoryError: there is no memory for another buffer.
        """
        timeout = seconds("timeout", timeout)
        buffer = self._take()
        if buffer is None and timeout > 0:
            buffer = self._wait(time.monotonic() + timeout)
        if buffer is None:
            with self._lock:
                self._missed += 1
            live = self._pool.stats()[0]
            raise PoolExhausted(f"all {live} buffers are handed out, expected one that is free")
        return buffer

    def _take(self) -> PooledBuffer | None:
        if self._closed:
            raise StreamClosed("the pool is closed, so it hands out no buffer")
        taken = self._pool.acquire()
        while taken is None and self._pool.grow():
            taken = self._pool.acquire()
            with self._lock:
                self._grown += taken is not None
        return None if taken is None else PooledBuffer(self, *taken)

    def _wait(self, deadline: float) -> PooledBuffer | None:
        # Counted before it looks once more: a release after that look sees the count and puts a
        # token into the queue, one before it is found by the look. A token too many costs a look.
        with self._lock:
            self._waiting += 1
        try:
            while (buffer := self._take()) is None:
                remaining = deadline - time.monotonic()
                if remaining <= 0:
                    return None
                try:
                    self._wakes.get(timeout=min(remaining, _LONGEST_SLEEP_S))
                except queue.Empty:
                    continue
            return buffer
        finally:
            with self._lock:
                self._waiting -= 1

    def release(self, buffer: PooledBuffer) -> None:
        """Take a buffer back; the same as ``buffer.release()``.

        Raises:
            PoolError: it has been released before or belongs to another pool. Nothing changes.
        """
        if not isinstance(buffer, PooledBuffer):
            raise PoolError(f"{type(buffer).__name__}, expected a buffer of this pool")
        self._take_back(buffer, collected=False)

    def _take_back(self, buffer: PooledBuffer, collected: bool) -> None:
        self._pool.release(buffer._handle, time.monotonic_ns(), collected)
        buffer._array = None
        if self._waiting:
            self._wakes.put(None)

    def trim(self, idle_s: float = 0.0) -> int:
        """Give back the memory of buffers that have been free for `idle_s` seconds: how many.

        Buffers in use are never touched, and an array that somebody kept stays valid: its memory
        goes with the array. The next acquire that finds nothing free asks for memory again.
        """
        number = number_of(idle_s)
        if number is None or number < 0:
            raise ConfigError(
                f"idle_s is {idle_s!r}, expected 0 or more seconds",
                hint="pass 0 to give back everything that is free",
            )
        return self._pool.trim(time.monotonic_ns(), min(int(number * _NS_PER_S), _MAX_IDLE_NS))

    @property
    def stats(self) -> PoolStats:
        """What the pool has done so far."""
        live, free, peak, acquired, reused, rejected, collected = self._pool.stats()
        return PoolStats(
            live, free, peak, acquired, reused, self._grown, self._missed, rejected, collected
        )

    def close(self) -> None:
        """Hand out nothing any more and give free memory back; safe to call twice.

        Warns with ResourceWarning when buffers are still out or were lost. Those that are still out
        can be used and released as before.
        """
        if self._closed:
            return
        self._closed = True
        for _ in range(self._waiting):
            self._wakes.put(None)
        self._pool.trim(time.monotonic_ns(), 0)
        stats = self.stats
        if stats.live or stats.leaked:
            warnings.warn(
                f"a pool was closed with {stats.live + stats.leaked} leaked buffers: {stats.live} "
                f"still handed out, {stats.leaked} collected without a release",
                ResourceWarning,
                stacklevel=2,
            )

    def __enter__(self) -> BufferPool:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class PooledBuffer:
    """A buffer out of a `BufferPool`, for one owner at a time.

    A context manager that releases it, also when its block raises. One that is collected without a
    release goes back to its pool by itself and is counted as leaked.
    """

    __slots__ = ("__weakref__", "_array", "_handle", "_pool")

    def __init__(self, pool: BufferPool, handle: int, array: NDArray[np.float32]) -> None:
        self._pool = pool
        self._handle = handle
        self._array: NDArray[np.float32] | None = array

    @property
    def array(self) -> NDArray[np.float32]:
        """The samples, (frames, channels) float32, 64-byte aligned.

        Raises PoolError after the release. An array taken before stays safe to touch, but the
        buffer's next owner uses the same memory.
        """
        if self._array is None:
            raise PoolError(
                "this buffer has been released, so it has no array",
                code="released",
                hint="acquire another buffer, or copy what has to outlive the release",
            )
        return self._array

    def release(self) -> None:
        """Give it back to its pool; PoolError the second time."""
        self._pool.release(self)

    def __enter__(self) -> PooledBuffer:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._array is not None:
            self.release()

    def __del__(self) -> None:
        # Runs in any thread at any moment, so nothing here may take a lock.
        if getattr(self, "_array", None) is not None:
            self._pool._take_back(self, collected=True)
