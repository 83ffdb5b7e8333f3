"""Recordings of a simulated device whose frame n has the value n, and what their files hold."""

import json

import numpy as np
import soundfile

import vocana_dsp as vo
from vocana_dsp.testing import SimulatedDevice

RATE = 48_000


def record(path, device=None, **options):
    """Record a device to its end; the closed recorder."""
    mic = vo.Capture(device or SimulatedDevice(seconds=1, pace="lockstep"))
    with vo.Recorder(path, mic, **options) as recorder, mic:
        for _ in mic:
            pass
        assert recorder.wait(60)
    return recorder


def audio(*paths):
    return np.concatenate([soundfile.read(path, dtype="float32")[0] for path in paths])


def sidecar(path):
    return json.loads(path.with_name(f"{path.name}.json").read_text())
