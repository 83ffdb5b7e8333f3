"""Threads that hang, everybody who retries at once, state files that a kill meets half written."""

import json
import random
import signal
import statistics
import subprocess
import sys
import textwrap
import threading
import time

import pytest

import vocana_dsp as vo
from vocana_dsp.control.stall import StallWatch
from vocana_dsp.testing import PythonCallback, SimulatedDevice

fault = pytest.mark.fault


@fault(12, "a callback hangs in a real thread; it is watched beside a capture that goes on")
def test_a_hung_thread_is_named(seen, tmp_path):
    leave, told, began = threading.Event(), [], []

    def hang(data):
        began.append(time.monotonic())
        leave.wait()

    dump = tmp_path / "stacks"
    device = SimulatedDevice(block_frames=480)
    with vo.Capture(device) as mic, PythonCallback(device, hang) as stuck:
        stages = {"capture": lambda: mic.stats.captured, "callback": lambda: stuck.kept}
        with StallWatch(stages, within_s=2, tell=told.append, dump=dump):
            while not told:
                time.sleep(0.01)
        after_s = time.monotonic() - began[0]
        leave.set()
        mic.stop()
    stacks = dump.read_text()
    seen(
        f"{told[0].stage!r} told after {after_s:.1f} s, nothing else; the dump has "
        f"{stacks.count('Thread 0x')} stacks, the line that hangs {stacks.count('in hang')} time"
    )
    assert [(event.stage, event.stalled) for event in told] == [("callback", True)]
    assert "in hang" in stacks


@fault(36, "1000 clients that fail at one moment and retry three times, on a clock of their own")
def test_retries_are_spread(seen):
    retry = vo.Retry(attempts=4, base_ms=1000, cap_ms=5000)
    starts = []
    for client in range(1000):
        now_s, rng = [0.0], random.Random(client)

        def sleep(delay_s, now_s=now_s):
            now_s[0] += delay_s

        def fails(now_s=now_s):
            starts.append(now_s[0])
            raise vo.DeviceError("gone")

        with pytest.raises(vo.DeviceError):
            retry.call(fails, clock=lambda now_s=now_s: now_s[0], sleep=sleep, rng=rng)
    retries = [start for start in starts if start]
    busiest = max(sum(a <= start < a + 0.01 for start in retries) for a in set(retries[:300]))
    delays = [delay for client in range(1000) for delay in retry.delays_s(random.Random(client))]
    seen(
        f"{len(starts):,} calls, at most {busiest} of {len(retries):,} retries within 10 ms; "
        f"a delay is {statistics.mean(delays[::3]):.2f}, {statistics.mean(delays[1::3]):.2f}, "
        f"{statistics.mean(delays[2::3]):.2f} s on the average, half of 1, 2, 4 s"
    )
    assert len(starts) == 4000
    assert busiest < 40
    for first, limit in enumerate((1, 2, 4)):
        assert statistics.mean(delays[first::3]) == pytest.approx(limit / 2, rel=0.1)  # of 1000
        assert 0 <= min(delays[first::3]) <= max(delays[first::3]) <= limit


@fault(37, "32 threads that call through a breaker at the end of its rest; the server still fails")
def test_so_many_probes_and_no_more(seen):
    now_s, calls = 0.0, []
    breaker = vo.CircuitBreaker(vo.Trip(failures=1, rest_s=60, probes=3), clock=lambda: now_s)
    with pytest.raises(ZeroDivisionError):
        breaker.call(lambda: 1 / 0)
    now_s = 60.0
    ready, leave = threading.Barrier(33), threading.Event()
    refused = []

    def probe():
        calls.append(1)
        leave.wait()

    def client():
        ready.wait()
        try:
            breaker.call(probe)
        except vo.ResourceBusy:
            refused.append(1)

    threads = [threading.Thread(target=client) for _ in range(32)]
    for thread in threads:
        thread.start()
    ready.wait()
    while len(refused) < 29:
        time.sleep(0.001)
    admitted = len(calls)
    leave.set()
    for thread in threads:
        thread.join()
    seen(f"{admitted} of 32 let through, {len(refused)} told to wait; {breaker.state} afterwards")
    assert (admitted, len(refused), breaker.state) == (3, 29, "closed")


REPLACES = """
import itertools, json, sys
from pathlib import Path
from vocana_dsp.control.atomic import replace_file
print("ready", flush=True)
for number in itertools.count(1):
    state = {"number": number, "again": [number] * 2000}
    replace_file(Path(sys.argv[1]), json.dumps(state).encode())
"""


@fault(50, "20 kills -9 of a process that replaces its state file again and again")
def test_a_state_file_is_old_or_new(seen, tmp_path):
    path, whole, numbers = tmp_path / "state.json", 0, []
    drawn = random.Random(50)
    for _ in range(20):
        child = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(REPLACES), str(path)], stdout=subprocess.PIPE
        )
        assert child.stdout is not None
        child.stdout.readline()
        while not path.exists():  # the first
            time.sleep(0.001)
        time.sleep(drawn.uniform(0.005, 0.03))
        child.send_signal(signal.SIGKILL)
        child.communicate()
        state = json.loads(path.read_text())
        whole += state["again"] == [state["number"]] * 2000
        numbers.append(state["number"])
    seen(f"{whole} of {len(numbers)} files whole, none mixed; {sum(numbers):,} states replaced")
    assert whole == len(numbers) == 20
