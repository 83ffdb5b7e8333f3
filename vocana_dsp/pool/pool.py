"""The pool: how many buffers there may be, who gets one, and what is given back."""

from __future__ import annotations

import queue
import sys
import threading
import time
import warnings
import weakref

import numpy as np
from numpy.typing import NDArray

from .._native.pool import Pool
from ..config import not_negative, seconds, whole
from ..errors import ConfigError, PoolError, PoolExhausted, StreamClosed
from .buffer import PooledBuffer
from .quota import Quota
from .sites import Leak, Sites
from .stats import PoolStats

_MAX_COUNT = 2**31 - 1
_BYTES_PER_SAMPLE = 4
_NS_PER_S = 1_000_000_000
_MAX_IDLE_NS = 2**63 - 1
_LONGEST_SLEEP_S = 3600.0

# By id. To list its references is one step, whatever other threads make and drop meanwhile.
_open: weakref.WeakValueDictionary[int, BufferPool] = weakref.WeakValueDictionary()


def open_pools() -> list[BufferPool]:
    """Every pool of this process that is not closed. Any thread."""
    return [pool for ref in _open.valuerefs() if (pool := ref()) is not None]


class BufferPool:
    """Equal float32 buffers, of which `initial` are made at once and `maximum` may be handed out.

    Beyond `initial` buffers are made when nothing is free, and `trim` gives free ones back. Every
    method may be called from any thread; `acquire` with a timeout waits without holding the GIL.

    Args:
        frames: length of a buffer in frames.
        channels: samples in a frame.
        initial: buffers made at once.
        maximum: most buffers at a time, handed out and free together.
        reserve: buffers made besides, handed out only when the others are out or there is no memory
            for another one. What comes back fills the reserve first, and no trim touches it.
        limit_bytes: most memory that `maximum` and `reserve` may take; None for no limit.
        debug: whether to keep where each buffer was acquired, for `leaks`; None is what
            ``python -X dev`` says. It costs some microseconds an acquire.

    Raises:
        ConfigError: a size is out of range, `initial` is above `maximum`, or all buffers together
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
        reserve: int = 0,
        limit_bytes: int | None = None,
        debug: bool | None = None,
    ) -> None:
        frames = whole("frames", frames, 1, _MAX_COUNT)
        channels = whole("channels", channels, 1, _MAX_COUNT)
        maximum = whole("maximum", maximum, 1, _MAX_COUNT)
        initial = whole("initial", initial, 0, maximum)
        reserve = whole("reserve", reserve, 0, _MAX_COUNT - maximum)
        if limit_bytes is not None:
            limit_bytes = whole("limit_bytes", limit_bytes, 1, 2**63)
        count = maximum + reserve
        self.buffer_bytes = frames * channels * _BYTES_PER_SAMPLE
        self.most_bytes = self.buffer_bytes * count
        if limit_bytes is not None and self.most_bytes > limit_bytes:
            raise ConfigError(
                f"{count} buffers of {frames} frames and {channels} channels take "
                f"{self.most_bytes} bytes, expected {limit_bytes} at most",
                code="pool_over_limit",
                hint="lower maximum or frames, or raise limit_bytes",
            )
        self._pool = Pool(frames, channels, initial + reserve, count)
        self._wakes: queue.SimpleQueue[None] = queue.SimpleQueue()
        # Guards what follows. A collected buffer takes no lock: it may be collected anywhere.
        self._lock = threading.Lock()
        self._waiting = self._grown = self._missed = self._emergencies = 0
        self._quota = Quota(maximum)
        self._reserve = reserve
        self._sites = Sites() if (sys.flags.dev_mode if debug is None else debug) else None
        self._closed = False
        _open[id(self)] = self

    # --- Acquiring and releasing --------------------------------------------------------------

    def acquire(self, timeout: float = 0.0) -> PooledBuffer:
        """Hand out a buffer of undefined content; wait up to `timeout` seconds for one.

        Raises:
            PoolExhausted: all buffers are still handed out after `timeout`, the reserve too; with
                the code "memory_pressure" when there would be more if memory were not short.
            StreamClosed: the pool is closed.
            MemoryError: there is no memory for another buffer.
        """
        timeout = seconds("timeout", timeout)
        try:
            buffer = self._take()
            if buffer is None and timeout > 0:
                buffer = self._wait(time.monotonic() + timeout)
            buffer = buffer or self._take_reserve()
        except MemoryError:
            buffer = self._take_reserve()
            if buffer is None:
                raise
        if buffer is None:
            with self._lock:
                self._missed += 1
            live, short = self._pool.stats()[0], self._quota.short
            raise PoolExhausted(
                f"all {live} buffers are handed out, expected one that is free",
                code="memory_pressure" if short else None,
                hint="memory is short: release buffers sooner" if short else None,
            )
        return buffer

    def _take(self) -> PooledBuffer | None:
        if self._closed:
            raise StreamClosed("the pool is closed, so it hands out no buffer")
        taken = self._pool.acquire(self._quota.most, self._reserve)
        while taken is None:
            grown = self._pool.grow(self._quota.most, self._reserve)
            if not grown and not self._quota.widen():
                return None
            taken = self._pool.acquire(self._quota.most, self._reserve)
            with self._lock:
                self._grown += grown and taken is not None
        return self._buffer(*taken)

    def _take_reserve(self) -> PooledBuffer | None:
        taken = self._pool.acquire(self._quota.most + self._reserve, 0) if self._reserve else None
        if taken is None:
            return None
        with self._lock:
            self._emergencies += 1
        return self._buffer(*taken)

    def _buffer(self, handle: int, array: NDArray[np.float32]) -> PooledBuffer:
        if self._sites is not None:
            self._sites.acquired(handle)
        return PooledBuffer(self, handle, array)

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
        if self._sites is not None:
            self._sites.released(buffer._handle, collected)
        if self._waiting:
            self._wakes.put(None)

    # --- Size ---------------------------------------------------------------------------------

    def trim(self, idle_s: float = 0.0) -> int:
        """Give back the memory of buffers that have been free for `idle_s` seconds: how many.

        Buffers in use and the reserve are never touched, and an array that somebody kept stays
        valid: its memory goes with the array. The next acquire that finds nothing free asks for
        memory again.
        """
        idle_ns = min(int(not_negative("idle_s", idle_s, "s") * _NS_PER_S), _MAX_IDLE_NS)
        return self._pool.trim(time.monotonic_ns(), idle_ns, self._reserve)

    def adapt(self, now_s: float) -> int:
        """Fit `maximum` to the most buffers that were out within the last minute: the new maximum.

        What is free beyond it is given back. An acquire that needs more has it: then the maximum
        rises again, up to the one that the pool was made with. Call it every second or so; nothing
        shrinks before the first minute is over.
        """
        return self._fit(self._quota.adapt(self._pool.take_high(), now_s))

    def shrink(self, now_s: float) -> int:
        """Hold `maximum` at the most that were out within the last minute, until `restore`.

        For when memory is short: an acquire that needs more raises `PoolExhausted`, or is served by
        the reserve. Returns the new maximum; buffers in use are not touched.
        """
        return self._fit(self._quota.shrink(self._pool.take_high(), now_s))

    def restore(self) -> None:
        """Let `maximum` be again what the pool was made with."""
        self._quota.restore()
        for _ in range(self._waiting):
            self._wakes.put(None)

    def _fit(self, maximum: int) -> int:
        keep = max(0, maximum - self._pool.stats()[0]) + self._reserve
        self._pool.trim(time.monotonic_ns(), 0, keep)
        return maximum

    # --- Account and end ----------------------------------------------------------------------

    @property
    def stats(self) -> PoolStats:
        """What the pool has done so far."""
        live, free, peak, acquired, reused, rejected, collected = self._pool.stats()
        return PoolStats(
            live, free, peak, acquired, reused, self._grown, self._missed, rejected, collected,
            self._quota.most, min(free, self._reserve), self._emergencies,
        )  # fmt: skip

    def leaks(self) -> list[Leak]:
        """Where buffers were acquired that are still out, or were collected; with `debug` only.

        >>> pool = BufferPool(480, debug=True)
        >>> buffer = pool.acquire()
        >>> [(leak.site, leak.collected) for leak in pool.leaks()]
        [('<doctest vocana_dsp.pool.pool.BufferPool.leaks[1]>:1 in <module>', False)]
        >>> buffer.release()
        >>> pool.leaks()
        []
        """
        return [] if self._sites is None else self._sites.leaks()

    def close(self) -> None:
        """Hand out nothing any more and give free memory back; safe to call twice.

        Warns with ResourceWarning when buffers are still out or were lost. Those that are still out
        can be used and released as before.
        """
        if self._closed:
            return
        self._closed = True
        _open.pop(id(self), None)
        for _ in range(self._waiting):
            self._wakes.put(None)
        self._pool.trim(time.monotonic_ns(), 0, 0)
        stats = self.stats
        if stats.live or stats.leaked:
            sites = sorted({leak.site for leak in self.leaks()})
            warnings.warn(
                f"a pool was closed with {stats.live + stats.leaked} leaked buffers: {stats.live} "
                f"still handed out, {stats.leaked} collected without a release"
                + (f"; acquired at {', '.join(sites)}" if sites else ""),
                ResourceWarning,
                stacklevel=2,
            )

    def __enter__(self) -> BufferPool:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()
