"""One device is given up and another one opened: whatever goes wrong then, nothing stays open."""

import threading
import time

import numpy as np
import pytest
from hand_device import HandDevice
from recovery_scene import Scene, Scripted, Talking

import vocana_dsp as vo
from vocana_dsp.capture import isolation, supervisor

GONE = vo.DeviceError("gone")


def fails(scene):
    """Lose the device, find no other one, and return the error that a reader gets."""
    scene.step()
    scene.player.unplug()
    assert scene.step() == "failed"
    with pytest.raises(vo.DeviceError) as told:
        scene.supervisor.check_lost()
    return told.value.__cause__


class Hangs(Talking):
    """A device that does not stop."""

    def stop(self, deadline_s):
        return False


def test_a_device_that_does_not_stop_keeps_its_memory():  # faults 10
    scene = Scene(Scripted(Hangs(), Talking()))
    scene.step()
    hangs = scene.path.session
    scene.player.unplug()
    assert scene.step() == "running"
    assert hangs.engine.leaked
    assert not scene.path.session.engine.leaked
    scene.close()


def test_nor_does_it_lose_its_memory_at_the_end():  # faults 10
    scene = Scene(Scripted(Hangs()))
    scene.step()
    scene.close()
    assert scene.path.session.engine.leaked


def test_a_source_that_has_ended_is_not_lost():
    scene = Scene(Scripted(Talking(), GONE))
    scene.step()
    scene.player.end()
    scene.player.unplug()
    assert scene.step() == "running"
    assert scene.supervisor.log.stats.attempts == 0
    scene.close()


def test_a_reader_that_takes_its_time_costs_the_next_device_none():  # L5
    device = Talking()
    device.waits = True
    scene = Scene(Scripted(device, Talking()))
    leave = scene.path.processing.leave

    def leave_late(deadline_s):
        scene.time.now += 3600.0
        return leave(deadline_s)

    scene.path.processing.leave = leave_late
    scene.step()
    scene.player.unplug()
    assert scene.step() == "running"
    scene.close()


def test_a_device_whose_format_does_not_fit_is_closed():  # faults 53
    """Its rate cannot be resampled; the next source is tried."""
    slow = Talking(rate=100)
    slow.active = True  # until it is stopped
    scene = Scene(Scripted(Talking(), slow), Scripted(Talking()))
    scene.step()
    scene.player.unplug()
    assert scene.step() == "degraded"
    assert not slow.active
    scene.close()


def test_what_devices_have_counted_adds_up():
    scene = Scene(Scripted(Talking(), Talking(channels=2)))
    scene.step()
    scene.player.play(np.full((10, 1), np.nan), flags=2)
    scene.player.unplug()
    scene.step()
    scene.player.play(np.array([[0, np.nan]] * 10), flags=2)
    counts = scene.path.session.counts()
    assert (counts["callbacks"], counts["xruns"]) == (4, 2)
    assert (counts["input"][0], counts["input"][-1]) == (20, (10, 10))
    scene.close()


def test_a_chain_that_was_changed_before_is_free_after_it():
    scene = Scene(Scripted(Talking(), Talking()))
    scene.step()
    first = scene.path.processing.chain
    scene.path.processing.change(vo.Chain())
    scene.player.unplug()
    assert scene.step() == "running"
    assert first.process(np.ones(480, np.float32), rate=48_000).all()
    scene.close()


def test_a_device_that_is_lost_before_its_first_block_is_tried_again():  # L1
    class Lost(Talking):
        def start(self):
            self.active = False

    scene = Scene(Scripted(Talking(), Lost))
    error = fails(scene)
    assert error.code == "device_lost"
    assert "before its first block" in str(error)
    scene.close()


def test_a_rest_that_takes_all_the_time_leaves_none():  # L5
    scene = Scene(Scripted(Talking()))
    pause = scene.time.pause
    scene.supervisor._follower._pause = lambda seconds: pause(10.0)
    error = fails(scene)
    assert error.code == "device_hangs"
    assert "no time left" in str(error)
    scene.close()


