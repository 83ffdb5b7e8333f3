"""Policies are refused when they are made, and say which value, why, and what to do."""

import dataclasses

import numpy as np
import pytest

import vocana_dsp as vo
from vocana_dsp.testing import SimulatedDevice

NAN, INF = float("nan"), float("inf")

REFUSED = {
    "policy": lambda: vo.Overflow("drop_oldest"),
    "policy ": lambda: vo.Overflow(None),
    "crossfade_ms": lambda: vo.Overflow(crossfade_ms=-1),
    "crossfade_ms ": lambda: vo.Overflow(crossfade_ms=NAN),
    "target_ms": lambda: vo.Overflow(target_ms=0),
    "target_ms ": lambda: vo.Overflow(target_ms="20"),
    "high_water_ms": lambda: vo.Overflow(high_water_ms=INF),
    "high_water_ms ": lambda: vo.Overflow("skip", target_ms=50, high_water_ms=40),
    "trips_after": lambda: vo.Breaker(trips_after=0),
    "trips_after ": lambda: vo.Breaker(trips_after=2.5),
    "trips_after  ": lambda: vo.Breaker(trips_after=True),
    "rest_ms": lambda: vo.Breaker(rest_ms=0),
    "max_rest_ms": lambda: vo.Breaker(rest_ms=50, max_rest_ms=40),
    "max_rest_ms ": lambda: vo.Breaker(max_rest_ms=NAN),
    "nonfinite": lambda: vo.InputPolicy(nonfinite="ignore"),
    "denormal": lambda: vo.InputPolicy(denormal=1),
    "over": lambda: vo.InputPolicy(over=None),
    "limit": lambda: vo.InputPolicy(limit=0),
    "limit ": lambda: vo.InputPolicy(limit=NAN),
    "block_ms": lambda: vo.Capture(SimulatedDevice(), block_ms=0),
    "block_ms ": lambda: vo.Capture(SimulatedDevice(), block_ms=2001),
    "block_ms  ": lambda: vo.Capture(SimulatedDevice(), block_ms="20"),
    "ring_ms": lambda: vo.Capture(SimulatedDevice(), ring_ms=-5),
    "ring_ms ": lambda: vo.Capture(SimulatedDevice(), ring_ms=INF),
    "channels": lambda: vo.Capture(SimulatedDevice(), channels=0),
    "channels ": lambda: vo.Capture(SimulatedDevice(), channels=1.5),
    "target_ms  ": lambda: vo.Capture(
        SimulatedDevice(), ring_ms=20, overflow=vo.Overflow("skip", target_ms=20)
    ),
    "high_water_ms  ": lambda: vo.Capture(
        SimulatedDevice(), ring_ms=50, overflow=vo.Overflow("skip", high_water_ms=60)
    ),
    "frames": lambda: vo.Capture(SimulatedDevice()).read(0),
    "frames ": lambda: vo.Capture(SimulatedDevice()).read(-1),
    "frames  ": lambda: vo.Capture(SimulatedDevice()).read(1.5),
    "frames   ": lambda: vo.Capture(SimulatedDevice()).read(2**31),
    "timeout": lambda: vo.Capture(SimulatedDevice()).read(10, timeout="1"),
    "timeout ": lambda: vo.Capture(SimulatedDevice()).read(10, timeout=NAN),
    "overflow": lambda: vo.Capture(SimulatedDevice(), overflow="skip"),
    "breaker": lambda: vo.Capture(SimulatedDevice(), breaker=5),
    "input": lambda: vo.Capture(SimulatedDevice(), input="clean"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_senseless_value_is_refused_by_its_name(name):  # E9
    with pytest.raises(vo.ConfigError, match=rf"\b{name.strip()}\b") as told:
        REFUSED[name]()
    assert isinstance(told.value, ValueError)
    assert told.value.hint
    assert not told.value.retryable


HUGE = {
    "ring": lambda ms: vo.Capture(SimulatedDevice(), ring_ms=ms),
    "fade": lambda ms: vo.Capture(SimulatedDevice(), overflow=vo.Overflow(crossfade_ms=ms)),
    "rest": lambda ms: vo.Capture(SimulatedDevice(), breaker=vo.Breaker(1, ms, ms)),
    "longest rest": lambda ms: vo.Capture(SimulatedDevice(), breaker=vo.Breaker(max_rest_ms=ms)),
    "target": lambda ms: vo.Capture(SimulatedDevice(), overflow=vo.Overflow("skip", 5, ms)),
    "block": lambda ms: vo.Capture(SimulatedDevice(), block_ms=ms),
}


@pytest.mark.parametrize("ms", [2.0**62, 1e300, 1e308])
@pytest.mark.parametrize("what", HUGE)
def test_a_huge_value_is_refused_without_an_allocation(what, ms):  # B14
    with pytest.raises(vo.ConfigError):
        HUGE[what](ms)


@pytest.mark.parametrize("ms", [1e9, 1e15])
@pytest.mark.parametrize("what", ["ring", "fade", "block"])
def test_more_memory_than_there_is_is_refused(what, ms):  # B14
    with pytest.raises((vo.ConfigError, MemoryError)):
        HUGE[what](ms)


def test_policies_are_frozen_data_with_the_promised_defaults():
    assert dataclasses.asdict(vo.Overflow()) == {
        "policy": "drop_newest",
        "crossfade_ms": 5.0,
        "target_ms": 20.0,
        "high_water_ms": None,
    }
    assert dataclasses.asdict(vo.Breaker()) == {
        "trips_after": 5,
        "rest_ms": 25.0,
        "max_rest_ms": 1600.0,
    }
    for policy in (vo.Overflow(), vo.Breaker(), vo.InputPolicy(), vo.Tone(440), vo.Silence()):
        name = dataclasses.fields(policy)[0].name
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(policy, name, 1)
        assert not hasattr(policy, "__dict__")


@pytest.mark.parametrize(
    "make",
    [
        lambda: vo.Capture(SimulatedDevice(), block_ms=0.001),
        lambda: vo.Capture(SimulatedDevice(), block_ms=1, ring_ms=1),
        lambda: vo.Capture(SimulatedDevice(), ring_ms=20, overflow=vo.Overflow(target_ms=50)),
        lambda: vo.Capture(SimulatedDevice(), overflow=vo.Overflow("skip", high_water_ms=2000)),
        lambda: vo.Capture(SimulatedDevice(), overflow=vo.Overflow(crossfade_ms=0)),
        lambda: vo.Capture(SimulatedDevice(), block_ms=20, ring_ms=20),
    ],
)
def test_values_at_the_edge_are_accepted(make):
    with make() as mic:
        assert len(mic.read(1)) == 1


@pytest.mark.parametrize(
    "kind", [np.int8, np.int64, np.uint32, np.float16, np.float32, np.float64, np.longdouble]
)
def test_numbers_of_numpy_are_numbers(kind):  # E9
    assert vo.Breaker(rest_ms=kind(50)).rest_ms == 50
    assert vo.Gain(kind(6)).gain_db == 6.0
    assert vo.DriftResampler(ratio=kind(1)).ratio == 1.0
    assert vo.BufferPool(10).acquire(timeout=kind(1)) is not None


@pytest.mark.parametrize("kind", [np.int8, np.int64, np.uint32])
def test_whole_numbers_of_numpy_are_whole(kind):  # E9
    assert vo.Breaker(trips_after=kind(3)).trips_after == 3
    assert vo.LowPass(100, order=kind(4)).order == 4
    assert vo.Chain([vo.Gain(0)]).process([0.5], rate=kind(100)) == [0.5]


@pytest.mark.parametrize("truth", [True, np.True_])
def test_a_truth_value_is_no_number_but_switches(truth):  # E9
    for make in (
        lambda: vo.Gain(truth),
        lambda: vo.Breaker(rest_ms=truth),
        lambda: vo.Breaker(trips_after=truth),
        lambda: vo.LowPass(100, order=truth),
    ):
        with pytest.raises(vo.ConfigError, match="expected a"):
            make()
    assert vo.Mute(truth).muted is True
    with pytest.raises(vo.ConfigError, match="expected True or False"):
        vo.Mute(int(truth))


@pytest.mark.parametrize("array", [np.array([1, 2]), np.array([1.0]), np.array([])])
def test_an_array_is_no_number(array):  # E9
    for make in (lambda: vo.Gain(array), lambda: vo.Breaker(trips_after=array)):
        with pytest.raises(vo.ConfigError, match="expected a"):
            make()
