"""A chain on a live capture, turned while Python is busy.

A simulated sound card plays a voice-like sound at 48 kHz. The engine's thread resamples it to 16
kHz and runs a high-pass, a compressor and a limiter, while one Python thread holds the GIL by
sorting and another sweeps the cut-off. Writes what was captured as WAV.
"""

from __future__ import annotations

import argparse
import math
import sys
import threading
from pathlib import Path

import numpy as np
from gil_proof import busy_python

import vocana_dsp as vo
from vocana_dsp.testing import SimulatedDevice

DEVICE_RATE = 48_000
RATE = 16_000
LOWEST_HZ, HIGHEST_HZ = 80.0, 400.0


def voice(seconds: float) -> np.ndarray:
    """Make a buzz with three formants and syllables, without a step anywhere."""
    t = np.arange(int(seconds * DEVICE_RATE)) / DEVICE_RATE
    phase = 2 * np.pi * np.cumsum(140 + 25 * np.sin(2 * np.pi * 0.7 * t)) / DEVICE_RATE
    tones = sum(
        np.sin(k * phase) * sum(math.exp(-(((140 * k - f) / 180) ** 2)) for f in (500, 1500, 2500))
        for k in range(1, 25)
    )
    syllables = 0.55 - 0.45 * np.cos(2 * np.pi * 3 * t)
    return (0.3 * tones * syllables).astype(np.float32)


def sweep(chain: vo.Chain, done: threading.Event) -> int:
    """Turn the cut-off up and down until done; how often it was set."""
    turns = 0
    while not done.wait(0.02):
        turns += 1
        height = 0.5 - 0.5 * math.cos(turns / 25)
        chain["HighPass"].cutoff_hz = LOWEST_HZ * (HIGHEST_HZ / LOWEST_HZ) ** height
    return turns


def main() -> int:
    """Run it; exit status 1 when a frame was lost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--out", type=Path, default=Path("live_chain.wav"))
    options = parser.parse_args()

    chain = vo.Chain([vo.HighPass(LOWEST_HZ), vo.Compressor(-20, ratio=3), vo.Limiter(-1)])
    device = SimulatedDevice(voice(options.seconds), rate=DEVICE_RATE)
    done = threading.Event()
    turns: list[int] = []
    sweeper = threading.Thread(target=lambda: turns.append(sweep(chain, done)))
    mic = vo.Capture(device, rate=RATE, channels=1, chain=chain)
    recorder = vo.Recorder(options.out, mic, overwrite=True)
    with busy_python(), recorder, mic:
        sweeper.start()
        recorder.wait()
        done.set()
        sweeper.join()

    stats = recorder.stats
    print(
        f"{stats.frames:,} frames at {RATE} Hz, {stats.silence_frames} lost, "
        f"cut-off set {turns[0]} times"
    )
    for stage in mic.times:
        print(f"  {stage.name:10} p50 {stage.p50_us:7.1f} us   p99 {stage.p99_us:7.1f} us")
    print(f"wrote {options.out}")
    return int(stats.silence_frames > 0)


if __name__ == "__main__":
    sys.exit(main())
