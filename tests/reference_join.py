"""Joins in float64 NumPy, written from their definition: what the engine's joins must equal.

A join replaces `gap` frames of a stream that begin at frame `cut`. The old piece fades out with
gain g, the new one fades in with 1 - g, where over L frames g(k) = cos^2(pi/2 (k+1)/(L+1)): the
virtual neighbours g(-1) = 1 and g(L) = 0 belong to the untouched sound on either side.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

F64 = NDArray[np.float64]

FADE = 240  # 5 ms at 48 kHz
ALIGN = 720  # 15 ms
MIN_CORRELATION = 0.5
MIN_POWER = 1e-8  # mean square: -80 dBFS
ROUNDING = 2.0**-24  # of a float32 operation, relative


@dataclass(frozen=True, slots=True)
class Joined:
    """A stream with a piece taken out.

    frames[:at] are the stream's frames before `old`; from at on, stream[old:] fades out and
    stream[new:] fades in, and after the fade frames follow stream[new + fade:]. So new - old
    frames were lost.
    """

    frames: F64
    at: int
    old: int
    new: int


Join = Callable[[NDArray[np.floating], int, int], Joined]


def gains(length: int) -> F64:
    """Gain of the old piece over a join of that many frames."""
    return np.asarray(np.cos(np.pi / 2 * np.arange(1, length + 1) / (length + 1)) ** 2)


def mix(old: F64, new: F64) -> F64:
    """Old into new over their whole length."""
    return np.asarray(new + gains(len(old)) * (old - new))


def correlations(old: F64, candidates: F64) -> F64:
    """Normalised correlation of old with candidates[d : d + len(old)] for every lag d.

    0 where either is too quiet to tell.
    """
    pieces = sliding_window_view(candidates, len(old))
    energy = np.einsum("dn,dn->d", pieces, pieces)
    quiet = MIN_POWER * len(old)
    loud = (energy >= quiet) & (old @ old >= quiet)
    scale = np.sqrt(np.where(loud, energy * (old @ old), 1.0))
    return np.where(loud, pieces @ old / scale, 0.0)


def best_lag(old: F64, candidates: F64) -> int:
    """The lag of the best fit, or 0 when nothing fits at least half."""
    fit = correlations(old, candidates)
    lag = int(fit.argmax())
    return lag if fit[lag] >= MIN_CORRELATION else 0


def plain(stream: NDArray[np.floating], cut: int, gap: int, fade: int = FADE) -> Joined:
    """The continuation of the old piece fades out over the new piece, wherever that is."""
    x = np.asarray(stream, np.float64)
    new = cut + gap
    middle = mix(x[cut : cut + fade], x[new : new + fade])
    return Joined(np.concatenate([x[:cut], middle, x[new + fade :]]), cut, cut, new)


def aligned(
    stream: NDArray[np.floating], cut: int, gap: int, fade: int = FADE, align: int = ALIGN
) -> Joined:
    """As plain, after moving the new piece by up to align frames to where it fits best."""
    x = np.asarray(stream, np.float64)
    new = cut + gap
    lag = best_lag(x[cut : cut + fade], x[new : new + align + fade])
    return plain(x, cut, gap + lag, fade)


def hard(stream: NDArray[np.floating], cut: int, gap: int) -> Joined:
    """No join at all: a fault that the gates must report."""
    x = np.asarray(stream, np.float64)
    return Joined(np.concatenate([x[:cut], x[cut + gap :]]), cut, cut, cut + gap)


def linear(stream: NDArray[np.floating], cut: int, gap: int) -> Joined:
    """A join with straight ramps, whose ends are kinks: a fault that the oracle must report."""
    x = np.asarray(stream, np.float64)
    new = cut + gap
    g = 1 - np.arange(1, FADE + 1) / (FADE + 1)
    middle = x[new : new + FADE] + g * (x[cut : cut + FADE] - x[new : new + FADE])
    return Joined(np.concatenate([x[:cut], middle, x[new + FADE :]]), cut, cut, new)


def mute(stream: NDArray[np.floating], cut: int, gap: int) -> Joined:
    """As hard, with the join silenced: a fault that the gate on dips must report."""
    joined = hard(stream, cut, gap)
    joined.frames[cut : cut + FADE] = 0
    return joined


def untouched(stream: NDArray[np.floating], cut: int, gap: int) -> Joined:
    """Nothing is lost: what a measure must not report."""
    return Joined(np.asarray(stream, np.float64), cut, cut, cut)


def oracle_excess(stream: NDArray[np.floating], joined: Joined, fade: int = FADE) -> F64:
    """By how much each second difference at the join is larger than a sin^2 join allows.

    For y = b + g (a - b), e = a - b, g+ = g[n+1] - g[n], g- = g[n-1] - g[n], exactly

        D2 y = g D2 a + (1-g) D2 b + g+ (e[n+1] - e[n]) + g- (e[n-1] - e[n]) + (g+ + g-) e[n]

    so |D2 y| is at most the sum of the magnitudes. Evaluated at n = -1 .. fade of the join, where
    g is 1 before it and 0 behind it, so that both ends are judged; no result above 0 is allowed
    beyond what float32 rounds. Shape (fade + 2,).
    """
    x = np.asarray(stream, np.float64)
    a = x[joined.old - 2 : joined.old + fade + 2]
    b = x[joined.new - 2 : joined.new + fade + 2]
    g = np.concatenate([[1.0, 1.0], gains(fade), [0.0, 0.0]])
    e = a - b
    ahead, behind = g[2:] - g[1:-1], g[:-2] - g[1:-1]
    bound = (
        np.abs(g[1:-1] * _curve(a))
        + np.abs((1 - g[1:-1]) * _curve(b))
        + np.abs(ahead * (e[2:] - e[1:-1]))
        + np.abs(behind * (e[:-2] - e[1:-1]))
        + np.abs((ahead + behind) * e[1:-1])
    )
    # Each sample is the rounding of a gain, a difference, a product and a sum; a second difference
    # weighs three samples by 1, 2, 1.
    slack = 4 * 4 * ROUNDING * 2 * max(np.abs(a).max(), np.abs(b).max())
    y = joined.frames[joined.at - 2 : joined.at + fade + 2]
    return np.asarray(np.abs(_curve(y)) - bound - slack)


def _curve(x: F64) -> F64:
    return np.asarray(x[2:] - 2 * x[1:-1] + x[:-2])
