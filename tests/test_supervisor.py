"""The supervisor of a capture, look by look, on a clock that the test turns on."""

import json
import threading
from dataclasses import asdict

import numpy as np
import pytest
from recovery_scene import Scene, Scripted, Talking

import vocana_dsp as vo
from vocana_dsp.capture import supervisor
from vocana_dsp.control.states import STREAM

GONE = vo.DeviceError("gone")


def changes(scene):
    return [(c.source, c.target) for c in scene.supervisor.transitions]


def test_it_recovers_at_the_second_try_after_the_rest():
    """L1 L2 L5: not before settle_ms; one event for each transition; the attempts are logged."""
    source = Scripted(Talking(), GONE, Talking())
    scene = Scene(source, policy=vo.Recovery(settle_ms=500))
    assert scene.step() == "running"
    scene.player.unplug()
    unplugged_s = scene.time.now
    assert scene.step() == "running"
    assert source.times[1] - unplugged_s == pytest.approx(0.5)
    assert 0.5 <= source.times[2] - source.times[1] <= 0.75  # full jitter below delay_ms
    assert scene.events == ["opening", "running", "recovering", "running"]
    assert changes(scene) == [
        ("closed", "opening"),
        ("opening", "running"),
        ("running", "recovering"),
        ("recovering", "running"),
    ]
    scene.close()
    assert scene.supervisor.machine.state == "closed"


def test_three_failures_lead_to_the_fallback_and_then_to_failure():
    """L1: three attempts, then the fallback; when that is lost too, failed within the deadline."""
    main, other = Scripted(Talking(), GONE), Scripted(Talking(), GONE)
    scene = Scene(main, other)
    scene.step()
    scene.player.unplug()
    assert scene.step() == "degraded"
    assert scene.supervisor.health == "degraded"
    assert len(main.times) == 1 + 3
    assert len(other.times) == 1
    scene.player.unplug()
    began_s = scene.time.now
    assert scene.step() == "failed"
    assert len(main.times) == 1 + 3 + 3
    assert len(other.times) == 2
    assert scene.time.now - began_s <= 5.0
    with pytest.raises(vo.DeviceError, match="no other one runs: gone") as raised:
        scene.supervisor.check_lost()
    assert raised.value.code == "device_lost"
    assert raised.value.retryable
    scene.close()


def test_which_device_runs_is_said():
    """I11: one that is tried and fails is never said to run."""

    class Mute(Talking):
        name = "Mute"

        def start(self):
            said.append((scene.path.device, scene.path.source))
            raise GONE

    said = []
    usb, built_in = Talking(), Talking()
    usb.name, built_in.name = "USB mic", "Built-in"
    sources = [Scripted(usb, GONE), Scripted(Mute), Scripted(built_in)]
    scene = Scene(*sources)
    scene.step()
    assert (scene.path.device, scene.path.source) == ("USB mic", sources[0])
    scene.player.unplug()
    scene.step()
    assert said == [("USB mic", sources[0])]
    assert (scene.path.device, scene.path.source) == ("Built-in", sources[2])
    assert [change.reason for change in scene.supervisor.transitions] == [
        "started",
        "first block of 'USB mic'",
        "lost",
        "first block of 'Built-in'",
    ]
    scene.close()


def test_a_device_that_never_talks_is_given_up_at_the_deadline():
    """L5 L1, fault 11: it opens, and no block comes; the deadline holds for all of it."""

    class Mute(Talking):
        def start(self):
            self.active = True

    scene = Scene(Scripted(Talking(), Mute), Scripted(Mute), policy=vo.Recovery(deadline_s=3))
    scene.step()
    scene.player.unplug()
    began_s = scene.time.now
    assert scene.step() == "failed"
    assert 2.9 <= scene.time.now - began_s <= 3.1
    scene.close()


@pytest.mark.parametrize(("block", "silent_s"), [(480, 2.0), (24_000, 5.0)])
def test_no_callback_is_a_fault_after_two_seconds_or_ten_blocks(block, silent_s):
    """Fault 11, and its negative control: not a moment sooner."""
    scene = Scene(Scripted(Talking(), Talking()))
    scene.player.play(block)
    last_s = scene.path.session.engine.last_callback()[0] / 1e9
    scene.time.now = last_s + silent_s - 0.01
    scene.step()
    assert "recovering" not in scene.events
    scene.time.now = last_s + silent_s + 0.01
    scene.step()
    assert scene.events[-2:] == ["recovering", "running"]
    assert scene.supervisor.log.stats.triggers == {"stalled": 1}
    scene.close()


def test_a_suspended_machine_is_told_and_is_no_stall():
    """Fault 13: no false alarm; and when no block comes afterwards, a recovery."""
    scene = Scene(Scripted(Talking(), Talking()))
    scene.step()
    scene.time.asleep = 3600.0
    assert scene.step() == "running"
    assert scene.events == ["opening", "running", "suspended"]
    scene.time.now += 2.1
    began_s = scene.time.now
    scene.step()
    assert scene.events[3:] == ["recovering", "running"]
    assert 2.1 + scene.time.now - began_s <= 5.0
    scene.close()


