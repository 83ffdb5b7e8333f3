"""How many frames survive while another Python thread holds the GIL.

Captures for 5 s twice, by vocana-dsp and by a Python callback, while a thread sorts 600,000 floats
again and again. On the simulated device, or with ``--jack`` on real PortAudio: a JACK server with
the dummy driver, and a small JACK client as the sound card.
"""

from __future__ import annotations

import argparse
import random
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import vocana_dsp as vo
from vocana_dsp.testing import PythonCallback, SimulatedDevice


@contextmanager
def busy_python() -> Iterator[None]:
    """Hold the GIL in another thread, one `sorted()` at a time."""
    numbers = [random.random() for _ in range(600_000)]
    done = threading.Event()

    def work() -> None:
        while not done.is_set():
            sorted(numbers)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def report(name: str, kept: int, lost: int) -> None:
    """Print one line of the comparison."""
    share = 100 * lost / max(1, kept + lost)
    print(f"{name:24}{kept:9,} frames kept {lost:9,} lost ({share:.1f} %)", flush=True)


def read_all(mic: vo.Capture, frames: int) -> None:
    """Read until that many frames of the device's timeline have passed, then what is queued."""
    for block in mic:
        if block.frame + len(block) >= frames and mic.state == "running":
            mic.stop()


def on_simulated_device(seconds: float) -> int:
    """Both captures on the simulated device; frames that vocana-dsp lost."""
    device = SimulatedDevice(seconds=seconds)
    with busy_python():
        with vo.Capture(device) as mic:
            for _ in mic:
                pass
        with PythonCallback(device, lambda data: None) as callback:
            callback.wait()
    report("vocana-dsp", mic.stats.delivered, mic.stats.dropped)
    report("Python callback", callback.kept, callback.lost)
    return mic.stats.dropped


def main() -> int:
    """Run the proof; exit status 1 when vocana-dsp lost a frame."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jack", action="store_true", help="real PortAudio, over JACK")
    parser.add_argument("--seconds", type=float, default=5.0)
    options = parser.parse_args()
    if options.jack:
        sys.path.insert(0, str(Path(__file__).parent))
        from gil_proof_jack import on_jack

        return int(on_jack(options.seconds) > 0)
    return int(on_simulated_device(options.seconds) > 0)


if __name__ == "__main__":
    sys.exit(main())
