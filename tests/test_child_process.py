"""A child process whatever it says, and when no signal ends it."""

import gc
import subprocess
from pathlib import Path

import pytest
from child import run_ok

from vocana_dsp import Device, DeviceError, StreamClosed
from vocana_dsp.capture.child import Child


def test_what_is_no_answer_is_told():
    child = Child("this", {})  # prints a poem
    with pytest.raises(DeviceError, match=r"answered by .*Zen.*, which is no") as caught:
        child.answer(60.0, "looking")
    assert caught.value.code == "device_crashed"
    child.close()


def test_what_a_driver_holds_in_the_kernel_is_left_there(monkeypatch):
    child = Child("this", {})

    def in_the_kernel(_, timeout=None):
        assert timeout is not None
        raise subprocess.TimeoutExpired("a device", timeout)

    monkeypatch.setattr(subprocess.Popen, "wait", in_the_kernel)
    child.close(0.0)
    monkeypatch.undo()
    child._process.wait()


def test_a_pipe_stays_open_while_somebody_reads_it():
    """Its number would be that of something else then."""
    child = Child("this", {})
    with child._reading:
        child.close()
        assert not child._process.stdout.closed
    child.close()
    assert child._process.stdout.closed
    with pytest.raises(StreamClosed, match="has been ended"):
        child.answer(60.0, "looking")
    child.kill()


def test_a_forked_child_has_no_pipe_of_its_parent_s():  # fault 41
    """One that nobody knows of yet, too: its process would not see that the parent has ended."""
    run_ok("""
        import os
        from vocana_dsp.capture.child import Child
        child = Child("vocana_dsp.capture.isolated", {})  # waits for an order
        child._lock.acquire()  # by a thread that the forked child has not
        child._reading.acquire()
        pid = os.fork()
        if not pid:
            child.kill()
            child.close()
            os._exit(7 if child._process.stdin.closed and child._process.stdout.closed else 0)
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 7
        child._reading.release()
        child._lock.release()
        assert child._process.poll() is None
        child.close()
    """)


def test_a_process_that_cannot_be_started_leaves_nothing(monkeypatch):
    monkeypatch.setattr("sys.executable", "/no/python")
    gc.collect()
    before = sorted(Path("/proc/self/fd").iterdir())
    with pytest.raises(DeviceError, match="no process can be started") as caught:
        Device(isolate=True).open(None)
    assert caught.value.code == "no_process"
    assert sorted(Path("/proc/self/fd").iterdir()) == before
