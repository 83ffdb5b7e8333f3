"""A process with a running capture ends by itself, however it ends."""

import json
import textwrap

import pytest
import soundfile
from child import run

START = """
    import sys, threading, time
    import vocana_dsp as vo
    from vocana_dsp.testing import SimulatedDevice, Stall
    mic = vo.Capture(SimulatedDevice(block_frames=16))
    mic.read(160)
"""
EXITS = {
    "by itself": ("", 0),
    "sys.exit": ("sys.exit(3)", 3),
    "an exception": ("raise ValueError('at top level')", 1),
    "in the iteration": (
        """
    for block in mic:
        sys.exit(0)
    """,
        0,
    ),
    "with a daemon that reads": (
        """
    def read():
        try:
            while True:
                mic.read(160)
        except vo.StreamClosed:
            pass  # that is how a reader hears of the exit
    for _ in range(2):
        threading.Thread(target=read, daemon=True).start()
    time.sleep(0.02)
    """,
        0,
    ),
    "with a daemon that waits": (
        """
    late = vo.Capture(SimulatedDevice(script=[Stall(0, ms=60_000)]))
    def wait():
        try:
            late.read(10**6, timeout=60)
        except vo.StreamClosed:
            pass
    threading.Thread(target=wait, daemon=True).start()
    time.sleep(0.02)
    """,
        0,
    ),
    "from another thread": (
        """
    def end():
        mic.read(160)
        del globals()["mic"]
        sys.exit(5)
    threading.Thread(target=end).start()
    """,
        0,
    ),
    "with many captures": (
        """
    more = [vo.Capture(SimulatedDevice(pace="flatout")) for _ in range(5)]
    for one in more:
        one.start()
    """,
        0,
    ),
    "with a loop": (
        """
    import asyncio
    async def run():
        async for block in mic:
            return
    asyncio.run(run())
    """,
        0,
    ),
}


def exits(how, times):
    end, code = EXITS[how]
    for _ in range(times):
        done = run(textwrap.dedent(START) + textwrap.dedent(end))
        assert done.returncode == code, (how, done.returncode, done.stderr)
        if code != 1:
            noise = [line for line in done.stderr.splitlines() if line]
            assert noise == [], done.stderr


@pytest.mark.parametrize("how", EXITS)
def test_exit_with_a_running_stream(how):  # faults 42
    exits(how, 2)


@pytest.mark.long
@pytest.mark.parametrize("how", EXITS)
def test_exit_with_a_running_stream_a_hundred_times_in_all(how):  # faults 42
    exits(how, 12)


RECORDS = """
    recorder = vo.Recorder(sys.argv[1], mic)
    recorder.start()
    while recorder.stats.frames < 4800:
        mic.read(480)
    {}
"""


@pytest.mark.parametrize(
    "end", ["pass", "sys.exit(0)", "del recorder, mic", "del mic; sys.exit(0)", "mic.close()"]
)
def test_an_exit_while_recording_leaves_a_whole_file(tmp_path, end):  # faults 42
    done = run(textwrap.dedent(START) + textwrap.dedent(RECORDS.format(end)), tmp_path / "a.wav")
    assert (done.returncode, done.stderr) == (0, "")
    frames = soundfile.info(tmp_path / "a.wav").frames
    beside = json.loads((tmp_path / "a.wav.json").read_text())
    assert frames >= 4800
    assert (beside["end"], beside["durable_frames"]) == ("closed", frames)


def test_an_exit_ends_the_file_of_a_recorder_that_never_started(tmp_path):  # faults 42
    """And that nobody collects, since a thread holds it that goes on."""
    held = """
    recorder = vo.Recorder(sys.argv[1], mic)
    threading.Thread(target=lambda _: time.sleep(60), args=[recorder], daemon=True).start()
    """
    done = run(textwrap.dedent(START) + textwrap.dedent(held), tmp_path / "a.wav")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads((tmp_path / "a.wav.json").read_text())["end"] == "closed"


def test_a_crash_at_exit_would_be_seen():
    """The control: a script that dies of a signal, and one that hangs, are told apart."""
    assert run("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)").returncode < 0
    assert run("import sys; sys.stderr.write('noise'); sys.exit(2)").returncode == 2
