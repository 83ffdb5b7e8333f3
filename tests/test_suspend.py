"""Sleep of the machine is told once, in seconds, and nothing else is taken for it."""

import signal
import subprocess
import sys
import time

import pytest

import vocana_dsp as vo
from vocana_dsp.system import clocks


class Clocks:
    """Two clocks that a test sets."""

    def __init__(self):
        self.awake_s = self.always_s = 100.0

    def watch(self, **options):
        return clocks.SuspendWatch(lambda: self.awake_s, lambda: self.always_s, **options)

    def sleep(self, seconds):
        self.always_s += seconds

    def run(self, seconds):
        self.awake_s += seconds
        self.always_s += seconds


def test_a_sleep_is_told_once_with_its_length():  # faults 13
    both = Clocks()
    watch = both.watch()
    told = []
    for slept_s in (0, 30, 0, 0, 3600, 2):
        both.run(60)
        both.sleep(slept_s)
        told.append(watch.slept_s())
    assert told == [0, 30, 0, 0, 3600, 2]
    assert watch.total_s == 3632


def test_ten_days_without_a_sleep_are_none():  # faults 11
    both = Clocks()
    watch = both.watch()
    for _ in range(10_000):
        both.run(86.4)
        assert watch.slept_s() == 0
    assert watch.total_s == 0


def test_short_sleeps_add_up():
    both = Clocks()
    watch = both.watch(least_s=1)
    told = []
    for _ in range(5):
        both.sleep(0.375)
        told.append(watch.slept_s())
    assert told == [0, 0, 1.125, 0, 0]


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_thread_put_aside_between_two_reads_has_not_slept(place):
    """For 5 s, before any of the three reads of one look, and once more in the next."""
    both, reads = Clocks(), []

    def read(name):
        reads.append(name)
        if len(reads) in puts_aside:
            both.run(5)
        return getattr(both, name)

    puts_aside = set()
    watch = clocks.SuspendWatch(lambda: read("awake_s"), lambda: read("always_s"))
    puts_aside |= {len(reads) + 1 + place, len(reads) + 4 + place}
    assert watch.slept_s() == 0
    both.sleep(10)
    assert watch.slept_s() == 10


def test_a_machine_that_is_always_busy_still_tells():
    both = Clocks()

    def busy():
        both.run(0.5)
        return both.awake_s

    watch = clocks.SuspendWatch(busy, lambda: both.always_s)
    both.sleep(20)
    assert watch.slept_s() == pytest.approx(20, abs=0.5)  # reads 0.5 s apart place it so well


def test_the_clocks_of_this_machine():
    watch = vo.SuspendWatch()
    assert watch.slept_s() == 0
    assert clocks.boot_s() >= time.monotonic() - 1


def test_a_machine_without_such_a_clock_never_sleeps(monkeypatch):
    monkeypatch.delattr(time, "CLOCK_BOOTTIME", raising=False)
    assert clocks.boot_s() == pytest.approx(time.monotonic(), abs=5)  # read one after the other
    assert clocks.SuspendWatch().slept_s() == 0


def test_a_limit_must_be_positive():
    with pytest.raises(vo.ConfigError, match="least_s is 0"):
        clocks.SuspendWatch(least_s=0)


def test_a_stopped_process_has_not_slept():  # faults 11
    """SIGSTOP for more than least_s, again and again, wherever it hits the look."""
    script = """
import time
import vocana_dsp as vo
watch, ends = vo.SuspendWatch(least_s=0.02), time.monotonic() + 1.5
while time.monotonic() < ends:
    assert watch.slept_s() == 0
print("none")
"""
    child = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    while child.poll() is None:
        child.send_signal(signal.SIGSTOP)
        time.sleep(0.05)
        child.send_signal(signal.SIGCONT)
        time.sleep(0.01)
    assert child.communicate()[0] == "none\n"
