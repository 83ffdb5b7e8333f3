"""Arguments that are nothing sensible: one clear error each, that says what was expected."""

import numpy as np
import pytest

import vocana_dsp as vo
from vocana_dsp.testing import BlockSizes, PythonCallback, RateDrift, SimulatedDevice


@pytest.mark.parametrize(
    "make",
    [
        lambda: vo.Device(1.5),
        lambda: vo.Device(b"usb"),
        lambda: vo.Device([1]),
        lambda: vo.Device(True),
        lambda: vo.Device(" "),
        lambda: RateDrift(0, "a"),
        lambda: BlockSizes(0, 5),
        lambda: BlockSizes(0, []),
        lambda: vo.Capture(SimulatedDevice(), ring_ms=10**400),
        lambda: vo.BufferPool(10, limit_bytes="a"),
        lambda: vo.BufferPool(10).acquire("a"),
        lambda: vo.BufferPool(10).acquire(float("nan")),
    ],
)
def test_it_is_refused_with_what_was_expected(make):
    with pytest.raises(vo.ConfigError, match="expected") as caught:
        make()
    assert caught.value.hint


@pytest.mark.parametrize("thing", [None, np.zeros((4, 1), np.float32), 7])
def test_a_pool_takes_back_only_its_buffers(thing):
    pool = vo.BufferPool(4, initial=1)
    before = pool.stats
    with pytest.raises(vo.PoolError, match="expected a buffer of this pool"):
        pool.release(thing)
    assert pool.stats == before


def test_a_callback_that_raises_is_counted_and_the_stream_lives():  # E10, faults 33
    calls = []

    def raises_often(data):
        calls.append(len(data))
        if len(calls) % 2:
            raise ValueError(f"call {len(calls)}")

    device = SimulatedDevice(seconds=0.2, block_frames=480)
    with PythonCallback(device, raises_often, periods=100) as callback:
        callback.wait()
    assert sum(calls) == 9600
    assert callback.lost == 0
    assert callback.errors == (len(calls) + 1) // 2
    assert len(callback.tracebacks) == min(10, callback.errors)
    assert "ValueError: call 1" in callback.tracebacks[0]
