"""What a capture tells of frames that did not come, and the silence in their place."""

import numpy as np
from hand_device import HandDevice
from played import counter, simulated

import vocana_dsp as vo
from vocana_dsp.testing import Stall

# --- Losses -------------------------------------------------------------------------------------


def test_a_short_block_comes_before_a_gap_and_the_next_one_carries_it():
    with vo.Capture(simulated(seconds=0.2, script=[Stall(1000, ms=50)])) as mic:
        blocks = [(b.frame, len(b), b.gap, b.cause) for b in mic]
        assert blocks[:4] == [
            (0, 960, 0, None),
            (960, 40, 0, None),
            (3400, 960, 2400, "device"),
            (4360, 960, 0, None),
        ]
        assert mic.gaps == [vo.Gap(1000, 2400, "device")]
        assert mic.stats.dropped == 2400
        assert mic.stats.xruns == 1


def test_time_follows_the_frame_across_a_gap():
    with vo.Capture(simulated(seconds=1, script=[Stall(960, ms=500)])) as mic:
        assert [block.time for block in mic][:2] == [0.0, (960 + 24_000) / 48_000]


def test_gaps_that_no_read_has_met_are_told_too():
    device = HandDevice()
    with vo.Capture(device) as mic:
        device.play(100)
        device.play(100, lost=50)
        device.play(10, lost=7)
        assert mic.gaps == [vo.Gap(100, 50, "device"), vo.Gap(250, 7, "device")]
        assert mic.stats.dropped == 57
        assert [len(mic.read(1000, timeout=0)) for _ in range(4)] == [100, 100, 10, 0]
        assert mic.gaps == [vo.Gap(100, 50, "device"), vo.Gap(250, 7, "device")]


def test_gaps_that_touch_are_one():
    device = HandDevice()
    with vo.Capture(device) as mic:
        device.play(10)
        device.play(np.empty((0, 1)), lost=5)
        device.play(np.empty((0, 1)), lost=6)
        device.play(10)
        mic.read(10)
        assert mic.gaps == [vo.Gap(10, 11, "device")]
        assert mic.read(10).gap == 11


def test_an_open_gap_is_told_while_it_lasts():
    device = HandDevice()
    with vo.Capture(device, ring_ms=20) as mic:
        device.play_blocks(3, 480)
        assert mic.gaps == [vo.Gap(960, 480, "overflow")]
        device.play(480)
        assert mic.gaps == [vo.Gap(960, 960, "overflow")]
        assert mic.stats.dropped == 960


# --- Silence in the place of what does not come ---------------------------------------------------


def test_a_silent_device_gives_zeros_in_time_and_tells():  # I2
    device = HandDevice()
    with vo.Capture(device) as mic:
        device.play(960)
        assert mic.read(960).gap == 0
        block = mic.read(960, timeout=0.02, fill_silence=True)
        assert (block.frame, len(block), block.gap, block.cause) == (960, 960, 960, "device")
        assert not block.data.any()
        assert mic.read(960, timeout=0, fill_silence=True).frame == 1920
        assert mic.stats.delivered == 960


def test_the_timeline_is_right_after_silence_was_filled_in():  # I2
    device = HandDevice()
    with vo.Capture(device) as mic:
        device.play(960)
        timeline = [mic.read(960, timeout=0, fill_silence=True) for _ in range(3)]
        device.play(960, lost=1920)
        timeline.append(mic.read(960, timeout=0, fill_silence=True))
        expected = np.concatenate([counter(0, 960), np.zeros((1920, 1)), counter(2880, 960)])
        np.testing.assert_array_equal(np.concatenate([b.data for b in timeline]), expected)
        assert timeline[-1].frame == 2880
        assert timeline[-1].gap == 0, "these frames were told with the silence"
        assert mic.gaps == [vo.Gap(960, 1920, "device")]


def test_the_timeline_is_right_when_less_silence_was_filled_in_than_was_lost():  # I2
    device = HandDevice()
    with vo.Capture(device) as mic:
        device.play(100)
        first = mic.read(150, timeout=0, fill_silence=True)
        assert (len(first), first.gap) == (150, 50)
        device.play(100, lost=80)
        second = mic.read(100, timeout=0)
        assert (second.frame, second.gap) == (180, 30)


def test_silence_is_filled_in_only_for_a_timeout():  # I2
    """A gap that is shorter than the rest of the block must not move the timeline."""
    device = HandDevice()
    with vo.Capture(device) as mic:
        device.play(500)
        device.play(2000, lost=100)
        first = mic.read(960, timeout=5, fill_silence=True)
        assert (first.frame, len(first), first.gap) == (0, 500, 0)
        second = mic.read(960, timeout=5, fill_silence=True)
        assert (second.frame, len(second), second.gap) == (600, 960, 100)


def test_silence_is_not_filled_in_after_the_end():
    with vo.Capture(simulated(seconds=0.01)) as mic:
        assert len(mic.read(960, timeout=1, fill_silence=True)) == 480
        assert len(mic.read(960, timeout=0, fill_silence=True)) == 0
