"""Captures a sound card that counts frames, in a process of its own: PortAudio is loaded once.

Prints one JSON line. JACK_DEFAULT_SERVER names the server; the parent drives it.
"""

import json
import sys
import threading
import time

import numpy as np

import vocana_dsp as vo
from vocana_dsp.capture import portaudio


def breaks_in(mic, frames):
    """Read that many frames: (frames read, places where the card's counter does not go on)."""
    have = breaks = 0
    expected = None
    for block in mic:
        counter = block.data.astype(np.int64)
        if expected is not None and counter[0, 0] != expected:
            breaks += 1
        breaks += int(np.count_nonzero(np.diff(counter[:, 0]) % 2**24 != 1))
        breaks += int(np.count_nonzero(counter != counter[:, :1]))
        expected = (int(counter[-1, 0]) + 1) % 2**24
        have += len(block)
        if have >= frames and mic.state == "running":
            mic.stop()
    return have, breaks


def report(mic, **more):
    """Print the account."""
    s = mic.stats
    sums = s.captured == s.delivered + s.dropped + s.queued
    print(
        json.dumps(
            {
                "captured": s.captured,
                "delivered": s.delivered,
                "dropped": s.dropped,
                "overflows": s.overflows,
                "sums": sums,
                "gaps": len(mic.gaps),
                "abandoned": portaudio.abandoned_streams(),
                **more,
            }
        ),
        flush=True,
    )


def exact(card, block, seconds, ring_ms):
    """The counter must arrive without a break."""
    device = vo.Device(card, block_frames=block)
    with vo.Capture(device, channels=2, ring_ms=ring_ms) as mic:
        print("running", flush=True)
        have, breaks = breaks_in(mic, int(seconds * mic.rate))
    report(mic, have=have, breaks=breaks)


def busy(card, block, seconds, ring_ms):
    """The same while another thread sorts 600,000 floats again and again."""
    numbers = list(np.random.default_rng(1).random(600_000))
    done = threading.Event()

    def work():
        while not done.is_set():
            sorted(numbers)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        exact(card, block, seconds, ring_ms)
    finally:
        done.set()
        thread.join()


def callback(card, block, seconds, ring_ms):
    """The control: sounddevice's own Python callback under the same stress."""
    import sounddevice

    kept = 0

    def count(data, frames, when, status):
        nonlocal kept
        kept += frames

    numbers = list(np.random.default_rng(1).random(600_000))
    done = threading.Event()

    def work():
        while not done.is_set():
            sorted(numbers)

    stream = sounddevice.InputStream(
        device=card, channels=2, dtype="float32", blocksize=block, callback=count
    )
    with stream:
        thread = threading.Thread(target=work)
        thread.start()
        began = time.monotonic()
        done.wait(seconds)
        took = time.monotonic() - began
        heard = kept
        done.set()
        thread.join()
    print(json.dumps({"kept": heard, "seconds": took}), flush=True)


def server_dies(card, block, seconds, ring_ms):
    """The parent kills the server: how long until `state` tells, stop() and close() return."""
    mic = vo.Capture(vo.Device(card, block_frames=block), channels=2, ring_ms=ring_ms)
    mic.start()
    mic.read(4800)
    print("running", flush=True)
    killed = float(sys.stdin.readline())
    while mic.state == "running":
        time.sleep(0.005)
    told, state = time.monotonic(), mic.state
    queued = mic.stats.queued
    error = None
    try:
        while len(mic.read(4800)):
            pass
    except vo.DeviceError as caught:
        error = caught.code
    mic.stop()
    stopped = time.monotonic()
    mic.close()
    closed = time.monotonic()
    report(
        mic,
        state=state,
        error=error,
        queued=queued,
        told_s=told - killed,
        stop_s=stopped - told,
        close_s=closed - stopped,
    )


if __name__ == "__main__":
    run = {"exact": exact, "busy": busy, "callback": callback, "server_dies": server_dies}
    run[sys.argv[1]](sys.argv[2], int(sys.argv[3]), float(sys.argv[4]), float(sys.argv[5]))
