"""BufferPool among threads: who waits for a buffer, what ends the wait, and nobody shares one."""

import sys
import threading
import time
import warnings

import pytest

import vocana_dsp as vo
from vocana_dsp.pool.pool import open_pools


def test_a_wait_ends_with_a_release() -> None:
    pool = vo.BufferPool(8, initial=1, maximum=1)
    held = pool.acquire()
    got: list[vo.PooledBuffer] = []
    waiter = threading.Thread(target=lambda: got.append(pool.acquire(timeout=float("inf"))))
    waiter.start()
    while not pool._waiting:  # the GIL is free while it waits, or this would not go on
        time.sleep(0.001)
    assert not got
    held.release()
    waiter.join(30.0)
    assert len(got) == 1
    assert pool.stats.missed == 0
    got[0].release()


def test_a_wait_ends_with_its_time() -> None:
    pool = vo.BufferPool(8, initial=1, maximum=1)
    with pool.acquire():
        began = time.monotonic()
        with pytest.raises(vo.PoolExhausted):
            pool.acquire(timeout=0.05)
        assert time.monotonic() - began >= 0.05
    assert pool.stats.missed == 1


def test_a_wait_ends_when_the_owner_is_collected_or_the_pool_closed() -> None:
    pool = vo.BufferPool(8, initial=1, maximum=1)
    lost: list[object] = [pool.acquire()]
    ends: list[object] = []

    def wait() -> None:
        try:
            ends.append(pool.acquire(timeout=60.0))
        except vo.StreamClosed as error:
            ends.append(error)

    for end in (lost.clear, pool.close):
        waiter = threading.Thread(target=wait)
        waiter.start()
        while not pool._waiting:
            time.sleep(0.001)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)
            end()
        waiter.join(30.0)
        assert not waiter.is_alive()
    assert isinstance(ends[0], vo.PooledBuffer)
    assert isinstance(ends[1], vo.StreamClosed)


def test_eight_threads_never_share_a_buffer() -> None:  # N1
    pool = vo.BufferPool(4, initial=2, maximum=5)
    wrong: list[object] = []

    def work(mark: float) -> None:
        for i in range(400):
            with pool.acquire(timeout=60.0) as buffer:
                buffer.array[:] = mark + i
                if i % 8 == 0:
                    time.sleep(0)
                if not (buffer.array == mark + i).all():
                    wrong.append(mark)
            if i % 50 == 0:
                pool.trim()

    threads = [threading.Thread(target=work, args=(1000.0 * (k + 1),)) for k in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    stats = pool.stats
    assert not wrong
    assert (stats.live, stats.acquired, stats.missed, stats.leaked) == (0, 3200, 0, 0)
    assert stats.peak <= 5
    assert stats.free <= 5


def test_pools_are_listed_while_others_are_made() -> None:
    pools = [vo.BufferPool(1, initial=0) for _ in range(4)]
    made: list[vo.BufferPool] = []
    sys.setprofile(lambda *_: made.append(vo.BufferPool(1, initial=0)))  # between any two steps
    try:
        listed = open_pools()
    finally:
        sys.setprofile(None)
    assert made
    assert set(pools) <= set(listed)
