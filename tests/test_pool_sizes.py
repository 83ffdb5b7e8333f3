"""BufferPool between demand and memory: a maximum that moves, and a reserve for emergencies."""

import threading
from collections.abc import Callable

import pytest
from child import run_ok
from hypothesis import given
from hypothesis import strategies as st

import vocana_dsp as vo
from vocana_dsp.errors import ConfigError
from vocana_dsp.pool.demand import Demand


def use(pool: vo.BufferPool, count: int) -> None:
    """Have so many buffers out at a time, once."""
    for buffer in [pool.acquire() for _ in range(count)]:
        buffer.release()


# --- Demand -----------------------------------------------------------------------------------


def test_a_pool_follows_its_demand() -> None:  # H11
    pool = vo.BufferPool(64, initial=10, maximum=50)
    for now_s in range(60):
        use(pool, 8)
        assert pool.adapt(now_s) == 50  # the first minute is not over
    assert pool.stats.free == 10
    for now_s in range(60, 119):
        use(pool, 2)
        assert pool.adapt(now_s) == 10
    use(pool, 2)
    assert pool.adapt(119) == 3
    assert (pool.stats.maximum, pool.stats.live, pool.stats.free) == (3, 0, 3)


def test_what_is_needed_after_all_is_there() -> None:  # H11
    pool = vo.BufferPool(64, initial=0, maximum=8)
    pool.adapt(0)
    assert pool.adapt(60) == 1
    use(pool, 8)
    assert (pool.stats.maximum, pool.stats.missed) == (8, 0)
    held = [pool.acquire() for _ in range(8)]
    with pytest.raises(vo.PoolExhausted) as caught:
        pool.acquire()
    assert caught.value.code == "pool_exhausted"
    for buffer in held:
        buffer.release()


def test_a_peak_between_two_looks_is_seen() -> None:  # H11: the maximum would be 3
    pool = vo.BufferPool(64, maximum=50)
    pool.adapt(0)
    use(pool, 8)
    use(pool, 2)
    assert pool.adapt(60) == 10


@given(st.lists(st.tuples(st.integers(0, 20), st.floats(0.1, 30)), min_size=1, max_size=60))
def test_a_window_keeps_its_highest(steps: list[tuple[int, float]]) -> None:  # H11
    demand, now_s, seen = Demand(window_s=60, margin=0.5), 0.0, []
    for most, step_s in steps:
        now_s += step_s
        seen.append((now_s, most))
        demand.update(most, now_s)
        assert demand.high == max(high for at_s, high in seen if at_s > now_s - 60)


# --- Shortage ---------------------------------------------------------------------------------


def test_in_a_shortage_the_maximum_holds() -> None:  # G9
    pool = vo.BufferPool(64, initial=10, maximum=50)
    use(pool, 4)
    kept = pool.acquire()
    kept.array[:] = 5.0
    assert pool.shrink(0) == 4
    assert (pool.stats.live, pool.stats.free) == (1, 3)
    others = [pool.acquire() for _ in range(3)]
    with pytest.raises(vo.PoolExhausted, match="memory is short") as caught:
        pool.acquire()
    assert (caught.value.code, caught.value.retryable) == ("memory_pressure", True)  # G12
    assert pool.adapt(1) == 4  # and it does not rise by itself
    assert (kept.array == 5.0).all()
    pool.restore()
    assert pool.stats.maximum == 50
    others.append(pool.acquire())
    for buffer in (kept, *others):
        buffer.release()


def test_buffers_that_are_out_when_it_shrinks_stay_out() -> None:  # G9
    pool = vo.BufferPool(64, initial=4, maximum=4)
    held = [pool.acquire() for _ in range(4)]
    pool.adapt(0)
    for mark, buffer in enumerate(held):
        buffer.array[:] = mark
    assert pool.shrink(120) == 4
    assert [buffer.array.max() for buffer in held] == [0.0, 1.0, 2.0, 3.0]
    for buffer in held:
        buffer.release()
    pool.shrink(240)  # its minute was without demand, but for what was out at its beginning
    assert pool.shrink(360) == 1
    assert pool.stats.free == 1


def test_a_wait_ends_when_the_shortage_does() -> None:
    pool = vo.BufferPool(64, initial=1, maximum=2)
    pool.shrink(0)
    held, got = pool.acquire(), []
    waiter = threading.Thread(target=lambda: got.append(pool.acquire(timeout=60.0)))
    waiter.start()
    while not pool._waiting:
        threading.Event().wait(0.001)
    pool.restore()
    waiter.join(30.0)
    assert len(got) == 1
    held.release()
    got[0].release()


