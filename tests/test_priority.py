"""Priority, processors and locked memory: what is reported is what the system says."""

import os
import subprocess
import sys
import threading
import time

import pytest
from child import run_ok

import vocana_dsp as vo
from vocana_dsp.system import memory_lock, priority
from vocana_dsp.testing import SimulatedDevice

UNKNOWN_CPU = 5000
HERE = os.sched_getaffinity(0)


@pytest.fixture
def thread():
    """A thread that waits to be scheduled, and to end."""
    leave = threading.Event()
    found = threading.Thread(target=leave.wait, name="waiting")
    found.start()
    yield found
    leave.set()
    found.join()


def refuse(*_):
    raise PermissionError(1, "Operation not permitted")


# --- Priority ----------------------------------------------------------------------------------


def test_the_threads_of_a_capture_are_reported_as_the_system_sees_them():  # H7, H8, I8
    with vo.Capture(SimulatedDevice(), rate=16_000) as mic:
        mic.read(160)
        assert set(mic.threads) == {"device", "engine"}
        assert mic.threads["device"] != mic.threads["engine"]
        reports = vo.RealTime(priority=7).apply(mic)
        assert [report.subject for report in reports] == ["device", "engine"]
        for report in reports:
            native_id = mic.threads[report.subject]
            assert report.asked == "fifo 7"
            assert report.effective == priority.scheduling(native_id)
            assert report.granted == (os.sched_getparam(native_id).sched_priority == 7)
            assert report.granted == (report.reason == "")
        assert len(mic.read(160)) == 160
    assert mic.threads == {}


def test_a_capture_without_a_thread_of_its_own_has_the_device_s():
    mic = vo.Capture(SimulatedDevice())
    assert mic.threads == {}
    with mic:
        mic.read(10)
        names = {name: comm(native_id) for name, native_id in mic.threads.items()}
        assert names == {"device": "vo-sim"}


def comm(native_id):
    with open(f"/proc/self/task/{native_id}/comm") as file:  # noqa: PTH123 - a line of the kernel's
        return file.read().strip()


NOBODY = """
    import os, resource, threading
    import vocana_dsp as vo
    from vocana_dsp.testing import SimulatedDevice

    list(vo.Capture(SimulatedDevice(seconds=0.01), rate=16_000))
    vo.RealTime  # all is imported: nobody may not read where Python is
    if os.getuid() == 0:
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)
    with vo.Capture(SimulatedDevice(seconds=0.5), rate=16_000) as mic:
        mic.read(160)
        policy = vo.RealTime(priority=10, lock_memory=True)
        for report in policy.apply(mic, threading.current_thread()):
            print(report)
        print(sum(len(block) for block in mic), mic.stats.dropped)
"""


def test_without_privileges_all_goes_on_and_says_why():  # I8: unprivileged, no crash
    *told, end = run_ok(NOBODY).splitlines()
    assert end == "7840 0"
    assert [line.split(":")[0] for line in told] == ["device", "engine", "MainThread", "memory"]
    if os.getuid() == 0:  # its limits are none
        for line in told[:3]:
            assert ": other, not fifo 10: SCHED_FIFO is refused (Operation not permitted), " in line
            assert "so is a nice value (Permission denied)" in line
        assert "memory: not locked, not locked: " in told[3]
        assert "ulimit -l" in told[3]


def test_a_limit_below_what_is_asked_is_taken(monkeypatch, thread):
    given = []

    def up_to_5(native_id, policy, parameter):
        if parameter.sched_priority > 5:
            refuse()
        given.append((native_id, policy & ~os.SCHED_RESET_ON_FORK, parameter.sched_priority))

    monkeypatch.setattr(os, "sched_setscheduler", up_to_5)
    monkeypatch.setattr(priority, "_limit", {"RLIMIT_RTPRIO": 5, "RLIMIT_NICE": 0}.__getitem__)
    report = priority.raise_priority(thread.native_id, 10, "waiting")
    assert given == [(thread.native_id, os.SCHED_FIFO, 5)]
    assert report.reason == "the limit of real-time priorities is 5"


@pytest.mark.parametrize(
    ("limit", "allowed", "set_to"),
    [(40, -20, -11), (31, -11, -11), (25, -5, -5), (0, 20, None)],
)
def test_what_is_not_real_time_is_nice(monkeypatch, thread, limit, allowed, set_to):
    given = []

    def down_to(which, native_id, nice):
        if nice < allowed:
            raise PermissionError(13, "Permission denied")
        given.append((which, native_id, nice))

    monkeypatch.setattr(os, "sched_setscheduler", refuse)
    monkeypatch.setattr(os, "setpriority", down_to)
    monkeypatch.setattr(priority, "_limit", {"RLIMIT_RTPRIO": 0, "RLIMIT_NICE": limit}.get)
    report = priority.raise_priority(thread.native_id, 10, "waiting")
    assert given == ([] if set_to is None else [(os.PRIO_PROCESS, thread.native_id, set_to)])
    assert report.reason.startswith("SCHED_FIFO is refused (Operation not permitted)")
    assert ("so is a nice value" in report.reason) == (set_to is None)


def test_a_better_nice_value_is_kept(monkeypatch, thread):
    monkeypatch.setattr(os, "sched_setscheduler", refuse)
    monkeypatch.setattr(os, "getpriority", lambda *_: -15)
    monkeypatch.setattr(os, "setpriority", lambda *_: pytest.fail("made worse"))
    assert priority.raise_priority(thread.native_id, 10, "waiting").effective == "nice -15"


