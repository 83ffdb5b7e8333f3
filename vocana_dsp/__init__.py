"""A real-time audio engine: C threads that never wait for Python capture, Python consumes.

>>> import vocana_dsp as vo
>>> with vo.Capture(vo.testing.SimulatedDevice(seconds=0.1, pace="lockstep")) as mic:
...     sum(len(block.data) for block in mic)
4800
"""

from importlib import import_module as _import_module
from typing import TYPE_CHECKING as _TYPE_CHECKING
from typing import Any as _Any

from ._native.level import simd_name as _simd_name
from ._native.ring import RingBuffer
from .capture.block import Block, CallbackTimes, Event, Gap, InputCounts, Stats
from .capture.capture import Capture
from .capture.sources import Device, File, Silence, Tone
from .config import Breaker, InputPolicy, Overflow
from .errors import (
    ConfigError,
    DeviceError,
    FormatError,
    PoolError,
    PoolExhausted,
    RingOverflow,
    StreamClosed,
    VocanaError,
)
from .level import Level, levels
from .pool import BufferPool, PooledBuffer, PoolStats

if _TYPE_CHECKING:  # the same names as in _LAZY
    from . import testing
    from .capture.sizing import BlockSizer, BlockSizing
    from .dsp import pcm
    from .dsp.chain import Chain
    from .dsp.channel_map import ChannelMap
    from .dsp.dynamics import Compressor, Gate, Limiter
    from .dsp.filters import (
        BandPass,
        DCBlock,
        HighPass,
        HighShelf,
        LowPass,
        LowShelf,
        Notch,
        Peaking,
    )
    from .dsp.fourier import Fft
    from .dsp.meter import Meter, MeterReading
    from .dsp.node import Analyzer, Node
    from .dsp.nodes import Delay, Fade, Gain, Mute
    from .dsp.offline import Pipeline
    from .dsp.param import Param, ParamRange, Switch, Whole
    from .dsp.resampling import DriftResampler, Resampler, resample
    from .dsp.responses import Fir, Sos
    from .dsp.streams import Istft, Stft
    from .dsp.times import ChainTimes, StageTimes
    from .dsp.transforms import istft, stft
    from .features.analysis import Analysis
    from .features.analyzers import ChannelReading, Levels, LevelsReading, Loudness
    from .features.delay import DelayEstimate, DelayMeter, delay
    from .features.erb import erb_bands, erb_width_hz
    from .features.levels import CorrelationMeter, HeldLevel, LevelMeter, stereo_correlation
    from .features.loudness import LoudnessMeter, LoudnessReading, loudness, true_peak_db
    from .features.mel import MelSpectrogram, log_mel, mel_filters, mel_spectrogram
    from .features.mfcc import Mfcc, mfcc
    from .features.quality import ChannelQuality, QualityLimits, QualityMeter, quality
    from .features.report import analyze
    from .features.spectral import (
        SpectralFeatures,
        SpectralFrames,
        spectral_features,
        zero_crossing_rate,
    )
    from .features.spectrum import Spectrum, SpectrumReading
    from .features.tempo import Beat, OnsetStrength, Tempo, onset_strength, tempo
    from .headers import get_include

