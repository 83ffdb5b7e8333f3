"""What holds of the whole engine: no garbage, no frame lost to the GIL, no hardware needed."""

import ctypes
import gc
import threading
import tracemalloc

import numpy as np
from child import run_ok

import vocana_dsp as vo
from vocana_dsp.testing import PythonCallback, SimulatedDevice

# --- Allocations ------------------------------------------------------------------------------

BLOCKS = 4_000
FLAT_BYTES = 4_096  # about one byte for each block
SMALLEST_LEAK_BYTES = 16  # of one object for each block


def bytes_kept(use, blocks=BLOCKS):
    """Bytes that Python and NumPy hold more after so many blocks, once all is warm."""
    with vo.Capture(SimulatedDevice(pace="lockstep")) as mic:
        for _ in range(200):
            use(mic.read(960))
        mic.stats, mic.events()
        tracemalloc.start()
        try:
            for _ in range(200):  # what was made before is not known to tracemalloc
                use(mic.read(960))
            gc.collect()
            before = tracemalloc.get_traced_memory()[0]
            for _ in range(blocks):
                use(mic.read(960))
                mic.stats, mic.events()
            gc.collect()
            return tracemalloc.get_traced_memory()[0] - before
        finally:
            tracemalloc.stop()


def test_python_keeps_nothing_of_thousands_of_blocks():  # B20
    assert bytes_kept(lambda block: None) < FLAT_BYTES


def test_a_planted_leak_is_seen():
    """The control: the smallest object, and the block itself."""
    kept = []
    assert bytes_kept(lambda block: kept.append(object())) > BLOCKS * SMALLEST_LEAK_BYTES
    kept.clear()
    assert bytes_kept(lambda block: kept.append(block.data), 200) > 200 * 960 * 4


# --- The GIL ----------------------------------------------------------------------------------

HELD_S = 5.0


def test_five_seconds_without_the_gil_lose_nothing_and_show_as_latency():  # faults 48
    usleep = ctypes.PyDLL(None).usleep  # PyDLL, unlike CDLL, keeps the GIL
    called = threading.Event()
    with (
        vo.Capture(SimulatedDevice(), ring_ms=20_000) as mic,
        vo.Capture(SimulatedDevice(), ring_ms=500) as short,  # the controls: the stress is real
        PythonCallback(SimulatedDevice(), lambda data: called.set()) as old_way,
    ):
        frames = [mic.read(480).data[:, 0]]
        assert called.wait(60)
        assert mic.stats.latency_ms < 4_000
        assert usleep(int(HELD_S * 1e6)) == 0
        spike, dropped = mic.stats, short.stats.dropped
        assert spike.latency_ms >= 4_000
        assert (spike.dropped, spike.overflows) == (0, 0)
        mic.stop()
        frames += [block.data[:, 0] for block in mic]
        after = mic.stats
    assert (after.dropped, after.overflows, after.queued, mic.gaps) == (0, 0, 0, [])
    assert after.captured == after.delivered >= spike.captured
    np.testing.assert_array_equal(np.concatenate(frames), np.arange(after.captured))
    assert dropped > 48_000
    assert old_way.lost > 48_000


# --- No hardware ------------------------------------------------------------------------------

WITHOUT_SOUNDDEVICE = """
    import importlib.abc, sys
    import numpy as np

    class NoSounddevice(importlib.abc.MetaPathFinder):
        def find_spec(self, name, path=None, target=None):
            if name.partition(".")[0] in ("sounddevice", "_sounddevice", "_sounddevice_data"):
                tried.append(name)
                raise ImportError(f"{name} is not to be had")

    tried = []
    sys.meta_path.insert(0, NoSounddevice())

    import vocana_dsp as vo
    from vocana_dsp.testing import Jitter, RateDrift, SilenceFrom, SimulatedDevice, Stall, Unplug

    script = [
        RateDrift(0, ppm=-200), Jitter(0, max_ms=2), Stall(4_800, ms=50), SilenceFrom(9_600, ms=100)
    ]
    for pace in ("lockstep", "realtime"):
        with vo.Capture(SimulatedDevice(seconds=0.5, pace=pace, script=script)) as mic:
            data = np.concatenate([block.data[:, 0] for block in mic])
            expected = np.arange(24_000, dtype=np.float32)
            expected[9_600:14_400] = 0
            np.testing.assert_array_equal(data, np.delete(expected, slice(4_800, 7_200)))
            assert [(gap.frame, gap.frames) for gap in mic.gaps] == [(4_800, 2_400)]
    with vo.Capture(SimulatedDevice(script=[Unplug(4_800)], pace="lockstep")) as mic:
        try:
            while True:
                assert len(mic.read(480))
        except vo.DeviceError:
            assert mic.stats.delivered == 4_800
    assert not tried, tried  # nobody wanted it
    try:  # the control: it cannot be had
        vo.Capture(vo.Device())
    except vo.DeviceError:
        pass
    assert "sounddevice" in tried
    print("played", "sounddevice" in sys.modules)
"""


def test_the_simulated_device_needs_neither_sounddevice_nor_hardware():  # O3
    assert run_ok(WITHOUT_SOUNDDEVICE) == "played False\n"
