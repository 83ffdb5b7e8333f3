"""RingBuffer against a deque, its memory, its contract and its threads."""

import doctest
import os
import subprocess
import sys
import threading
import time
from collections import deque

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ring_blocks import Block, counter

import vocana_dsp as vo
from vocana_dsp._native import ring as ring_module


def address(array: Block) -> int:
    return int(array.__array_interface__["data"][0])


def test_docstrings() -> None:
    tried = doctest.testmod(ring_module)
    assert tried.attempted >= 5
    assert tried.failed == 0


@pytest.mark.parametrize(
    ("frames", "capacity"), [(1, 1), (2, 2), (3, 4), (500, 512), (512, 512), (513, 1024)]
)
def test_capacity_is_the_next_power_of_two(frames: int, capacity: int) -> None:  # A3
    ring = vo.RingBuffer(frames, channels=2)
    assert (ring.capacity, ring.readable, ring.writable, ring.channels) == (
        capacity,
        0,
        capacity,
        2,
    )


OPERATIONS = st.lists(
    st.tuples(
        st.sampled_from(["write", "write_all", "acquire", "read", "read_into", "peek"]),
        st.integers(0, 70),
        st.integers(0, 70),
    ),
    max_size=60,
)


@given(OPERATIONS, st.integers(1, 17), st.integers(1, 3))
def test_it_does_what_a_deque_does(  # A3, A11, A14
    operations: list[tuple[str, int, int]], frames: int, channels: int
) -> None:
    ring = vo.RingBuffer(frames, channels)
    model: deque[float] = deque()
    written = 0
    for name, n, part in operations:
        room, queued = ring.capacity - len(model), len(model)
        block = counter(written, n, channels)
        put, got = 0, None
        if name == "write":
            put = ring.write(block)
            assert put == min(n, room)
        elif name == "write_all":
            fits = ring.write_all(block)
            assert fits is (n <= room)
            put = n if fits else 0
        elif name == "acquire":
            first, second = ring.acquire(n)
            assert len(first) + len(second) == min(n, room)
            put = min(part, len(first) + len(second))
            first[:] = block[: len(first)]
            second[:] = block[len(first) : len(first) + len(second)]
            ring.commit(put)
        elif name == "read":
            got = ring.read(n)
            assert len(got) == min(n, queued)
        elif name == "read_into":
            out = np.full((n, channels), -1, np.float32)
            count = ring.read_into(out)
            assert count == min(n, queued)
            assert (out[count:] == -1).all()
            got = out[:count]
        else:
            both = ring.peek(n)
            assert len(both[0]) + len(both[1]) == min(n, queued)
            got = np.concatenate(both)[:part]
            ring.consume(len(got))
        model.extend(block[:put, 0].tolist())
        written += put
        if got is not None:
            expected = [model.popleft() for _ in range(len(got))]
            assert got.shape == (len(expected), channels)
            assert got.dtype == np.float32
            for channel in range(channels):
                assert got[:, channel].tolist() == [x + channel / 8 for x in expected]
        assert (ring.readable, ring.writable) == (len(model), ring.capacity - len(model))


def test_views_are_the_rings_own_memory() -> None:  # A8
    ring = vo.RingBuffer(8, channels=2)
    start = address(ring.acquire(8)[0])
    assert start % 64 == 0
    for offset in range(8):
        first, second = ring.acquire(8)
        assert (len(first), len(second)) == (8 - offset, offset)
        assert address(first) == start + offset * 8
        assert second.shape == (offset, 2)
        assert not offset or address(second) == start
        first[:], second[:] = 1.0, 2.0
        ring.commit(8)
        seen = ring.peek(8)
        assert [address(v) for v in seen if len(v)] == [
            address(v) for v in (first, second) if len(v)
        ]
        assert (seen[0] == 1.0).all()
        assert (seen[1] == 2.0).all()
        first[:] = 3.0  # the same bytes: what is written now is what is peeked and read
        assert (seen[0] == 3.0).all()
        ring.consume(8)
        ring.write(np.zeros((1, 2), np.float32))
        ring.read(1)


def test_channels_are_strided_views() -> None:  # I13
    ring = vo.RingBuffer(8, channels=2)
    frames, _ = ring.acquire(4)
    left, right = frames[:, 0], frames[:, 1]
    left[:], right[:] = 1.0, 2.0
    ring.commit(4)
    queued, _ = ring.peek(4)
    assert np.shares_memory(left, queued)
    assert address(queued[:, 1]) == address(queued) + 4
    assert queued.tolist() == [[1.0, 2.0]] * 4


