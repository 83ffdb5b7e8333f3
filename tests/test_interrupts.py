"""An interrupt comes once, at any instant of a read, and loses nothing."""

import os
from pathlib import Path

import numpy as np
import pytest
from child import run_ok
from hand_device import HandDevice

import vocana_dsp as vo


def test_an_interrupt_during_a_read_comes_once_and_loses_nothing():  # faults 45
    told = run_ok("""
        import os, signal, threading
        import numpy as np
        import vocana_dsp as vo
        from vocana_dsp.testing import SimulatedDevice

        frames, interrupts, sent = [], 0, 0

        def read_to_the_end():
            global sent
            if sent < 10:
                sent += 1
                threading.Timer(0.12, os.kill, (os.getpid(), signal.SIGINT)).start()
            while len(block := mic.read(96_000)):  # more than the ring: taken in parts
                frames.append(block.data[:, 0])

        with vo.Capture(SimulatedDevice(seconds=3), ring_ms=1600) as mic:
            while True:
                try:
                    read_to_the_end()
                    break
                except KeyboardInterrupt:
                    interrupts += 1
            assert (mic.stats.dropped, mic.stats.queued) == (0, 0), mic.stats
            assert mic.stats.captured == mic.stats.delivered == 144_000, mic.stats
        np.testing.assert_array_equal(np.concatenate(frames), np.arange(144_000))
        print(interrupts, sent)
    """)
    assert told == "10 10\n"


def test_an_interrupt_at_any_instant_leaves_the_capture_in_working_order():
    """Also between two instructions of a read that does not wait; none may stay locked."""
    told = run_ok("""
        import random, signal
        import vocana_dsp as vo
        from vocana_dsp.testing import SimulatedDevice

        class Interrupt(BaseException):
            pass

        def interrupt(number, frame):
            raise Interrupt

        # A function of its own: CPython 3.12 and 3.13 leave the jump back of a loop within
        # a try out of what it catches, and an interrupt may come at that jump.
        def read_to_the_end():
            while len(mic.read(960, timeout=random.choice([None, 30]))):
                pass

        random.seed(4)
        signal.signal(signal.SIGALRM, interrupt)
        interrupts, ended = 0, False
        device = SimulatedDevice(seconds=20, pace="lockstep", block_frames=960)
        with vo.Capture(device, ring_ms=100) as mic:
            while not ended:
                try:
                    signal.setitimer(signal.ITIMER_REAL, random.uniform(1e-5, 3e-4))
                    read_to_the_end()
                    ended = True
                    signal.setitimer(signal.ITIMER_REAL, 0)
                except Interrupt:
                    interrupts += 1
            assert mic.stats.captured == mic.stats.delivered == 960_000, mic.stats
        print(interrupts > 20)
    """)
    assert told == "True\n"


def test_an_interrupt_between_the_parts_of_a_read_loses_nothing():
    """The read has taken frames out of the ring when the interrupt comes."""
    device = HandDevice()
    with vo.Capture(device, ring_ms=20) as mic:
        wait, calls = device.engine.wait, []

        class Interrupting:
            """The engine, of which the second wait is interrupted."""

            def __getattr__(self, name):
                return getattr(device.engine, name)

            def wait(self, frames, timeout_s):
                calls.append(frames)
                if len(calls) == 2:
                    raise KeyboardInterrupt
                return wait(frames, timeout_s)

        mic._reader._tap = Interrupting()
        device.play(960)
        with pytest.raises(KeyboardInterrupt):
            mic.read(2000)
        assert mic.stats.delivered == 960
        device.play(960)
        found = [mic.read(400), mic.read(700), mic.read(1000, timeout=0)]
    assert [(block.frame, len(block)) for block in found] == [(0, 400), (400, 560), (960, 960)]
    np.testing.assert_array_equal(
        np.concatenate([block.data[:, 0] for block in found]), np.arange(1920)
    )


@pytest.mark.parametrize("end", ["stop", "close"])
def test_the_handler_of_a_signal_may_stop_what_is_being_stopped(end):  # faults 45, L8
    class Interrupted(HandDevice):
        def stop(self, deadline_s):
            getattr(mic, end)()
            return super().stop(deadline_s)

    device = Interrupted()
    mic = vo.Capture(device)
    mic.start()
    getattr(mic, end)()
    assert mic.state == ("closed" if end == "close" else "stopped")
    assert not device.active
    mic.close()


def test_a_ctrl_c_is_not_for_the_process_of_a_device():  # faults 45
    """A terminal sends it to the whole group."""
    run_ok("""
        import os, signal
        import numpy as np
        import vocana_dsp as vo
        from vocana_dsp.capture import isolation
        isolation.PROGRAM = "isolated_stand_in"
        signal.signal(signal.SIGINT, signal.default_int_handler)
        os.setpgid(0, 0)
        with vo.Capture(vo.Device("plain", isolate=True)) as mic:
            mic.read(480)
            try:
                os.killpg(0, signal.SIGINT)
                raise AssertionError("it was for this process")
            except KeyboardInterrupt:
                data = mic.read(24_000).data
            np.testing.assert_array_equal(data[:, 0], np.arange(480, 24_480))
        """, env=os.environ | {"PYTHONPATH": str(Path(__file__).parent)})  # fmt: skip
