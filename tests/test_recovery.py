"""Captures whose device fails and comes back: the timeline goes on, with an exact gap."""

import threading
import time

import numpy as np
import pytest
from hand_device import HandDevice
from recovery_scene import Scripted, Talking

import vocana_dsp as vo
from vocana_dsp.control.states import STREAM
from vocana_dsp.testing import SimulatedDevice, Stall, Unplug

SOON = vo.Recovery(settle_ms=0, delay_ms=1)


def play(*script, **options):
    """A simulated device on a virtual clock; it counts its frames."""
    return SimulatedDevice(pace="lockstep", script=script, **options)


def every_frame(mic):
    """Read to the end: each frame of a device that counts has the value of its place."""
    delivered = 0
    for block in mic:
        expected = np.arange(block.frame, block.frame + len(block)) % 2**24
        np.testing.assert_array_equal(block.data[:, 0], expected.astype(np.float32))
        delivered += len(block)
        stats = mic.stats
        assert stats.captured == stats.delivered + stats.dropped + stats.queued
    return delivered


def settle(mic, state):
    """Wait until the supervisor has told a state last, on its own thread."""
    while mic.transitions[-1].target != state:
        time.sleep(0.001)


# --- Policies ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("attempts", 0),
        ("settle_ms", -1),
        ("settle_ms", float("nan")),
        ("settle_ms", 5000),
        ("deadline_s", 0),
        ("delay_ms", 0),
        ("stall_s", -2),
        ("silence_s", 0),
        ("silence_s", "long"),
        ("log", 3),
    ],
)
def test_a_policy_that_makes_no_sense_is_refused(field, value):
    with pytest.raises(vo.ConfigError, match=field):
        vo.Recovery(**{field: value})


@pytest.mark.parametrize("fallback", ["mic", 3, [3], [vo.Tone]])
def test_a_fallback_is_a_list_of_sources(fallback):
    with pytest.raises(vo.ConfigError, match="fallback"):
        vo.Capture(vo.Silence(), fallback=fallback)


def test_a_recovery_is_a_policy():
    with pytest.raises(vo.ConfigError, match="recovery"):
        vo.Capture(vo.Silence(), recovery=3)


# --- Devices that come back ----------------------------------------------------------------------


def test_an_unplugged_device_comes_back_after_an_exact_gap():
    """L2, fault 9: counter values prove the gap; one event for each change of state."""
    with vo.Capture(play(Unplug(24_001, ms=250), seconds=2), recovery=SOON) as mic:
        assert every_frame(mic) == 96_000 - 12_000
        assert mic.state == "ended"
        assert mic.gaps == [vo.Gap(24_001, 12_000, "device")]
        settle(mic, "running")
        mic.stop()
        events = mic.events()
        kinds = [event.kind for event in events]
        assert events == sorted(events, key=lambda event: event.frame)
        changes = [change.target for change in mic.transitions]
        assert changes == ["opening", "running", "recovering", "running", "stopping", "closed"]
        assert [kind for kind in kinds if kind in changes] == changes
        assert kinds.count("device_lost") == 1
        assert kinds.count("ended") == 1
        assert mic.recoveries.stats.succeeded == 1


def test_a_wrong_gap_would_be_seen():
    """The check of counter values can fail: a device that says one frame too few."""

    class Liar:
        def __init__(self, device):
            self.device = device

        def open(self, channels):
            return self.device.open(channels)

        def reopening(self, player):
            returning = self.device.reopening(player)
            opened = returning.open

            def open_and_lie(channels):
                player = opened(channels)
                player.lost -= 1
                return player

            returning.open = open_and_lie
            return returning

    with (
        pytest.raises(AssertionError, match="not equal"),
        vo.Capture(Liar(play(Unplug(1000, ms=10), seconds=1)), recovery=SOON) as mic,
    ):
        every_frame(mic)


def test_it_may_refuse_and_fail_again_and_again():
    """L1: opens at the third try, four times over."""
    script = [Unplug(10_000 * n, ms=10 * n, refusals=2) for n in range(1, 5)]
    with vo.Capture(play(*script, seconds=1), recovery=SOON) as mic:
        assert every_frame(mic) == 48_000 - 4800
        assert [gap.frames for gap in mic.gaps] == [480, 960, 1440, 1920]
        settle(mic, "running")
        assert mic.recoveries.stats.succeeded == 4


@pytest.mark.fault(53, "a device that comes back at 16 kHz with two channels, after one at 48 kHz")
def test_another_rate_and_other_channels_become_the_old_ones(seen):
    """Half a second at 48 kHz, 100 ms away, the rest at 16 kHz with two channels."""
    device = play(Unplug(24_000, ms=100, rate=16_000, channels=2), seconds=2)
    with vo.Capture(device, recovery=SOON) as mic:
        data = [block.data for block in mic]
        assert (mic.rate, mic.channels) == (48_000, 1)
        assert mic.gaps == [vo.Gap(24_000, 4800, "device")]
    later = np.concatenate(data)[24_000:]
    assert len(later) == 3 * (32_000 - 8000 - 1600)
    assert later.shape[1] == 1
    expected = 9600 + np.arange(len(later)) / 3  # the counter of 16 kHz, in its place
    np.testing.assert_allclose(later[3000:-3000, 0], expected[3000:-3000], atol=0.5)
    seen(f"48,000 Hz and one channel throughout; a gap of {mic.gaps[0].frames:,} frames")


