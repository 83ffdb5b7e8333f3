"""Streams that are opened, closed, forked, killed and misused in every order."""

import os
import subprocess
import time
from pathlib import Path

import pytest
from child import run, run_ok
from test_cycles import longest, quiet, settled

fault = pytest.mark.fault
GUARD = Path(os.environ.get("VOCANA_GUARD", "build/c/guard"))


@fault(54, "1000 times: open, start, read one frame, stop, close; on five kinds of device")
def test_a_thousand_lives_leave_nothing(seen):
    longest(10)
    before = quiet()
    most = longest(1000)
    threads, descriptors = (now - then for now, then in zip(settled(before), before, strict=True))
    seen(
        f"{threads} threads and {descriptors} descriptors left; "
        f"the longest stop or close took {most * 1e3:.1f} ms"
    )
    assert (threads, descriptors) == (0, 0)
    assert most < 1


@fault(55, "start, stop, close and read, in 400 random orders from 4 threads at once")
def test_calls_in_any_order_neither_hang_nor_crash(seen):
    told = run_ok("""
        import random, threading, time
        import vocana_dsp as vo
        from vocana_dsp.testing import SimulatedDevice

        drawn = random.Random(55)
        calls = closed = 0
        began = time.monotonic()
        for _ in range(100):
            mic = vo.Capture(SimulatedDevice(block_frames=16))
            uses = {
                "start": mic.start, "stop": mic.stop, "close": mic.close,
                "read": lambda: mic.read(16, timeout=0.01), "stats": lambda: mic.stats,
            }
            told = []

            def use(order):
                for name in order:
                    try:
                        uses[name]()
                    except vo.StreamClosed:
                        told.append("closed")

            orders = [drawn.choices(list(uses), k=6) for _ in range(4)]
            threads = [threading.Thread(target=use, args=[order]) for order in orders]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(30)
                assert not thread.is_alive(), orders
            mic.close(), mic.close()
            assert mic.state == "closed"
            calls += 24
            closed += len(told)
        print(calls, closed, time.monotonic() - began < 60)
    """)
    calls, closed, in_time = told.split()
    seen(f"{calls} calls, {closed} told that it is closed, 0 hung, 0 crashed")
    assert in_time == "True"
    assert int(closed) > 0


@fault(41, "os.fork with two running captures, one of them in an iteration; the child uses them")
def test_a_fork_leaves_the_streams_to_the_parent(seen):
    told = run_ok("""
        import os, warnings
        import vocana_dsp as vo
        from vocana_dsp.testing import SimulatedDevice
        warnings.simplefilter("ignore")  # 3.12 and later warn of every fork beside a thread
        mic, other = vo.Capture(SimulatedDevice()), vo.Capture(SimulatedDevice(), rate=16_000)
        mic.read(960), other.read(160)
        child = os.fork()
        if not child:
            refused = 0
            for use in (lambda: mic.read(1), mic.start, lambda: other.read(1), lambda: iter(other)):
                try:
                    use()
                except vo.StreamClosed:
                    refused += 1
            mic.stop(), mic.close(), other.close()
            own = sum(map(len, vo.Capture(SimulatedDevice(seconds=0.1), rate=16_000)))
            os._exit(refused if own == 1600 else 99)
        refused = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        frames = sum(len(one.read(n)) for one, n in ((mic, 48_000), (other, 16_000)))
        print(refused, frames, mic.stats.dropped + other.stats.dropped)
    """)
    refused, frames, lost = map(int, told.split())
    seen(
        f"{refused} of 4 uses refused in the child, whose own capture works; "
        f"the parent went on for {frames:,} frames, {lost} lost"
    )
    assert (refused, frames, lost) == (4, 64_000, 0)


@fault(
    42, "12 processes that end with a capture, a chain and a waiting thread: return, exit, raise"
)
def test_exits_end(seen):
    start = """
import sys, threading
import vocana_dsp as vo
from vocana_dsp.testing import SimulatedDevice, Stall
mic = vo.Capture(SimulatedDevice(block_frames=16), rate=16_000, chain=vo.Chain([vo.Gain(0)]))
mic.read(16)
def read():
    try:
        while True:
            mic.read(160)
    except vo.StreamClosed:
        pass
threading.Thread(target=read, daemon=True).start()
"""
    ends = {"": 0, "sys.exit(3)": 3, "raise ValueError": 1}
    codes, longest = [], 0.0
    for end, code in list(ends.items()) * 4:
        began = time.monotonic()
        done = run(start + end)
        longest = max(longest, time.monotonic() - began)
        codes.append(done.returncode == code)
    seen(f"{sum(codes)} of 12 ended as they were told, 0 by a signal; {longest:.1f} s at most")
    assert all(codes)


@fault(45, "SIGINT, SIGTERM, SIGHUP to a program that captures, with handlers of its own")
def test_signals_reach_the_program_once(seen):
    told = run_ok("""
        import os, signal, threading, time
        import vocana_dsp as vo
        from vocana_dsp.testing import SimulatedDevice
        mine = []
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda number, frame: mine.append(number))
        interrupts = turns = 0

        def send():  # each once the one before has been taken, into a read
            for sent, number in enumerate([signal.SIGINT, signal.SIGTERM, signal.SIGHUP] * 10):
                while interrupts + len(mine) < sent:
                    time.sleep(0.001)
                before = turns
                while turns == before:
                    time.sleep(0.001)
                os.kill(os.getpid(), number)

        def read_until_all_have_come():
            global turns
            while interrupts + len(mine) < 30:
                turns += 1
                mic.read(320)
            mic.stop()
            list(mic)

        with vo.Capture(SimulatedDevice(), rate=16_000) as mic:
            threading.Thread(target=send).start()
            while mic.state == "running":
                try:
                    read_until_all_have_come()
                except KeyboardInterrupt:
                    interrupts += 1
            print(interrupts, len(mine), mic.stats.captured - mic.stats.delivered)
    """)
    interrupts, own, lost = told.split()
    seen(f"{interrupts} KeyboardInterrupts of 10, {own} of 20 in its own handlers; {lost} lost")
    assert (interrupts, own, lost) == ("10", "20", "0")


@fault(47, "captures, resampling and a chain under a library that counts what callbacks call")
def test_no_callback_allocates_or_locks(seen, tmp_path):
    count = tmp_path / "count"
    guarded = {**os.environ, "LD_PRELOAD": str(GUARD / "guard.so"), "VOCANA_GUARD_FILE": str(count)}
    run_ok(
        """
        import vocana_dsp as vo
        from vocana_dsp.testing import SimulatedDevice
        device = SimulatedDevice(seconds=100, pace="lockstep", channels=2)
        chain = vo.Chain([vo.HighPass(80), vo.Gate(-50), vo.Compressor(-20), vo.Limiter(-1)])
        for options in ({}, {"rate": 16_000, "chain": chain, "analyzers": [vo.Levels()]}):
            with vo.Capture(device, **options) as mic:
                assert sum(map(len, mic)) == 100 * mic.rate
        """,
        env=guarded,
    )
    told = report(count, "calls", 50_000)
    planted = tmp_path / "planted"
    guarded["VOCANA_GUARD_FILE"] = str(planted)
    subprocess.run([GUARD / "guarded_calls"], env=guarded, check=True)
    caught = report(planted, "planted", 1, expected=1)
    seen(f"{told}; and of the planted: {caught}")


def report(count, what, least, expected=0):
    """Return the last line of the guard's report, which ends with the expected status."""
    done = subprocess.run(
        [GUARD / "guard_report", count, what, str(least)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == expected, done.stdout
    return done.stdout.splitlines()[-1]
