"""What filters and dynamics do by their definitions: in float64, sample by sample."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
import numpy.typing as npt

Exact = npt.NDArray[np.float64]


def butterworth(
    kind: Literal["highpass", "lowpass"], order: int, cutoff_hz: float, rate: int
) -> Exact:
    """Return sections [b, a] of an even order, by the bilinear transform.

    >>> butterworth("lowpass", 2, 12_000, 48_000).round(4)
    array([[ 0.2929,  0.5858,  0.2929,  1.    , -0.    ,  0.1716]])
    """
    g = math.tan(math.pi * cutoff_hz / rate)
    b = (1, -2, 1) if kind == "highpass" else (g * g, 2 * g * g, g * g)
    sections = []
    for k in range(order // 2):
        damping = 2 * math.sin((2 * k + 1) * math.pi / (2 * order))
        a = (1 + g * (g + damping), 2 * (g * g - 1), 1 + g * (g - damping))
        sections.append([coefficient / a[0] for coefficient in (*b, *a)])
    return np.array(sections)


def dc_block(cutoff_hz: float, rate: int) -> Exact:
    """Return a high-pass of the first order as one section."""
    g = math.tan(math.pi * cutoff_hz / rate)
    return np.array([[1, -1, 0, 1 + g, g - 1, 0]]) / (1 + g)


def cascade(sections: Exact, x: npt.ArrayLike) -> Exact:
    """Return x through sections in transposed direct form II, as `scipy.signal.sosfilt`."""
    y = np.asarray(x, np.float64).tolist()
    for b0, b1, b2, _, a1, a2 in sections.tolist():
        first = second = 0.0
        for i, v in enumerate(y):
            w = b0 * v + first
            first = b1 * v - a1 * w + second
            second = b2 * v - a2 * w
            y[i] = w
    return np.array(y)


def gate(
    x: Exact,
    rate: int,
    threshold_db: float,
    hysteresis_db: float = 4,
    range_db: float = 80,
    attack_ms: float = 1,
    hold_ms: float = 50,
    release_ms: float = 100,
) -> Exact:
    """Return one channel through a gate."""
    attack, release = _pole(attack_ms, rate), _pole(release_ms, rate)
    hold, floor = round(hold_ms * rate / 1000), _amplitude(-range_db)
    opens, keeps = _amplitude(threshold_db), _amplitude(threshold_db - hysteresis_db)
    gain = np.empty_like(x)
    is_open, below, way = False, 0, 0.0
    for i, level in enumerate(np.abs(x).tolist()):
        below = 0 if level >= keeps else below + 1
        is_open = level >= opens or (is_open and below <= hold)
        way = 1 + attack * (way - 1) if is_open else release * way
        gain[i] = way + floor * (1 - way)
    return x * gain


def compressor(
    x: Exact,
    rate: int,
    threshold_db: float,
    ratio: float,
    knee_db: float = 6,
    attack_ms: float = 5,
    release_ms: float = 100,
) -> Exact:
    """Return one channel through a compressor of peaks."""
    attack, release = _pole(attack_ms, rate), _pole(release_ms, rate)
    over = 20 * np.log10(np.maximum(np.abs(x), 1e-30)) - threshold_db
    bent = np.maximum(over, 0)
    if knee_db > 0:
        within = np.abs(over) < knee_db / 2
        bent[within] = np.square(over[within] + knee_db / 2) / (2 * knee_db)
    down_db = np.empty_like(x)
    peak = down = 0.0
    for i, asked in enumerate((bent * (1 - 1 / ratio)).tolist()):
        peak = max(asked, release * peak + (1 - release) * asked)
        down = attack * down + (1 - attack) * peak
        down_db[i] = down
    compressed: Exact = x * 10 ** (-down_db / 20)
    return compressed


def limiter(
    x: Exact, rate: int, ceiling_db: float, release_ms: float = 50, lookahead_ms: float = 2
) -> Exact:
    """Return one channel through a limiter of samples."""
    ceiling, release = _amplitude(ceiling_db), _pole(release_ms, rate)
    late = round(lookahead_ms * rate / 1000)
    needed = 1 - ceiling / np.maximum(np.abs(x), ceiling)
    padded = np.concatenate([np.zeros(late), needed])
    held = np.lib.stride_tricks.sliding_window_view(padded, late + 1).max(axis=1)
    memory = 0.0
    for i, most in enumerate(held.tolist()):
        held[i] = memory = max(most, release * memory)
    for length in (late // 2 + 1, late + 1 - late // 2):
        held = np.convolve(held, np.full(length, 1 / length))[: x.size]
    limited: Exact = np.concatenate([np.zeros(late), x[: x.size - late]]) * (1 - held)
    return limited


def _pole(ms: float, rate: int) -> float:
    return math.exp(-1000 / (ms * rate))


def _amplitude(db: float) -> float:
    return math.pow(10.0, db / 20)
