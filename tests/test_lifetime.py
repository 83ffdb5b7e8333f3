"""However a capture's life ends: twice, from elsewhere, by an error, a signal, a fork, at exit."""

import gc
import textwrap
import threading
import time
import weakref
from pathlib import Path

import numpy as np
import pytest
from child import run, run_ok
from hand_device import HandDevice

import vocana_dsp as vo
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


# --- Stop and close -------------------------------------------------------------------------------


def test_everything_may_be_said_twice():  # faults 55
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


# --- Fork -----------------------------------------------------------------------------------------

FORK = """
    import os, sys, warnings
    import numpy as np
    import vocana_dsp as vo
    from vocana_dsp.testing import SimulatedDevice
    warnings.simplefilter("ignore")  # 3.12 and later warn of every fork beside a thread

    mic = vo.Capture(SimulatedDevice())
    idle = vo.Capture(SimulatedDevice())
    first = mic.read(960)
    blocks = iter(mic)
    next(blocks)
    child = os.fork()
    if not child:
        told = 0
        for use in (lambda: mic.read(1), lambda: iter(mic), mic.start, lambda: idle.read(1)):
            try:
                use()
            except vo.StreamClosed as error:
                told += "parent" in str(error)
        list(blocks)
        mic.stop(), mic.close(), idle.close()
        stats, gaps, events = mic.stats, mic.gaps, mic.events()
        new = vo.Capture(SimulatedDevice(seconds=0.02))
        frames = sum(len(block) for block in new)
        del mic, idle, blocks
        sys.exit(7 if (told, frames) == (4, 960) else 8)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 7, status
    after = mic.read(4800)
    assert mic.state == "running" and mic.stats.dropped == 0
    np.testing.assert_array_equal(after.data[:, 0], np.arange(1920, 6720))
    assert len(idle.read(10)) == 10
    print("done")
"""


def test_a_fork_leaves_the_capture_to_the_parent():  # faults 41
    assert run_ok(FORK) == "done\n"


def test_a_fork_through_multiprocessing_ends_by_itself():  # faults 41
    told = run_ok("""
        import multiprocessing, warnings
        import vocana_dsp as vo
        from vocana_dsp.testing import SimulatedDevice
        warnings.simplefilter("ignore")
        mic = vo.Capture(SimulatedDevice())
        mic.read(960)

        def work(queue):
            try:
                mic.read(1)
            except vo.StreamClosed:
                queue.put("closed")

        context = multiprocessing.get_context("fork")
        queue = context.Queue()
        children = [context.Process(target=work, args=[queue]) for _ in range(3)]
        for child in children:
            child.start()
        print(*(queue.get(timeout=60) for _ in children))
        for child in children:
            child.join()
            assert child.exitcode == 0
        assert len(mic.read(960)) == 960
    """)
    assert told == "closed closed closed\n"


# --- Signals --------------------------------------------------------------------------------------


def test_an_interrupt_during_a_read_comes_once_and_loses_nothing():  # faults 45
    told = run_ok("""
        import os, signal, threading
        import numpy as np
        import vocana_dsp as vo
        from vocana_dsp.testing import SimulatedDevice

        frames, interrupts, sent = [], 0, 0
        with vo.Capture(SimulatedDevice(seconds=3), ring_ms=400) as mic:
            while True:
                if sent < 10:
                    sent += 1
                    threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGINT)).start()
                try:
                    while len(block := mic.read(24_000)):  # more than the ring: taken in parts
                        frames.append(block.data[:, 0])
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

        random.seed(4)
        signal.signal(signal.SIGALRM, interrupt)
        interrupts, ended = 0, False
        device = SimulatedDevice(seconds=20, pace="lockstep", block_frames=960)
        with vo.Capture(device, ring_ms=100) as mic:
            while not ended:
                try:
                    signal.setitimer(signal.ITIMER_REAL, random.uniform(1e-5, 3e-4))
                    while len(mic.read(960, timeout=random.choice([None, 30]))):
                        pass
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

        mic._reader._engine = Interrupting()
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


# --- Exit -----------------------------------------------------------------------------------------

START = """
    import sys, threading, time
    import vocana_dsp as vo
    from vocana_dsp.testing import SimulatedDevice, Stall
    mic = vo.Capture(SimulatedDevice(block_frames=16))
    mic.read(160)
"""
EXITS = {
    "by itself": ("", 0),
    "sys.exit": ("sys.exit(3)", 3),
    "an exception": ("raise ValueError('at top level')", 1),
    "in the iteration": (
        """
    for block in mic:
        sys.exit(0)
    """,
        0,
    ),
    "with a daemon that reads": (
        """
    def read():
        try:
            while True:
                mic.read(160)
        except vo.StreamClosed:
            pass  # that is how a reader hears of the exit
    for _ in range(2):
        threading.Thread(target=read, daemon=True).start()
    time.sleep(0.02)
    """,
        0,
    ),
    "with a daemon that waits": (
        """
    late = vo.Capture(SimulatedDevice(script=[Stall(0, ms=60_000)]))
    def wait():
        try:
            late.read(10**6, timeout=60)
        except vo.StreamClosed:
            pass
    threading.Thread(target=wait, daemon=True).start()
    time.sleep(0.02)
    """,
        0,
    ),
    "from another thread": (
        """
    def end():
        mic.read(160)
        del globals()["mic"]
        sys.exit(5)
    threading.Thread(target=end).start()
    """,
        0,
    ),
    "with many captures": (
        """
    more = [vo.Capture(SimulatedDevice(pace="flatout")) for _ in range(5)]
    for one in more:
        one.start()
    """,
        0,
    ),
    "with a loop": (
        """
    import asyncio
    async def run():
        async for block in mic:
            return
    asyncio.run(run())
    """,
        0,
    ),
}


def exits(how, times):
    end, code = EXITS[how]
    for _ in range(times):
        done = run(textwrap.dedent(START) + textwrap.dedent(end))
        assert done.returncode == code, (how, done.returncode, done.stderr)
        if code != 1:
            noise = [line for line in done.stderr.splitlines() if line]
            assert noise == [], done.stderr


@pytest.mark.parametrize("how", EXITS)
def test_exit_with_a_running_stream(how):  # faults 42
    exits(how, 2)


@pytest.mark.long
@pytest.mark.parametrize("how", EXITS)
def test_exit_with_a_running_stream_a_hundred_times_in_all(how):  # faults 42
    exits(how, 12)


def test_a_crash_at_exit_would_be_seen():
    """The control: a script that dies of a signal, and one that hangs, are told apart."""
    assert run("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)").returncode < 0
    assert run("import sys; sys.stderr.write('noise'); sys.exit(2)").returncode == 2
