"""However a capture's life ends: twice, from elsewhere, by an error, by nobody at all."""

import gc
import threading
import time
import weakref
from pathlib import Path

import numpy as np
import pytest
from hand_device import HandDevice

import vocana_dsp as vo
from vocana_dsp.capture import lifetime
from vocana_dsp.testing import SimulatedDevice, Unplug


def used():
    """Threads and descriptors of this process, once those that are going have gone."""
    gc.collect()
    same, before = 0, None
    while same < 5:
        now = tuple(len(list(Path("/proc/self", kind).iterdir())) for kind in ("task", "fd"))
        same = same + 1 if now == before else 0
        before = now
        time.sleep(0.005)
    return before


def test_everything_may_be_said_twice():  # faults 55, L8
    with vo.Capture(SimulatedDevice()) as mic:
        mic.start()
        mic.read(100)
        mic.stop()
        mic.stop()
        mic.start()
        assert mic.state == "stopped"
        mic.close()
        mic.close()
    mic.close()
    mic.stop()
    assert mic.state == "closed"


def test_close_before_start():
    mic = vo.Capture(SimulatedDevice())
    mic.close()
    assert mic.stats.captured == 0
    mic = vo.Capture(SimulatedDevice())
    mic.stop()
    assert len(mic.read(10)) == 0
    mic.close()


@pytest.mark.parametrize("end", ["stop", "close"])
def test_ending_from_another_thread_ends_the_iteration(end):
    mic = vo.Capture(SimulatedDevice())
    ended = threading.Event()

    def read():
        for _ in mic:
            pass
        ended.set()

    reader = threading.Thread(target=read)
    reader.start()
    mic.read(480)
    getattr(mic, end)()
    assert ended.wait(60)
    reader.join()
    mic.close()


def test_close_during_a_read_raises_there():
    device = HandDevice()
    mic = vo.Capture(device)
    told = []
    waits = threading.Event()

    def read():
        waits.set()
        try:
            mic.read(480)
        except vo.StreamClosed as error:
            told.append(error.code)

    reader = threading.Thread(target=read)
    mic.start()
    reader.start()
    waits.wait(60)
    mic.close()
    reader.join(60)
    assert told == ["closed"]


def test_close_inside_the_iteration():
    mic = vo.Capture(SimulatedDevice())
    for number, _ in enumerate(mic):
        if number == 2:
            mic.close()
        assert number < 100
    assert mic.state == "closed"


def test_many_threads_close_at_once():
    for _ in range(20):
        mic = vo.Capture(SimulatedDevice())
        mic.read(64)
        ends = [threading.Thread(target=end) for end in [mic.close, mic.stop] * 4]
        for thread in ends:
            thread.start()
        for thread in ends:
            thread.join(60)
        assert mic.state == "closed"


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_an_exception_in_user_code_closes_the_device(error):  # E10, faults 33
    before = used()
    with pytest.raises(error), vo.Capture(SimulatedDevice()) as mic:
        raise error(len(next(iter(mic))))
    assert mic.state == "closed"
    del mic
    assert used() == before


def test_an_exception_while_another_consumer_reads_stops_only_its_own():  # E10
    with vo.Capture(SimulatedDevice()) as other:
        with pytest.raises(ValueError, match="mine"), vo.Capture(SimulatedDevice()) as mic:
            raise ValueError("mine", len(mic.read(100)))
        first = other.read(4800)
        np.testing.assert_array_equal(first.data[:, 0], np.arange(4800))
        assert other.state == "running"


class Interrupted(HandDevice):
    """A device of which the first stop is interrupted."""

    interrupted = False

    def stop(self, deadline_s):
        if not self.interrupted:
            self.interrupted = True
            raise KeyboardInterrupt
        return super().stop(deadline_s)


@pytest.mark.parametrize("recovery", [None, vo.Recovery()])
@pytest.mark.parametrize("end", ["stop", "close"])
def test_an_end_that_was_interrupted_is_made_up_for(recovery, end):  # L8, faults 45
    device = Interrupted()
    mic = vo.Capture(device, recovery=recovery)
    mic.start()
    with pytest.raises(KeyboardInterrupt):
        getattr(mic, end)()
    assert device.active
    mic.close()
    assert not device.active
    assert mic.state == "closed"


