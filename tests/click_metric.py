"""How audible a join is: four measures of it against the sound around it, in dB.

Every measure compares the join with the 100 ms on either side, so 0 dB means "no worse than what
is there anyway": sound that nobody has cut scores about 0 or less, a hard cut in a tone tens of dB.

d2   largest second difference: steps and kinks
hf   largest energy above 8 kHz in 1 ms: what a click spreads over the spectrum
lpc  largest error of a linear predictor of order 32 that knows the surroundings: the most sensitive
dip  worst 5 ms level against the neighbours, with its sign: holes and bumps, not clicks
"""

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from scipy import signal

F64 = NDArray[np.float64]

RATE = 48_000
CONTEXT = 4800  # frames of surroundings on either side of a join: 100 ms
MARGIN = 128  # frames beyond the context that filters may touch
NEIGHBOUR = 960  # frames on either side whose level a dip is compared with: 20 ms
ORDER = 32  # of the predictor

# Below these levels there is nothing to hear and rounding decides: both sides of a ratio are
# raised to them.
D2_FLOOR = 1e-6
HF_FLOOR = 1e-12  # mean square: -120 dBFS
LPC_FLOOR = 1e-4  # -80 dBFS
DIP_FLOOR = 1e-9  # mean square: -90 dBFS

HIGH_PASS = signal.firwin(129, 8000, pass_zero=False, fs=RATE)
HF_REACH = len(HIGH_PASS) // 2 + RATE // 1000 // 2


@dataclass(frozen=True, slots=True)
class Segments:
    """Joins cut out with their surroundings.

    frames has the shape (joins, at + length + CONTEXT + MARGIN); the join of every row covers the
    columns at .. at + length - 1, with at == CONTEXT + MARGIN.
    """

    frames: F64
    length: int

    @property
    def at(self) -> int:
        return CONTEXT + MARGIN


@dataclass(frozen=True, slots=True)
class Scores:
    """One value per join, dB."""

    d2: F64
    hf: F64
    lpc: F64
    dip: F64


def score(segments: Segments) -> Scores:
    """All four measures of every join."""
    return Scores(d2(segments), hf(segments), lpc(segments), dip(segments))


def auc(faults: F64, clean: F64) -> float:
    """Probability that a fault scores higher than a clean place does; ties count one half."""
    above = (faults[:, None] > clean[None, :]).mean()
    ties = (faults[:, None] == clean[None, :]).mean()
    return float(above + ties / 2)


def d2(segments: Segments) -> F64:
    x = segments.frames
    change = np.abs(x[:, 2:] - 2 * x[:, 1:-1] + x[:, :-2])
    change = np.pad(change, ((0, 0), (1, 1)))
    return 20 * _excess(segments, change, 1, 1, D2_FLOOR)


def hf(segments: Segments) -> F64:
    high = signal.oaconvolve(segments.frames, HIGH_PASS[None, :], mode="same", axes=1)
    width = RATE // 1000
    total = np.cumsum(np.pad(high**2, ((0, 0), (width // 2 + 1, width // 2))), axis=1)
    energy = (total[:, width:] - total[:, :-width])[:, : high.shape[1]] / width
    return 10 * _excess(segments, energy, HF_REACH, HF_REACH, HF_FLOOR)


def lpc(segments: Segments) -> F64:
    error = np.zeros_like(segments.frames)
    for row, x, taps in zip(error, segments.frames, _predictors(segments), strict=True):
        row[:] = np.abs(signal.lfilter(taps, [1.0], x))
    return 20 * _excess(segments, error, 0, ORDER, LPC_FLOOR)


def dip(segments: Segments) -> F64:
    width = RATE * 5 // 1000
    hop = RATE // 1000
    power = segments.frames**2
    first, last = segments.at, segments.at + segments.length
    # Windows 1 ms apart, from 2 ms before the join to 2 ms after it.
    near = power[:, first - 2 * hop : last + 2 * hop]
    level = sliding_window_view(near, width, axis=1)[:, ::hop].mean(axis=2)
    before = power[:, first - NEIGHBOUR : first].mean(axis=1)
    after = power[:, last : last + NEIGHBOUR].mean(axis=1)
    around = np.maximum((before + after) / 2, DIP_FLOOR)
    change = 10 * np.log10(np.maximum(level, DIP_FLOOR) / around[:, None])
    worst = np.abs(change).argmax(axis=1)
    return np.asarray(change[np.arange(len(change)), worst])


def _excess(segments: Segments, measure: F64, before: int, after: int, floor: float) -> F64:
    """log10 of the join's largest value over its surroundings' largest.

    A value at column n depends on the columns n - after .. n + before, so the join shows from
    `before` columns early until `after` columns late.
    """
    first, last = segments.at - before, segments.at + segments.length + after
    inside = measure[:, first:last].max(axis=1)
    left = measure[:, MARGIN:first].max(axis=1)
    right = measure[:, last : measure.shape[1] - MARGIN].max(axis=1)
    outside = np.maximum(left, right)
    return np.asarray(np.log10(np.maximum(inside, floor) / np.maximum(outside, floor)))


def _predictors(segments: Segments) -> F64:
    """Error filter (1, -a1, .. -a32) of each row, fitted to its surroundings alone."""
    first, last = segments.at, segments.at + segments.length
    taper = np.hanning(CONTEXT)
    lags = np.zeros((len(segments.frames), ORDER + 1))
    for piece in (
        segments.frames[:, first - CONTEXT : first],
        segments.frames[:, last : last + CONTEXT],
    ):
        spectrum = np.fft.rfft(piece * taper, 2 * CONTEXT, axis=1)
        lags += np.fft.irfft(np.abs(spectrum) ** 2, axis=1)[:, : ORDER + 1]
    lags[:, 0] = lags[:, 0] * (1 + 1e-9) + 1e-12
    index = np.abs(np.arange(ORDER)[:, None] - np.arange(ORDER)[None, :])
    weights = np.linalg.solve(lags[:, index], lags[:, 1:, None])[:, :, 0]
    return np.concatenate([np.ones((len(lags), 1)), -weights], axis=1)
