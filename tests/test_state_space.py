"""Why the state of a cascade is in float64, and why it is that of integrators (decision 9).

The block form in NumPy, in other precisions and other coordinates, beside what runs in C.
"""

import numpy as np
import pytest
from filtering import error_db, noise, played
from scipy import signal

import vocana_dsp as vo

STEP = 16


def integrators(section, state, x):
    """One sample through two trapezoidal integrators: g, k, n0, n1, n2."""
    g, k, n0, n1, n2 = section
    band = (state[0] + g * (x - state[1])) / (1 + g * (g + k))
    low = state[1] + g * band
    state[:] = 2 * band - state[0], 2 * low - state[1]
    return n2 * x + (n1 - k * n2) * band + (n0 - n2) * low


def transposed(row, state, x):
    """One sample through transposed direct form II, as SciPy's sosfilt."""
    b0, b1, b2, _, a1, a2 = row
    y = b0 * x + state[0]
    state[:] = b1 * x - a1 * y + state[1], b2 * x - a2 * y
    return y


def matrix(sections, tick):
    """Return what maps 16 samples and the state to 16 outputs and the next state."""
    size = STEP + 2 * len(sections)
    columns = np.zeros((size, size))
    for column in range(size):
        unit = np.eye(size)[column]
        states = unit[STEP:].reshape(-1, 2).copy()
        for i in range(STEP):
            value = unit[i]
            for section, state in zip(sections, states, strict=True):
                value = tick(section, state, value)
            columns[i, column] = value
        columns[STEP:, column] = states.ravel()
    return columns


def in_steps(columns, x, kind):
    columns = columns.astype(kind)
    state, parts = np.zeros(len(columns) - STEP, kind), []
    for at in range(0, len(x), STEP):
        both = columns @ np.concatenate([x[at : at + STEP].astype(kind), state])
        parts.append(both[:STEP])
        state = both[STEP:]
    return np.concatenate(parts)


@pytest.mark.parametrize(
    ("node", "name", "order", "hertz", "rate"),
    [
        (vo.LowPass, "lowpass", 2, 20, 48_000),
        (vo.LowPass, "lowpass", 8, 20, 48_000),
        (vo.LowPass, "lowpass", 8, 10, 192_000),
        (vo.HighPass, "highpass", 2, 20, 48_000),
        (vo.HighPass, "highpass", 8, 10, 192_000),
    ],
)
def test_only_feedback_in_float64_is_accurate_at_low_cut_offs(node, name, order, hertz, rate):
    x = noise(1 << 14)
    sos = signal.butter(order, hertz, name, fs=rate, output="sos")
    exact = signal.sosfilt(sos, x)
    made = node(hertz, order=order)
    by_integrators = matrix(made._make(rate, 1).sections(), integrators)
    direct = error_db(in_steps(matrix(sos, transposed), x, np.float32), exact)
    narrow = error_db(in_steps(by_integrators, x, np.float32), exact)
    wide = error_db(in_steps(by_integrators, x, np.float64), exact)
    ours = error_db(played(made, x, rate), exact)
    print(
        f"{name} of order {order} at {hertz} Hz, rate {rate}: direct form in float32 {direct:.0f}, "
        f"integrators in float32 {narrow:.0f}, in float64 {wide:.0f}, ours {ours:.0f} dB"
    )
    assert wide < -160
    assert ours <= -120 < -90 < direct
    assert ours < narrow + 1
