"""Five seconds of capture while a Python thread sorts, beside a capture by Python callback.

Writes what vocana-dsp kept as WAV and draws both as PNG. Both listen to the same simulated device:
a 440 Hz tone, 128 frames a block, in real time.
"""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
import numpy as np
from gil_proof import busy_python

import vocana_dsp as vo
from vocana_dsp.testing import PythonCallback, SimulatedDevice

SECONDS = 5.0
RATE = 48_000
OUT = Path("demo-output")


def tone() -> np.ndarray:
    """Five seconds of a tone that swells, so that a lost piece can be seen."""
    t = np.arange(int(SECONDS * RATE)) / RATE
    return (np.sin(2 * np.pi * 440 * t) * (0.2 + 0.6 * t / SECONDS)).astype(np.float32)


def capture(device: SimulatedDevice) -> tuple[np.ndarray, vo.Stats]:
    """Return what `vo.Capture` delivers, and its stats."""
    with vo.Capture(device) as mic:
        blocks = [block.data for block in mic]
    return np.concatenate(blocks), mic.stats


def by_callback(device: SimulatedDevice) -> tuple[np.ndarray, int]:
    """Return what a Python callback receives, and how many frames it lost."""
    blocks: list[np.ndarray] = []
    with PythonCallback(device, blocks.append) as callback:
        callback.wait()
    return np.concatenate(blocks), callback.lost


def draw(ours: np.ndarray, theirs: np.ndarray, path: Path) -> None:
    """Both waveforms, on one time line."""
    mpl.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(2, 1, figsize=(11, 5), sharex=True, sharey=True, layout="tight")
    for axis, samples, title in (
        (axes[0], ours, "vocana-dsp"),
        (axes[1], theirs, "Python callback"),
    ):
        axis.plot(np.arange(len(samples)) / RATE, samples[:, 0], linewidth=0.4)
        axis.set_title(f"{title}: {len(samples):,} of {int(SECONDS * RATE):,} frames")
        axis.set_ylabel("amplitude")
    axes[1].set_xlabel("seconds of audio kept")
    figure.savefig(path, dpi=120)


def main() -> None:
    """Run both, say what each kept, and where the files are."""
    from vocana_dsp.files.soundfiles import AudioWriter

    OUT.mkdir(exist_ok=True)
    signal = tone()
    with busy_python():
        ours, stats = capture(SimulatedDevice(signal, rate=RATE))
        theirs, lost = by_callback(SimulatedDevice(signal, rate=RATE))

    print(f"{SECONDS:g} s of audio, {RATE} frames a second, while a Python thread sorts:")
    print(f"  vocana-dsp        kept {len(ours):7,} frames, lost {stats.dropped:7,}")
    print(f"  Python callback   kept {len(theirs):7,} frames, lost {lost:7,}")
    print(
        f"  callback in C: p50 {stats.callback_us.p50:.1f} us, p99 {stats.callback_us.p99:.1f} us"
    )

    wav, png = OUT / "capture.wav", OUT / "waveforms.png"
    with AudioWriter(wav, RATE, 1, overwrite=True) as writer:
        writer.write(ours)
    draw(ours, theirs, png)
    print(f"wrote {wav} and {png}")


if __name__ == "__main__":
    main()
