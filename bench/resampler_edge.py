"""Finds the edge of the resamplers' low-pass: the numbers in csrc/src/lowpass.c.

    python bench/resampler_edge.py

The response of harmonics c(k) of a window of length 1 is the sum of c(k) sinc(x - k), k of both
signs. Given which of them are free, a linear program finds those with the least stopband (falling
with the square root of the distance) at a fixed ripple, under the condition that the window's ends
are 0, which makes the far stopband fall by 18 dB an octave.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.optimize import linprog

Reals = npt.NDArray[np.float64]

STOP = 64  # first harmonic of the stopband
EDGE = 5.5  # harmonics from passband to stopband
BEFORE, AFTER = 14, 6  # free harmonics, from STOP - BEFORE to STOP + AFTER
RIPPLE = 8e-4  # 0.007 dB
SCALE = 1e5  # of the stopband within the program, which stops at 1e-10


def edge() -> Reals:
    """c(STOP - BEFORE) .. c(STOP + AFTER)."""
    free = np.arange(STOP - BEFORE, STOP + AFTER + 1)
    ones = np.arange(1 - free[0], free[0])  # of both signs
    flat = np.append(np.arange(free[0] - 19, STOP - EDGE, 1 / 24), STOP - EDGE)
    near, far = np.arange(STOP, STOP + 12, 1 / 24), np.arange(STOP + 12, STOP + AFTER + 60, 1 / 10)
    stop = np.concatenate([near, far])

    def of_free(x: Reals) -> Reals:
        return np.asarray(np.sinc(x[:, None] - free) + np.sinc(x[:, None] + free))

    def of_ones(x: Reals) -> Reals:
        return np.asarray(np.sinc(x[:, None] - ones).sum(axis=1))

    allowed = -1 / np.sqrt(np.maximum(1, (stop - STOP + 1) / 4)) / SCALE
    none = np.zeros(len(flat))
    rows = [
        np.column_stack([of_free(flat), none]),
        np.column_stack([-of_free(flat), none]),
        np.column_stack([of_free(stop), allowed]),
        np.column_stack([-of_free(stop), allowed]),
    ]
    bounds = [
        1 + RIPPLE - of_ones(flat),
        RIPPLE - 1 + of_ones(flat),
        -of_ones(stop),
        of_ones(stop),
    ]
    at_end = np.where(free % 2, -2.0, 2.0)
    found = linprog(
        np.append(np.zeros(len(free)), 1),
        A_ub=np.vstack(rows),
        b_ub=np.concatenate(bounds),
        A_eq=np.append(at_end, 0)[None],
        b_eq=[-np.where(ones % 2, -1.0, 1.0).sum()],
        bounds=[(None, None)] * len(free) + [(0, None)],
        method="highs",
        options={"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10},
    )
    return np.asarray(found.x[:-1])


if __name__ == "__main__":
    for value in edge():
        print(f"    {value:.15f},")