@given(st.lists(st.tuples(st.sampled_from("aarrtshx"), st.integers(0, 40)), max_size=60))
def test_the_gauge_is_the_truth(operations: list[tuple[str, int]]) -> None:  # H6
    pool = vo.BufferPool(3, initial=2, maximum=5, reserve=2)
    live: list[tuple[vo.PooledBuffer, int]] = []
    now_s = missed = 0
    for mark, (name, k) in enumerate(operations):
        now_s += k
        if name == "a":
            most, emergencies = pool.stats.maximum, pool.stats.emergencies
            try:
                buffer = pool.acquire()
            except vo.PoolExhausted:
                missed += 1
                assert len(live) >= most
            else:
                buffer.array[:] = mark
                live.append((buffer, mark))
                if pool.stats.emergencies > emergencies:
                    assert len(live) > most  # the reserve is the last thing that is touched
        elif name == "r" and live:
            live.pop(k % len(live))[0].release()
        elif name == "t":
            pool.trim()
        elif name == "s":
            pool.shrink(now_s)
        elif name == "h":
            pool.adapt(now_s)
        elif name == "x":
            pool.restore()
        stats = pool.stats
        assert (stats.live, stats.missed) == (len(live), missed)
        assert stats.live <= 7
        assert stats.live + stats.free <= 7
        assert 1 <= stats.maximum <= 5
        assert stats.reserved == min(stats.free, 2)
        assert all((buffer.array == written).all() for buffer, written in live)
    for buffer, _ in live:
        buffer.release()


# --- Reserve ----------------------------------------------------------------------------------


def test_the_reserve_serves_an_overflow_and_is_filled_first() -> None:  # J1
    pool = vo.BufferPool(64, initial=1, maximum=2, reserve=2)
    assert (pool.stats.free, pool.stats.reserved) == (3, 2)
    held = [pool.acquire(), pool.acquire()]
    assert (pool.stats.grown, pool.stats.reserved, pool.stats.emergencies) == (1, 2, 0)
    held.append(pool.acquire())
    assert (pool.stats.grown, pool.stats.reserved, pool.stats.emergencies) == (1, 1, 1)
    held.append(pool.acquire())
    with pytest.raises(vo.PoolExhausted, match="all 4 buffers"):
        pool.acquire()
    for _ in range(2):
        held.pop().release()
    assert (pool.stats.free, pool.stats.reserved, pool.stats.live) == (2, 2, 2)
    for _ in range(2):
        held.pop().release()
    assert pool.trim() == 2
    assert (pool.stats.free, pool.stats.reserved, pool.stats.emergencies) == (2, 2, 2)


def test_without_an_overflow_the_reserve_rests() -> None:  # J1: the other side
    pool = vo.BufferPool(64, initial=0, maximum=4, reserve=1)
    for _ in range(1_000):
        use(pool, 4)
    assert (pool.stats.emergencies, pool.stats.reserved, pool.stats.grown) == (0, 1, 4)


def test_a_wait_comes_before_the_reserve() -> None:  # J1
    pool = vo.BufferPool(64, initial=1, maximum=1, reserve=1)
    held = pool.acquire()
    spare = pool.acquire(timeout=0.01)
    assert pool.stats.emergencies == 1
    spare.release()
    releaser = threading.Timer(0.02, held.release)
    releaser.start()
    pool.acquire(timeout=60.0).release()
    assert pool.stats.emergencies == 1
    releaser.join()


def test_the_reserve_counts_towards_the_limit() -> None:  # J2
    limit = 64 * 4 * 4
    vo.BufferPool(64, initial=0, maximum=3, reserve=1, limit_bytes=limit)
    with pytest.raises(ConfigError, match="4 buffers of 64 frames and 1 channels take 1024 bytes"):
        vo.BufferPool(64, initial=0, maximum=3, reserve=1, limit_bytes=limit - 1)


@pytest.mark.fault(39, "the address space ends when a pool asks for another buffer")
def test_without_memory_the_reserve_is_there(seen: Callable[[str], None]) -> None:  # J1
    told = run_ok("""
        import resource
        import vocana_dsp as vo
        frames = 2**24
        pool = vo.BufferPool(frames, initial=0, maximum=4, reserve=1)
        with open("/proc/self/statm") as file:
            pages = int(file.read().split()[0])
        most = pages * resource.getpagesize() + 4 * frames // 2
        resource.setrlimit(resource.RLIMIT_AS, (most, resource.RLIM_INFINITY))
        buffer = pool.acquire()
        buffer.array[:] = 1
        try:
            pool.acquire()
        except MemoryError:
            print("no memory", end=" ")
        print(pool.stats.live, pool.stats.grown, pool.stats.emergencies)
        resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY,) * 2)
        second = pool.acquire()
        print(pool.stats.live, pool.stats.grown, pool.stats.emergencies)
        buffer.release(), second.release()
    """)
    assert told == "no memory 1 0 1\n2 1 1\n"
    seen("the reserve gives one buffer, the next acquire raises MemoryError, a later one works")
