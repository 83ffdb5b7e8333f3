"""A child process whatever it says, and when no signal ends it."""

import subprocess

import pytest

from vocana_dsp import DeviceError
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