def test_a_system_without_these_calls_reports_it(monkeypatch, thread):
    for name in ("sched_setscheduler", "sched_getscheduler"):
        monkeypatch.delattr(os, name)
    monkeypatch.setattr(os, "setpriority", refuse)
    report = priority.raise_priority(thread.native_id, 10, "waiting")
    assert report.effective == "other"
    assert report.reason.startswith("this system has no SCHED_FIFO")


def test_a_thread_that_has_ended_is_reported():
    gone = 2**22 + 1  # above the largest that Linux gives
    report = priority.raise_priority(gone, 10, "gone")
    assert (report.effective, report.granted) == ("ended", False)
    assert "No such process" in report.reason


@pytest.mark.parametrize(
    ("subject", "told"),
    [
        ("mic", "a subject is 'mic'"),
        (None, "a subject is None"),
        (0, "thread is 0"),
        (threading.Thread(name="new"), "'new' does not run"),
    ],
)
def test_what_has_no_threads_is_refused(subject, told):
    with pytest.raises(vo.ConfigError, match=told):
        vo.RealTime().apply(subject)


def test_the_number_of_another_process_changes_nothing_there():  # E9
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        before = os.sched_getaffinity(other.pid), priority.scheduling(other.pid)
        told = f"'{other.pid}' does not run in this process"
        for change in (
            lambda: vo.set_affinity(other.pid, {min(before[0])}),
            lambda: vo.RealTime().apply(other.pid),
        ):
            with pytest.raises(vo.ConfigError, match=told):
                change()
        assert (os.sched_getaffinity(other.pid), priority.scheduling(other.pid)) == before
        other.kill()


def test_what_has_not_started_changes_nobody_s_priority(tmp_path):  # I8
    """Least of all that of the thread that asks, which the system knows as 0 too."""
    mine = priority.scheduling(threading.get_native_id())
    mic = vo.Capture(SimulatedDevice())
    recorder = vo.Recorder(tmp_path / "a.wav", mic)
    for subject in (mic, recorder):
        with pytest.raises(vo.ConfigError, match="has no thread that runs"):
            vo.RealTime().apply(subject)
    assert priority.scheduling(threading.get_native_id()) == mine
    with mic, recorder:
        mic.read(10)
        while not recorder.threads:
            time.sleep(0.001)
        reports = vo.RealTime().apply(mic, recorder)
        assert [report.subject for report in reports] == ["device", "recorder"]
    assert recorder.threads == {}


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"priority": 0}, "priority is 0, expected a whole number from 1 to 99"),
        ({"priority": 100}, "priority is 100"),
        ({"cpus": []}, "cpus is "),
        ({"cpus": "0,1"}, "cpus is '0,1'"),
        ({"cpus": [-1]}, "a processor is -1"),
    ],
)
def test_bad_values_are_named(values, told):
    with pytest.raises(vo.ConfigError, match=told):
        vo.RealTime(**values)


# --- Processors --------------------------------------------------------------------------------


def test_what_is_applied_is_what_is_asked_and_allowed(thread):  # I7
    for cpu in HERE:
        assert vo.set_affinity(thread, [cpu]) == {cpu}
        assert vo.set_affinity(thread.native_id, {cpu, UNKNOWN_CPU}) == {cpu}
        assert os.sched_getaffinity(thread.native_id) == {cpu}
    assert vo.set_affinity(thread, HERE) == HERE
    assert os.sched_getaffinity(0) == HERE


def test_processors_that_are_not_there_are_an_error_and_change_nothing(thread):
    with pytest.raises(vo.ConfigError, match=r"cpus is \[5000\], none of which"):
        vo.set_affinity(thread, [UNKNOWN_CPU])
    assert os.sched_getaffinity(thread.native_id) == HERE
    with pytest.raises(vo.ConfigError, match="does not run"):
        vo.set_affinity(2**22 + 1, HERE)


def test_processors_are_reported(thread):
    cpu = min(HERE)
    part, _ = vo.RealTime(cpus=[cpu, UNKNOWN_CPU]).apply(thread)
    assert (part.asked, part.effective, part.granted) == (f"cpus {cpu},5000", f"cpus {cpu}", False)
    assert "5000" in part.reason
    assert str(vo.RealTime(cpus=HERE).apply(thread)[0]).startswith("waiting: cpus ")


def test_a_system_without_affinity_says_so(monkeypatch, thread):
    monkeypatch.delattr(os, "sched_setaffinity")
    with pytest.raises(vo.ConfigError, match="cannot be chosen"):
        vo.set_affinity(thread, [0])


# --- Memory ------------------------------------------------------------------------------------


def test_locked_memory_is_what_the_kernel_counts():
    told = run_ok("""
        import vocana_dsp as vo
        [report] = vo.RealTime(lock_memory=True).apply()
        with open("/proc/self/status") as status:
            kib = next(line.split()[1] for line in status if "VmLck" in line)
        assert report.granted == (int(kib) > 0), (report, kib)
        print(report.subject, bool(report.reason) != report.granted)
    """)
    assert told == "memory True\n"


def test_another_system_does_not_lock(monkeypatch):
    monkeypatch.setattr(memory_lock.sys, "platform", "darwin")
    assert memory_lock.lock() == ("not locked", "this is done on Linux alone")
