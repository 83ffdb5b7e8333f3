"""A device in a child process: whatever happens there, this process goes on and leaves nothing."""

import ctypes
import gc
import os
import re
import signal
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from child import run, run_ok

import vocana_dsp as vo
from vocana_dsp.capture import child as child_module
from vocana_dsp.capture import isolation

HERE = os.environ | {"PYTHONPATH": str(Path(__file__).parent)}


@pytest.fixture(autouse=True)
def stand_in(monkeypatch):
    """Isolated devices are those of isolated_stand_in.py, whose Python may take long to start."""
    monkeypatch.setattr(isolation, "PROGRAM", "isolated_stand_in")
    monkeypatch.setattr(isolation, "OPEN_DEADLINE_S", 60.0)
    monkeypatch.setattr(isolation, "START_DEADLINE_S", 60.0)


def capture(name, **arguments):
    return vo.Capture(vo.Device(name, isolate=True), **arguments)


def pid_of(mic):
    return mic._path.session.player.pid


def is_gone(pid):
    """Whether the process has ended and been waited for."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def is_zombie(pid):
    """Whether the process has ended and nobody has waited for it."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"


def descriptors():
    gc.collect()  # what earlier tests left
    gc.collect()  # what tests before this one have dropped holds some
    return len(list(Path("/proc/self/fd").iterdir()))


def wait_until(condition):
    end = time.monotonic() + 30.0
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.002)


# fault 9
def test_every_frame_of_the_other_process_arrives():
    with capture("plain", channels=2) as mic:
        assert (mic.rate, mic.channels) == (48_000, 2)
        data = mic.read(48_000).data
        age_s = (time.monotonic_ns() - mic._path.session.engine.last_callback()[0]) / 1e9
        pid = pid_of(mic)
    np.testing.assert_array_equal(data, np.repeat(np.arange(48_000.0)[:, None], 2, axis=1))
    assert 0 <= age_s < 30.0  # by one clock; a loaded machine may be late
    assert mic.stats.dropped == 0
    assert mic.stats.captured == mic.stats.delivered + mic.stats.queued
    assert is_gone(pid)


def test_a_device_is_found_there_by_a_pattern():  # I3
    with capture(re.compile("^PLA", re.IGNORECASE)) as mic:
        assert mic._path.session.player.name == "plain"
        assert len(mic.read(480)) == 480


def test_what_was_captured_before_a_stop_is_all_there():
    with capture("plain") as mic:
        mic.read(4800)
        mic.stop()
        assert mic.state == "stopped"
        rest = [block.data for block in mic]
        frames = 4800 + sum(map(len, rest))
        assert rest == [] or rest[-1][-1, 0] == frames - 1
        assert mic.stats.captured == frames


@pytest.mark.fault(6, "a device in a child process flags an xrun in each of 100 callbacks")
def test_xruns_of_the_device_are_counted_apart_from_losses(seen):
    with capture("flags") as mic:
        mic.read(48_000)
        mic.stop()
        stats = mic.stats
    assert stats.xruns == stats.callbacks >= 100
    assert stats.dropped == stats.overflows == 0
    seen(f"{stats.xruns} xruns in {stats.callbacks} callbacks, 0 frames lost, 0 overflows")


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("crashes_at_open", "device_crashed"),
        ("there is none", "device_not_found"),
        ("hangs_at_open", "device_hangs"),
    ],
)
def test_what_does_not_open_says_why_and_leaves_nothing(name, code, monkeypatch):
    if name == "hangs_at_open":
        monkeypatch.setattr(isolation, "OPEN_DEADLINE_S", 1.0)
    before = descriptors()
    with pytest.raises(vo.DeviceError) as told:
        capture(name)
    assert (told.value.code, told.value.retryable) == (code, True)
    if code == "device_crashed":
        assert "signal 6, the driver is broken" in str(told.value)
    wait_until(lambda: descriptors() == before)


@pytest.mark.parametrize("misfit", [{"ring_ms": 10.0}, {"chain": 3}])
def test_what_does_not_fit_leaves_no_process(misfit):
    """However long the error is kept, which holds the frames that it went through."""
    with pytest.raises(vo.ConfigError) as told:
        capture("plain", **misfit)
    assert told.value.hint
    assert [child.pid for child in child_module._children if child._process.poll() is None] == []


@pytest.mark.parametrize(
    ("name", "code"), [("starts_never", "start_failed"), ("hangs_at_start", "device_hangs")]
)
def test_what_does_not_start_says_why(name, code, monkeypatch):
    monkeypatch.setattr(isolation, "START_DEADLINE_S", 0.5 if name == "hangs_at_start" else 60.0)
    mic = capture(name)
    pid = pid_of(mic)
    with pytest.raises(vo.DeviceError) as told:
        mic.start()
    assert told.value.code == code
    assert mic.state == "failed"
    assert is_gone(pid)


