"""vo.Recorder: its files are whole however Python behaves and the process ends."""

import ctypes
import os
import threading
import time

import numpy as np
import pytest
import soundfile
from child import run_ok
from recorded import RATE, audio, sidecar

import vocana_dsp as vo
from vocana_dsp import StreamClosed
from vocana_dsp.testing import SimulatedDevice, Unplug

# --- Faults of Python ----------------------------------------------------------------


def hold_the_gil(seconds):
    """One call into C that does not give it up."""
    usleep = ctypes.PyDLL(None).usleep
    usleep(int(seconds * 1e6))


def grows_while_the_gil_is_held(tmp_path, seconds):
    sizes = []
    reader, writer = os.pipe()
    watcher = os.fork()  # a process of its own looks at the file meanwhile
    if not watcher:
        try:
            path = tmp_path / "a.wav"
            for _ in range(int(seconds / 0.5)):
                time.sleep(0.5)
                os.write(writer, b"%d\n" % (path.stat().st_size if path.exists() else 0))
        finally:
            os._exit(0)
    with (
        vo.Capture(SimulatedDevice()) as mic,
        vo.Recorder(tmp_path / "a.wav", mic, flush_s=0.2) as recorder,
    ):
        hold_the_gil(seconds)
        durable = recorder.stats.frames_durable
    os.close(writer)
    os.waitpid(watcher, 0)
    with os.fdopen(reader) as lines:
        sizes = [int(line) for line in lines]
    start = sidecar(tmp_path / "a.wav")["capture_frame"]
    sound = audio(tmp_path / "a.wav")
    np.testing.assert_array_equal(sound, np.arange(start, start + len(sound)))
    assert recorder.stats.gaps == 0
    assert durable >= (seconds - 1.5) * RATE
    assert len(set(sizes)) >= len(sizes) - 3


def test_python_may_hang_and_the_file_grows(tmp_path):  # faults 48
    grows_while_the_gil_is_held(tmp_path, 3)


@pytest.mark.long
def test_python_may_hang_for_half_a_minute(tmp_path):  # faults 48
    grows_while_the_gil_is_held(tmp_path, 30)


# --- Devices that are lost -------------------------------------------------------------------


def record(path, device, **options):
    """Record a device and what follows it to the end; the closed recorder."""
    mic = vo.Capture(device, **options)
    with vo.Recorder(path, mic) as recorder, mic:
        for _ in mic:
            pass
        assert recorder.wait(60)
    return recorder


def test_a_recording_goes_on_over_a_recovery(tmp_path):  # L2, faults 9
    """Its timeline too: frame n is n before and behind the gap, in which it is silent."""
    device = SimulatedDevice(
        seconds=1, pace="lockstep", script=[Unplug(12_001, ms=250, refusals=1)]
    )
    recorder = record(tmp_path / "a.wav", device, recovery=vo.Recovery(settle_ms=0, delay_ms=1))
    expected = np.arange(RATE, dtype=np.float32)
    expected[12_001:24_001] = 0
    np.testing.assert_array_equal(audio(tmp_path / "a.wav"), expected)
    assert sidecar(tmp_path / "a.wav")["gaps"] == [
        {"frame": 12_001, "frames": 12_000, "cause": "device"}
    ]
    assert (recorder.stats.frames_durable, recorder.stats.segments) == (RATE, 1)


def test_a_fallback_is_in_the_file_at_the_rate_of_its_head(tmp_path):  # I11, faults 53
    half = np.full((8_000, 2), 0.5, np.float32)
    recorder = record(
        tmp_path / "a.wav",
        SimulatedDevice(pace="lockstep", script=[Unplug(4_800)]),
        fallback=[SimulatedDevice(half, rate=16_000, pace="lockstep")],
        recovery=vo.Recovery(attempts=1, settle_ms=0),
    )
    head, sound = soundfile.info(tmp_path / "a.wav"), audio(tmp_path / "a.wav")
    assert (head.samplerate, head.channels) == (RATE, 1)
    np.testing.assert_array_equal(sound[:4_800], np.arange(4_800))
    heard = sound[4_800 + recorder.stats.silence_frames :]
    assert len(heard) == 3 * len(half)
    np.testing.assert_allclose(heard[1_000:-1_000], 0.5, atol=1e-3)


# --- Its life ------------------------------------------------------------------------------


def test_close_twice_and_never_started(tmp_path):
    mic = vo.Capture(SimulatedDevice())
    recorder = vo.Recorder(tmp_path / "a.wav", mic)
    recorder.close()
    recorder.close()
    assert (recorder.ended, recorder.stats.frames) == (True, 0)
    assert soundfile.info(tmp_path / "a.wav").frames == 0
    assert sidecar(tmp_path / "a.wav")["end"] == "closed"
    [found] = vo.recover(tmp_path).recordings
    assert found.files[0].outcome == "good"  # it is not locked
    with pytest.raises(StreamClosed):
        recorder.start()
    mic.close()


def test_closes_from_many_threads_are_one(tmp_path):
    """Faults 55, L8: the second waits for the first, and nobody joins a thread twice."""
    for number in range(10):
        mic = vo.Capture(SimulatedDevice(pace="lockstep", seconds=0.1))
        with vo.Recorder(tmp_path / f"{number}.wav", mic) as recorder, mic:
            assert sum(len(block) for block in mic) == 4800
            closes = [threading.Thread(target=recorder.close, daemon=True) for _ in range(4)]
            for close in closes:
                close.start()
            for close in closes:
                close.join(30)
            assert not any(close.is_alive() for close in closes)
        assert recorder.stats.frames_durable == 4800


