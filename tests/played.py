"""What sources play, and all that a capture gives of it."""

import numpy as np

import vocana_dsp as vo
from vocana_dsp.testing import SimulatedDevice


def simulated(**options):
    options.setdefault("pace", "lockstep")
    options.setdefault("seconds", 0.5)
    return SimulatedDevice(**options)


def counter(first, n, channels=1):
    return np.repeat(np.arange(first, first + n, dtype=np.float32)[:, None], channels, axis=1)


def noise(frames, channels, seed=1):
    generator = np.random.default_rng(seed)
    return generator.uniform(-0.9, 0.9, (frames, channels)).astype(np.float32)


def everything(source, **options):
    with vo.Capture(source, **options) as mic:
        blocks = list(mic)
        assert mic.stats.dropped == 0
        return np.concatenate([np.empty((0, mic.channels), np.float32), *(b.data for b in blocks)])
