"""What this process holds and uses, by count."""

import mmap
import os
import shutil
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import layer_rules
import psutil
import pytest
from child import run_ok
from test_cycles import quiet

import vocana_dsp as vo
from vocana_dsp.system.processes import (
    battery_percent,
    descriptors,
    rss_bytes,
    temperature_c,
    threads,
)
from vocana_dsp.testing import SimulatedDevice


def test_memory_that_is_touched_is_seen():
    before = rss_bytes()
    with mmap.mmap(-1, 32_000_000) as held:  # new pages, which nobody has freed before
        held.write(bytes(len(held)))
        assert 30e6 < rss_bytes() - before < 64e6


def test_descriptors_and_threads_are_counted():
    quiet()
    fds, running = descriptors(), threads()
    more = [os.dup(2) for _ in range(5)]
    wait = threading.Event()
    thread = threading.Thread(target=wait.wait)
    thread.start()
    assert (descriptors(), threads()) == (fds + 5, running + 1)
    wait.set()
    thread.join()
    for fd in more:
        os.close(fd)
    assert descriptors() == fds


# --- Processors ----------------------------------------------------------------------------------


class BusyThread:
    """A thread that computes for as long as it is told, in seconds of processor time."""

    def __init__(self, name, seconds):
        self.leave, self.done = threading.Event(), threading.Event()
        self.thread = threading.Thread(target=self.run, args=[seconds], name=name)

    def run(self, seconds):
        while time.thread_time() < seconds:
            pass
        self.done.set()
        self.leave.wait()

    def __enter__(self):
        self.thread.start()
        assert self.done.wait(60)
        return self.thread.native_id

    def __exit__(self, *_):
        self.leave.set()
        self.thread.join()


def test_a_busy_thread_is_at_100_percent():  # G7
    """A clock that shows just the time for which it computes: others may use the machine."""
    now_s = 0.0
    meter = vo.ProcessMeter(lambda: now_s)
    with BusyThread("busy", 0.5) as busy, BusyThread("half", 0.25) as half:
        now_s = 0.5
        found = meter.snapshot()
        loads = {load.native_id: load for load in found.threads}
        assert loads[busy].name == "busy"
        assert loads[busy].cpu_percent == pytest.approx(100, abs=6)  # the kernel counts in 10 ms
        assert loads[half].cpu_percent == pytest.approx(50, abs=6)  # the kernel counts in 10 ms
        assert found.cpu_percent >= 138
        shares = [load.cpu_percent for load in found.threads]
        assert shares == sorted(shares, reverse=True)
        now_s = 1.0
        idle = {load.native_id: load.cpu_percent for load in meter.snapshot().threads}
        assert idle[busy] <= 2
        assert (found.rss_bytes > 2**20, found.descriptors > 0) == (True, True)


def test_threads_of_c_have_names():  # G7
    with vo.Capture(SimulatedDevice(), rate=16_000) as mic:
        mic.read(160)
        names = {load.native_id: load.name for load in vo.ProcessMeter().snapshot().threads}
        told = {name: names[native_id] for name, native_id in mic.threads.items()}
    assert told == {"device": "vo-sim", "engine": "vo-engine"}


def test_a_clock_that_stands_is_no_load():
    meter = vo.ProcessMeter(lambda: 1.0)
    assert meter.snapshot().cpu_percent == 0


# --- Sensors -------------------------------------------------------------------------------------


def test_sensors_that_are_absent_are_none(monkeypatch):  # G16, I6
    for name, absent in (("temperatures", {}), ("battery", None)):
        monkeypatch.setattr(psutil, f"sensors_{name}", lambda absent=absent: absent)
    assert (temperature_c(), battery_percent()) == (None, None)
    for name in ("temperatures", "battery"):
        monkeypatch.delattr(psutil, f"sensors_{name}")
    assert (temperature_c(), battery_percent()) == (None, None)


def test_sensors_that_are_there_tell(monkeypatch):  # G16, I6
    hot = SimpleNamespace(current=71.5)
    monkeypatch.setattr(
        psutil,
        "sensors_temperatures",
        lambda: {"k10": [hot], "nvme": [SimpleNamespace(current=0.0)]},
        raising=False,
    )
    monkeypatch.setattr(
        psutil, "sensors_battery", lambda: SimpleNamespace(percent=42), raising=False
    )
    assert (temperature_c(), battery_percent()) == (71.5, 42.0)


def test_sensors_of_this_machine_are_figures_or_none():
    assert temperature_c() is None or -50 < temperature_c() < 150
    assert battery_percent() is None or 0 <= battery_percent() <= 100


# --- Off the audio path --------------------------------------------------------------------------

ROOT = Path(vo.__file__).parent.parent
AUDIO = ("capture", "record", "dsp", "_native", "testing")


def imports_psutil(root):
    """Modules of what brings audio that import, by however many steps, what imports psutil."""
    modules = layer_rules._modules(root)
    edges = {
        name: set(layer_rules._imports(name, file, set(modules))) for name, file in modules.items()
    }
    return [
        name
        for name in modules
        if layer_rules._area(name) in AUDIO and "psutil" in layer_rules._reach(name, edges)
    ]


def test_nothing_that_brings_audio_reaches_psutil(tmp_path):  # I5
    assert imports_psutil(ROOT) == []
    shutil.copytree(
        ROOT / "vocana_dsp", tmp_path / "vocana_dsp", ignore=shutil.ignore_patterns("*.so")
    )
    planted = tmp_path / "vocana_dsp" / "dsp" / "mix.py"
    planted.write_text("from ..system import processes\n" + planted.read_text())
    assert "vocana_dsp.capture.processing" in imports_psutil(tmp_path)


def test_a_capture_with_a_chain_does_not_load_psutil():  # I5
    told = run_ok("""
        import sys
        import vocana_dsp as vo
        from vocana_dsp.testing import SimulatedDevice
        device = SimulatedDevice(seconds=0.1, pace="lockstep")
        with vo.Capture(device, chain=vo.Chain([vo.Gain(0)]), analyzers=[vo.Levels()]) as mic:
            print(sum(map(len, mic)), "psutil" in sys.modules)
    """)
    assert told == "4800 False\n"
