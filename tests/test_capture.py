"""What a capture promises: blocks, reads, the timeline, the account, its life."""

import dataclasses
import itertools
import pickle
import threading

import numpy as np
import pytest
from hand_device import HandDevice

import vocana_dsp as vo
from vocana_dsp.testing import SimulatedDevice, Stall, Unplug


def simulated(**options):
    options.setdefault("pace", "lockstep")
    options.setdefault("seconds", 0.5)
    return SimulatedDevice(**options)


def counter(first, n, channels=1):
    return np.repeat(np.arange(first, first + n, dtype=np.float32)[:, None], channels, axis=1)


# --- Both ways of reading -----------------------------------------------------------------------


@pytest.mark.parametrize("channels", [1, 2, 7])
def test_iteration_and_read_give_the_same_data(channels):  # I1
    with vo.Capture(simulated(channels=channels)) as mic:
        iterated = list(mic)
    with vo.Capture(simulated(channels=channels)) as mic:
        read = []
        while len(block := mic.read(960)):
            read.append(block)
    assert [(b.frame, b.time, b.gap, b.cause) for b in iterated] == [
        (b.frame, b.time, b.gap, b.cause) for b in read
    ]
    for ours, theirs in zip(iterated, read, strict=True):
        np.testing.assert_array_equal(ours.data, theirs.data)
    np.testing.assert_array_equal(
        np.concatenate([b.data for b in iterated]), counter(0, 24_000, channels)
    )


def test_a_block_is_float32_frames_by_channels_owned_by_the_caller():
    with vo.Capture(simulated(channels=2), block_ms=10) as mic:
        blocks = list(mic)
    for number, block in enumerate(blocks):
        assert block.data.dtype == np.float32
        assert block.data.shape == (480, 2)
        assert block.data.flags.c_contiguous
        assert block.data.flags.writeable
        assert (block.frame, block.time) == (number * 480, number * 480 / 48_000)
        assert (block.gap, block.cause, len(block)) == (0, None, 480)
    assert not np.shares_memory(blocks[0].data, blocks[1].data)


def test_a_channel_is_a_view_with_a_stride():  # I13
    with vo.Capture(simulated(channels=2)) as mic:
        block = mic.read(100)
    left = block.data[:, 0]
    assert np.shares_memory(left, block.data)
    assert left.strides == (8,)
    left[3] = -1
    assert block.data[3, 0] == -1
    assert block.data[3, 1] == 3


@pytest.mark.parametrize("frames", [1, 127, 960, 4800, 10_000, 23_999])
def test_a_read_of_any_length_is_exact(frames):
    """Also beyond what the ring holds, on a device that waits for room."""
    with vo.Capture(simulated(block_frames=128), ring_ms=100) as mic:
        block = mic.read(frames, timeout=10)
        rest = mic.read(24_000 - frames, timeout=10)
    np.testing.assert_array_equal(block.data, counter(0, frames))
    np.testing.assert_array_equal(rest.data, counter(frames, 24_000 - frames))


def test_a_read_longer_than_the_source_gives_all_of_it():
    with vo.Capture(simulated()) as mic:
        assert len(mic.read(1_000_000)) == 24_000


def iterate_in_thread(mic):
    """All blocks of an iteration that may hang."""
    blocks = []
    thread = threading.Thread(target=lambda: blocks.extend(mic), daemon=True)
    thread.start()
    thread.join(10)
    finished = not thread.is_alive()
    mic.close()
    thread.join(10)
    assert finished, "the iteration hangs"
    return blocks


@pytest.mark.parametrize("block_frames", [128, 700, 960, 1000, 5000])
def test_a_ring_of_one_block_loses_nothing_on_a_device_that_waits_for_room(block_frames):
    device = simulated(block_frames=block_frames)
    mic = vo.Capture(device, block_ms=20, ring_ms=20)
    blocks = iterate_in_thread(mic)
    assert mic.stats.dropped == 0
    np.testing.assert_array_equal(np.concatenate([b.data for b in blocks]), counter(0, 24_000))


def test_reading_starts_the_capture():
    mic = vo.Capture(simulated())
    assert mic.state == "open"
    assert len(mic.read(10)) == 10
    mic.close()


def test_a_timeout_gives_what_there_is():
    device = HandDevice()
    with vo.Capture(device) as mic:
        empty = mic.read(100, timeout=0.01)
        assert (len(empty), empty.frame, empty.data.shape) == (0, 0, (0, 1))
        device.play(60)
        assert len(mic.read(100, timeout=0.01)) == 60
        assert len(mic.read(100, timeout=0)) == 0
        assert mic.read(100, timeout=0).frame == 60
        device.play(60)
        assert len(mic.read(100, timeout=-1)) == 60


def test_a_waiting_read_gets_what_comes_meanwhile():
    device = HandDevice()
    with vo.Capture(device) as mic:
        got = []
        reader = threading.Thread(target=lambda: got.append(mic.read(960)))
        reader.start()
        for _ in range(8):
            device.play(120)
        reader.join(60)
        np.testing.assert_array_equal(got[0].data, counter(0, 960))


