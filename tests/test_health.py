"""What is wrong with a sound is a flag of a channel, and never the end of a stream."""

import numpy as np
import pytest

import vocana_dsp as vo
from vocana_dsp.testing import SimulatedDevice

RATE = 48_000
NOISE = 0.1 * np.random.default_rng(12).standard_normal((2 * RATE, 2))
SAME = np.repeat(NOISE[:, :1], 2, axis=1)


def planted(change):
    """The noise of two channels, of which the second is changed."""
    sound = NOISE.copy()
    sound[:, 1] = change(sound[:, 1])
    return sound


SOUNDS = {
    "nothing": (NOISE, [set(), set()]),
    "silence": (planted(lambda x: 0 * x), [set(), {"silent", "flat", "imbalance"}]),
    "an offset": (planted(lambda x: x + 0.11), [set(), {"dc"}]),
    "a flat line": (
        planted(lambda x: 0 * x + 0.05),
        [set(), {"silent", "flat", "dc"}],
    ),
    "nearly a flat line": (planted(lambda x: x * 9e-4), [set(), {"silent", "imbalance"}]),
    "one that is softer": (planted(lambda x: x / 10), [set(), {"imbalance"}]),
    "the same twice": (SAME, [{"correlated"}, {"correlated"}]),
    "nearly the same": (SAME + NOISE / 4, [{"correlated"}, {"correlated"}]),
    "partly the same": (SAME + NOISE, [set(), set()]),
    "the same upside down": (SAME * [1, -1], [set(), set()]),
}


@pytest.mark.parametrize("what", SOUNDS)
def test_a_capture_flags_a_channel_and_goes_on(what):  # I12
    sound, flags = SOUNDS[what]
    device = SimulatedDevice(sound.astype(np.float32), pace="lockstep")
    with vo.Capture(device, analyzers=[vo.Levels()]) as mic:
        assert sum(map(len, mic)) == len(sound)
        reading = mic.analyzers["Levels"].snapshot()
        assert (mic.state, mic.gaps) == ("ended", [])
    assert [set(channel.flags) for channel in reading.channels] == flags


def test_a_silent_device_is_healthy():  # I12
    with vo.Capture(SimulatedDevice("silence", block_frames=480), analyzers=[vo.Levels()]) as mic:
        for _ in range(11):
            assert len(mic.read(4800)) == 4800
            assert mic.state == "running"
        assert "silent" in mic.analyzers["Levels"].snapshot().channels[0].flags
        assert mic.stats.input.silent_frames >= 11 * 4800
        assert mic.stats.dropped == 0
