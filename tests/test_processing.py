"""What stands between a device and its reader: rates, channels, chains and analyzers."""

import time

import numpy as np
import pytest
from hand_device import HandDevice
from hypothesis import given, settings
from hypothesis import strategies as st
from played import counter, everything, noise, simulated
from readings import kinds

import vocana_dsp as vo
from vocana_dsp.testing import BlockSizes, SimulatedDevice, Stall, Unplug

RATES = [8_000, 16_000, 44_100, 48_000, 96_000]


def offline(audio, rate, **options):
    pipeline = vo.Pipeline(48_000, audio.shape[1], rate, **options)
    return np.concatenate(list(pipeline.through([audio])))


# --- The same numbers -----------------------------------------------------------------------------


def chain():
    return vo.Chain([vo.Gain(-3), vo.Delay(1.25), vo.Meter()])


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("channels", [1, 2])
def test_a_capture_gives_what_the_same_chain_gives_offline(rate, channels):
    audio = noise(20_011, channels)
    blocks = BlockSizes(0, [1, 480, 37, 1024, 3000])
    device = SimulatedDevice(audio, pace="lockstep", script=[blocks])
    captured = everything(device, rate=rate, chain=chain())
    np.testing.assert_array_equal(captured, offline(audio, rate, chain=chain()))
    assert len(captured) == -(-20_011 * rate // 48_000)


def test_what_comes_within_a_second_waits_for_the_thread():
    """It has not begun, or nobody lets it run."""
    device = HandDevice()
    mic = vo.Capture(device, chain=vo.Chain(), ring_ms=2000)
    device.play_blocks(95, 480)
    with mic:
        np.testing.assert_array_equal(mic.read(45_600, timeout=30).data[:, 0], np.arange(45_600))
        assert mic.stats.dropped == 0


@settings(max_examples=15, deadline=None)
@given(
    st.lists(st.integers(1, 2000), min_size=1, max_size=16),
    st.sampled_from(RATES),
    st.floats(5, 500),
)
def test_blocks_of_any_size_change_no_bit(sizes, rate, ring_ms):  # D14
    audio = noise(6000, 1)
    device = SimulatedDevice(audio, pace="lockstep", script=[BlockSizes(0, sizes)])
    captured = everything(device, rate=rate, ring_ms=ring_ms, block_ms=5, chain=chain())
    np.testing.assert_array_equal(captured, offline(audio, rate, chain=chain()))


def test_the_sound_stays_at_its_time():
    """A step comes out at the frame where it went in, whatever delays it meanwhile."""
    audio = np.zeros((9600, 1), np.float32)
    audio[4800:] = 0.5
    for rate in RATES:
        found = everything(
            SimulatedDevice(audio, pace="lockstep"), rate=rate, chain=vo.Chain([vo.Delay(3)])
        )
        place = np.argmax(found[:, 0] > 0.25)
        assert abs(place - rate / 10) <= 1


# --- Channels -------------------------------------------------------------------------------------


def test_several_channels_become_one_as_their_mean():
    audio = noise(1000, 2)
    found = everything(SimulatedDevice(audio, pace="lockstep"), channels=1)
    np.testing.assert_allclose(found[:, 0], audio.mean(axis=1), atol=1e-7)


def test_one_channel_becomes_several():
    found = everything(simulated(seconds=0.1), channels=3)
    np.testing.assert_array_equal(found, counter(0, 4800, 3))


def test_a_chain_may_change_the_channels():
    found = everything(
        simulated(seconds=0.1, channels=2), chain=vo.Chain([vo.ChannelMap([[1, 0]] * 5)])
    )
    np.testing.assert_array_equal(found, counter(0, 4800, 5))


def test_without_anything_to_do_no_thread_is_made():
    for options in ({}, {"rate": 48_000}, {"channels": 1}):
        with vo.Capture(simulated(), **options) as mic:
            assert mic.chain is None
            assert mic.times == []


# --- The account ----------------------------------------------------------------------------------


@pytest.mark.parametrize("rate", RATES)
def test_a_gap_stands_at_its_time_and_the_account_holds(rate):  # B16
    script = [Stall(9600, 100, lost=True), Stall(24_000, 50, lost=True)]
    device = simulated(seconds=1, script=script)
    with vo.Capture(device, rate=rate, chain=vo.Chain([vo.Delay(7)])) as mic:
        blocks = list(mic)
        stats = mic.stats
        gaps = [(gap.frame, gap.frames, gap.cause) for gap in mic.gaps]
    assert gaps == [(rate // 5, rate // 10, "device"), (rate // 2, rate // 20, "device")]
    assert stats.captured == rate == stats.delivered + stats.dropped + stats.queued
    assert stats.dropped == sum(block.gap for block in blocks) == rate * 150 // 1000
    frame = 0
    for block in blocks:
        frame += block.gap
        assert block.frame == frame
        assert block.time == frame / rate
        frame += len(block)


def test_a_slow_reader_loses_by_its_own_policy():
    device = simulated(seconds=2, pace="flatout")
    with vo.Capture(device, rate=16_000, ring_ms=100, block_ms=10) as mic:
        while mic.state == "running":
            time.sleep(0.01)
        stats = mic.stats
        assert stats.captured == 32_000 == stats.delivered + stats.dropped + stats.queued
        assert stats.queued <= 1600
        assert [gap.cause for gap in mic.gaps] == ["overflow"] * len(mic.gaps)


def test_latency_counts_what_delays():
    device = simulated(seconds=0.1, block_frames=480)
    with vo.Capture(device, rate=16_000, chain=vo.Chain([vo.Delay(10)])) as mic:
        list(mic)
        delay = vo.Resampler(48_000, 16_000).latency_frames + 160
        assert mic.stats.latency_frames == delay + 160  # and one block of the device
        assert mic.stats.latency_ms == mic.stats.latency_frames / 16


def test_events_tell_times_of_the_output():
    device = simulated(seconds=0.5, script=[Stall(4800, 100, lost=True)])
    with vo.Capture(device, rate=16_000) as mic:
        list(mic)
        assert kinds(mic.events(), "device_lost", "ended") == [
            (1600, "device_lost", 1600),
            (8000, "ended", 0),
        ]


def test_what_a_lost_device_gave_is_delivered_before_the_error():
    device = SimulatedDevice(seconds=5, script=[Unplug(9600)])
    with vo.Capture(device, rate=16_000, chain=vo.Chain([vo.Delay(20)])) as mic:
        blocks = []
        with pytest.raises(vo.DeviceError):
            blocks.extend(mic)
        assert sum(map(len, blocks)) == 3200
        assert mic.state == "failed"


def test_stop_lets_through_what_was_captured():
    with vo.Capture(SimulatedDevice(), rate=16_000, chain=vo.Chain([vo.Delay(50)])) as mic:
        mic.read(1600)
        mic.stop()
        rest = list(mic)
        stats = mic.stats
    assert stats.delivered == stats.captured == 1600 + sum(map(len, rest))
    assert abs(stats.captured * 3 - stats.callbacks * 128) < 3


# --- Analysis and times ---------------------------------------------------------------------------


def test_analyzers_see_what_the_reader_gets():
    meter = vo.Meter(10)
    tone = np.full(48_000, 0.5, np.float32)
    device = SimulatedDevice(tone, pace="lockstep")
    with vo.Capture(device, chain=vo.Chain([vo.Gain(-20)]), analyzers=[meter]) as mic:
        assert sum(map(len, mic)) == 48_000
        assert mic.analyzers["Meter"] is meter
        reading = meter.snapshot()
    assert reading.frame == 48_000
    assert reading.levels[0].peak == pytest.approx(0.05, rel=1e-6)


@pytest.mark.parametrize("analyzers", [[vo.Gain(0)], "Meter", 5, [vo.Meter]])
def test_other_things_are_no_analyzers(analyzers):
    with pytest.raises(vo.ConfigError, match="analyzers"):
        vo.Capture(simulated(), analyzers=analyzers)


def test_the_steps_add_up_to_the_whole():  # F5 H1
    """Of one block every percentile is its time; medians of many are a figure of the bench."""
    run = vo.Chain([vo.Gain(-3)])
    device = SimulatedDevice(noise(480, 2), pace="lockstep", block_frames=480)
    with vo.Capture(device, channels=1, chain=run, analyzers=[vo.Meter()]) as mic:
        list(mic)
        *steps, total = mic.times
    assert [step.name for step in steps] == ["mix", "chain", "analysis", "deliver"]
    assert (total.name, total.calls, {step.calls for step in steps}) == ("total", 1, {1})
    assert sum(step.p50_us for step in steps) == pytest.approx(total.p50_us, rel=1e-9)


def test_bad_rates_are_refused():
    for rate in (0, -16_000, 16_000.5, 10**9, "16k", True):
        with pytest.raises(vo.ConfigError, match="rate"):
            vo.Capture(simulated(), rate=rate)
    with pytest.raises(vo.ConfigError, match=r"rate is 4000, expected .* from 8000 to 768000"):
        vo.Capture(simulated(), rate=4000)
    with pytest.raises(vo.ConfigError, match="the rate of the source is 4000"):
        vo.Capture(simulated(rate=4000), rate=16_000)
    with pytest.raises(vo.ConfigError, match=r"channels is 65, expected .* from 1 to 64"):
        vo.Capture(simulated(), channels=65)


@pytest.mark.parametrize("chain", [[vo.Gain(0)], vo.Gain(0), "highpass=80", 5])
def test_other_things_are_no_chain(chain):
    with pytest.raises(vo.ConfigError, match=r"expected Chain\(\.\.\.\)"):
        vo.Capture(simulated(), chain=chain)
