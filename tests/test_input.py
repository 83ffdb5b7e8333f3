"""Samples that no converter delivers: counted for each class, and as the policy wants them."""

import numpy as np
import pytest
from child import run_ok
from hand_device import HandDevice

import vocana_dsp as vo

DENORMAL = np.float32(1e-40)
CLASSES = {
    "nan": (np.nan, "nonfinite", 0.0),
    "inf": (np.inf, "nonfinite", 2.0),
    "minus inf": (-np.inf, "nonfinite", -2.0),
    "denormal": (DENORMAL, "denormal", 0.0),
    "minus denormal": (-DENORMAL, "denormal", 0.0),
    "smallest": (np.float32(1.4e-45), "denormal", 0.0),
    "over": (2.1, "over", 2.0),
    "under": (-2.1, "over", -2.0),
    "largest": (np.finfo(np.float32).max, "over", 2.0),
}
COUNTED_AS = {
    "nan": "nan",
    "inf": "infinite",
    "minus inf": "infinite",
    "denormal": "denormal",
    "minus denormal": "denormal",
    "smallest": "denormal",
    "over": "over",
    "under": "over",
    "largest": "over",
}


def bits(array):
    return np.ascontiguousarray(array).view(np.uint32)


def captured(frames, **policy):
    """What comes through of one callback with these frames, and the account."""
    device = HandDevice(channels=frames.shape[1])
    with vo.Capture(device, input=vo.InputPolicy(**policy)) as mic:
        device.play(np.zeros((10, frames.shape[1])))
        device.play(frames)
        device.play(np.zeros((10, frames.shape[1])))
        device.end()
        blocks = list(mic)
        data = np.concatenate([block.data for block in blocks])
        assert mic.stats.captured == mic.stats.delivered + mic.stats.dropped
        return data, mic.stats, mic.gaps, mic.events()


@pytest.mark.parametrize("action", ["flag", "clean", "reject"])
@pytest.mark.parametrize("name", CLASSES)
@pytest.mark.parametrize("place", [0, 7, 63, 64, 3000])
def test_each_class_is_counted_and_treated_as_the_policy_says(name, action, place):  # E3, E4
    sample, group, repaired = CLASSES[name]
    frames = np.random.default_rng(3).uniform(-1, 1, (3001, 2)).astype(np.float32)
    frames[place, 1] = sample
    data, stats, gaps, events = captured(frames, **{group: action})
    counts = {kind: getattr(stats.input, kind) for kind in ("nan", "infinite", "denormal", "over")}
    assert counts == {kind: int(kind == COUNTED_AS[name]) for kind in counts}
    if action == "reject":
        assert len(data) == 20
        assert gaps == [vo.Gap(10, 3001, "rejected")]
        assert stats.input.rejected_frames == 3001
        assert [(e.frame, e.value) for e in events if e.kind == "rejected"] == [(10, 3001)]
        return
    if action == "clean":
        frames[place, 1] = repaired
    np.testing.assert_array_equal(bits(data[10:-10]), bits(frames))
    assert stats.dropped == 0
    assert gaps == []


def test_what_a_policy_leaves_in_is_finite_by_default():  # faults 30
    frames = np.array([[np.nan], [np.inf], [-np.inf], [1e-40], [3.0], [0.5]], np.float32)
    data, stats, _, _ = captured(frames)
    assert np.isfinite(data).all()
    np.testing.assert_array_equal(data[10:-10, 0], np.float32([0, 2, -2, 0, 3, 0.5]))
    assert stats.input.nonfinite_by_channel == (3,)  # faults 30
    assert (stats.input.nan, stats.input.infinite, stats.input.denormal, stats.input.over) == (
        1,
        2,
        1,
        1,
    )


@pytest.mark.parametrize("frames", [1, 15, 16, 17, 480, 5000])
@pytest.mark.parametrize("channels", [1, 2, 3])
def test_clean_audio_passes_bit_for_bit(frames, channels):  # E3, faults 32
    edge = np.float32(
        [0.0, -0.0, 1.0, -1.0, 2.0, -2.0, np.finfo(np.float32).tiny, -np.finfo(np.float32).tiny]
    )
    audio = np.random.default_rng(5).uniform(-2, 2, (frames, channels)).astype(np.float32)
    audio.flat[: len(edge)] = edge[: audio.size]
    for action in ("flag", "clean", "reject"):
        data, stats, gaps, _ = captured(audio, nonfinite=action, denormal=action, over=action)
        np.testing.assert_array_equal(bits(data[10:-10]), bits(audio))
        assert gaps == []
        silent, channels = stats.input.silent_frames, (0,) * data.shape[1]
        assert stats.input == vo.InputCounts(0, 0, 0, 0, 0, silent, channels)


def test_a_clean_sample_beside_a_dirty_one_is_bit_exact():  # E3
    audio = np.random.default_rng(6).uniform(-1, 1, (2000, 1)).astype(np.float32)
    audio[::100] = np.nan
    data, stats, _, _ = captured(audio)
    clean = ~np.isnan(audio)
    np.testing.assert_array_equal(bits(data[10:-10][clean]), bits(audio[clean]))
    assert not data[10:-10][~clean].any()
    assert stats.input.nan == 20


def test_several_classes_in_one_block_and_the_strictest_policy_wins():
    frames = np.float32([[np.nan, 3.0], [1e-40, 0.5]])
    data, stats, gaps, _ = captured(frames, nonfinite="clean", denormal="flag", over="reject")
    assert len(data) == 20
    assert gaps == [vo.Gap(10, 2, "rejected")]
    counts = stats.input
    assert (counts.nan, counts.infinite, counts.denormal, counts.over) == (1, 0, 1, 1)


def test_a_limit_of_ones_own():
    data, stats, _, _ = captured(np.float32([[0.5], [0.6], [-0.7]]), over="clean", limit=0.5)
    np.testing.assert_array_equal(data[10:-10, 0], np.float32([0.5, 0.5, -0.5]))
    assert stats.input.over == 2


def test_silent_blocks_are_counted_and_are_no_failure():  # I12
    device = HandDevice()
    with vo.Capture(device) as mic:
        device.play(np.zeros((480, 1)))
        device.play(np.full((480, 1), 1e-6))
        device.play(np.zeros((480, 1)))
        assert mic.stats.input.silent_frames == 960
        assert mic.state == "running"


def test_importing_the_package_leaves_denormals_alone():  # faults 31
    told = run_ok("""
        import numpy as np
        import vocana_dsp as vo
        from vocana_dsp.testing import SimulatedDevice
        assert np.nextafter(0, 1) != 0 and np.nextafter(np.float32(0), np.float32(1)) != 0
        with vo.Capture(SimulatedDevice(seconds=0.1, pace="lockstep")) as mic:
            for block in mic:
                assert np.float32(1e-38) * np.float32(0.5) != 0
        print(np.nextafter(0, 1) / 1 != 0, 2.0**-1074 != 0)
    """)
    assert told == "True True\n"
