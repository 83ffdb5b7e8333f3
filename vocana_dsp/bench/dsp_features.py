"""Features beside those of others: mel bands, cepstra, spectral shape; each with its error."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from time import perf_counter
from typing import Any

import numpy as np
import numpy.typing as npt

from ..features.mel import log_mel, mel_filters, mel_spectrogram
from ..features.mfcc import mfcc
from ..features.spectral import SpectralFeatures, SpectralFrames, spectral_features
from .figure import Figure, Target
from .machine import on_one_processor
from .peers import peer
from .timing import Work, beside, error_db, milliseconds

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


def _beside(
    name: str,
    ours: Work,
    peers: dict[str, Callable[[], Work]],
    targets: Mapping[str, Target | None],
    error: float | None,
    note: str = "",
) -> list[Figure]:
    runs = {who: lambda make=make: milliseconds(make()) for who, make in peers.items()}
    name = f"features, {name}"
    return beside(name, "ms", milliseconds(ours), runs, ROUNDS, targets, note, error)


# --- In float64 -------------------------------------------------------------------------------


def _spectra(
    x: npt.NDArray[Any], n_fft: int, hop: int, transform: Callable[..., Any] = np.fft.rfft
) -> npt.NDArray[Any]:
    """Return magnitudes, (frames, bins), of frames that start a hop apart."""
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(n_fft) / n_fft)
    frames = np.lib.stride_tricks.sliding_window_view(x, n_fft)[::hop]
    magnitudes: npt.NDArray[Any] = np.abs(transform(frames * window.astype(x.dtype)))
    return magnitudes


def _centered(x: Samples, n_fft: int) -> Exact:
    return np.pad(x.astype(np.float64), n_fft // 2)


def _exact_mel(x: Samples, bands: int) -> Exact:
    power = np.square(_spectra(_centered(x, VOICE_FFT), VOICE_FFT, VOICE_HOP))
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


def _cosines(bands: Exact, count: int) -> Exact:
    """Return the first coefficients of an orthonormal DCT-II along the first axis."""
    n = len(bands)
    angles = np.pi / n * np.outer(np.arange(count), np.arange(n) + 0.5)
    found: Exact = np.sqrt(np.where(np.arange(count) == 0, 1, 2) / n)[:, None] * np.cos(angles)
    return np.asarray(found @ bands)


def _shape_error_db(found: SpectralFrames, exact: list[npt.NDArray[Any]]) -> float:
    """Return the largest error of the five features of `_shape`; the first frame has no flux."""
    ours = [found.centroid_hz, found.spread_hz, found.rolloff_hz, found.flux[1:], found.flatness]
    errors = (error_db(one, other) for one, other in zip(ours, exact, strict=True))
    return max(error for error in errors if error is not None)


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
        error_db(found, _exact_mel(x, BANDS)),
        "error of the bands' power",
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
    return _beside(
        f"MFCC, {CEPSTRA} of {CEPSTRA_BANDS} bands, {SECONDS} s at 16 kHz",
        ours,
        {LIBROSA: librosa},
        {LIBROSA: MFCC},
        error_db(ours(), _cosines(bands, CEPSTRA)),
    )[0]


def _spectral(x: Samples) -> list[Figure]:
    def scipy() -> Work:
        rfft, padded = peer("scipy.fft", "scipy").rfft, np.pad(x, MUSIC_FFT // 2)
        return lambda: _shape(_spectra(padded, MUSIC_FFT, MUSIC_HOP, rfft), MUSIC_RATE)

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
    exact = _shape(_spectra(_centered(x, MUSIC_FFT), MUSIC_FFT, MUSIC_HOP), MUSIC_RATE)
    return _beside(
        f"five of the spectrum, {SECONDS} s at 48 kHz",
        lambda: spectral_features(x, MUSIC_RATE, contrast_octaves=0),
        {SCIPY: scipy, LIBROSA: librosa},
        SPECTRAL,
        _shape_error_db(found, exact),
        "ours also gives crest, band energies, brightness and crossings; the largest error",
    )


def _analysis(x: Samples) -> Figure:
    """D11: the 99th percentile of what a frame costs, in percent of how long it lasts."""
    stream = SpectralFeatures(FRAME_RATE, n_fft=FRAME, hop=FRAME, center=False)
    taken = []
    for t in range(FRAMES):
        block = x[t * FRAME : (t + 1) * FRAME]
        start = perf_counter()
        stream.process(block)
        taken.append(perf_counter() - start)
    sound = x[: FRAMES * FRAME]
    found = spectral_features(sound, FRAME_RATE, n_fft=FRAME, hop=FRAME, center=False)
    exact = _shape(_spectra(sound.astype(np.float64), FRAME, FRAME), FRAME_RATE)
    share = float(np.percentile(taken, 99)) * FRAME_RATE / FRAME * 100
    return Figure(
        f"features, all of the spectrum of a frame of {FRAME} at 44.1 kHz, p99",
        share,
        "% of the frame",
        target=ANALYSIS,
        note="with contrast, from Python; the largest error of five",
        error_db=_shape_error_db(found, exact),
    )
