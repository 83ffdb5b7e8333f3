"""The account of a capture: its counts and its events."""

import dataclasses
import itertools

import pytest
from hand_device import HandDevice
from played import simulated

import vocana_dsp as vo
from vocana_dsp.testing import SimulatedDevice, Stall


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


def test_whoever_reads_frames_finds_them_counted():
    device = SimulatedDevice("silence", pace="lockstep", block_frames=16, seconds=5)
    with vo.Capture(device, block_ms=0.5, ring_ms=1) as mic:
        while len(mic.read(16)):
            stats = mic.stats
            assert stats.input.silent_frames >= stats.delivered
            assert stats.callbacks * 16 >= stats.delivered
