"""Random faults for hours of virtual time: every frame is where it belongs, and nothing grows."""

import gc
import itertools
import os

import chaos
import numpy as np
import pytest
import soundfile

import vocana_dsp as vo
from vocana_dsp.system.processes import descriptors, rss_bytes, threads
from vocana_dsp.testing import SimulatedDevice, Unplug

# Hours of the long run: ten, or as many as a nightly run asks for.
HOURS = float(os.environ.get("VOCANA_CHAOS_HOURS", "10"))


def check(found):
    assert found.recoveries.succeeded == found.recoveries.attempts >= found.unplugged * 0.9
    expected = ["opening", "running"] + ["recovering", "running"] * found.recoveries.attempts
    assert found.states == ([*expected, "stopping", "closed"])[-len(found.states) :]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.fault(9, "half an hour of random faults, a third of them a device that is unplugged")
def test_random_faults_leave_the_account_exact(seed, seen, tmp_path):
    """Faults 1, 2, 6, 9: two consumers check each frame and each gap, and so does a recording."""
    path = tmp_path / "hours.wav"
    found = chaos.play(seed, 0.5, each_s=60, path=path)
    path.unlink()
    check(found)
    seen(
        f"{found.faults} faults, {found.recoveries.succeeded} recoveries, {found.lost:,} frames "
        "lost, each of them in the account and silent in the recording"
    )


def test_a_device_that_comes_back_with_other_rates_keeps_the_time():
    """Fault 53: as many frames as the time that passed has, whatever the device's rate was."""
    rates = [16_000, 44_100, 8000, 48_000, 22_050, 11_025]
    script = [Unplug(8000, ms=100, rate=rates[0])]
    for before, after in itertools.pairwise(rates):
        script.append(Unplug(200 * before, ms=100, rate=after, refusals=1))
    device = SimulatedDevice(rate=8000, pace="lockstep", script=script, seconds=20)
    with vo.Capture(device, recovery=chaos.RECOVERY) as mic:
        frames = sum(len(block) for block in mic)
        stats, gaps = mic.stats, mic.gaps
    assert stats.captured == frames + stats.dropped
    assert stats.dropped == sum(gap.frames for gap in gaps)


def test_a_planted_fault_is_reported(tmp_path):
    """The checks can fail: a frame with a wrong value, and a gap of a wrong length."""
    soundfile.write(tmp_path / "planted.wav", np.float32([0, 1, 3, 3]), 8000, subtype="FLOAT")
    with pytest.raises(AssertionError, match="a wrong frame in the recording"):
        chaos.heard(tmp_path / "planted.wav")
    consumer = chaos.Consumer(None)
    with pytest.raises(AssertionError, match="a wrong frame"):
        consumer.take(np.array([0.0, 2.0], np.float32), 0, 0)
    with pytest.raises(AssertionError, match="after 0 and a gap of 3"):
        consumer.take(np.zeros(1, np.float32), 2, 3)


@pytest.mark.long
def test_hours_of_faults_leave_nothing_behind():
    """Faults 1, 9, 40: ten hours, or as many as a nightly run asks for."""
    figures = []

    def look():
        gc.collect()
        figures.append((rss_bytes(), descriptors(), threads()))

    check(chaos.play(99, HOURS, each_s=60, look=look))
    settled = figures[len(figures) // 3 :]
    assert max(rss for rss, _, _ in settled) - settled[0][0] < 8 * 2**20
    assert max(files for _, files, _ in settled) <= settled[0][1] + 8  # of a recovery under way
    assert max(count for _, _, count in settled) <= settled[0][2] + 8
