"""Hours on a virtual clock: memory, descriptors and threads stay as they are.

VOCANA_SOAK_HOURS says how many; a night has time for 24.
"""

import contextlib
import gc
import mmap
import os

import numpy as np
import pytest
from child import run_ok
from test_engine_rows import FLAT_BYTES, bytes_kept

import vocana_dsp as vo
from vocana_dsp.memory import Bypass, LadderStep, MemoryUse, theil_sen
from vocana_dsp.memory.maintenance import Maintenance
from vocana_dsp.system.processes import descriptors, rss_bytes, threads
from vocana_dsp.testing import SimulatedDevice

HOURS = float(os.environ.get("VOCANA_SOAK_HOURS", "10"))
RATE = 16_000
LIMIT_KIB_PER_HOUR = 64
SAMPLES_PER_HOUR = 60


class Soak:
    """A capture with all that goes with it, minute by minute of its own time."""

    def __init__(self, leak_bytes=0):
        self.now_s, self.leak_bytes, self.leaked = 0.0, leak_bytes, []
        levels = vo.Levels()
        chain = vo.Chain([vo.HighPass(80), vo.Compressor(-20), vo.Limiter(-1)])
        device = SimulatedDevice(rate=RATE, block_frames=1024, pace="lockstep")
        self.mic = vo.Capture(device, chain=chain, analyzers=[levels], block_ms=1000)
        self.pool = vo.BufferPool(RATE, initial=2, maximum=20, reserve=1)
        self.pressure = vo.MemoryPressure(
            pools=[self.pool], stages=[Bypass(levels), Bypass(chain["Compressor"])],
            read=self.memory, clock=lambda: self.now_s, maintenance=Maintenance(),
        )  # fmt: skip

    def memory(self):
        """Use of memory that goes up and down in seven minutes."""
        return MemoryUse(round(1000 * (0.5 + 0.5 * (self.now_s / 420 % 1))), 1000, None, "planted")

    def minute(self):
        """Read a minute; be under pressure now and then; use buffers; open another capture."""
        for second in range(60):
            self.now_s += 1
            block = self.mic.read(RATE)
            assert (len(block), block.gap) == (RATE, 0)
            if second % 10 == 0:
                self.pressure.step()
        with contextlib.ExitStack() as held, contextlib.suppress(vo.PoolExhausted):
            for _ in range(int(self.now_s / 60) % 8):
                held.enter_context(self.pool.acquire())
        self.pressure.cleanup()
        with vo.Capture(SimulatedDevice(seconds=0.1, pace="lockstep")) as other:
            assert sum(len(each) for each in other) == 4_800
        if self.leak_bytes:
            self.leaked.append(mmap.mmap(-1, self.leak_bytes))  # pages that nobody has freed
            self.leaked[-1].write(bytes(self.leak_bytes))

    def run(self, hours):
        """Return the slope of memory and its lower bound, in KiB an hour, and what was held."""
        gc.collect()  # what earlier tests left
        with self.mic, self.pool:
            sampled = np.zeros((round(hours * SAMPLES_PER_HOUR), 4))
            for sample in sampled:
                self.minute()
                sample[:] = self.now_s, rss_bytes(), descriptors(), threads()
            stats, events = self.mic.stats, self.pressure.events()
            self.pressure.close()
        assert stats.captured == stats.delivered + stats.dropped + stats.queued
        assert (stats.dropped, stats.delivered) == (0, len(sampled) * 60 * RATE)
        assert {"trim", "shrink", "Levels", "Compressor"} <= {
            event.name for event in events if isinstance(event, LadderStep)
        }
        warm = sampled[len(sampled) // 4 :]
        slope = theil_sen(warm[:, 0], warm[:, 1])
        held = {(int(fds), int(running)) for fds, running in warm[:, 2:]}
        return slope.per_s * 3600 / 1024, slope.least_per_s * 3600 / 1024, held


@pytest.mark.long
@pytest.mark.fault(40, "hours of capture, pressure, pools and other captures on a virtual clock")
def test_hours_leave_memory_descriptors_and_threads_as_they_were(seen):  # C10, H4
    kib_per_hour, _, held = Soak().run(HOURS)
    assert kib_per_hour < LIMIT_KIB_PER_HOUR
    assert len(held) == 1
    ((fds, running),) = held
    seen(
        f"{HOURS:g} h: {kib_per_hour:.1f} KiB/h in the last three quarters, {fds} descriptors and "
        f"{running} threads all the time"
    )


def test_a_leak_of_a_hundred_kilobytes_a_minute_is_seen():
    """The control: 6 MB an hour, in half an hour."""
    _, least, held = Soak(leak_bytes=100_000).run(0.5)
    assert least > 10 * LIMIT_KIB_PER_HOUR
    assert len(held) == 1


@pytest.mark.long
def test_ten_minutes_of_blocks_keep_nothing():  # B20
    assert bytes_kept(lambda block: None, blocks=30_000) < FLAT_BYTES


IDLE = """
    import os, time
    {what}
    with open("/proc/self/statm") as file:
        print(int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE"))
"""
ENGINE = """
    import numpy
    import vocana_dsp as vo
    mic = vo.Capture(vo.testing.SimulatedDevice("silence", channels=2), chain=vo.Chain([vo.Gain()]))
    pressure = vo.MemoryPressure()
    mic.start(), pressure.start(), time.sleep(0.3)
"""


def test_an_idle_engine_takes_less_than_twenty_megabytes():  # H5
    bare = int(run_ok(IDLE.format(what="import numpy")))
    engine = int(run_ok(IDLE.format(what=ENGINE.strip())))
    assert 0 < engine - bare < 20_000_000