# fault 9
@pytest.mark.parametrize("name", ["is_lost", "crashes_later"])
def test_a_lost_device_is_told_after_its_last_frame(name):
    with capture(name) as mic:
        pid = pid_of(mic)
        assert len(mic.read(4800)) == mic.stats.captured == 4800
        with pytest.raises(vo.DeviceError) as told:
            mic.read(480)
        assert told.value.code == "device_lost"
        assert mic.state == "failed"
    assert is_gone(pid)


# fault 11
def test_a_device_that_stops_calling_is_stalled(monkeypatch):
    with capture("stands_still") as mic:
        assert len(mic.read(4800)) == 4800
        monkeypatch.setattr("vocana_dsp.capture.watch.STALL_S", 0.1)
        with pytest.raises(vo.DeviceError) as told:
            mic.read(480)
        assert told.value.code == "device_stalled"
        assert mic.state == "stalled"


# fault 10
@pytest.mark.parametrize("how", ["hangs_at_stop", "plain"])
def test_a_process_that_does_not_end_is_killed(how):
    mic = capture(how)
    with mic:
        mic.read(480)
        pid = pid_of(mic)
        if how == "plain":
            os.kill(pid, signal.SIGSTOP)
        mic.stop()
        assert is_gone(pid)
    assert not mic._path.session.engine.leaked  # nothing hangs here, so nothing has to be kept


def test_a_library_that_complains_without_end_holds_nothing_up():
    with capture("complains") as mic:
        assert len(mic.read(480)) == 480


# faults 10, 54
def test_no_process_and_no_descriptor_stays():
    with capture("plain") as mic:
        mic.read(480)
    before, threads = descriptors(), threading.active_count()
    for name in ["plain", "is_lost", "hangs_at_stop"] * 2:
        mic = capture(name)
        mic.start()
        pid = pid_of(mic)
        mic.close()
        assert is_gone(pid)
    wait_until(lambda: (descriptors(), threading.active_count()) == (before, threads))


def test_what_was_opened_and_dropped_ends_too():
    before = descriptors()
    player = vo.Device("plain", isolate=True).open(None)
    pid = player.pid
    del player
    assert is_gone(pid)
    assert descriptors() == before


@pytest.mark.fault(48, "5 s in a C call that holds the GIL, with a device in a child process")
@pytest.mark.long
def test_five_seconds_of_a_held_gil_lose_nothing(seen):
    with capture("plain", ring_ms=10_000.0) as mic:
        mic.read(480)
        ctypes.PyDLL(None).sleep(5)  # keeps the GIL
        data = mic.read(5 * 48_000).data
    np.testing.assert_array_equal(data[:, 0], np.arange(480.0, 480 + 5 * 48_000))
    assert mic.stats.dropped == 0
    seen(f"0 of {mic.stats.captured:,} frames lost, with a ring of 10 s")


# fault 41
def test_a_fork_leaves_the_device_to_its_parent():
    run_ok("""
        import os, warnings
        import vocana_dsp as vo
        from vocana_dsp.capture import isolation
        isolation.PROGRAM = "isolated_stand_in"
        warnings.simplefilter("ignore", DeprecationWarning)
        with vo.Capture(vo.Device("plain", isolate=True)) as mic:
            mic.read(480)
            pid = os.fork()
            if not pid:
                try:
                    mic.read(480)
                except vo.StreamClosed:
                    mic.close()
                    os._exit(7)
            assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 7
            assert len(mic.read(48_000)) == 48_000
        """, env=HERE)  # fmt: skip


@pytest.mark.fault(42, "a process with a device in a child, which hangs in its stop, ends")
@pytest.mark.parametrize("begun", ["mic.read(480)", "pass"])
@pytest.mark.parametrize("how", ["pass", "os._exit(0)", "os.kill(os.getpid(), 9)"])
def test_the_process_ends_with_its_parent(how, begun, seen):
    done = run(f"""
        import os
        import vocana_dsp as vo
        from vocana_dsp.capture import isolation
        isolation.PROGRAM = "isolated_stand_in"
        mic = vo.Capture(vo.Device("hangs_at_stop", isolate=True))
        {begun}
        print(mic._path.session.player.pid, flush=True)
        {how}
        """, env=HERE)  # fmt: skip
    assert done.stderr == ""
    assert done.returncode == (-9 if "kill" in how else 0)
    pid = int(done.stdout)
    wait_until(lambda: is_gone(pid) or is_zombie(pid))  # of init, if that does not look
    seen(f"after {begun!r} and {how!r}: status {done.returncode}, and the child has ended")


def test_a_thread_that_opened_a_device_may_end():
    mics = []
    opener = threading.Thread(target=lambda: mics.append(capture("plain")))
    opener.start()
    opener.join()
    with mics[0] as mic:
        assert len(mic.read(24_000)) == 24_000


def test_a_lost_device_is_opened_again_by_name():
    player = vo.Device("plain", isolate=True).open(None)
    again = vo.Device("pla", 16_000, 64, isolate=True)
    assert vo.Device("pla", 16_000, 64).reopening(player) == again
    assert vo.Device(0).reopening(player) == vo.Device("plain", isolate=True)  # numbers change
    assert vo.Device().reopening(player) == vo.Device(isolate=True)
    player.stop(1.0)
