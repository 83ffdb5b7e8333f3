"""One sound through everything, at every level of instructions: the same numbers."""

import os

import numpy as np
import pytest
from child import run_ok

import vocana_dsp as vo

LEVELS = ("scalar", "avx2", "avx512", "neon")

# Speech-like noise at 48 kHz, with silence and denormals, through the chain, a resampler and
# transforms. Spectra and bands are to their greatest value.
PIPELINE = """
import sys
import numpy as np
import vocana_dsp as vo
from vocana_dsp.testing import SimulatedDevice

rng = np.random.default_rng(7)
t = np.arange(96_000) / 48_000
x = 0.5 * np.sin(2 * np.pi * 220 * t) * np.abs(np.sin(2 * np.pi * t)) + rng.normal(0, 0.05, len(t))
x[20_000:30_000] = 0
x[30_000:32_000] = 1e-40
x = np.stack([x, 0.5 * x[::-1]], axis=1).astype(np.float32)

def chain():
    nodes = [vo.DCBlock(), vo.HighPass(80), vo.Gate(-50), vo.Compressor(-20, ratio=3)]
    return vo.Chain([*nodes, vo.Limiter(-1)])

found = {"chained": chain().process(x, rate=48_000)}
found["resampled"] = vo.resample(x, 48_000, 16_000)
mono = vo.resample(found["chained"].mean(axis=1), 48_000, 16_000)
spectrum = vo.stft(mono, 960, 480, window="vorbis")
found["spectrum"] = spectrum / np.abs(spectrum).max()
found["restored"] = vo.istft(spectrum, 480, window="vorbis")
mel = vo.mel_spectrogram(mono, rate=16_000)
found["mel"] = mel / mel.max()
device = SimulatedDevice(x, pace="lockstep")
with vo.Capture(device, rate=16_000, channels=1, chain=chain()) as mic:
    found["captured"] = np.concatenate([block.data for block in mic])
    assert mic.stats.dropped == 0
found["integers"] = vo.pcm.to_float(vo.pcm.from_float(x))
found["faded"] = vo.pcm.gain(x, 0.7071)
np.savez(sys.argv[1], simd=vo.simd, **found)
"""

# Whose bits do not depend on the level: products, and conversions.
EXACT = {"integers", "faded"}


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """What each level that this processor has made of it."""
    folder, found = tmp_path_factory.mktemp("levels"), {}
    for level in LEVELS:
        file = folder / f"{level}.npz"
        run_ok(PIPELINE, file, env={**os.environ, "VOCANA_SIMD": level})
        with np.load(file) as arrays:
            values = dict(arrays)
        found[str(values.pop("simd"))] = values
    return found


def differences(a, b):
    return {name: np.abs(a[name] - b[name]).max() for name in a}


def test_every_level_was_there(results):  # I10
    assert {"scalar", vo.simd} <= set(results)


def test_levels_agree_within_a_millionth_of_full_scale(results):  # D1, F7
    for level, values in results.items():
        off = differences(values, results["scalar"])
        assert max(off.values()) <= 1e-6, (level, off)
        assert all(off[name] == 0 for name in EXACT), (level, off)
        assert np.abs(values["chained"]).max() > 0.1


def test_another_sound_would_be_seen(results):
    """The control: a gain that is off by 0.0001 dB."""
    (name, other) = next(iter(results.items()))
    louder = {**other, "chained": other["chained"] * np.float32(10 ** (1e-4 / 20))}
    assert differences(louder, results[name])["chained"] > 1e-6
