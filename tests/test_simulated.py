"""The simulated device: what it plays, its faults on their frames, its paces."""

import numpy as np
import pytest
from played import counter, everything, noise

import vocana_dsp as vo
from vocana_dsp.testing import (
    BlockSizes,
    Jitter,
    RateDrift,
    SilenceFrom,
    SimulatedDevice,
    Stall,
    Unplug,
)


def simulated(script=(), seconds=0.1, **options):
    return SimulatedDevice(seconds=seconds, pace="lockstep", script=script, **options)


def test_the_counter_is_exact_beyond_two_to_the_24():
    with vo.Capture(simulated([Stall(0, ms=(2**24 - 100) / 48)], seconds=400)) as mic:
        block = mic.read(200)
    assert block.frame == 2**24 - 100
    np.testing.assert_array_equal(block.data[:, 0], [*range(2**24 - 100, 2**24), *range(100)])


@pytest.mark.parametrize("shape", [(1000,), (1000, 1), (1000, 3)])
def test_an_array_is_played_once(shape):
    audio = noise(3000, 1).ravel()[: int(np.prod(shape))].reshape(shape)
    found = everything(SimulatedDevice(audio, pace="lockstep"))
    np.testing.assert_array_equal(found, audio.reshape(1000, -1))


def test_a_mono_array_goes_to_every_channel_and_seconds_cut_it():
    audio = noise(1000, 1)[:, 0]
    found = everything(SimulatedDevice(audio, channels=2, seconds=0.01, pace="lockstep"))
    np.testing.assert_array_equal(found, np.repeat(audio[:480, None], 2, axis=1))


def test_changing_the_array_later_changes_nothing():
    audio = noise(1000, 1)
    device = SimulatedDevice(audio, pace="lockstep")
    before = audio.copy()
    audio[:] = 0
    np.testing.assert_array_equal(everything(device), before)


@pytest.mark.parametrize("frame", [0, 1, 127, 128, 1000, 4799])
def test_each_fault_acts_on_its_frame(frame):
    with vo.Capture(simulated([Unplug(frame)])) as mic:
        with pytest.raises(vo.DeviceError):
            list(mic)
        assert mic.stats.captured == frame
    with vo.Capture(simulated([Stall(frame, ms=1)], seconds=0.2)) as mic:
        assert sum(len(block) for block in mic) == 9600 - 48
        assert mic.gaps == [vo.Gap(frame, 48, "device")]
    found = everything(simulated([SilenceFrom(frame)], seconds=0.2))
    np.testing.assert_array_equal(found[:frame], counter(0, frame))
    assert not found[frame:].any()


@pytest.mark.parametrize("ms", [1, 10])
def test_silence_for_a_while_ends_on_its_frame(ms):
    found = everything(simulated([SilenceFrom(1000, ms=ms)]))
    expected = counter(0, 4800)
    expected[1000 : 1000 + 48 * ms] = 0
    np.testing.assert_array_equal(found, expected)


def test_a_stall_that_is_not_lost_comes_late():
    assert len(everything(simulated([Stall(1000, ms=20, lost=False)]))) == 4800
    device = SimulatedDevice(seconds=0.1, script=[Stall(1000, ms=50, lost=False)])
    np.testing.assert_array_equal(everything(device), counter(0, 4800))


def test_jitter_loses_nothing():
    device = SimulatedDevice(seconds=0.1, script=[Jitter(480, max_ms=10)], seed=7)
    np.testing.assert_array_equal(everything(device), counter(0, 4800))


def test_block_sizes_come_in_turn():
    script = [BlockSizes(256, (64, 200)), BlockSizes(256 + 3 * 264, [480])]
    with vo.Capture(simulated(script, block_frames=128)) as mic:
        total = sum(len(block) for block in mic)
        assert total == 4800
        rest = 4800 - 256 - 3 * 264
        assert mic.stats.callbacks == 2 + 6 + -(-rest // 480)
        assert mic.stats.latency_frames == rest % 480


def test_a_fast_clock_runs_ahead_of_a_slow_one():
    fast = SimulatedDevice(script=[RateDrift(0, 500_000)])
    slow = SimulatedDevice(script=[RateDrift(0, -500_000)])
    with vo.Capture(slow) as slowly, vo.Capture(fast) as quickly:
        quickly.read(24_000)
        assert slowly.stats.captured < 24_000


def test_faults_in_any_order_act_in_the_order_of_their_frames():
    script = [Stall(2000, ms=1), Stall(1000, ms=1)]
    with vo.Capture(simulated(script)) as mic:
        list(mic)
        assert mic.gaps == [vo.Gap(1000, 48, "device"), vo.Gap(2000, 48, "device")]


def test_a_stall_that_outlasts_the_source_is_lost_too():
    with vo.Capture(simulated([Stall(1000, ms=200)])) as mic:
        list(mic)
        assert mic.gaps == [vo.Gap(1000, 3800, "device")]
        assert (mic.stats.captured, mic.stats.dropped) == (4800, 3800)


def test_flatout_waits_for_nobody_and_every_loss_is_counted():
    with vo.Capture(SimulatedDevice(seconds=10, pace="flatout"), ring_ms=100) as mic:
        while mic.state == "running":
            pass
        assert (mic.stats.captured, mic.stats.queued) == (480_000, 4800)
        assert mic.stats.dropped == 475_200


def test_two_captures_of_one_description_are_two_devices():
    device = simulated()
    np.testing.assert_array_equal(everything(device), everything(device))


@pytest.mark.parametrize(
    "make",
    [
        lambda: SimulatedDevice("noise"),
        lambda: SimulatedDevice(rate=0),
        lambda: SimulatedDevice(channels=0),
        lambda: SimulatedDevice(block_frames=0),
        lambda: SimulatedDevice(block_frames=2**17),
        lambda: SimulatedDevice(pace="fast"),
        lambda: SimulatedDevice(seconds=0),
        lambda: SimulatedDevice(seconds=-1),
        lambda: vo.Capture(SimulatedDevice(seconds=1e300)),
        lambda: SimulatedDevice(script=["stall"]),
        lambda: SimulatedDevice(script=5),
        lambda: SimulatedDevice(seed=-1),
        lambda: SimulatedDevice(np.zeros((10, 2), np.float32), channels=3),
        lambda: SimulatedDevice(np.zeros((10, 0), np.float32)),
        lambda: Jitter(-1, 5),
        lambda: Jitter(0, 0),
        lambda: Stall(0, -5),
        lambda: vo.Capture(SimulatedDevice(script=[Stall(0, 1e300)])),
        lambda: Unplug(1.5),
        lambda: SilenceFrom(0, ms=0),
        lambda: RateDrift(0, 600_000),
        lambda: RateDrift(0, float("nan")),
        lambda: BlockSizes(0, ()),
        lambda: BlockSizes(0, [0]),
        lambda: BlockSizes(0, [1] * 17),
    ],
)
def test_senseless_devices_are_refused(make):
    with pytest.raises(vo.ConfigError):
        make()


@pytest.mark.parametrize(
    "signal", [np.zeros(5, np.int16), np.zeros((2, 2, 2), np.float32), 5.0, [1, 2], None]
)
def test_signals_of_another_form_are_refused(signal):
    with pytest.raises(vo.FormatError):
        SimulatedDevice(signal)
