"""What happens when the consumer is slower than the device: policies, joins, what is told."""

import numpy as np
import pytest
from hand_device import HandDevice
from readings import drain, kinds

import vocana_dsp as vo
from vocana_dsp.testing import PythonCallback, SimulatedDevice

# --- drop_newest ----------------------------------------------------------------------------------


@pytest.mark.parametrize("block", [1, 128, 480, 1000])
def test_nothing_is_lost_until_the_ring_is_exactly_full(block):  # faults 1, J5
    device = HandDevice()
    with vo.Capture(device, ring_ms=100) as mic:
        for _ in range(4800 // block):
            device.play(block)
        device.play(4800 % block)
        assert (mic.stats.queued, mic.stats.dropped, mic.stats.overflows) == (4800, 0, 0)
        device.play(1)
        assert (mic.stats.queued, mic.stats.dropped, mic.stats.overflows) == (4800, 1, 1)
        assert mic.gaps == [vo.Gap(4800, 1, "overflow")]
        blocks = drain(mic)
        np.testing.assert_array_equal(
            np.concatenate([b.data[:, 0] for b in blocks]), np.arange(4800)
        )


@pytest.mark.parametrize("rate", [16_000, 44_100, 48_000, 96_000])
def test_the_ring_holds_as_many_milliseconds_as_asked_for(rate):  # B1
    device = HandDevice(rate=rate)
    with vo.Capture(device, ring_ms=500) as mic:
        for _ in range(11):
            device.play(rate // 20)
        assert mic.stats.queued == rate // 2
        assert mic.stats.dropped == 11 * (rate // 20) - rate // 2


def overflowed(rate, lost, **overflow):
    """The capture of a ring that overflowed by `lost` frames: the block after the loss."""
    device = HandDevice(rate=rate)
    with vo.Capture(device, ring_ms=100, overflow=vo.Overflow(**overflow)) as mic:
        device.play(rate // 10)
        device.play(lost)
        drain(mic)
        device.play(rate // 20)
        return mic.read(rate // 20)


@pytest.mark.parametrize(
    ("rate", "join"), [(16_000, 80), (44_100, 220), (48_000, 240), (96_000, 480)]
)
def test_a_join_is_five_milliseconds_at_any_rate(rate, join):  # B4
    block = overflowed(rate, lost=3 * join)
    assert block.gap == 3 * join
    unmixed = np.arange(block.frame, block.frame + len(block))
    mixed = np.flatnonzero(block.data[:, 0] != unmixed)
    assert mixed.tolist() == list(range(join))


def test_a_join_is_no_longer_than_what_was_lost():  # B4
    block = overflowed(48_000, lost=10)
    mixed = np.flatnonzero(block.data[:, 0] != np.arange(block.frame, block.frame + len(block)))
    assert mixed.tolist() == list(range(10))


def test_a_join_of_no_length_changes_nothing():
    block = overflowed(48_000, lost=1000, crossfade_ms=0)
    np.testing.assert_array_equal(
        block.data[:, 0], np.arange(block.frame, block.frame + len(block))
    )


def test_a_join_begins_where_the_delivered_frames_ended():
    """Frames of a ramp: the continuation of the last one, then ever more of the new ones."""
    block = overflowed(48_000, lost=1000)
    steps = np.diff(block.data[:241, 0], prepend=4799)
    assert abs(steps[0] - 1) < 0.1
    assert (steps > 0).all()
    assert block.data[240, 0] == block.frame + 240


@pytest.mark.parametrize("policy", ["drop_newest", "skip", "fail"])
def test_a_constant_stays_exactly_constant_through_every_join(policy):  # B6
    device = HandDevice()
    overflow = vo.Overflow(policy, high_water_ms=60 if policy == "skip" else None)
    with vo.Capture(device, ring_ms=100, overflow=overflow) as mic:
        frames = []
        for turn in range(400):
            device.play(np.ones((480, 1)))
            if turn % 23 > 16:
                try:
                    frames += [block.data for block in drain(mic)]
                except vo.RingOverflow:
                    continue
        assert mic.stats.dropped > 0
        assert len(mic.gaps) > 5
    assert (np.concatenate(frames) == 1.0).all()


def test_a_stall_of_ten_seconds_is_one_gap_of_exact_length():  # faults 2
    device = HandDevice()
    with vo.Capture(device) as mic:
        device.play_blocks(10, 480)
        drain(mic)
        device.play_blocks(1000, 480)
        drain(mic)
        assert mic.gaps == [vo.Gap(4800 + 96_000, 480_000 - 96_000, "overflow")]
        assert mic.stats.overflows == 1
        device.play(480)
        block = mic.read(480)
        assert (block.frame, block.gap) == (4800 + 480_000, 480_000 - 96_000)


# --- skip -----------------------------------------------------------------------------------------


def quiet(device, frames):
    device.play(np.zeros((frames, device.channels)))


def test_skip_leaves_the_fill_alone_up_to_high_water_and_goes_to_the_target_above():  # faults 3
    device = HandDevice()
    overflow = vo.Overflow("skip", target_ms=20, high_water_ms=100)
    with vo.Capture(device, ring_ms=500, overflow=overflow) as mic:
        quiet(device, 4800)
        assert mic.read(480, timeout=0).gap == 0
        quiet(device, 481)
        block = mic.read(480, timeout=0)
        assert (block.gap, block.cause, block.frame) == (4801 - 960, "skip", 480 + 4801 - 960)
        assert mic.stats.queued == 960 - 480
        assert mic.stats.dropped == 4801 - 960
        assert mic.gaps == [vo.Gap(480, 4801 - 960, "skip")]
        assert kinds(mic.events(), "skipped") == [(480 + 4801 - 960, "skipped", 4801 - 960)]


def test_skip_without_high_water_happens_when_the_ring_is_full():
    device = HandDevice()
    with vo.Capture(device, ring_ms=100, overflow=vo.Overflow("skip", target_ms=10)) as mic:
        quiet(device, 4799)
        assert mic.read(1, timeout=0).gap == 0
        quiet(device, 2)
        block = mic.read(100, timeout=0)
        assert (block.gap, block.cause) == (4800 - 480, "skip")


def test_latency_comes_back_after_a_stall():  # faults 3
    device = HandDevice()
    overflow = vo.Overflow("skip", target_ms=20, high_water_ms=60)
    with vo.Capture(device, ring_ms=2000, overflow=overflow) as mic:
        tone = 0.5 * np.sin(2 * np.pi * 440 / 48_000 * np.arange(480_000))[:, None]
        position = 0

        def play():
            nonlocal position
            device.play(tone[position : position + 480])
            position += 480

        for _ in range(50):
            play()
            mic.read(480, timeout=0)
        for _ in range(150):  # the stall
            play()
        assert mic.stats.latency_ms > 1000
        for _ in range(100):  # one second of audio later
            play()
            mic.read(480, timeout=0)
        assert mic.stats.queued <= 960 + 480
        skips = [event for event in mic.events() if event.kind == "skipped"]
        assert sum(event.value for event in skips) == mic.stats.dropped
        assert mic.stats.dropped >= 150 * 480 - 960 - 480


def test_latency_is_the_fill_and_not_the_capacity():  # A4
    device = HandDevice()
    overflow = vo.Overflow("skip", target_ms=128 / 48, high_water_ms=256 / 48)
    with vo.Capture(device, ring_ms=4096 / 48, overflow=overflow) as mic:
        fills = []
        for turn in range(2000):
            for _ in range(8 if turn % 400 == 399 else 1):
                quiet(device, 128)
            mic.read(128, timeout=0)
            fills.append(mic.stats.latency_frames)
            assert fills[-1] == mic.stats.queued + 128
        assert np.quantile(fills, 0.99) <= 128 + 128
        mic.read(1, timeout=0)
        for _ in range(100):
            quiet(device, 128)
        assert mic.stats.queued == 4096, "the capacity is what it was"


def test_skip_never_loses_the_frames_that_the_device_lost_twice():
    device = HandDevice()
    overflow = vo.Overflow("skip", target_ms=10, high_water_ms=50)
    with vo.Capture(device, ring_ms=100, overflow=overflow) as mic:
        quiet(device, 1000)
        device.play(np.zeros((3000, 1)), lost=700)
        block = mic.read(100, timeout=0)
        assert block.frame == 4700 - 480
        assert block.gap == 4700 - 480
        assert mic.stats.dropped == 4700 - 480


# --- fail -----------------------------------------------------------------------------------------


def test_fail_raises_once_for_each_loss_and_reading_goes_on():
    device = HandDevice()
    with vo.Capture(device, ring_ms=100, overflow=vo.Overflow("fail")) as mic:
        for episode in range(3):
            device.play(4800)
            device.play(480)
            device.play(480)
            with pytest.raises(vo.RingOverflow) as told:
                mic.read(960, timeout=0)
            assert (told.value.code, told.value.retryable) == ("ring_overflow", True)
            blocks = drain(mic)
            assert sum(len(block) for block in blocks) == 4800
            device.play(480)
            block = mic.read(480, timeout=0)
            assert (block.gap, block.cause) == (960, "overflow")
            assert mic.stats.overflows == episode + 1


def test_fail_raises_in_an_iteration_too():
    device = HandDevice()
    with vo.Capture(device, ring_ms=100, overflow=vo.Overflow("fail")) as mic:
        device.play(4801)
        device.end()
        with pytest.raises(vo.RingOverflow):
            list(mic)
        assert sum(len(block) for block in mic) == 4800


# --- The account ----------------------------------------------------------------------------------


def test_overflow_is_told_when_it_begins_and_ends():  # B15
    device = HandDevice()
    with vo.Capture(device, ring_ms=100) as mic:
        device.play(5000)
        drain(mic)
        device.play(480)
        assert kinds(mic.events(), "overflow_began", "overflow_ended") == [
            (4800, "overflow_began", 4800),
            (5000, "overflow_ended", 200),
        ]


def test_a_stuck_consumer_fills_no_memory_with_gaps():
    """More losses than can wait for the reader: later ones are one gap, and the sum is exact."""
    device = HandDevice()
    breaker = vo.Breaker(trips_after=2**31 - 1)
    with vo.Capture(device, ring_ms=100, breaker=breaker) as mic:
        for _ in range(3000):
            device.play(1, lost=1)
        assert mic.stats.captured == 6000
        assert sum(gap.frames for gap in mic.gaps) == mic.stats.dropped
        total = sum(len(block) + block.gap for block in drain(mic))
        device.play(1)
        block = mic.read(1)
        assert total + block.gap + 1 == 6001


def test_a_python_callback_is_counted_like_a_sound_card():
    device = SimulatedDevice(pace="lockstep", seconds=0.1)
    heard = []
    with PythonCallback(device, lambda data: heard.append(data.copy())) as old_way:
        while len(heard) < 38:  # 4800 frames in blocks of 128
            pass
    assert old_way.kept + old_way.lost == 4800
    np.testing.assert_array_equal(np.concatenate(heard)[:, 0], np.arange(4800))