@pytest.mark.parametrize("at", ["while the device rests", "before the first block"])
def test_a_stop_is_not_waited_out(at):  # L5 L8
    """Nothing is opened after it, and what was opened is closed."""

    class Silent(Talking):
        def start(self):
            HandDevice.start(self)

    device = Silent()
    source = Scripted(Talking(), device)
    scene = Scene(source)
    scene.step()
    scene.player.unplug()
    stops_at = 0 if at == "while the device rests" else 1
    pause = scene.time.pause
    scene.supervisor._follower._pause = lambda s: pause(s) or len(scene.time.pauses) > stops_at
    assert scene.step() == "recovering"
    assert len(source.times) == 1 + stops_at
    assert not device.active
    scene.close()
    assert scene.events[-3:] == ["recovering", "stopping", "closed"]


def test_a_device_that_takes_all_the_time_leaves_none_for_the_next():  # L1
    """What the first one failed with is told; the fallback is not begun."""

    class Slow(Scripted):
        def open(self, channels):
            if self.times:
                scene.time.now += 60.0
            return super().open(channels)

    other = Scripted(Talking())
    scene = Scene(Slow(Talking(), GONE), other)
    assert fails(scene) is GONE
    assert not other.times
    scene.close()


def test_the_error_tells_why_no_fallback_runs():  # L1
    scene = Scene(Scripted(Talking(), vo.DeviceError("first")), Scripted(vo.DeviceError("other")))
    error = fails(scene)
    assert error.args[0] == "first"
    assert error.__notes__[-1].startswith("fallback 1: other")
    scene.close()


def test_a_fallback_is_sought_among_the_devices_that_there_are_now(monkeypatch):  # I11, faults 9
    """This process knows those of its start, and its client of JACK may hang with the first one."""
    monkeypatch.setattr(isolation, "PROGRAM", "isolated_stand_in")
    recovery = vo.Recovery(attempts=1, settle_ms=0, deadline_s=60)
    first = Scripted(Talking(), GONE)
    with vo.Capture(first, fallback=[vo.Device("plain")], recovery=recovery) as mic:
        assert mic.source is first
        mic._path.session.player.unplug()
        while mic.state in ("running", "recovering"):
            time.sleep(0.001)
        assert (mic.state, mic.device, mic.source) == ("degraded", "plain", vo.Device("plain"))


def test_a_device_that_nobody_can_watch_is_stopped(monkeypatch):
    """L8: there is no thread left for the supervisor."""
    device = HandDevice()
    mic = vo.Capture(device, recovery=vo.Recovery())

    def refuse(thread):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    with pytest.raises(RuntimeError, match="can't start new thread"):
        mic.start()
    assert mic.state == "failed"
    assert not device.active
    mic.close()


def test_a_stop_waits_while_a_device_is_given_up(monkeypatch):  # L8
    """Two threads would stop that device at once."""

    class Slow(Talking):
        def stop(self, deadline_s):
            said.append("begins")
            scene.supervisor._cancel.wait(30.0)
            time.sleep(0.05)
            said.append("ends")
            return super().stop(deadline_s)

    monkeypatch.setattr(supervisor, "JOIN_S", 60.0)  # however busy the machine is
    said = []
    scene = Scene(Scripted(Slow()))
    scene.step()
    scene.player.unplug()
    scene.supervisor._thread = threading.Thread(target=scene.supervisor._run)
    scene.supervisor._thread.start()
    while not said:
        time.sleep(0.001)
    scene.close()
    assert said == ["begins", "ends"] * 2
    assert not scene.supervisor._thread.is_alive()


class Full:
    """A path whose thread waits for a reader that never reads."""

    def __init__(self, waits):
        device = Talking()
        device.waits = True  # so the thread loses nothing
        policy = vo.Recovery(settle_ms=0, deadline_s=0.2)
        self.scene = Scene(Scripted(device), policy=policy, ring_ms=20.0)
        for _ in range(20):
            device.play(480)
        device.waits = waits
        self._leave = self.scene.path.processing.leave
        self.scene.path.processing.leave = self.leave

    def leave(self, deadline_s):
        self.scene.time.now += deadline_s
        return self._leave(deadline_s)


def test_a_thread_that_does_not_end_is_said_to_be_stuck():  # faults 7
    full = Full(waits=False)
    assert fails(full.scene).code == "engine_hangs"
    full.scene.close()


def test_a_stop_does_not_wait_for_what_nobody_reads():  # L8
    full = Full(waits=True)
    full.scene.supervisor._cancel.set()
    with pytest.raises(vo.Cancelled, match="while the last frames came through"):
        full.scene.supervisor._follower.give_up(0.0)
    full.scene.close()
    assert full.scene.supervisor.machine.state == "closed"
