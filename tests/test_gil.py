"""Python may hold the GIL as long as it likes: the ring of two seconds loses nothing."""

import contextlib
import ctypes
import random
import threading

import numpy as np
import pytest

import vocana_dsp as vo
from vocana_dsp.testing import PythonCallback, SimulatedDevice


def sort_floats(done):
    """600,000 floats, again and again: one call of sorted() holds the GIL all the time."""
    numbers = [random.random() for _ in range(600_000)]
    while not done.is_set():
        sorted(numbers)


def sleep_with_the_gil(done):
    """A call into C that does not give the GIL up for a second."""
    usleep = ctypes.PyDLL(None).usleep
    usleep(999_999)
    done.wait()


STRESSES = [sort_floats, sleep_with_the_gil]


@contextlib.contextmanager
def stressed(stress):
    done = threading.Event()
    thread = threading.Thread(target=stress, args=[done])
    thread.start()
    yield
    done.set()
    thread.join()


@pytest.mark.parametrize("stress", STRESSES)
def test_no_frame_is_lost_while_the_gil_is_held(stress):  # faults 48
    with vo.Capture(SimulatedDevice(seconds=1.5)) as mic:
        frames = [mic.read(480).data[:, 0]]
        with stressed(stress):
            frames += [block.data[:, 0] for block in mic]
        assert (mic.stats.captured, mic.stats.dropped, mic.stats.overflows) == (72_000, 0, 0)
    np.testing.assert_array_equal(np.concatenate(frames), np.arange(72_000))


@pytest.mark.parametrize("stress", STRESSES)
def test_a_python_callback_loses_frames_under_the_same_stress(stress):
    """The control: the stress is real for a card that buffers three periods."""
    heard = threading.Event()
    with PythonCallback(SimulatedDevice(seconds=1.5), lambda data: heard.set()) as old_way:
        assert heard.wait(60)
        with stressed(stress), vo.Capture(SimulatedDevice(seconds=1.5)) as beside:
            assert sum(len(block) for block in beside) == 72_000
    assert old_way.lost > 1000


def test_another_thread_goes_on_while_a_capture_waits():  # O5
    device = SimulatedDevice(seconds=0.2)
    turns, done = 0, False

    def count():
        nonlocal turns
        while not done:
            turns += 1

    with vo.Capture(device) as mic:
        thread = threading.Thread(target=count)
        thread.start()
        before = turns
        assert len(mic.read(9600)) == 9600
        after = turns
        done = True
        thread.join()
    assert after - before > 1000
