"""Longer blocks on a busy machine, shorter ones on a calm one, and nothing in between."""

from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

import vocana_dsp as vo
from vocana_dsp.testing import SimulatedDevice


def lengths(trace: list[float], every_ms: float, **policy: float) -> list[float]:
    sizer = vo.BlockSizer(vo.BlockSizing(**policy))
    return [sizer.update(load, i * every_ms) for i, load in enumerate(trace)]


def changes(found: list[float]) -> int:
    return sum(a != b for a, b in itertools.pairwise(found))


def test_a_load_about_the_limit_changes_the_length_once() -> None:  # I4 J8
    assert changes([30.0, *lengths([79, 81, 79, 79, 79, 79], 10_000)]) == 1


def test_it_returns_to_the_least_after_calm() -> None:  # I4
    assert lengths([90] * 6 + [20] * 6, 10_000) == [
        60, 90, 120, 128, 128, 128, 98, 68, 38, 30, 30, 30,
    ]  # fmt: skip


def test_without_hysteresis_it_would_flap() -> None:
    """The control: with both limits together the same trace changes at every step."""
    trace = [79.0, 81.0] * 10
    assert changes(lengths(trace, 10_000)) == 4  # up to the longest, and no further
    assert changes(lengths(trace, 10_000, calm_percent=79.999)) >= 15


def test_a_change_waits_for_the_cooldown() -> None:  # J8
    assert lengths([90] * 12, 1000) == [60.0] * 5 + [90.0] * 5 + [120.0] * 2


@given(
    st.lists(st.floats(0, 200), max_size=60),
    st.floats(1, 40_000),
    st.floats(1, 100),
    st.floats(0, 100),
)
def test_it_stays_within_its_bounds(
    trace: list[float], every_ms: float, min_ms: float, more_ms: float
) -> None:
    found = lengths(trace, every_ms, min_ms=min_ms, max_ms=min_ms + more_ms)
    assert all(min_ms <= length <= min_ms + more_ms for length in found)


@pytest.mark.parametrize(
    ("block_ms", "found_ms"),
    [(vo.BlockSizing(), [30, 60, 60, 90, 60, 30, 30]), (30, [30] * 7)],  # and the control
)
def test_a_capture_follows_what_its_process_uses(
    monkeypatch: pytest.MonkeyPatch, block_ms: float | vo.BlockSizing, found_ms: list[int]
) -> None:  # I4 I5
    now_s = used_s = 0.0
    monkeypatch.setattr("vocana_dsp.capture.sizing._clocks", lambda: (now_s, used_s))
    device, blocks = SimulatedDevice(pace="lockstep", seconds=2), []
    with vo.Capture(device, block_ms=block_ms) as mic:
        for load in [79, 81, 79, 160, 20, 20, 20]:
            now_s += 10.0
            used_s += 10.0 * load / 100
            blocks.append(mic.block_frames)
            assert len(next(iter(mic))) == blocks[-1]
            now_s += 0.5  # too soon to look
            used_s += 100.0
            assert mic.block_frames == blocks[-1]
            used_s -= 100.0
            now_s -= 0.5
    assert [frames / 48 for frames in blocks] == found_ms


def test_the_longest_block_must_fit_the_ring() -> None:
    device, policy = SimulatedDevice("silence"), vo.BlockSizing(max_ms=3000)
    with pytest.raises(vo.ConfigError, match="block_ms is 3000"):
        vo.Capture(device, block_ms=policy, ring_ms=2000)
    vo.Capture(device, block_ms=policy, ring_ms=3000).close()


@pytest.mark.parametrize(
    ("policy", "named"),
    [
        ({"min_ms": 0}, "min_ms"),
        ({"max_ms": 29}, "max_ms"),
        ({"step_ms": -1}, "step_ms"),
        ({"busy_percent": 60}, "busy_percent"),
        ({"calm_percent": math.nan}, "calm_percent"),
        ({"cooldown_ms": -5}, "cooldown_ms"),
    ],
)
def test_a_bad_policy_is_refused(policy: dict[str, float], named: str) -> None:  # E9
    with pytest.raises(vo.ConfigError, match=named):
        vo.BlockSizing(**policy)


@pytest.mark.parametrize("load", [-1, math.nan, math.inf, "80", None])
def test_a_bad_load_changes_nothing(load: object) -> None:
    sizer = vo.BlockSizer()
    with pytest.raises(vo.ConfigError, match="load_percent"):
        sizer.update(load, 0)  # type: ignore[arg-type]
    assert sizer.block_ms == 30
    with pytest.raises(vo.ConfigError, match="policy"):
        vo.BlockSizer("fast")  # type: ignore[arg-type]
