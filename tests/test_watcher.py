"""Devices that come and go, by a scripted look: each change is told once. The look itself asks a
child process."""

import dataclasses
import os
import threading
import time
from pathlib import Path

import pytest
from child import run_ok

import vocana_dsp as vo
from vocana_dsp.capture import probe
from vocana_dsp.capture.choice import DeviceInfo

HERE = os.environ | {"PYTHONPATH": str(Path(__file__).parent)}

BUILT_IN = DeviceInfo(0, "Built-in", "ALSA", 2, 48_000, 8.0, True)
USB = DeviceInfo(1, "USB mic", "ALSA", 1, 48_000, 8.0, False)


def default(device):
    return dataclasses.replace(device, is_default=True)


def other(device):
    return dataclasses.replace(device, is_default=False)


class Script:
    """What each look finds, in turn; the last one again and again. An exception is raised."""

    def __init__(self, *looks):
        self.looks = list(looks)

    def __call__(self):
        found = self.looks.pop(0) if len(self.looks) > 1 else self.looks[0]
        if isinstance(found, Exception):
            raise found
        return found


def changes(*looks):
    """Every change of a script, as (added, removed, default's name or "" when it is the same)."""
    watcher = vo.DeviceWatcher(print, look=Script(*looks))
    told = [change for _ in looks if (change := watcher.check())]
    return [
        (
            [device.name for device in change.added],
            [device.name for device in change.removed],
            (change.default.name if change.default else None) if change.default_changed else "",
        )
        for change in told
    ]


# I11
@pytest.mark.parametrize(
    ("looks", "told"),
    [
        ([[BUILT_IN, USB]] * 3, []),
        ([[BUILT_IN, USB], [BUILT_IN], [BUILT_IN]], [([], ["USB mic"], "")]),
        ([[BUILT_IN], [BUILT_IN, USB]], [(["USB mic"], [], "")]),
        ([[BUILT_IN, USB], [default(USB)]], [([], ["Built-in"], "USB mic")]),
        ([[BUILT_IN, USB], [other(BUILT_IN), default(USB)]], [([], [], "USB mic")]),
        ([[BUILT_IN], []], [([], ["Built-in"], None)]),
        ([[], [BUILT_IN]], [(["Built-in"], [], "Built-in")]),
        ([[USB, USB], [USB]], [([], ["USB mic"], "")]),  # two of a kind
        ([[BUILT_IN, USB], [dataclasses.replace(USB, index=0), BUILT_IN]], []),  # numbers change
    ],
)
def test_each_change_is_told_once(looks, told):
    assert changes(*looks) == told


def watching():
    return any(thread.name == "vocana-devices" for thread in threading.enumerate())


def test_it_looks_by_itself_and_goes_on_after_errors():
    lost = vo.DeviceError("no answer", code="device_hangs")
    told, twice = [], threading.Event()

    def on_change(change):
        told.append(change)
        if len(told) == 2:
            twice.set()
        raise RuntimeError("of the caller")

    script = Script([BUILT_IN, USB], [BUILT_IN], lost, [BUILT_IN, USB])
    with vo.DeviceWatcher(on_change, every_s=0.001, look=script) as watcher:
        assert twice.wait(30.0)
    assert ([d.name for d in told[0].removed], [d.name for d in told[1].added]) == (
        ["USB mic"],
        ["USB mic"],
    )
    assert [type(error) for error in watcher.errors][:2] == [RuntimeError, vo.DeviceError]
    assert not watching()
    with pytest.raises(vo.StreamClosed, match="the watcher is closed"):
        watcher.start()
    assert not watching()


def test_it_may_be_closed_by_what_it_calls():
    done = threading.Event()

    def on_change(change):
        watcher.close()
        done.set()

    watcher = vo.DeviceWatcher(on_change, every_s=0.001, look=Script([USB], []))
    watcher.start()
    assert done.wait(30.0)
    watcher.close()
    assert not watcher.errors


def test_what_is_found_while_it_is_closed_is_not_told():
    def looks():
        yield [BUILT_IN]
        watcher._over.set()  # by another thread
        yield [BUILT_IN, USB]

    told = []
    watcher = vo.DeviceWatcher(told.append, every_s=0.001, look=looks().__next__)
    watcher._run()
    assert watcher._known == [BUILT_IN, USB]
    assert told == []


def test_a_period_has_to_be_one():
    with pytest.raises(vo.ConfigError, match="every_s is 0, expected more than 0 s"):
        vo.DeviceWatcher(print, every_s=0)


@pytest.fixture
def plugged(monkeypatch, tmp_path):
    """A file that lists the devices which child processes find."""
    monkeypatch.setattr(probe, "PROGRAM", "isolated_stand_in")
    file = tmp_path / "devices"
    monkeypatch.setenv("VOCANA_TEST_DEVICES", str(file))
    file.write_text("first second")
    return file


def test_a_child_process_is_asked_and_kept(plugged):
    told = []
    watcher = vo.DeviceWatcher(told.append)
    assert watcher.check() is None
    pid = watcher._prober._child.pid
    plugged.write_text("first")
    assert [device.name for device in watcher.check().removed] == ["second"]
    plugged.unlink()  # the look fails
    with pytest.raises(vo.DeviceError) as failed:
        watcher.check()
    assert failed.value.code == "device_failed"
    plugged.write_text("first third")
    assert [device.name for device in watcher.check().added] == ["third"]
    assert watcher._prober._child.pid != pid
    assert not told  # `check` tells its caller alone
    watcher.close()
    assert watcher._prober._child is None


def test_one_look_leaves_no_process(plugged):
    assert [(d.name, d.is_default) for d in vo.devices()] == [("first", True), ("second", False)]


def test_closing_does_not_wait_for_a_look_that_hangs(plugged):
    plugged.write_text("hangs")
    with vo.DeviceWatcher(print) as watcher:
        while watcher._prober._child is None:
            time.sleep(0.001)
        begun = time.monotonic()
    assert time.monotonic() - begun < 5.0  # not the deadline of a look
    assert not watcher.errors


def test_closing_ends_a_look_that_has_just_begun(plugged, monkeypatch):
    plugged.write_text("hangs")
    begins = threading.Event()

    class SlowChild(probe.Child):
        def __init__(self, *arguments):
            begins.set()
            time.sleep(0.1)
            super().__init__(*arguments)

    monkeypatch.setattr(probe, "Child", SlowChild)
    with vo.DeviceWatcher(print) as watcher:
        assert begins.wait(30.0)
        begun = time.monotonic()
    assert time.monotonic() - begun < 5.0
    assert not watcher.errors
    assert watcher._prober._child is None


# fault 41
def test_a_forked_child_looks_by_itself(plugged):
    run_ok("""
        import os, time, warnings
        import vocana_dsp as vo
        from vocana_dsp.capture import probe
        probe.PROGRAM = "isolated_stand_in"
        warnings.simplefilter("ignore", DeprecationWarning)
        with vo.DeviceWatcher(print, every_s=3600) as watcher:
            while watcher._prober._child is None:
                time.sleep(0.001)
            pid = os.fork()  # while a thread, which the child has not, is about to look
            if not pid:
                found = watcher._prober.look()
                watcher.close()
                os._exit(len(found))
            assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 2
            assert len(watcher._prober.look()) == 2
        assert not watcher.errors
        """, env=HERE | {"VOCANA_TEST_DEVICES": str(plugged)})  # fmt: skip
