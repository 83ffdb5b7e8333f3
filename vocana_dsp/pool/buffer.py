"""A buffer of a pool, and who owns it."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, NoReturn

import numpy as np
from numpy.typing import NDArray

from ..errors import PoolError

if TYPE_CHECKING:
    from .pool import BufferPool


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

    def __reduce__(self) -> NoReturn:
        raise TypeError("a buffer of a pool has one owner: copy its array")

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
