"""BufferPool: its limits, its account, its memory, and what it does with lost buffers."""

import copy
import gc
import pickle
import warnings
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import vocana_dsp as vo
from vocana_dsp.pool import pool as pool_module


def address(buffer: vo.PooledBuffer) -> int:
    return int(buffer.array.__array_interface__["data"][0])


def test_ten_are_made_and_fifty_may_be() -> None:  # G1
    pool = vo.BufferPool(64, channels=2)
    assert (pool.stats.free, pool.stats.live) == (10, 0)
    buffers = [pool.acquire() for _ in range(10)]
    assert (pool.stats.free, pool.stats.grown) == (0, 0)
    buffers += [pool.acquire() for _ in range(40)]
    assert len({address(b) for b in buffers}) == 50
    with pytest.raises(vo.PoolExhausted, match="all 50 buffers are handed out") as caught:
        pool.acquire()
    assert caught.value.retryable
    buffers.pop().release()
    buffers.append(pool.acquire())
    assert pool.stats.live == 50
    for buffer in buffers:
        buffer.release()


@pytest.mark.parametrize(("frames", "channels"), [(1, 1), (15, 3), (480, 2), (511, 1), (513, 8)])
def test_every_buffer_begins_on_a_cache_line(frames: int, channels: int) -> None:  # D2
    pool = vo.BufferPool(frames, channels=channels, initial=5, maximum=20)
    buffers = [pool.acquire() for _ in range(20)]
    for buffer in buffers:
        assert buffer.array.shape == (frames, channels)
        assert address(buffer) % 64 == 0
    lines = -(-frames * channels * 4 // 64)
    starts = sorted(map(address, buffers))
    assert min(np.diff(starts)) >= 64 * lines  # what is left of the last line is nobody else's
    for buffer in buffers:
        buffer.release()


def test_every_count() -> None:  # G15
    pool = vo.BufferPool(8, initial=1, maximum=2)
    assert pool.stats.hit_ratio == 1.0
    first = pool.acquire()
    second = pool.acquire()  # grown
    with pytest.raises(vo.PoolExhausted):
        pool.acquire()
    second.release()
    third = pool.acquire()  # reused
    stats = pool.stats
    assert stats == vo.PoolStats(
        live=2,
        free=0,
        peak=2,
        acquired=3,
        reused=1,
        grown=1,
        missed=1,
        rejected=0,
        leaked=0,
        maximum=2,
    )
    assert stats.hit_ratio == 0.5
    with pytest.raises(AttributeError):
        stats.live = 0  # type: ignore[misc]
    first.release()
    third.release()
    assert (pool.stats.live, pool.stats.free, pool.stats.peak) == (0, 2, 2)


@pytest.mark.parametrize("channels", [1, 2, 7])
def test_a_buffer_has_the_length_that_was_asked_for(channels: int) -> None:  # J3
    pool = vo.BufferPool(1921, channels, initial=2, maximum=2)
    for _ in range(100):
        with pool.acquire() as buffer, pool.acquire() as other:
            assert buffer.array.shape == other.array.shape == (1921, channels)
            assert buffer.array.dtype == np.float32
            assert buffer.array.flags.c_contiguous
            assert buffer.array.flags.writeable
            assert address(buffer) % 64 == address(other) % 64 == 0
            assert not np.shares_memory(buffer.array, other.array)
    assert pool.stats.acquired == 200


def test_a_block_that_raises_releases() -> None:  # G2
    pool = vo.BufferPool(8)
    with pytest.raises(ZeroDivisionError), pool.acquire():
        raise ZeroDivisionError
    assert pool.stats.live == 0
    with pool.acquire() as buffer:
        buffer.release()
    assert (pool.stats.live, pool.stats.rejected) == (0, 0)


def test_a_lost_buffer_comes_back_and_is_reported() -> None:  # G2
    pool = vo.BufferPool(8, initial=1, maximum=1)
    pool.acquire()
    gc.collect()
    assert (pool.stats.live, pool.stats.leaked) == (0, 1)
    kept = pool.acquire()
    with pytest.warns(ResourceWarning, match="2 leaked buffers: 1 still handed out, 1 collected"):
        pool.close()
    kept.array[:] = 1.0  # still its owner's
    kept.release()
    pool.close()
    with pytest.raises(vo.StreamClosed):
        pool.acquire()


def test_a_pool_without_losses_closes_in_silence() -> None:  # G2: the other side
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with vo.BufferPool(8) as pool, pool.acquire():
            pass
    assert pool.stats.free == 0


def test_releases_that_lie_change_nothing_but_a_count() -> None:  # J4, N2
    pool, other = vo.BufferPool(8), vo.BufferPool(8)
    buffer, foreign, stale = pool.acquire(), other.acquire(), pool.acquire()
    stale.release()
    again = pool.acquire()
    before = pool.stats
    for lie in (stale.release, lambda: pool.release(foreign), lambda: pool.release(stale)):
        with pytest.raises(vo.PoolError, match="stale, foreign or already released") as caught:
            lie()
        assert caught.value.code == "bad_handle"
    after = pool.stats
    assert after.rejected == before.rejected + 3
    assert (after.live, after.free, after.acquired) == (before.live, before.free, before.acquired)
    again.array[:] = foreign.array[:] = 1.0  # all of them are still out
    for owned in (buffer, foreign, again):
        owned.release()


def test_there_is_no_array_after_the_release() -> None:
    buffer = vo.BufferPool(8).acquire()
    buffer.release()
    with pytest.raises(vo.PoolError, match="has been released") as caught:
        _ = buffer.array
    assert caught.value.code == "released"


@pytest.mark.parametrize("way", [copy.copy, copy.deepcopy, pickle.dumps])
def test_a_buffer_has_no_second_owner(way: Callable[[object], object]) -> None:  # N1
    pool = vo.BufferPool(8)
    with pool.acquire() as buffer:
        with pytest.raises(TypeError, match="one owner"):
            way(buffer)
        gc.collect()
        assert (pool.stats.live, pool.stats.leaked) == (1, 0)


def test_trim_gives_the_reserve_back() -> None:  # G3, J1
    pool = vo.BufferPool(8, initial=2, maximum=6)
    buffers = [pool.acquire() for _ in range(6)]
    assert pool.stats.grown == 4
    kept = buffers.pop()
    kept.array[:] = 5.0
    for buffer in buffers:
        buffer.release()
    assert pool.trim(idle_s=3600.0) == 0
    assert pool.trim() == 5
    assert (pool.stats.live, pool.stats.free) == (1, 0)
    assert (kept.array == 5.0).all()
    buffers = [pool.acquire() for _ in range(5)]  # and it can be had again
    for buffer in buffers:
        buffer.release()
    pool.acquire().release()
    assert pool.stats.grown == 9  # nothing was asked for while something was free
    kept.release()


def test_trim_looks_at_how_long(monkeypatch: pytest.MonkeyPatch) -> None:  # G3
    now_ns = 1
    monkeypatch.setattr(pool_module.time, "monotonic_ns", lambda: now_ns)
    pool = vo.BufferPool(8, initial=2, maximum=2)
    first, second = pool.acquire(), pool.acquire()
    first.release()
    now_ns += 50_000_000
    second.release()
    now_ns += 49_999_999
    assert [pool.trim(idle_s=0.1), pool.stats.free] == [0, 2]
    now_ns += 1
    assert [pool.trim(idle_s=0.1), pool.stats.free] == [1, 1]
    assert [pool.trim(idle_s=0.05), pool.stats.free] == [1, 0]


def test_an_array_outlives_what_trim_frees() -> None:
    pool = vo.BufferPool(1 << 18, initial=1, maximum=1)
    buffer = pool.acquire()
    array = buffer.array
    part = array[10:20, 0]
    array[:] = 7.0
    buffer.release()
    del array
    assert pool.trim() == 1
    fresh = pool.acquire()
    fresh.array[:] = 9.0
    others = [np.full(1 << 18, 3.0, np.float32) for _ in range(4)]
    assert part.tolist() == [7.0] * 10
    assert not np.shares_memory(part, fresh.array)
    assert not any(np.shares_memory(part, other) for other in others)
    fresh.release()
    del pool, fresh, buffer
    gc.collect()
    part[:] = 8.0
    assert part.tolist() == [8.0] * 10


@pytest.mark.parametrize(
    "sizes",
    [
        {"frames": 0},
        {"frames": -1},
        {"frames": 2**62},
        {"frames": 1.5},
        {"frames": 8, "channels": 0},
        {"frames": 2**31 - 1, "channels": 2**31 - 1},
        {"frames": 8, "maximum": 0},
        {"frames": 8, "initial": -1},
        {"frames": 8, "initial": 3, "maximum": 2},
        {"frames": 8, "maximum": 2**40},
    ],
)
def test_sizes_that_cannot_be(sizes: dict[str, int]) -> None:  # B14
    with pytest.raises(vo.ConfigError):
        vo.BufferPool(**sizes)


def test_the_whole_pool_must_fit_its_limit() -> None:  # J2
    seconds = 60 * 48_000
    with pytest.raises(vo.ConfigError, match="take 2304000000 bytes, expected 100000000") as caught:
        vo.BufferPool(seconds, channels=2, initial=0, maximum=100, limit_bytes=100_000_000)
    assert caught.value.code == "pool_over_limit"
    exact = 8 * 2 * 4 * 5
    vo.BufferPool(8, 2, initial=0, maximum=5, limit_bytes=exact)
    with pytest.raises(vo.ConfigError):
        vo.BufferPool(8, 2, initial=0, maximum=5, limit_bytes=exact - 1)


@pytest.mark.parametrize("idle_s", [-1.0, float("nan"), float("inf"), "1"])
def test_idle_times_that_are_none(idle_s: float) -> None:
    with pytest.raises(vo.ConfigError, match="idle_s"):
        vo.BufferPool(8).trim(idle_s)


@given(st.lists(st.tuples(st.sampled_from("arrdt"), st.integers(0, 7)), max_size=80))
def test_it_does_what_a_list_does(operations: list[tuple[str, int]]) -> None:  # J3, J4, G15
    pool = vo.BufferPool(3, initial=2, maximum=5)
    live: list[tuple[vo.PooledBuffer, float]] = []
    gone: list[vo.PooledBuffer] = []
    free, acquired, missed, rejected, peak = 2, 0, 0, 0, 0
    for name, k in operations:
        if name == "a" and len(live) < 5:
            buffer = pool.acquire()
            acquired += 1
            free = max(free - 1, 0)
            buffer.array[:] = acquired
            live.append((buffer, acquired))
            peak = max(peak, len(live))
        elif name == "a":
            with pytest.raises(vo.PoolExhausted):
                pool.acquire()
            missed += 1
        elif name == "r" and live:
            buffer, _ = live.pop(k % len(live))
            buffer.release()
            gone.append(buffer)
            free += 1
        elif name == "d" and gone:
            with pytest.raises(vo.PoolError):
                gone[k % len(gone)].release()
            rejected += 1
        elif name == "t":
            assert pool.trim() == free
            free = 0
        assert all((buffer.array == mark).all() for buffer, mark in live)
        stats = pool.stats
        assert (stats.live, stats.free, stats.peak) == (len(live), free, peak)
        assert (stats.acquired, stats.missed, stats.rejected) == (acquired, missed, rejected)
    for buffer, _ in live:
        buffer.release()