def test_what_the_end_of_one_capture_raises_ends_the_others_all_the_same():  # L8
    devices = [Interrupted(), HandDevice(), Interrupted()]
    mics = [vo.Capture(device) for device in devices]
    for mic in mics:
        mic.start()
    with pytest.raises(KeyboardInterrupt):
        lifetime.close_all()
    assert [mic.state for mic in mics] == ["closed"] * 3
    assert not devices[1].active
    lifetime.close_all()
    assert not any(device.active for device in devices)


def test_a_device_that_cannot_say_how_it_is_has_failed():  # fault 33
    class Broken(HandDevice):
        def stop(self, deadline_s):
            self.stopped = True
            return True

        @property
        def active(self):
            raise ValueError("of the driver")

        @active.setter
        def active(self, value):
            pass

    device = Broken()
    with vo.Capture(device, recovery=vo.Recovery()) as mic:
        with pytest.raises(vo.DeviceError, match="of the driver"):
            mic.read(480)
        assert mic.state == "failed"
    assert device.stopped


def test_a_source_that_does_not_start_is_failed():
    class Refuses(HandDevice):
        def start(self):
            raise vo.DeviceError("busy")

    mic = vo.Capture(Refuses())
    with pytest.raises(vo.DeviceError, match="busy"):
        mic.start()
    assert mic.state == "failed"
    mic.close()
    assert mic.state == "closed"


def test_a_device_that_hangs_is_left_behind():  # faults 10
    class Hangs(HandDevice):
        def stop(self, deadline_s):
            assert deadline_s < 1
            return False

    mic = vo.Capture(Hangs())
    mic.read(10, timeout=0)
    mic.stop()
    assert mic.state == "stopped"
    assert len(mic.read(10)) == 0
    mic.close()
    del mic
    gc.collect()


def test_a_capture_that_nobody_closed_is_closed_when_it_is_collected():
    before = used()
    mic = vo.Capture(SimulatedDevice())
    mic.read(100)
    gone = weakref.ref(mic)
    assert used()[0] == before[0] + 1
    del mic
    assert gone() is None
    assert used() == before


def test_a_capture_in_a_cycle_is_collected_too():
    before = used()
    mic = vo.Capture(SimulatedDevice())
    mic.start()
    cycle = [mic]
    cycle.append(cycle)
    del mic, cycle
    assert used() == before


def test_a_capture_that_could_not_be_made_leaves_nothing():
    before = used()
    for _ in range(20):
        with pytest.raises(vo.ConfigError):
            vo.Capture(SimulatedDevice(), ring_ms=10)
    assert used() == before


def test_blocks_outlive_the_capture():
    with vo.Capture(SimulatedDevice(pace="lockstep", seconds=0.1)) as mic:
        blocks = list(mic)
    del mic
    gc.collect()
    np.testing.assert_array_equal(np.concatenate([b.data for b in blocks])[:, 0], np.arange(4800))


def test_a_thousand_starts_and_stops_leave_nothing_behind():  # faults 54
    def cycle():
        with vo.Capture(SimulatedDevice()) as mic:
            mic.read(1, timeout=0)

    for _ in range(10):
        cycle()
    before = used()
    for _ in range(1000):
        cycle()
    assert used() == before


def test_a_lost_device_is_closed_like_any_other():
    before = used()
    for _ in range(20):
        with vo.Capture(SimulatedDevice(script=[Unplug(0)])) as mic:
            with pytest.raises(vo.DeviceError):
                mic.read(10)
            assert mic.state == "failed"
    del mic
    assert used() == before


def test_it_says_what_it_is():
    mic = vo.Capture(SimulatedDevice(seconds=0.1, channels=2, pace="lockstep"))
    assert repr(mic).startswith("<Capture of ")
    assert repr(mic).endswith(", 48000 Hz, 2 channels, open>")
    mic.close()
    assert repr(mic).endswith(", closed>")
    assert repr(vo.Capture.__new__(vo.Capture)) == "<Capture that could not be opened>"