#: Where names are that are imported when first used: a program that only captures starts sooner.
_LAZY = {
    "Analysis": ".features.analysis",
    "Analyzer": ".dsp.node",
    "BandPass": ".dsp.filters",
    "Beat": ".features.tempo",
    "BlockSizer": ".capture.sizing",
    "BlockSizing": ".capture.sizing",
    "Chain": ".dsp.chain",
    "ChainTimes": ".dsp.times",
    "ChannelMap": ".dsp.channel_map",
    "ChannelQuality": ".features.quality",
    "ChannelReading": ".features.analyzers",
    "Compressor": ".dsp.dynamics",
    "CorrelationMeter": ".features.levels",
    "DCBlock": ".dsp.filters",
    "Delay": ".dsp.nodes",
    "DelayEstimate": ".features.delay",
    "DelayMeter": ".features.delay",
    "DriftResampler": ".dsp.resampling",
    "Fade": ".dsp.nodes",
    "Fft": ".dsp.fourier",
    "Fir": ".dsp.responses",
    "Gain": ".dsp.nodes",
    "Gate": ".dsp.dynamics",
    "HeldLevel": ".features.levels",
    "HighPass": ".dsp.filters",
    "HighShelf": ".dsp.filters",
    "Istft": ".dsp.streams",
    "LevelMeter": ".features.levels",
    "Levels": ".features.analyzers",
    "LevelsReading": ".features.analyzers",
    "Limiter": ".dsp.dynamics",
    "Loudness": ".features.analyzers",
    "LoudnessMeter": ".features.loudness",
    "LoudnessReading": ".features.loudness",
    "LowPass": ".dsp.filters",
    "LowShelf": ".dsp.filters",
    "MelSpectrogram": ".features.mel",
    "Meter": ".dsp.meter",
    "MeterReading": ".dsp.meter",
    "Mfcc": ".features.mfcc",
    "Mute": ".dsp.nodes",
    "Node": ".dsp.node",
    "Notch": ".dsp.filters",
    "OnsetStrength": ".features.tempo",
    "Param": ".dsp.param",
    "ParamRange": ".dsp.param",
    "Pipeline": ".dsp.offline",
    "Peaking": ".dsp.filters",
    "QualityLimits": ".features.quality",
    "QualityMeter": ".features.quality",
    "Resampler": ".dsp.resampling",
    "Sos": ".dsp.responses",
    "SpectralFeatures": ".features.spectral",
    "SpectralFrames": ".features.spectral",
    "Spectrum": ".features.spectrum",
    "SpectrumReading": ".features.spectrum",
    "StageTimes": ".dsp.times",
    "Stft": ".dsp.streams",
    "Switch": ".dsp.param",
    "Tempo": ".features.tempo",
    "Whole": ".dsp.param",
    "analyze": ".features.report",
    "delay": ".features.delay",
    "erb_bands": ".features.erb",
    "erb_width_hz": ".features.erb",
    "get_include": ".headers",
    "istft": ".dsp.transforms",
    "log_mel": ".features.mel",
    "loudness": ".features.loudness",
    "mel_filters": ".features.mel",
    "mel_spectrogram": ".features.mel",
    "mfcc": ".features.mfcc",
    "onset_strength": ".features.tempo",
    "pcm": ".dsp.pcm",
    "quality": ".features.quality",
    "resample": ".dsp.resampling",
    "spectral_features": ".features.spectral",
    "stereo_correlation": ".features.levels",
    "stft": ".dsp.transforms",
    "tempo": ".features.tempo",
    "testing": ".testing",
    "true_peak_db": ".features.loudness",
    "zero_crossing_rate": ".features.spectral",
}

__version__ = "0.1.0"

#: Instruction set of the kernels: "scalar", "avx2", "avx512" or "neon". The environment variable
#: VOCANA_SIMD, read when the package is imported, forces one that the processor has.
simd: str = _simd_name()

__all__ = [
    "Analysis",
    "Analyzer",
    "BandPass",
    "Beat",
    "Block",
    "BlockSizer",
    "BlockSizing",
    "Breaker",
    "BufferPool",
    "CallbackTimes",
    "Capture",
    "Chain",
    "ChainTimes",
    "ChannelMap",
    "ChannelQuality",
    "ChannelReading",
    "Compressor",
    "ConfigError",
    "CorrelationMeter",
    "DCBlock",
    "Delay",
    "DelayEstimate",
    "DelayMeter",
    "Device",
    "DeviceError",
    "DriftResampler",
    "Event",
    "Fade",
    "Fft",
    "File",
    "Fir",
    "FormatError",
    "Gain",
    "Gap",
    "Gate",
    "HeldLevel",
    "HighPass",
    "HighShelf",
    "InputCounts",
    "InputPolicy",
    "Istft",
    "Level",
    "LevelMeter",
    "Levels",
    "LevelsReading",
    "Limiter",
    "Loudness",
    "LoudnessMeter",
    "LoudnessReading",
    "LowPass",
    "LowShelf",
    "MelSpectrogram",
    "Meter",
    "MeterReading",
    "Mfcc",
    "Mute",
    "Node",
    "Notch",
    "OnsetStrength",
    "Overflow",
    "Param",
    "ParamRange",
    "Peaking",
    "Pipeline",
    "PoolError",
    "PoolExhausted",
    "PoolStats",
    "PooledBuffer",
    "QualityLimits",
    "QualityMeter",
    "Resampler",
    "RingBuffer",
    "RingOverflow",
    "Silence",
    "Sos",
    "SpectralFeatures",
    "SpectralFrames",
    "Spectrum",
    "SpectrumReading",
    "StageTimes",
    "Stats",
    "Stft",
    "StreamClosed",
    "Switch",
    "Tempo",
    "Tone",
    "VocanaError",
    "Whole",
    "analyze",
    "delay",
    "erb_bands",
    "erb_width_hz",
    "get_include",
    "istft",
    "levels",
    "log_mel",
    "loudness",
    "mel_filters",
    "mel_spectrogram",
    "mfcc",
    "onset_strength",
    "pcm",
    "quality",
    "resample",
    "simd",
    "spectral_features",
    "stereo_correlation",
    "stft",
    "tempo",
    "testing",
    "true_peak_db",
    "zero_crossing_rate",
]


def __getattr__(name: str) -> _Any:
    """Import what is in `_LAZY` when it is first used; a module stands for itself."""
    if name in _LAZY:
        module = _import_module(_LAZY[name], __name__)
        return globals().setdefault(name, getattr(module, name, module))
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*globals(), *_LAZY]
