"""What RingBuffer refuses: blocks, sizes and counts that cannot be, and nothing is changed."""

import tracemalloc

import numpy as np
import pytest
from ring_blocks import counter

import vocana_dsp as vo

READ_ONLY = np.zeros((3, 2), np.float32)
READ_ONLY.flags.writeable = False
MISALIGNED = np.zeros(25, np.uint8)[1:].view(np.float32).reshape(3, 2)
BAD_BLOCKS = {
    "float64": (np.zeros((3, 2)), "float32"),
    "int16": (np.zeros((3, 2), np.int16), "float32"),
    "swapped": (np.zeros((3, 2), ">f4"), "float32"),
    "too narrow": (np.zeros((3, 1), np.float32), r"expected \(n, 2\)"),
    "too wide": (np.zeros((3, 3), np.float32), r"expected \(n, 2\)"),
    "flat": (np.zeros(6, np.float32), r"expected \(n, 2\)"),
    "deep": (np.zeros((3, 2, 1), np.float32), r"expected \(n, 2\)"),
    "scalar": (np.zeros((), np.float32), r"expected \(n, 2\)"),
    "strided": (np.zeros((6, 2), np.float32)[::2], "ascontiguousarray"),
    "planar": (np.zeros((2, 3), np.float32).T, "ascontiguousarray"),
    "misaligned": (MISALIGNED, "ascontiguousarray"),
}


@pytest.mark.parametrize("name", BAD_BLOCKS)
@pytest.mark.parametrize("method", ["write", "write_all", "read_into"])
def test_blocks_that_do_not_fit_change_nothing(name: str, method: str) -> None:
    ring = vo.RingBuffer(8, channels=2)
    ring.write(counter(0, 3, 2))
    block, said = BAD_BLOCKS[name]
    with pytest.raises(vo.ConfigError, match=said) as caught:
        getattr(ring, method)(block)
    assert caught.value.code == "bad_block"
    assert ring.readable == 3


@pytest.mark.parametrize("thing", [None, 1.0, [[0.0, 0.0]], b"12345678", memoryview(b"1234")])
def test_things_that_are_no_arrays(thing: object) -> None:
    ring = vo.RingBuffer(8, channels=2)
    for method in (ring.write, ring.write_all, ring.read_into):
        with pytest.raises(TypeError, match="NumPy array"):
            method(thing)  # type: ignore[arg-type]


def test_a_read_only_array_can_be_written_but_not_read_into() -> None:
    ring = vo.RingBuffer(8, channels=2)
    assert ring.write(READ_ONLY) == 3
    with pytest.raises(vo.ConfigError, match="read-only"):
        ring.read_into(READ_ONLY)
    assert ring.readable == 3


@pytest.mark.parametrize(
    "size", [0, -1, 2**31 + 1, 2**62, 2**63, 2**64, 2**70, 1.5, "8", None, True]
)
def test_sizes_that_cannot_be_allocate_nothing(size: object) -> None:  # B14
    tracemalloc.start()
    with pytest.raises(vo.ConfigError):
        vo.RingBuffer(size)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="channels"):
        vo.RingBuffer(2**31, size if size != 2**31 + 1 else 2**40)  # type: ignore[arg-type]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1 << 20


@pytest.mark.parametrize("count", [-1, 1.0, "1", None, True])
def test_counts_that_are_none(count: object) -> None:
    ring = vo.RingBuffer(8)
    for method in (ring.read, ring.acquire, ring.commit, ring.peek, ring.consume):
        with pytest.raises(vo.ConfigError, match="frames is"):
            method(count)  # type: ignore[arg-type]


def test_a_count_may_be_any_integer() -> None:
    ring = vo.RingBuffer(8)
    ring.write(np.ones(5, np.float32))
    assert len(ring.read(np.int64(2))) == 2
    assert len(ring.peek(2**70)[0]) == 3
    assert len(ring.read(2**62)) == 3


def test_no_more_is_committed_than_was_acquired() -> None:
    ring = vo.RingBuffer(8)
    with pytest.raises(vo.ConfigError, match="commit of 1 frames, expected 0"):
        ring.commit(1)
    ring.acquire(5)
    with pytest.raises(vo.ConfigError, match="commit of 6 frames, expected 5"):
        ring.commit(6)
    assert ring.readable == 0
    ring.commit(2)
    ring.commit(3)
    assert ring.readable == 5
    ring.acquire(3)
    ring.write(np.ones(1, np.float32))  # takes the room back
    with pytest.raises(vo.ConfigError, match="expected 0"):
        ring.commit(1)
    assert ring.readable == 6


def test_no_more_is_consumed_than_was_peeked() -> None:
    ring = vo.RingBuffer(8)
    ring.write(np.arange(6, dtype=np.float32))
    with pytest.raises(vo.ConfigError, match="consume of 1 frames, expected 0"):
        ring.consume(1)
    ring.peek(4)
    with pytest.raises(vo.ConfigError, match="consume of 5 frames, expected 4"):
        ring.consume(5)
    assert ring.readable == 6
    ring.consume(1)
    ring.read(1)
    with pytest.raises(vo.ConfigError, match="expected 0"):
        ring.consume(1)
    assert ring.read(9).ravel().tolist() == [2, 3, 4, 5]
