"""The ring, one run a call; the comparisons are in `vocana bench ring`."""

import numpy as np
import pytest

import vocana_dsp as vo
from vocana_dsp._native.bench import Queue
from vocana_dsp.bench.machine import two_processors

CAPACITY = 4096
BLOCKS = (64, 256, 1024)


@pytest.mark.parametrize("block", BLOCKS)
def bench_python_write_and_read_into(benchmark, block):
    ring = vo.RingBuffer(CAPACITY, 2)
    given = np.arange(block * 2, dtype=np.float32).reshape(block, 2)
    got = np.zeros_like(given)

    def push_and_pop():
        ring.write(given)
        ring.read_into(got)

    benchmark(push_and_pop)
    assert np.array_equal(given, got)
    assert ring.readable == 0


@pytest.mark.parametrize("block", BLOCKS)
def bench_c_one_thread(benchmark, block):
    # A block that comes out other than it went in raises BenchError.
    assert benchmark(Queue.ours().one_thread, (CAPACITY, 2, block, 0), 1000) > 0


@pytest.mark.parametrize("block", BLOCKS)
def bench_c_two_threads(benchmark, block):
    cpus = two_processors() or (-1, -1)
    blocks = (1 << 18) // block
    assert benchmark(Queue.ours().bulk, (CAPACITY, 2, block, 0), cpus, blocks) > 0


def bench_c_ping_pong(benchmark):
    cpus = two_processors() or (-1, -1)
    assert benchmark(Queue.ours().ping_pong, (CAPACITY, 2, 64, 0), cpus, 500) > 0
