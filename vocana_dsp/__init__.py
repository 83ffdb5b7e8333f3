"""A real-time audio engine: C threads that never wait for Python capture, Python consumes.

Capture: `Capture` reads a `Device`, a `File`, a `Tone` or a simulated device of `testing`.
Processing: `Chain` and its nodes, live; `Pipeline`, `resample` and `stft` for arrays.
Measuring: `Levels`, `Loudness` and `Spectrum`, live; `analyze` and what it is made of for arrays.
Building on it: `RingBuffer`, `BufferPool`, `get_include` for C and Cython.

>>> import vocana_dsp as vo
>>> with vo.Capture(vo.testing.SimulatedDevice(seconds=0.1, pace="lockstep")) as mic:
...     sum(len(block.data) for block in mic)
4800
"""

from importlib import import_module as _import_module
from typing import Any as _Any

try:
    from ._native.level import simd_name as _simd_name
except ImportError as _error:
    if "interpreter" not in str(_error):
        raise
    raise ImportError(
        "vocana_dsp works in one interpreter of a process, the first that imports it: "
        "use threads or processes in the place of sub-interpreters"
    ) from _error
from .errors import (
    Cancelled,
    ConfigError,
    DeviceError,
    FormatError,
    PoolError,
    PoolExhausted,
    ResourceBusy,
    RingOverflow,
    StateError,
    StreamClosed,
    TimedOut,
    VocanaError,
)

#: Names by module that are imported when first used: a program starts sooner, and one that is
#: interrupted while it does can say so.
_MODULES = {
    "._native.ring": "RingBuffer",
    ".capture.block": "Block Event Gap",
    ".capture.capture": "Capture",
    ".capture.choice": "DeviceInfo",
    ".capture.played": "PlayoutBlock PlayoutStats",
    ".capture.playout": "Playout",
    ".capture.probe": "devices",
    ".capture.recovery": "Recovery",
    ".capture.sizing": "BlockSizer BlockSizing",
    ".capture.sources": "Device File Silence Tone",
    ".capture.stats": "CallbackTimes InputCounts Stats",
    ".capture.watcher": "DeviceWatcher DevicesChanged",
    ".config": "Breaker InputPolicy Overflow",
    ".control.atomic": "replace_file",
    ".control.breaker": "CircuitBreaker Trip",
    ".control.bucket": "TokenBucket",
    ".control.error_log": "Burst ErrorLog Failure",
    ".control.retention": "Retention",
    ".control.retry": "Retry",
    ".control.stage": "Stage",
    ".control.stall": "StallEvent StallWatch",
    ".dsp.chain": "Chain",
    ".dsp.channel_map": "ChannelMap",
    ".dsp.dynamics": "Compressor Gate Limiter",
    ".dsp.filters": "BandPass DCBlock HighPass HighShelf LowPass LowShelf Notch Peaking",
    ".dsp.fourier": "Fft",
    ".dsp.meter": "Meter MeterReading",
    ".dsp.node": "Analyzer Node",
    ".dsp.nodes": "Delay Fade Gain Mute",
    ".dsp.offline": "Pipeline",
    ".dsp.param": "Param ParamRange Switch Whole",
    ".dsp.pcm": "pcm",
    ".dsp.resampling": "DriftResampler Resampler resample",
    ".dsp.responses": "Fir Sos",
    ".dsp.streams": "Istft Stft",
    ".dsp.times": "ChainTimes StageTimes",
    ".dsp.transforms": "istft stft",
    ".features.analysis": "Analysis",
    ".features.analyzers": "ChannelReading Levels LevelsReading Loudness",
    ".features.delay": "DelayEstimate DelayMeter delay",
    ".features.erb": "erb_bands erb_width_hz",
    ".features.levels": "CorrelationMeter HeldLevel LevelMeter stereo_correlation",
    ".features.loudness": "LoudnessMeter LoudnessReading loudness true_peak_db",
    ".features.mel": "MelSpectrogram log_mel mel_filters mel_spectrogram",
    ".features.mfcc": "Mfcc mfcc",
    ".features.quality": "ChannelQuality QualityLimits QualityMeter quality",
    ".features.report": "analyze",
    ".features.spectral": "SpectralFeatures SpectralFrames spectral_features zero_crossing_rate",
    ".features.spectrum": "Spectrum SpectrumReading",
    ".features.tempo": "Beat OnsetStrength Tempo onset_strength tempo",
    ".headers": "get_include",
    ".level": "Level levels",
    ".memory": "memory",
    ".memory.pressure": "PressurePolicy",
    ".memory.watch": "MemoryPressure",
    ".pool.buffer": "PooledBuffer",
    ".pool.pool": "BufferPool",
    ".pool.stats": "PoolStats",
    ".record.errors": "RecordError",
    ".record.recorder": "Recorder",
    ".record.recover": "recover",
    ".record.recovered": "RecoveredFile",
    ".record.report": "RecoveredRecording RecoveryReport",
    ".record.stats": "DiskTimes RecorderStats",
    ".system.clocks": "SuspendWatch",
    ".system.collector": "gc_policy",
    ".system.load": "SustainedLoad",
    ".system.priority": "PriorityReport RealTime set_affinity",
    ".system.processes": "ProcessMeter ProcessSnapshot ThreadLoad",
    ".testing": "testing",
}
_LAZY = {name: module for module, names in _MODULES.items() for name in names.split()}

__version__ = "0.1.0"

#: Instruction set of the kernels: "scalar", "avx2", "avx512" or "neon". The environment variable
#: VOCANA_SIMD, read when the package is imported, forces one that the processor has.
simd: str = _simd_name()

__all__ = [  # and the names of _LAZY: see below
    "Cancelled",
    "ConfigError",
    "DeviceError",
    "FormatError",
    "PoolError",
    "PoolExhausted",
    "ResourceBusy",
    "RingOverflow",
    "StateError",
    "StreamClosed",
    "TimedOut",
    "VocanaError",
    "simd",
]
__all__ += sorted(_LAZY)


def __getattr__(name: str) -> _Any:
    """Import what is in `_LAZY` when it is first used; a module stands for itself."""
    if name in _LAZY:
        module = _import_module(_LAZY[name], __name__)
        return globals().setdefault(name, getattr(module, name, module))
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*globals(), *_LAZY]
