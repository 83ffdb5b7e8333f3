"""A device without a thread: the test itself makes each callback, on a timeline that it knows."""

import numpy as np


class HandDevice:
    """Source and player in one. Frame n has the value n, unless the test plays something else."""

    def __init__(self, rate=48_000, channels=1):
        self.rate = rate
        self.channels = channels
        self.realtime = self.waits = False
        self.active = False
        self.frame = 0
        self.engine = None

    def open(self, channels):
        return self

    def connect(self, engine):
        self.engine = engine

    def start(self):
        self.active = True

    def stop(self, deadline_s):
        self.active = False
        return True

    def abandon(self):
        self.active = False

    def play(self, frames, *, lost=0, flags=0):
        """One callback of that many counter frames, or of these frames."""
        self.frame += lost
        if isinstance(frames, int):
            counter = np.arange(self.frame, self.frame + frames, dtype=np.float32)
            frames = np.repeat(counter[:, None], self.channels, axis=1)
        self.engine.push(np.ascontiguousarray(frames, np.float32), lost, flags)
        self.frame += len(frames)

    def play_blocks(self, count, frames):
        for _ in range(count):
            self.play(frames)

    def end(self):
        self.engine.end(False)

    def unplug(self):
        self.active = False