class Zeros(Talking):
    """A device that is silent from its first block on."""

    def start(self):
        self.active = True
        self.play(SILENCE)


SILENCE = np.zeros((480, 1), np.float32)


@pytest.mark.parametrize("silence_s", [None, 3.0])
def test_silence_is_told_and_is_a_fault_only_when_asked_for(silence_s):
    """Zeros for ten seconds are an event; for silence_s a fault, tried once until a sound comes."""
    scene = Scene(Scripted(Talking(), Zeros), policy=vo.Recovery(silence_s=silence_s))
    tries = {}

    def play(count, block):
        nonlocal tries
        for _ in range(count):
            scene.player.play(block)
            scene.step()
        tries = scene.supervisor.log.stats.triggers

    play(299, SILENCE)
    assert "silent" not in scene.events
    assert tries == {}
    for round_ in (1, 2):
        play(1200, SILENCE)
        assert scene.events.count("silent") == round_
        assert tries == ({"silent": round_} if silence_s else {})
        play(1, np.ones((480, 1), np.float32))
    scene.close()


def test_recoveries_are_counted(tmp_path):
    """L6: three recoveries, one of which fails; each is a line of JSON."""
    source = Scripted(Talking(), Talking(), Talking(), GONE)
    path = tmp_path / "recoveries.jsonl"
    scene = Scene(source, policy=vo.Recovery(attempts=1, settle_ms=250, log=path))
    scene.step()
    for _ in range(3):
        scene.player.unplug()
        scene.step()
    log = scene.supervisor.log
    assert log.stats.attempts == 3
    assert log.stats.succeeded == 2
    assert log.stats.success_ratio == pytest.approx(2 / 3)
    assert log.stats.mean_duration_s == pytest.approx(0.25)
    assert log.stats.triggers == {"lost": 3}
    assert log.stats.errors == {"device": 1}
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert lines == [asdict(attempt) for attempt in log.attempts]
    assert [line["error"] for line in lines] == [None, None, "device"]
    scene.close()


def test_a_stop_comes_first():
    """L4: whatever the supervisor was about to say, a stream that is stopped stays stopped."""
    scene = Scene(Scripted(Talking(), GONE))
    scene.step()
    scene.player.unplug()
    scene.close()
    assert scene.supervisor.machine.state == "closed"
    scene.supervisor.step()  # nothing
    assert scene.events == ["opening", "running", "stopping", "closed"]


def test_a_stop_while_a_device_starts_is_meant_for_that_one():
    """L8: the stop found the device that the new one takes the place of, or one not started."""

    class Stopped(Talking):
        def start(self):
            scene.supervisor.halt(False, 0.5)
            super().start()

    device = Stopped()
    scene = Scene(Scripted(Talking(), device))
    scene.step()
    scene.player.unplug()
    scene.supervisor._run()  # comes back, and says nothing more
    assert scene.events == ["opening", "running", "recovering", "stopping", "closed"]
    assert not device.active


def test_causes_that_go_round_end():
    """The frames of a failure and its causes are let go, of each once."""
    first, second = vo.DeviceError("first"), vo.DeviceError("second")
    first.__cause__, second.__cause__ = second, first
    scene = Scene(Scripted(Talking(), first))
    scene.step()
    scene.player.unplug()
    assert scene.step() == "failed"
    scene.close()


def test_a_device_that_cannot_say_how_it_is_is_lost():
    class Confused(Talking):
        active = property(lambda self: 1 // 0, lambda self, value: None)

    scene = Scene(Scripted(Confused()))
    scene.supervisor._run()
    with pytest.raises(vo.DeviceError, match="by zero") as told:
        scene.supervisor.check_lost()
    assert isinstance(told.value.__cause__, ZeroDivisionError)
    scene.close()


def test_a_capture_that_opens_on_a_fallback_is_watched():
    """L1 L2, fault 9: it is degraded from its first block, and recovers like any other."""
    main, other = Scripted(GONE), Scripted(Talking(), Talking())
    scene = Scene(main, other)
    assert scene.step() == "degraded"
    scene.player.unplug()
    assert scene.step() == "degraded"
    assert scene.supervisor.log.stats.attempts == 1
    assert scene.events == ["opening", "degraded", "recovering", "degraded"]
    scene.close()


def test_a_change_that_the_table_does_not_know_is_told(monkeypatch):
    """L4: it is no stop, though both are refused by the table."""
    monkeypatch.setattr(supervisor, "STREAM", {**STREAM, "opening": ("stopping",)})
    scene = Scene(Scripted(Talking()))
    with pytest.raises(vo.StateError, match="running"):
        scene.step()
    scene.close()


def test_stops_from_many_threads_are_one():
    """L4 L8: concurrent requests serialise."""
    scene = Scene(Scripted(Talking()))
    scene.step()
    stops = [threading.Thread(target=scene.close) for _ in range(8)]
    for stop in stops:
        stop.start()
    for stop in stops:
        stop.join()
    assert scene.events == ["opening", "running", "stopping", "closed"]
