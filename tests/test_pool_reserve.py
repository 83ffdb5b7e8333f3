"""The reserve of a pool: the buffers beyond those that were made at once."""

import vocana_dsp as vo


def acquired(pool: vo.BufferPool, count: int) -> list[vo.PooledBuffer]:
    return [pool.acquire() for _ in range(count)]


def released(buffers: list[vo.PooledBuffer]) -> None:
    for buffer in buffers:
        buffer.release()


def counts(pool: vo.BufferPool) -> tuple[int, int, int]:
    return pool.stats.live, pool.stats.free, pool.stats.grown


def test_the_reserve_is_touched_only_when_nothing_is_free() -> None:  # J1
    pool = vo.BufferPool(64, initial=2, maximum=4)
    for _ in range(1_000):  # never more than what was made at once
        released(acquired(pool, 2))
    assert counts(pool) == (0, 2, 0)
    buffers = acquired(pool, 2)
    assert counts(pool) == (2, 0, 0)
    buffers += acquired(pool, 1)
    assert counts(pool) == (3, 0, 1)
    buffers.pop(0).release()  # one is free: the reserve has to wait
    buffers += acquired(pool, 1)
    assert counts(pool) == (3, 0, 1)
    buffers += acquired(pool, 1)
    assert counts(pool) == (4, 0, 2)
    released(buffers)
    for _ in range(1_000):  # and what the reserve gave is used again
        released(acquired(pool, 4))
    assert counts(pool) == (0, 4, 2)


def test_the_reserve_is_given_back_and_filled_again() -> None:  # J1
    pool = vo.BufferPool(64, initial=2, maximum=4)
    for grown in (2, 6, 10):  # at first two were there; trim gives back all that is free
        buffers = acquired(pool, 4)
        assert counts(pool) == (4, 0, grown)
        released(buffers)
        assert counts(pool) == (0, 4, grown)
        assert pool.trim() == 4
        assert counts(pool) == (0, 0, grown)
    buffers = acquired(pool, 4)
    for mark, buffer in enumerate(buffers):
        buffer.array[:] = mark
    assert [buffer.array.min() for buffer in buffers] == [0.0, 1.0, 2.0, 3.0]
    assert [buffer.array.max() for buffer in buffers] == [0.0, 1.0, 2.0, 3.0]
    released(buffers)


def test_what_is_handed_out_is_no_part_of_what_trim_gives_back() -> None:  # J1
    pool = vo.BufferPool(64, initial=2, maximum=4)
    buffers = acquired(pool, 4)
    assert pool.trim() == 0
    released(buffers[2:])
    assert pool.trim() == 2
    assert counts(pool) == (2, 0, 2)
    buffers[2:] = acquired(pool, 2)
    assert counts(pool) == (4, 0, 4)
    released(buffers)
