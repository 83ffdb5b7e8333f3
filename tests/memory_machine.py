"""A machine whose memory and time are what a test says."""

from test_maintenance import Clock

import vocana_dsp as vo
from vocana_dsp.memory import MemoryUse
from vocana_dsp.memory.maintenance import Maintenance


class ByHand(Maintenance):
    """One whose seconds pass when a test says so."""

    def start(self):
        pass


class Machine:
    """Memory and time of a machine that does as it is told."""

    def __init__(self, ratio=0.5):
        self.clock = Clock()
        self.maintenance = ByHand(self.clock)
        self.ratio = ratio
        self.rss = 80_000_000

    def read(self):
        return MemoryUse(round(self.ratio * 1000), 1000, None, "planted")

    def pressure(self, **more):
        return vo.MemoryPressure(
            read=self.read, rss=lambda: self.rss, clock=self.clock, maintenance=self.maintenance,
            **more,
        )  # fmt: skip

    def wait(self, seconds):
        """Let so many seconds pass, with the maintenance done at each."""
        for _ in range(seconds):
            self.clock.now_s += 1
            self.maintenance.step()


class Part:
    def __init__(self, name):
        self.name, self.suspended = name, False

    def suspend(self):
        self.suspended = True

    def resume(self):
        self.suspended = False
