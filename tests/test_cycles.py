"""Hundreds of lives of a stream leave nothing behind; a recording ends when it is told to."""

import contextlib
import gc
import signal
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile
from test_record import RATE, Running, complete, tone_errors

import vocana_dsp as vo
from vocana_dsp.system.processes import rss_bytes
from vocana_dsp.testing import SimulatedDevice, Stall, Unplug

CYCLES = 500
SETTLES_S = 10.0  # the kernel takes a thread off its list a little after it has ended
DEADLINE_S = 1.0
HANGS_AFTER_S = 30.0
# What a device does when it is told to stop: nothing special, never called, virtual clocks, a
# stall in which no callback comes.
DEVICES = [
    {"block_frames": 16},
    {"block_frames": 4_800},
    {"pace": "lockstep"},
    {"pace": "flatout"},
    {"script": [Stall(0, ms=60_000)]},
]


def held():
    """Threads and descriptors of this process."""
    task, fd = (len(list(Path("/proc/self", kind).iterdir())) for kind in ("task", "fd"))
    return task, fd


def settled(expected):
    """What is held, once the kernel has had the time to bring it to what is expected."""
    gc.collect()
    return settled_by_itself(expected)


def settled_by_itself(expected):
    """The same without a collection."""
    deadline = time.monotonic() + SETTLES_S
    while (found := held()) != expected and time.monotonic() < deadline:
        time.sleep(0.01)
    return found


def quiet():
    """What is held, once what earlier tests left has ended."""
    gc.collect()
    seen = [held()]
    while len(seen) < 100 and len(set(seen[-4:])) + (len(seen) < 4) > 1:
        time.sleep(0.05)
        seen.append(held())
    return seen[-1]


def live(number):
    """One life: open, start, stop, close; return how long the stop and the close took."""
    device = SimulatedDevice(**DEVICES[number % len(DEVICES)])
    mic = vo.Capture(device, recovery=vo.Recovery() if number % 2 else None)
    mic.start()
    if number % 3 == 0:
        mic.read(160, timeout=0.002)
    began = time.monotonic()
    mic.stop()
    stopped = time.monotonic()
    mic.close()
    assert mic.state == "closed"
    return max(stopped - began, time.monotonic() - stopped)


def longest(count):
    """Return the longest stop or close of so many lives.

    A busy machine may hold up any thread once: what took too long is tried again. None hangs.
    """
    times = []
    for number in range(count):
        for _ in range(3):
            if (took := live(number)) < DEADLINE_S:
                break
            assert took < HANGS_AFTER_S
        times.append(took)
    return max(times)


def after_cycles(count):
    """Return what was held before and after so many cycles, and the longest stop or close."""
    longest(len(DEVICES))
    before = quiet()
    most = longest(count)
    return before, settled(before), most


def test_cycles_leave_no_thread_and_no_descriptor():  # faults 10
    before, after, _ = after_cycles(25)
    assert after == before


@pytest.mark.long
def test_five_hundred_cycles_within_the_deadline():  # faults 10
    before, after, most = after_cycles(CYCLES)
    assert after == before
    assert most < DEADLINE_S


def unplugged(number):
    """One life that ends while its device is away: at rest, in a try, or once it is back."""
    refusals = number % 4
    device = SimulatedDevice(
        pace="lockstep", script=[Unplug(480, ms=5, refusals=refusals), Unplug(9600)]
    )
    policy = vo.Recovery(settle_ms=number % 3, delay_ms=1 + number % 5, attempts=4)
    with vo.Capture(device, recovery=policy) as mic:
        mic.read(500)
        if number % 2:
            mic.read(4800)


def test_recoveries_leave_no_thread_and_no_descriptor():  # faults 10 54
    unplugged(0)
    before = quiet()
    for number in range(60):
        unplugged(number)
    assert settled(before) == before


@pytest.mark.long
def test_a_thousand_starts_and_stops():  # faults 54
    unplugged(0)
    before, memory = quiet(), rss_bytes()
    for number in range(1000):
        unplugged(number)
    assert settled(before) == before
    assert rss_bytes() - memory < 64 * 2**20  # the rings of 1000 streams are 500 MB


def failed(number):
    """One life that a device ends which does not come back."""
    device = SimulatedDevice(pace="lockstep", script=[Unplug(480)])
    policy = vo.Recovery(settle_ms=0, delay_ms=1, attempts=1 + number % 3)
    with vo.Capture(device, recovery=policy) as mic, contextlib.suppress(vo.DeviceError):
        for _ in mic:
            pass
    assert mic.stats.captured == 480


@pytest.mark.parametrize("life", [live, unplugged, failed])
def test_what_is_closed_goes_without_a_collection(life):  # faults 40 54, I9
    life(0)
    before = quiet()
    with vo.gc_policy(disable=True):
        for number in range(24):
            life(number)
        assert settled_by_itself(before) == before


def test_a_stream_that_stays_open_is_seen(monkeypatch):
    """The control: one stream that nobody closes is one thread and a descriptor or two more."""
    before = quiet()
    monkeypatch.setattr("test_cycles.SETTLES_S", 0.2)
    with vo.Capture(SimulatedDevice()):
        threads, descriptors = settled(before)
    assert threads == before[0] + 1
    assert descriptors > before[1]
    monkeypatch.undo()
    assert settled(before) == before


# --- Signals ------------------------------------------------------------------------------------


def seconds_until(done):
    """Seconds until done() is true; a hang fails."""
    began = time.monotonic()
    while not done():
        assert time.monotonic() < began + HANGS_AFTER_S, "the recording does not end"
        time.sleep(0.001)
    return time.monotonic() - began


def seconds_to_finalise(path, number, frames):
    """How long a recording takes to end, with all that it had, after a signal."""
    with Running(path) as running:
        running.wait_for(frames)
        assert not complete(path)  # the control: before the signal it is not
        running.process.send_signal(number)
        took = seconds_until(lambda: running.process.poll() is not None)  # the file is on the disk
        code, out, err = running.end()
    assert (code, err) == (0, "")
    assert complete(path)
    audio, rate = soundfile.read(path)
    assert (rate, audio.ndim) == (RATE, 1)
    assert len(audio) >= frames
    assert tone_errors(audio) == []
    assert np.isfinite(audio).all()
    assert f"recorded {len(audio):,} frames, lost 0\n" in out
    return took


@pytest.mark.long
@pytest.mark.parametrize("frames", [4_800, 14_400, 48_000])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_finalises_within_a_second(tmp_path, number, frames):  # faults 45
    """Once of three times: a busy machine may hold up any process."""
    paths = (tmp_path / f"{run}.wav" for run in range(3))
    assert any(seconds_to_finalise(path, number, frames) < DEADLINE_S for path in paths)
