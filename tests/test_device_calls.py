"""Each call that a device may refuse is refused once, and from then on: nothing hangs or is wrong.

What the device gives instead of a block is tried at each block: it is lost in the middle of it.
"""

import numpy as np
import pytest

import vocana_dsp as vo
from vocana_dsp.testing import SimulatedDevice, Unplug

BLOCK = 480
FRAMES = 20 * BLOCK
POLICY = vo.Recovery(attempts=2, settle_ms=0, delay_ms=1)
SCRIPT = [Unplug(3_001, ms=10), Unplug(6_001, ms=20)]


class Calls:
    """Counts calls of a device; the k-th fails, or all from then on."""

    def __init__(self, k, from_then_on):
        self.k, self.from_then_on = k, from_then_on
        self.made, self.failures = [], 0

    def make(self, name):
        self.made.append(name)
        if len(self.made) == self.k or (self.from_then_on and len(self.made) > self.k):
            self.failures += 1
            raise vo.DeviceError(f"call {len(self.made)}, {name}")


class Refusing:
    """A source whose calls may fail."""

    def __init__(self, source, calls):
        self.source, self.calls = source, calls

    def open(self, channels):
        self.calls.make("open")
        return RefusingPlayer(self.source.open(channels), self.calls)

    def reopening(self, player):
        return Refusing(self.source.reopening(player.player), self.calls)


class RefusingPlayer:
    """A device that is open, and may not start."""

    def __init__(self, player, calls):
        self.player, self.calls = player, calls

    def __getattr__(self, name):
        return getattr(self.player, name)

    def start(self):
        self.calls.make("start")
        self.player.start()


def heard(mic):
    """Read to the end or the error; each frame has the value of its place, and the account closes.

    Returns the frames of the timeline, and the error or None.
    """
    error = None
    with mic:
        try:
            for block in mic:
                at = np.arange(block.frame, block.frame + len(block), dtype=np.float32)
                np.testing.assert_array_equal(block.data[:, 0], at)
        except vo.DeviceError as lost:
            error = lost
        stats, gaps = mic.stats, mic.gaps
    assert stats.queued == 0
    assert stats.captured == stats.delivered + stats.dropped
    assert stats.dropped == sum(gap.frames for gap in gaps)
    assert mic.state == "closed"
    return stats.captured, error


def play(calls):
    device = SimulatedDevice(
        seconds=FRAMES / 48_000, pace="lockstep", block_frames=BLOCK, script=SCRIPT
    )
    try:
        mic = vo.Capture(Refusing(device, calls), recovery=POLICY)
    except vo.DeviceError as error:
        return 0, error
    return heard(mic)


@pytest.mark.parametrize("from_then_on", [False, True])
def test_every_call_of_a_device_fails(from_then_on):  # L2, fault 9
    """Once: the next try succeeds, and all frames are accounted for. For good: one clear error."""
    for k in range(1, 100):
        calls = Calls(k, from_then_on)
        captured, error = play(calls)
        if not calls.failures:
            break
        opens_at_all = k > 1
        assert (error is None) == (opens_at_all and not from_then_on), (calls.made, error)
        if error is None:
            assert captured == FRAMES
        else:
            assert error.hint or not opens_at_all
            assert captured < FRAMES
    assert calls.made == ["open", "start"] * 3
    assert (captured, error, k) == (FRAMES, None, 7)


def test_a_device_is_lost_at_every_block():  # L2, fault 9
    for at in range(1, FRAMES - BLOCK, 313):  # it is back before its end
        device = SimulatedDevice(
            seconds=FRAMES / 48_000,
            pace="lockstep",
            block_frames=BLOCK,
            script=[Unplug(at, ms=5, refusals=1)],
        )
        assert heard(vo.Capture(device, recovery=POLICY)) == (FRAMES, None)
