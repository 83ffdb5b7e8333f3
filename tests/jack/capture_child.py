"""What a capture process does with a sound card that counts frames; it sends JSON lines."""

import contextlib
import json
import sys
import threading
import time

import numpy as np
from counting import breaks, connected

import vocana_dsp as vo
from vocana_dsp.capture import portaudio

CARD = "VocanaCard"


def send(**message):
    """Send one message to the test."""
    print(json.dumps(message), flush=True)


def breaks_in(mic, frames):
    """Read that many frames: (frames read, places where the card's counter does not go on).

    Keeps the blocks and looks at them later: while another thread wants the GIL, each array
    operation hands it over, and a sort keeps it for long.
    """
    blocks = []
    for block in mic:
        blocks.append(block.data)
        if block.frame + len(block) >= frames and mic.state == "running":
            mic.stop()
    data = np.concatenate(blocks)
    return len(data), breaks(connected(data))


def report(mic, **more):
    """Print the account."""
    s = mic.stats
    sums = s.captured == s.delivered + s.dropped + s.queued
    send(
        captured=s.captured,
        delivered=s.delivered,
        dropped=s.dropped,
        overflows=s.overflows,
        sums=sums,
        gaps=len(mic.gaps),
        abandoned=portaudio.abandoned_streams(),
        **more,
    )


@contextlib.contextmanager
def sorting():
    """Sort 600,000 floats in another thread, again and again."""
    numbers = np.random.default_rng(1).random(600_000).tolist()
    done = threading.Event()

    def work():
        while not done.is_set():
            sorted(numbers)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def exact(block, seconds, ring_ms=4000.0, beside=contextlib.nullcontext):
    """The counter must arrive without a break, whatever is done beside."""
    device = vo.Device(CARD, block_frames=block)
    with vo.Capture(device, channels=2, ring_ms=ring_ms) as mic:
        send(running=True)
        with beside():
            have, jumps = breaks_in(mic, int(seconds * mic.rate))
    report(mic, have=have, breaks=jumps)
    leave()


def callback(block, seconds):
    """The control: sounddevice's own Python callback under the same stress."""
    import sounddevice

    kept = 0

    def count(data, frames, when, status):
        nonlocal kept
        kept += frames

    stream = sounddevice.InputStream(
        device=CARD, channels=2, dtype="float32", blocksize=block, callback=count
    )
    with stream, sorting():
        before, began = kept, time.monotonic()
        threading.Event().wait(seconds)
        heard, took = kept - before, time.monotonic() - began
    send(kept=heard, seconds=took)
    leave()


def leave():
    """Say goodbye to the server, which is alive: it need not find out by waiting."""
    import sounddevice

    sounddevice._terminate()


def server_fails():
    """The test makes the server fail: how long until `state` tells, stop() and close() return."""
    mic = vo.Capture(vo.Device(CARD), channels=2)
    mic.start()
    mic.read(4800)
    send(running=True)
    sys.stdin.readline()
    failed = time.monotonic()
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
        told_s=told - failed,
        stop_s=stopped - told,
        close_s=closed - stopped,
    )