def test_a_fallback_takes_over():
    """I11: the device never comes back; another one goes on in its format, with one gap at most."""
    other = SimulatedDevice("silence", rate=16_000, channels=2, seconds=1, pace="lockstep")
    with vo.Capture(play(Unplug(4800)), fallback=[other], recovery=SOON) as mic:
        frames = sum(len(block) for block in mic)
        assert frames == 4800 + 48_000
        assert mic.channels == 1
        settle(mic, "degraded")
        assert mic.source is other
        states = [(event.kind, event.value) for event in mic.events() if event.kind in STREAM]
        assert states[-2:] == [("recovering", 0), ("degraded", 1)]


def test_a_fallback_opens_when_the_first_device_does_not():
    """And is watched like the first one: it comes back as the fallback that it is."""
    other = play(Unplug(4800, ms=100), seconds=1)
    with vo.Capture(Scripted(vo.DeviceError("none")), fallback=[other], recovery=SOON) as mic:
        assert sum(len(block) for block in mic) > 4800
        settle(mic, "degraded")
        assert mic.recoveries.stats.succeeded == 1


def test_a_fallback_needs_no_recovery_to_be_named():
    """I11: it takes over in the usual way."""
    other = SimulatedDevice("silence", seconds=0.1, pace="lockstep")
    with vo.Capture(Scripted(vo.DeviceError("none")), fallback=[other]) as mic:
        assert sum(len(block) for block in mic) == 4800
        settle(mic, "degraded")


def test_without_any_device_left_the_reader_gets_one_clear_error():
    """Everything before it is delivered; a recorder's tap ends too."""
    with vo.Capture(play(Unplug(4800)), recovery=SOON) as mic:
        blocks = []
        with pytest.raises(vo.DeviceError, match=r"no other one runs.*unplugged") as raised:
            blocks.extend(mic)
        assert raised.value.code == "device_lost"
        assert mic.state == "failed"
        assert mic.stats.delivered == 4800
        assert mic._tap.ended
        kinds = [event.kind for event in mic.events()]
        assert kinds.count("failed") == kinds.count("ended") == 1


def test_a_chain_goes_on_through_a_recovery():
    """And can be changed behind it; its delay is taken off on both sides of the gap."""
    chain = vo.Chain([vo.Delay(3)])
    device = play(Unplug(12_000, ms=100), seconds=1)
    with vo.Capture(device, chain=chain, analyzers=[vo.Levels()], recovery=SOON) as mic:
        assert every_frame(mic) == 48_000 - 4800
        mic.chain = vo.Chain([vo.Delay(3)])
    assert chain.process(np.zeros(480, np.float32), rate=48_000).shape == (480,)


def test_in_real_time_the_gap_is_measured():
    """The device's own counter goes on while it is away; nothing that is heard is lost."""
    device = SimulatedDevice(script=[Unplug(9600, ms=100)])
    with vo.Capture(device, recovery=vo.Recovery(settle_ms=200)) as mic:
        before = mic.read(9600)
        after = mic.read(480)
        assert len(before) == 9600
        assert before.data[-1, 0] == 9599
        assert after.cause == "device"
        assert after.frame == 9600 + after.gap
        assert mic.gaps == [vo.Gap(9600, after.gap, "device")]
        assert after.gap >= 4800
        assert after.data[0, 0] >= 9600 + 4800
        np.testing.assert_array_equal(np.diff(after.data[:, 0]), 1)


def test_a_stalled_device_is_opened_again():
    """Fault 11: it is active and does not call; what it heard meanwhile is lost."""
    device = SimulatedDevice(script=[Stall(4800, ms=3_600_000)])
    recovery = vo.Recovery(settle_ms=0, stall_s=0.2)
    with vo.Capture(device, recovery=recovery) as mic:
        assert len(mic.read(4800)) == 4800
        assert mic.read(480).gap > 0
        assert mic.recoveries.stats.triggers == {"stalled": 1}


# --- Stops ---------------------------------------------------------------------------------------


class Hanging(HandDevice):
    """Unplugged at once; the second time it opens, that hangs until it is let go."""

    def __init__(self):
        super().__init__()
        self.let_go = threading.Event()
        self.hangs = threading.Event()
        self.late = Talking()

    def start(self):
        self.active = False

    def reopening(self, player):
        return self

    def open(self, channels):
        if self.engine is None:
            return self
        self.hangs.set()
        self.let_go.wait()
        return self.late


@pytest.mark.parametrize("end", ["stop", "close"])
def test_a_stop_does_not_wait_for_an_opening_that_hangs(end):
    """C6 L8, faults 10 and 55: closed meanwhile, from any thread; what opens late is given back."""
    device = Hanging()
    mic = vo.Capture(device, recovery=vo.Recovery(settle_ms=0, deadline_s=60))
    mic.start()
    assert device.hangs.wait(30)
    assert mic.state == "recovering"
    ending = threading.Thread(target=getattr(mic, end))
    ending.start()
    ending.join(30)
    assert not ending.is_alive()
    assert mic.state == ("closed" if end == "close" else "stopped")
    assert mic.transitions[-1].target == "closed"
    device.late.active = True
    device.let_go.set()
    while device.late.active:  # stopped by the thread that opened it
        time.sleep(0.001)
    mic.close()
    mic.close()


def test_a_reader_of_a_capture_that_is_stopped_while_it_recovers_ends():
    """Fault 55: the stop comes from another thread, and from inside a rest."""
    device = play(Unplug(480, ms=10, refusals=10**6))
    policy = vo.Recovery(attempts=100, delay_ms=10_000, settle_ms=0, deadline_s=1000)
    with vo.Capture(device, recovery=policy) as mic:

        def stop_it():
            while mic.state != "recovering":
                time.sleep(0.001)
            mic.stop()

        stopping = threading.Thread(target=stop_it)
        stopping.start()
        assert sum(len(block) for block in mic) == 480
        stopping.join()
        assert mic.state == "stopped"
