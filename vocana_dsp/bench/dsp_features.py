"""Features beside those of others: mel bands, cepstra, spectral shape; each with its error."""

from __future__ import annotations

from collections.abc import Callable
from math import log10
from time import perf_counter
from typing import Any

import numpy as np
import numpy.typing as npt

from ..features.mel import log_mel, mel_filters, mel_spectrogram
from ..features.mfcc import mfcc
from ..features.spectral import SpectralFeatures, spectral_features
from .figure import Figure, Target
from .machine import on_one_processor
from .pairs import OURS, in_turn
from .peers import PeerAbsentError, peer

SECONDS = 60
ROUNDS = 5
VOICE_RATE, VOICE_FFT, VOICE_HOP, BANDS = 16_000, 512, 160, 80
CEPSTRA, CEPSTRA_BANDS = 13, 40
MUSIC_RATE, MUSIC_FFT, MUSIC_HOP = 48_000, 2048, 512
FRAME_RATE, FRAME, FRAMES = 44_100, 4096, 400

LIBROSA = "librosa"
KALDI = "kaldi-native-fbank"
SCIPY = "numpy and scipy.fft"

# Milliseconds that the best of each took in one run, and what was set as the aim beside them.
LOG_MEL = {LIBROSA: Target("ratio", "<=", 3 / 14.4), KALDI: Target("ratio", "<=", 3 / 61)}
MFCC = Target("ratio", "<=", 3 / 13.2)
SPECTRAL = {SCIPY: Target("ratio", "<=", 15 / 73), LIBROSA: Target("ratio", "<=", 15 / 160)}
ANALYSIS = Target("value", "<", 1.0)

Samples = npt.NDArray[np.float32]
Exact = npt.NDArray[np.float64]
Work = Callable[[], object]


def figures() -> list[Figure]:
    """Measure features of a minute of sound in memory, on one processor."""
    with on_one_processor():
        voice, music = _sound(VOICE_RATE), _sound(MUSIC_RATE)
        return [*_log_mel(voice), _mfcc(voice), *_spectral(music), _analysis(music)]


def _sound(rate: int) -> Samples:
    """Return a minute of a tone that wanders, and noise; the same in every run."""
    at = np.arange(SECONDS * rate)
    noise = (at * 1103515245 + 12345) % 2**31 / 2**30 - 1
    tone = np.sin(0.05 * at + 20 * np.sin(2 * np.pi * at / rate))
    sound: Samples = (0.3 * tone + 0.1 * noise).astype(np.float32)
    return sound


def _milliseconds(work: Work) -> Callable[[int], float]:
    def run(_: int) -> float:
        start = perf_counter()
        work()
        return (perf_counter() - start) * 1e3

    return run


def _beside(
    name: str,
    ours: Work,
    peers: dict[str, Callable[[], Work]],
    targets: dict[str, Target],
    **said: Any,
) -> list[Figure]:
    """Return our milliseconds beside those of each peer; a peer that is absent is named."""
    works, absent = {OURS: ours}, {}
    for who, make in peers.items():
        try:
            works[who] = make()
        except PeerAbsentError as missing:
            absent[who] = f"peer absent: {missing}"
    for work in works.values():
        work()  # what is compiled or planned at first use
    runs = in_turn({who: _milliseconds(work) for who, work in works.items()}, ROUNDS)
    return [
        Figure(name, runs.median(OURS), "ms", who, target=targets[who], note=absent[who])
        if who in absent
        else runs.figure(name, "ms", who, targets[who], **said)
        for who in peers
    ]


def _error_db(found: npt.NDArray[Any], exact: Exact) -> float:
    """How far found is from exact, in dB of exact."""
    wrong = float(np.square(found - exact).sum() / np.square(exact).sum())
    return 10 * log10(max(wrong, 1e-30))


# --- In float64 -------------------------------------------------------------------------------


