"""The breaker: when it opens, how long it rests, and how soon audio flows again."""

from hand_device import HandDevice
from readings import drain, kinds

import vocana_dsp as vo
from vocana_dsp.testing import SimulatedDevice

BREAKER = ("breaker_open", "breaker_half_open", "breaker_closed")


def full(device, mic):
    """Fill a ring of 100 ms."""
    while mic.stats.queued < 4800:
        device.play(480)


def test_the_fifth_overflow_in_a_row_opens_the_breaker():  # B7, faults 35
    device = HandDevice()
    with vo.Capture(device, ring_ms=100) as mic:
        full(device, mic)
        for _ in range(4):
            device.play(480)
            assert mic.stats.breaker_state == "closed"
        device.play(480)
        assert (mic.stats.breaker_state, mic.stats.breaker_trips) == ("open", 1)


def test_a_block_that_fits_between_overflows_starts_the_count_again():  # B10
    device = HandDevice()
    with vo.Capture(device, ring_ms=100) as mic:
        for _ in range(6):
            full(device, mic)
            for _ in range(4):
                device.play(480)
            mic.read(480)
            device.play(480)
        assert (mic.stats.breaker_state, mic.stats.breaker_trips) == ("closed", 0)


def test_rests_are_counted_in_frames_of_the_device_and_double():  # B8, B18
    """25, 50, 100 ms at 48 kHz, whatever the blocks are, with a consumer that is stuck."""
    device = HandDevice()
    with vo.Capture(device, ring_ms=100) as mic:
        full(device, mic)
        for _ in range(5):
            device.play(480)
        opened = 4800 + 4 * 480  # the fifth block fails on its first frame
        for _ in range(1000):
            device.play(37)
        events = kinds(mic.events(), *BREAKER)
    assert events[:7] == [
        (opened, "breaker_open", 1200),
        (opened + 1200, "breaker_half_open", 0),
        (opened + 1200, "breaker_open", 2400),
        (opened + 3600, "breaker_half_open", 0),
        (opened + 3600, "breaker_open", 4800),
        (opened + 8400, "breaker_half_open", 0),
        (opened + 8400, "breaker_open", 9600),
    ]


def test_the_same_on_the_simulated_device():  # B8
    device = SimulatedDevice(pace="flatout", block_frames=480, seconds=1)
    with vo.Capture(device, ring_ms=100) as mic:
        while mic.state == "running":
            mic.stats  # noqa: B018 - looks, and never reads
        events = kinds(mic.events(), *BREAKER)
        assert mic.gaps == [vo.Gap(4800, 48_000 - 4800, "overflow")]
    assert events[:3] == [
        (6720, "breaker_open", 1200),
        (7920, "breaker_half_open", 0),
        (7920, "breaker_open", 2400),
    ]


def test_rests_stop_growing_at_the_longest():  # B18
    device = HandDevice()
    breaker = vo.Breaker(trips_after=1, rest_ms=10, max_rest_ms=40)
    with vo.Capture(device, ring_ms=100, breaker=breaker) as mic:
        full(device, mic)
        for _ in range(40):
            device.play(480)
        rests = [value for _, _, value in kinds(mic.events(), "breaker_open")]
    assert rests[:5] == [480, 960, 1920, 1920, 1920]


def test_audio_flows_again_soon_after_an_overload_and_the_breaker_stays_closed():  # B9
    device = HandDevice()
    with vo.Capture(device, ring_ms=100) as mic:
        full(device, mic)
        device.play_blocks(400, 480)  # four seconds of overload; rests have grown long
        assert mic.stats.breaker_state == "open"
        trips, over = mic.stats.breaker_trips, device.frame
        delivered_until = []
        for _ in range(200):
            drain(mic)
            device.play(480)
            delivered_until += [(b.frame, b.frame + len(b)) for b in drain(mic)]
        first = min(frame for frame, end in delivered_until if end > over)
        assert first <= over + 4800, "within 100 ms of audio"
        assert mic.stats.breaker_state == "closed"
        assert mic.stats.breaker_trips == trips
        assert mic.stats.captured == mic.stats.delivered + mic.stats.dropped
        lost_after = [gap for gap in mic.gaps if gap.frame >= over]
        assert lost_after == []


def test_a_trip_long_after_another_rests_as_short_as_the_first():  # B18
    device = HandDevice()
    breaker = vo.Breaker(trips_after=1, rest_ms=10, max_rest_ms=40)
    with vo.Capture(device, ring_ms=100, breaker=breaker) as mic:
        full(device, mic)
        device.play_blocks(20, 480)
        for _ in range(20):
            drain(mic)
            device.play(480)
        mic.events()
        drain(mic)
        full(device, mic)
        device.play(480)
        assert [value for _, _, value in kinds(mic.events(), "breaker_open")] == [480]
