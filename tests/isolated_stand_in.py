"""The program of an isolated device with another library below: devices that do what tests want.

Each device counts frames; its name says what else it does.
"""

import contextlib
import os
import signal
import sys
import threading
import time
from pathlib import Path

import numpy as np

from vocana_dsp.capture import isolated
from vocana_dsp.capture.choice import DeviceInfo, choose
from vocana_dsp.errors import DeviceError

RATE, BLOCK = 48_000, 480
NAMES = (
    *("plain", "hangs_at_open", "hangs_at_start", "hangs_at_stop", "crashes_at_open", "complains"),
    *("is_lost", "crashes_later", "stands_still", "flags", "starts_never"),
)


def devices(*, refresh=False):
    """As the names say, then those that a file lists, which a test may change."""
    names = NAMES
    if "VOCANA_TEST_DEVICES" in os.environ:
        names = Path(os.environ["VOCANA_TEST_DEVICES"]).read_text().split()
        if names == ["hangs"]:
            for_ever()
    return [DeviceInfo(n, name, "Stand-in", 2, RATE, 1.0, n == 0) for n, name in enumerate(names)]


def find(name_or_index):
    return choose(name_or_index, devices())


def open_rates(device):
    return [device.default_rate]


def for_ever():
    while True:
        time.sleep(3600)


class Stream:
    """Calls the sender from a thread, 100 times a second by the clock."""

    def __init__(self, device, rate, channels, block, callback, user, *, owner):
        self.does = device.name
        self.sender = owner
        self.channels = channels
        self.active = False
        self.over = threading.Event()
        if self.does == "hangs_at_open":
            for_ever()
        if self.does == "complains":
            for _ in range(1000):
                with contextlib.suppress(BlockingIOError):
                    os.write(2, b"underrun " * 100)
        if self.does == "crashes_at_open":
            print("the driver is broken", file=sys.stderr)
            os.abort()

    def start(self):
        if self.does == "hangs_at_start":
            for_ever()
        if self.does == "starts_never":
            raise DeviceError("it does not start", code="start_failed")
        self.active = True
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        frame, due = 0, time.monotonic()
        while not self.over.is_set():
            if frame >= RATE / 10:
                if self.does == "is_lost":
                    self.active = False
                    return
                if self.does == "crashes_later":
                    os.kill(os.getpid(), signal.SIGSEGV)  # which another thread may take
                if self.does in ("crashes_later", "stands_still"):
                    return
            counter = np.arange(frame, frame + BLOCK, dtype=np.float32)
            self.sender.push(
                np.repeat(counter[:, None], self.channels, axis=1),
                0,
                2 if self.does == "flags" else 0,
            )
            frame += BLOCK
            due += BLOCK / RATE
            time.sleep(max(0.0, due - time.monotonic()))

    def close(self, deadline_s):
        if self.does == "hangs_at_stop":
            for_ever()
        self.over.set()
        time.sleep(0.02)  # the callback has returned
        return True


class Library:
    """What isolated.py needs of portaudio.py."""

    devices = staticmethod(devices)
    find = staticmethod(find)
    open_rates = staticmethod(open_rates)
    Stream = Stream


isolated.portaudio = Library
isolated.main()