def _spectra(x: Samples, n_fft: int, hop: int, dtype: type) -> npt.NDArray[Any]:
    """Return magnitudes, (frames, bins), of frames whose middles are a hop apart."""
    transform = peer("scipy.fft").rfft
    window: npt.NDArray[Any] = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(n_fft) / n_fft)).astype(
        dtype
    )
    padded: npt.NDArray[Any] = np.pad(x.astype(dtype), n_fft // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, n_fft)[::hop]
    magnitudes: npt.NDArray[Any] = np.abs(transform(frames * window))
    return magnitudes


def _exact_mel(x: Samples, bands: int) -> Exact:
    power = np.square(_spectra(x, VOICE_FFT, VOICE_HOP, np.float64))
    exact: Exact = mel_filters(VOICE_RATE, VOICE_FFT, bands).astype(np.float64) @ power.T
    return exact


def _shape(magnitude: npt.NDArray[Any], rate: int) -> list[npt.NDArray[Any]]:
    """Return centroid, spread, roll-off, flux and flatness as NumPy does them best."""
    hz = np.linspace(0, rate / 2, magnitude.shape[1], dtype=magnitude.dtype)
    total = magnitude.sum(axis=1)
    centroid = magnitude @ hz / total
    spread = np.sqrt((magnitude * np.square(hz - centroid[:, None])).sum(axis=1) / total)
    reached = np.cumsum(magnitude, axis=1) >= 0.85 * total[:, None]
    flux = np.sqrt(np.square(np.diff(magnitude, axis=0)).sum(axis=1))
    power = np.maximum(np.square(magnitude), 1e-10)
    flatness = np.exp(np.log(power).mean(axis=1)) / power.mean(axis=1)
    return [centroid, spread, hz[np.argmax(reached, axis=1)], flux, flatness]


# --- Figures ----------------------------------------------------------------------------------


def _log_mel(x: Samples) -> list[Figure]:
    shape = {"n_fft": VOICE_FFT, "n_mels": BANDS}

    def librosa() -> Work:
        them = peer(LIBROSA)
        given = {"y": x, "sr": VOICE_RATE, "hop_length": VOICE_HOP, **shape}
        return lambda: them.power_to_db(them.feature.melspectrogram(**given), top_db=None)

    def kaldi() -> Work:
        them = peer("kaldi_native_fbank", KALDI)
        options = them.FbankOptions()
        options.frame_opts.dither = 0
        options.frame_opts.samp_freq = VOICE_RATE
        options.mel_opts.num_bins = BANDS

        def work() -> list[Any]:
            bank = them.OnlineFbank(options)
            bank.accept_waveform(VOICE_RATE, x)
            bank.input_finished()
            return [bank.get_frame(t) for t in range(bank.num_frames_ready)]

        return work

    found = mel_spectrogram(x, VOICE_RATE, hop=VOICE_HOP, **shape)  # type: ignore[arg-type]
    return _beside(
        f"log-mel, {BANDS} bands, {SECONDS} s at 16 kHz",
        lambda: log_mel(x, VOICE_RATE, n_fft=VOICE_FFT, hop=VOICE_HOP, n_mels=BANDS),
        {LIBROSA: librosa, KALDI: kaldi},
        LOG_MEL,
        error_db=_error_db(found, _exact_mel(x, BANDS)),
        note="error of the bands' power",
    )


def _mfcc(x: Samples) -> Figure:
    def ours() -> npt.NDArray[np.float32]:
        return mfcc(x, VOICE_RATE, CEPSTRA, n_fft=VOICE_FFT, hop=VOICE_HOP, n_mels=CEPSTRA_BANDS)

    def librosa() -> Work:
        them = peer(LIBROSA)
        shape = {"n_fft": VOICE_FFT, "hop_length": VOICE_HOP, "n_mels": CEPSTRA_BANDS}
        return lambda: them.feature.mfcc(y=x, sr=VOICE_RATE, n_mfcc=CEPSTRA, **shape)

    bands = 10 * np.log10(np.maximum(_exact_mel(x, CEPSTRA_BANDS), 1e-10))
    bands = np.maximum(bands, bands.max() - 80)
    exact = peer("scipy.fft").dct(bands, axis=0, norm="ortho")[:CEPSTRA]
    return _beside(
        f"MFCC, {CEPSTRA} of {CEPSTRA_BANDS} bands, {SECONDS} s at 16 kHz",
        ours,
        {LIBROSA: librosa},
        {LIBROSA: MFCC},
        error_db=_error_db(ours(), exact),
    )[0]


def _spectral(x: Samples) -> list[Figure]:
    def scipy() -> Work:
        peer("scipy.fft")
        return lambda: _shape(_spectra(x, MUSIC_FFT, MUSIC_HOP, np.float32), MUSIC_RATE)

    def librosa() -> Work:
        them = peer(LIBROSA)

        def work() -> list[Any]:
            magnitude = np.abs(them.stft(x, n_fft=MUSIC_FFT, hop_length=MUSIC_HOP))
            given = {"S": magnitude, "sr": MUSIC_RATE}
            return [
                them.feature.spectral_centroid(**given),
                them.feature.spectral_bandwidth(**given),
                them.feature.spectral_rolloff(**given),
                np.sqrt(np.square(np.diff(magnitude, axis=1)).sum(axis=0)),
                them.feature.spectral_flatness(S=magnitude),
            ]

        return work

    found = spectral_features(x, MUSIC_RATE, contrast_octaves=0)
    ours = [found.centroid_hz, found.spread_hz, found.rolloff_hz, found.flux[1:], found.flatness]
    exact = _shape(_spectra(x, MUSIC_FFT, MUSIC_HOP, np.float64), MUSIC_RATE)
    return _beside(
        f"five spectral features, {SECONDS} s at 48 kHz",
        lambda: spectral_features(x, MUSIC_RATE, contrast_octaves=0),
        {SCIPY: scipy, LIBROSA: librosa},
        SPECTRAL,
        error_db=max(_error_db(one, other) for one, other in zip(ours, exact, strict=True)),
        note="ours also gives crest, band energies, brightness and crossings; the largest error",
    )


def _analysis(x: Samples) -> Figure:
    """Return the 99th percentile of what a frame costs, in percent of how long it lasts."""
    stream = SpectralFeatures(FRAME_RATE, n_fft=FRAME, hop=FRAME, center=False)
    taken = []
    for t in range(FRAMES):
        block = x[t * FRAME : (t + 1) * FRAME]
        start = perf_counter()
        stream.process(block)
        taken.append(perf_counter() - start)
    share = float(np.percentile(taken, 99)) * FRAME_RATE / FRAME * 100
    return Figure(
        f"analysis of a frame of {FRAME} at 44.1 kHz, p99",
        share,
        "% of the frame",
        target=ANALYSIS,
        note="all spectral features with contrast, from Python",
    )
