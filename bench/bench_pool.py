"""The pool, one run a call; the comparison is in `vocana bench pool`."""

import pytest

import vocana_dsp as vo
from vocana_dsp._native import bench as native


@pytest.mark.parametrize("shared", [False, True], ids=["pair", "shared"])
def bench_c_get_and_put(benchmark, shared):
    assert benchmark(native.pool, 480, 2, shared, 1000) > 0


def bench_c_malloc_and_free(benchmark):
    assert benchmark(native.malloc, 480 * 2 * 4, 1000) > 0


def bench_python_acquire_and_release(benchmark):
    pool = vo.BufferPool(480, 2)

    def get_and_put():
        pool.acquire().release()

    benchmark(get_and_put)
    stats = pool.stats
    assert stats.live == 0
    assert stats.peak == 1
    assert stats.missed == 0