class Interrupted:
    """A native recorder during whose call, or right after it, Ctrl-C is pressed once."""

    def __init__(self, native, method):
        self._native, self._method = native, method

    def __getattr__(self, name):
        found = getattr(self._native, name)
        if name != self._method:
            return found
        self._method = None

        def call(*arguments):
            found(*arguments)
            raise KeyboardInterrupt

        return call


@pytest.mark.parametrize("method", ["detach", "stop", "stats"])
def test_a_close_that_is_interrupted_is_done_by_the_next(tmp_path, method):
    with vo.Capture(SimulatedDevice()) as mic:
        recorder = vo.Recorder(tmp_path / "a.wav", mic)
        recorder.start()
        mic.read(4_800)
        recorder._native = Interrupted(recorder._native, method)
        with pytest.raises(KeyboardInterrupt):
            recorder.close()
        recorder.close()
        assert sidecar(tmp_path / "a.wav")["end"] == "closed"
        assert recorder.stats.frames_durable == len(audio(tmp_path / "a.wav")) > 0
        [found] = vo.recover(tmp_path).recordings  # it is not locked
        assert found.files[0].outcome == "good"


def test_it_says_what_it_is(tmp_path):
    mic = vo.Capture(SimulatedDevice(seconds=0.1, pace="lockstep"))
    recorder = vo.Recorder(tmp_path / "a.wav", mic)
    assert repr(recorder) == f"<Recorder {tmp_path}/a.wav open, 0 frames durable>"
    with recorder, mic:
        recorder.wait()
        assert repr(recorder) == f"<Recorder {tmp_path}/a.wav ended, 4,800 frames durable>"
    assert repr(recorder) == f"<Recorder {tmp_path}/a.wav closed, 4,800 frames durable>"


def test_it_can_be_closed_after_its_capture(tmp_path):
    mic = vo.Capture(SimulatedDevice())
    with vo.Recorder(tmp_path / "a.wav", mic) as recorder:
        with mic:
            mic.read(4_800)
            while "recorder" not in recorder.threads:  # it may begin later
                time.sleep(0.001)
        assert recorder.wait(60)
    sound = audio(tmp_path / "a.wav")
    np.testing.assert_array_equal(sound, np.arange(len(sound)))


def test_two_recorders_of_one_capture(tmp_path):
    mic = vo.Capture(SimulatedDevice(seconds=0.5, pace="lockstep"))
    with (
        vo.Recorder(tmp_path / "a.wav", mic) as one,
        vo.Recorder(tmp_path / "b.wav", mic, subtype="pcm24") as other,
        mic,
    ):
        for _ in mic:
            pass
        assert one.wait(60)
        assert other.wait(60)
    assert one.stats.frames == other.stats.frames == RATE // 2


def test_a_recorder_that_nobody_closed(tmp_path):
    mic = vo.Capture(SimulatedDevice())
    recorder = vo.Recorder(tmp_path / "a.wav", mic)
    recorder.start()
    mic.read(4_800)
    del recorder
    assert sidecar(tmp_path / "a.wav")["end"] == "closed"
    mic.close()


def test_a_fork_leaves_the_file_to_the_parent(tmp_path):  # faults 41
    told = run_ok("""
        import os, sys, warnings
        import vocana_dsp as vo
        from vocana_dsp.testing import SimulatedDevice
        warnings.simplefilter("ignore")
        mic = vo.Capture(SimulatedDevice())
        recorder = vo.Recorder(sys.argv[1], mic)
        recorder.start()
        mic.read(4800)
        child = os.fork()
        if not child:
            recorder.close()
            try:
                recorder.start()
            except vo.StreamClosed:
                sys.exit(7)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
        mic.read(4800)
        mic.close()
        assert recorder.wait(60)
        recorder.close()
        print(recorder.stats.frames_durable)
    """, tmp_path / "a.wav")  # fmt: skip
    sound = audio(tmp_path / "a.wav")
    assert len(sound) == int(told) >= 9_000
    np.testing.assert_array_equal(np.diff(sound), 1)


@pytest.mark.parametrize("end", ["", "sys.exit(0)", "threading.Thread(target=sys.exit).start()"])
def test_an_exit_leaves_a_whole_file(tmp_path, end):  # faults 42
    run_ok(f"""
        import sys, threading
        import vocana_dsp as vo
        from vocana_dsp.testing import SimulatedDevice
        mic = vo.Capture(SimulatedDevice())
        recorder = vo.Recorder(sys.argv[1], mic)
        recorder.start()
        mic.read(9600)
        {end}
    """, tmp_path / "a.wav")  # fmt: skip
    assert sidecar(tmp_path / "a.wav")["end"] == "closed"
    assert len(audio(tmp_path / "a.wav")) >= 9_000


def test_stats_from_many_threads(tmp_path):
    mic = vo.Capture(SimulatedDevice(seconds=1, pace="lockstep", channels=2))
    wrong = []

    def look(recorder):
        while not recorder.ended:
            stats = recorder.stats
            if not stats.frames_durable <= stats.frames_written <= stats.frames:
                wrong.append(stats)

    with vo.Recorder(tmp_path / "a.wav", mic, flush_s=0.01) as recorder:
        threads = [threading.Thread(target=look, args=[recorder]) for _ in range(3)]
        for thread in threads:
            thread.start()
        with mic:
            for _ in mic:
                pass
        recorder.wait(60)
        recorder.close()
        for thread in threads:
            thread.join()
    assert wrong == []
