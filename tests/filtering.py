"""What the tests of filters share: noise, a chain of one node, the error to a reference."""

import numpy as np

import vocana_dsp as vo

RNG = np.random.default_rng(7)


def noise(frames=8192, channels=1):
    x = RNG.uniform(-1, 1, (frames, channels)).astype(np.float32)
    return x[:, 0] if channels == 1 else x


def played(node, x, rate=48_000):
    return vo.Chain([node]).process(x, rate=rate)


def error_db(got, reference):
    """Return the error in dB of the reference."""
    error = np.sum((np.asarray(got, np.float64) - reference) ** 2)
    return 10 * np.log10(error / np.sum(reference**2) + 1e-30)
