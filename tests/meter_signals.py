"""Signals for meters: tones of given levels, as standards describe them, and cuts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

RATE = 48_000


def tone(segments: Iterable[tuple[float, float]], hertz: float = 1000.0, rate: int = RATE):
    """One sine through (seconds, dBFS of its peak) segments; -inf is silence. Not rounded."""
    gains = [
        np.full(round(seconds * rate), 0.0 if level == -np.inf else 10 ** (level / 20))
        for seconds, level in segments
    ]
    gain = np.concatenate(gains)
    return gain * np.sin(2 * np.pi * hertz / rate * np.arange(len(gain)))


def stereo(mono):
    """The same in both channels, float32."""
    return np.stack([mono, mono], axis=1).astype(np.float32)


def speech_like(seconds: float, rate: int, seed: int = 1):
    """Noise with a slope of -6 dB an octave above 500 Hz, in syllables and pauses."""
    rng = np.random.default_rng(seed)
    count = round(seconds * rate)
    white = np.fft.rfft(rng.standard_normal(count))
    hertz = np.fft.rfftfreq(count, 1 / rate)
    coloured = np.fft.irfft(white / (1 + 1j * hertz / 500), count)
    syllables = np.repeat(rng.uniform(0, 1, round(seconds * 4) + 1) ** 3, -(-rate // 4))[:count]
    pauses = np.repeat(rng.uniform(0, 1, round(seconds) + 1) > 0.2, rate)[:count]
    x = coloured * syllables * pauses
    return (0.5 * x / np.abs(x).max()).astype(np.float32)


def cuts(x, lengths: list[int]) -> Iterator[np.ndarray]:
    """Blocks of x of the given lengths, again and again."""
    at = number = 0
    while at < len(x):
        n = lengths[number % len(lengths)]
        yield x[at : at + n]
        at, number = at + n, number + 1