def test_peeked_views_cannot_be_written() -> None:
    ring = vo.RingBuffer(4)
    ring.write(np.ones(2, np.float32))
    view, empty = ring.peek(2)
    assert empty.shape == (0, 1)
    with pytest.raises(ValueError, match="read-only"):
        view[0] = 2.0
    with pytest.raises(ValueError, match="WRITEABLE"):
        view.flags.writeable = True


def test_views_keep_the_ring_alive() -> None:
    ring = vo.RingBuffer(1 << 16)
    ring.write(np.full(1 << 16, 7.0, np.float32))
    view = ring.peek(1 << 16)[0]
    del ring
    others = [np.zeros(1 << 16, np.float32) for _ in range(8)]
    assert (view == 7.0).all()
    assert not any(np.shares_memory(view, other) for other in others)


def test_one_channel_takes_flat_arrays() -> None:
    ring = vo.RingBuffer(8)
    assert ring.write(np.arange(3, dtype=np.float32)) == 3
    assert ring.write(np.arange(3, 5, dtype=np.float32)[:, None]) == 2
    flat = np.empty(4, np.float32)
    assert ring.read_into(flat) == 4
    assert flat.tolist() == [0, 1, 2, 3]
    assert ring.read(9).tolist() == [[4]]


@pytest.mark.parametrize("channels", [1, 2])
def test_nothing_is_a_block_too(channels: int) -> None:  # A14
    ring = vo.RingBuffer(4, channels)
    nothing = np.empty((0, channels), np.float32)
    assert ring.write(nothing) == 0
    assert ring.write_all(nothing) is True
    assert ring.read_into(nothing) == 0
    assert ring.read(0).shape == ring.read(3).shape == (0, channels)
    assert [v.shape for v in ring.acquire(0)] == [(0, channels)] * 2
    ring.commit(0)
    ring.consume(0)


def test_write_all_is_all_or_nothing() -> None:  # A14
    ring = vo.RingBuffer(4)
    assert ring.write_all(np.zeros(3, np.float32))
    assert not ring.write_all(np.ones(2, np.float32))
    assert ring.readable == 3
    assert ring.write_all(np.ones(1, np.float32))
    assert ring.read(9).ravel().tolist() == [0, 0, 0, 1]


def test_two_threads_pass_a_counter() -> None:
    ring, total = vo.RingBuffer(256, channels=2), 200_000

    def produce() -> None:
        sent = 0
        while sent < total:
            n = min(1 + sent % 97, total - sent)
            sent += ring.write(counter(sent, n, 2))
            time.sleep(0)  # lets the other thread run

    producer = threading.Thread(target=produce)
    producer.start()
    got = 0
    while got < total:
        block = ring.read(1 + got % 89)
        assert np.array_equal(block, counter(got, len(block), 2))
        got += len(block)
        time.sleep(0)
    producer.join()
    assert ring.readable == 0


SECOND_THREAD = """
import threading, numpy as np, vocana_dsp as vo
block, ring = np.zeros(1, np.float32), vo.RingBuffer(8)
calls = {"writer": [lambda: ring.write(block), lambda: ring.write_all(block),
                    lambda: ring.acquire(1), lambda: ring.commit(0)],
         "reader": [lambda: ring.read(1), lambda: ring.read_into(block),
                    lambda: ring.peek(1), lambda: ring.consume(0)]}
raised = []
def attempt(call):
    try:
        call()
    except vo.VocanaError as error:
        raised.append(error.code)
for side in calls.values():
    for call in side:
        call()
    for call in side:
        thread = threading.Thread(target=attempt, args=(call,))
        thread.start()
        thread.join()
threading.Thread(target=lambda: (ring.readable, ring.writable, repr(ring))).start()
print(*raised)
"""


@pytest.mark.parametrize(
    ("options", "expected"),
    [(["-X", "dev"], ["second_writer"] * 4 + ["second_reader"] * 4), ([], [])],
)
def test_development_mode_sees_a_second_thread(  # A15
    options: list[str], expected: list[str]
) -> None:
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDEVMODE"}
    run = subprocess.run(
        [sys.executable, *options, "-W", "ignore", "-c", SECOND_THREAD],
        capture_output=True,
        text=True,
        env=environment,
        timeout=60,
        check=True,
    )
    assert run.stdout.split() == expected


def test_a_block_through_the_ring_allocates_nothing() -> None:  # A6: of Python's memory
    ring = vo.RingBuffer(256, channels=2)
    block, out = np.ones((64, 2), np.float32), np.empty((64, 2), np.float32)

    def pass_blocks(n: int) -> int:
        before = sys.getallocatedblocks()
        for _ in range(n):
            ring.write(block)
            ring.read_into(out)
        return sys.getallocatedblocks() - before

    pass_blocks(10)
    assert pass_blocks(10_000) < 10