@pytest.mark.parametrize("readers", [2, 3])
def test_several_readers_share_the_blocks_and_each_block_is_whole(readers):
    """Every method may be called from any thread."""
    found = []

    def read(mic):
        for block in mic:
            found.append(np.array_equal(block.data, counter(block.frame, len(block))))
            frames.extend(range(block.frame, block.frame + len(block), 48))

    frames = []
    with vo.Capture(simulated(seconds=4, block_frames=96), block_ms=10, ring_ms=25) as mic:
        threads = [threading.Thread(target=read, args=[mic]) for _ in range(readers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert mic.stats.delivered == mic.stats.captured == 192_000
    assert all(found)
    assert sorted(frames) == list(range(0, 192_000, 48))


def test_a_read_in_parts_is_whole_beside_another_reader():
    """Longer than the ring holds, so that each read takes its frames in several goes."""
    found, wrong = [], []

    def read(mic):
        while len(block := mic.read(9000)):
            found.append(len(block))
            wrong.append(not np.array_equal(block.data, counter(block.frame, len(block))))

    with vo.Capture(simulated(seconds=3, block_frames=96), ring_ms=100) as mic:
        threads = [threading.Thread(target=read, args=[mic]) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
    assert sum(found) == 144_000
    assert not any(wrong)


# --- The end ------------------------------------------------------------------------------------


def test_iteration_ends_with_the_source_and_delivers_what_was_queued():
    with vo.Capture(simulated(seconds=0.05)) as mic:
        assert [len(block) for block in mic] == [960, 960, 480]
        assert mic.state == "ended"
        assert list(mic) == []
        assert len(mic.read(10)) == 0
    assert mic.stats.delivered == 2400


def test_what_was_queued_before_stop_is_delivered_after_it():
    device = HandDevice()
    with vo.Capture(device) as mic:
        device.play_blocks(4, 600)
        mic.stop()
        assert mic.state == "stopped"
        assert [len(block) for block in mic] == [960, 960, 480]
        assert mic.stats.queued == 0
        assert len(mic.read(10)) == 0


def test_stop_inside_the_iteration():
    with vo.Capture(SimulatedDevice()) as mic:
        blocks = []
        for block in mic:
            blocks.append(block)
            if len(blocks) == 2:
                mic.stop()
        np.testing.assert_array_equal(
            np.concatenate([b.data for b in blocks]), counter(0, mic.stats.captured)
        )
        assert mic.stats.queued == 0


def test_stop_from_another_thread_loses_nothing_of_what_was_captured():
    for _ in range(30):
        with vo.Capture(SimulatedDevice(block_frames=16), block_ms=1) as mic:
            frames = []
            reader = threading.Thread(target=lambda: frames.extend(len(b) for b in mic))  # noqa: B023
            reader.start()
            mic.read(48)
            mic.stop()
            reader.join(60)
            stats = mic.stats
            assert stats.queued == 0
            assert stats.captured == stats.delivered


def test_a_lost_device_delivers_what_was_queued_and_then_raises():
    with vo.Capture(simulated(script=[Unplug(1000)])) as mic:
        got = []
        with pytest.raises(vo.DeviceError, match="lost") as told:
            got.extend(len(block) for block in mic)
        blocks = mic.stats
        assert (blocks.captured, blocks.delivered) == (1000, 1000)
        assert mic.state == "failed"
        with pytest.raises(vo.DeviceError):
            mic.read(10)
        mic.stop()
        assert mic.state == "failed"
    assert told.value.code == "device_lost"
    assert told.value.retryable
    assert told.value.hint
    ended = [event for event in mic.events() if event.kind == "ended"]
    assert [(event.frame, event.value) for event in ended] == [(1000, 1)]


def test_a_lost_device_is_told_of_when_nobody_said_stop():
    mic = vo.Capture(simulated(script=[Unplug(1000)]))
    with mic, pytest.raises(vo.DeviceError):
        for _ in mic:
            pass
    assert [(e.kind, e.value) for e in mic.events()] == [("ended", 1)]


def test_a_stalled_device_delivers_what_is_queued_before_it_raises():
    with vo.Capture(SimulatedDevice(script=[Stall(1000, ms=60_000)])) as mic:
        frames = []
        with pytest.raises(vo.DeviceError) as told:
            frames.extend(len(block) for block in iter(lambda: mic.read(960), None))
        assert mic.state == "stalled"
        assert told.value.code == "device_stalled"
        assert told.value.retryable
        assert sum(frames) == 1000
        assert mic.stats.queued == 0


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


# --- The account ----------------------------------------------------------------------------------


def test_stats_have_the_promised_fields():
    device = HandDevice()
    with vo.Capture(device) as mic:
        device.play(128, flags=2)
        device.play(128)
        mic.read(100)
        stats = mic.stats
    assert (stats.captured, stats.delivered, stats.dropped, stats.queued) == (256, 100, 0, 156)
    assert (stats.overflows, stats.xruns, stats.callbacks) == (0, 1, 2)
    assert (stats.breaker_state, stats.breaker_trips) == ("closed", 0)
    times = stats.callback_us
    assert 0 < times.p50 <= times.p99
    assert times.max > 0
    assert stats.latency_frames == 156 + 128
    assert stats.latency_ms == pytest.approx((156 + 128) / 48)
    with pytest.raises(dataclasses.FrozenInstanceError):
        stats.captured = 0


def test_stats_gaps_and_events_stay_after_close():
    with vo.Capture(simulated(script=[Stall(1000, ms=10)])) as mic:
        list(mic)
        before = mic.stats
    assert mic.stats.captured == before.captured == 24_000
    assert mic.gaps == [vo.Gap(1000, 480, "device")]
    assert [event.kind for event in mic.events()] == ["xrun", "device_lost", "ended"]
    assert mic.events() == []


def test_stats_before_anything_came():
    with vo.Capture(HandDevice()) as mic:
        assert (mic.stats.captured, mic.stats.callbacks, mic.gaps, mic.events()) == (0, 0, [], [])


def test_events_are_told_in_order_and_a_full_queue_is_counted():  # B15
    device = HandDevice()
    with vo.Capture(device) as mic:
        for number in range(3000):
            device.play(1, flags=number + 1)
        events = mic.events()
        dropped = mic.stats.events_dropped
        assert len(events) + dropped == 3000
        assert dropped > 0
        assert [event.seq for event in events] == list(range(len(events)))
        assert [event.value for event in events] == list(range(1, len(events) + 1))
        assert {event.kind for event in events} == {"xrun"}
        device.play(1, flags=9)
        assert [(e.seq, e.frame, e.value) for e in mic.events()] == [(3000, 3000, 9)]


def test_a_snapshot_is_consistent_while_the_device_runs():  # E6, B16
    device = SimulatedDevice(pace="flatout", block_frames=7)
    with vo.Capture(device, ring_ms=2, block_ms=1) as mic:
        snapshots = []
        for _ in range(2000):
            mic.read(13, timeout=0)
            snapshots.append(mic.stats)
    assert all(s.captured == s.delivered + s.dropped + s.queued for s in snapshots)
    assert all(a.captured <= b.captured for a, b in itertools.pairwise(snapshots))
    assert snapshots[-1].dropped > 0


# --- State and format -----------------------------------------------------------------------------


def test_state_through_a_life():
    device = HandDevice()
    mic = vo.Capture(device)
    assert mic.state == "open"
    with mic:
        assert mic.state == "running"
        device.play(10)
        device.end()
        assert mic.state == "ended"
    assert mic.state == "closed"


@pytest.mark.parametrize(("rate", "channels"), [(8000, 1), (44_100, 2), (96_000, 6)])
def test_rate_and_channels_tell_what_was_opened(rate, channels):
    with vo.Capture(simulated(rate=rate, channels=channels), channels=channels) as mic:
        assert (mic.rate, mic.channels) == (rate, channels)
        assert mic.read(10).data.shape == (10, channels)


def test_using_it_after_close():
    mic = vo.Capture(simulated())
    mic.close()
    for use in (mic.start, mic.__enter__, lambda: mic.read(1), lambda: iter(mic), mic.__aiter__):
        with pytest.raises(vo.StreamClosed) as told:
            use()
        assert told.value.code == "closed"
        assert not told.value.retryable
    mic.stop()
    mic.close()
    assert mic.state == "closed"


# --- Errors ---------------------------------------------------------------------------------------

ERRORS = {
    vo.DeviceError: vo.VocanaError,
    vo.FormatError: vo.VocanaError,
    vo.ConfigError: vo.VocanaError,
    vo.RingOverflow: vo.VocanaError,
    vo.PoolError: vo.VocanaError,
    vo.PoolExhausted: vo.PoolError,
    vo.StreamClosed: vo.VocanaError,
}


@pytest.mark.parametrize("kind", ERRORS)
def test_errors_are_one_tree_with_code_hint_and_retryable(kind):
    assert issubclass(kind, ERRORS[kind])
    error = kind("what was wrong", hint="what to do")
    assert str(error) == "what was wrong (hint: what to do)"
    assert error.code.isidentifier()
    assert isinstance(error.retryable, bool)
    assert kind("x").hint
    copy = pickle.loads(pickle.dumps(kind("x", code="c", hint="h", retryable=True)))
    assert (str(copy), copy.code, copy.hint, copy.retryable) == ("x (hint: h)", "c", "h", True)


def test_error_codes_differ():
    assert len({kind("x").code for kind in ERRORS}) == len(ERRORS)


def test_the_package_exports_what_it_says():
    for name in vo.__all__:
        assert hasattr(vo, name)
