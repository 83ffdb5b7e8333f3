"""What comes through a pipe from another process, and is no packet."""

import os
import time

import vocana_dsp as vo
from vocana_dsp._native.link import LinkReceiver
from vocana_dsp.capture.engine import Queueing, make_engine


def wait_until(condition):
    end = time.monotonic() + 30.0
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.002)


def test_garbage_ends_the_capture_as_lost():
    queueing = Queueing(20.0, 100.0, vo.Overflow(), vo.Breaker())
    engine = make_engine(48_000, 1, queueing, vo.InputPolicy())
    frames, frames_in = os.pipe()
    receiver = LinkReceiver(engine, frames)
    receiver.start()
    os.write(frames_in, b"no packet" * 10)
    wait_until(lambda: receiver.state != "running")
    assert receiver.state == "garbage"
    assert receiver.stats() == {"packets": 0, "frames": 0, "lost": 0}
    receiver.stop(0.0)
    os.close(frames)
    os.close(frames_in)
