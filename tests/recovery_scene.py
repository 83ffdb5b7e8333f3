"""A path under a supervisor whose time a test turns on, and devices that do as scripted."""

import random
import time

from hand_device import HandDevice

import vocana_dsp as vo
from vocana_dsp.capture.engine import Queueing
from vocana_dsp.capture.path import open_first
from vocana_dsp.capture.supervisor import Supervisor
from vocana_dsp.system.clocks import SuspendWatch


class Time:
    """A clock that goes on when somebody pauses, and counts how often."""

    def __init__(self):
        self.began = self.now = time.monotonic()
        self.asleep = 0.0
        self.pauses = []

    def clock(self):
        return self.now

    def pause(self, seconds):
        self.now += seconds
        self.pauses.append(seconds)
        return False

    @property
    def passed(self):
        return self.now - self.began


class Scripted:
    """A source whose openings go as they are told: an error, or a device; the last one for ever."""

    def __init__(self, *openings):
        self.openings = list(openings)
        self.times = []
        self.clock = time.monotonic

    def open(self, channels):
        self.times.append(self.clock())
        now = self.openings.pop(0) if len(self.openings) > 1 else self.openings[0]
        if isinstance(now, Exception):
            raise now
        return now() if callable(now) else now


class Talking(HandDevice):
    """A device by hand whose first block comes when it is started."""

    def __init__(self, rate=48_000, channels=1, frame=0):
        super().__init__(rate, channels)
        self.frame = frame
        self.realtime = True

    def start(self):
        super().start()
        self.play(480)


class Scene:
    """A path of these sources, supervised step by step."""

    def __init__(self, *sources, policy=None, ring_ms=2000.0):
        self.time = Time()
        self.events = []
        for source in sources:
            source.clock = self.time.clock
        queueing = Queueing(20.0, ring_ms, vo.Overflow(), vo.Breaker())
        self.path, first = open_first(
            sources, None, None, None, (), queueing, vo.InputPolicy(), True
        )
        self.supervisor = Supervisor(
            self.path,
            self.path.processing,
            sources,
            first,
            policy or vo.Recovery(),
            lambda kind, value: self.events.append(kind),
            clock=self.time.clock,
            pause=self.time.pause,
            rng=random.Random(4),
            suspend=SuspendWatch(self.time.clock, lambda: self.time.now + self.time.asleep),
        )
        self.supervisor.started()
        self.path.start()

    @property
    def player(self):
        return self.path.session.player

    def step(self):
        self.supervisor.step()
        return self.supervisor.machine.state

    def close(self):
        self.supervisor.halt(False, 0.5)
