"""Where the memory of this process is."""

from __future__ import annotations

from dataclasses import dataclass

from ..config import instance
from ..pool.pool import open_pools
from ..pool.stats import PoolStats
from ..system.processes import rss_bytes
from .limits import MemoryLimit, MemoryUse


@dataclass(frozen=True, slots=True)
class PoolUse:
    """What a pool holds.

    Attributes:
        buffer_bytes: size of a buffer.
        held_bytes: of all that are handed out or free.
        stats: its account.
    """

    buffer_bytes: int
    held_bytes: int
    stats: PoolStats


@dataclass(frozen=True, slots=True)
class MemorySnapshot:
    """Where the memory of this process is, at one moment.

    Attributes:
        rss_bytes: what is in RAM.
        use: what is used of the limit, and who says so.
        pools: every pool that is open.
    """

    rss_bytes: int
    use: MemoryUse
    pools: tuple[PoolUse, ...]

    @property
    def pool_bytes(self) -> int:
        """What all pools hold."""
        return sum(pool.held_bytes for pool in self.pools)


def snapshot(limit: MemoryLimit | None = None) -> MemorySnapshot:
    """Return what holds now. Any thread.

    Args:
        limit: of which the use is told; None is the cgroup's.

    >>> import vocana_dsp as vo
    >>> with vo.BufferPool(480, initial=2) as pool:
    ...     now = vo.memory.snapshot()
    ...     any(each.stats == pool.stats and each.held_bytes == 3840 for each in now.pools)
    True
    """
    if limit is not None:
        instance("limit", limit, MemoryLimit, "vocana_dsp.memory")
    pools = []
    for pool in open_pools():
        stats = pool.stats
        held_bytes = (stats.live + stats.free) * pool.buffer_bytes
        pools.append(PoolUse(pool.buffer_bytes, held_bytes, stats))
    return MemorySnapshot(rss_bytes(), (limit or MemoryLimit()).read(), tuple(pools))
