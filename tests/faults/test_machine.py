"""What the machine and the interpreter may do to a program: sleep, set the clock, crash."""

import json
import os
import signal
import sys
from pathlib import Path

import numpy as np
import pytest
from child import run, run_ok
from wav_files import by_soundfile

import vocana_dsp as vo

fault = pytest.mark.fault


@fault(13, "a clock that goes on for 30 s while the one beside it stands; the look is injected")
def test_a_sleep_is_told(seen):
    clocks = {"awake": 100.0, "always": 100.0}
    watch = vo.SuspendWatch(lambda: clocks["awake"], lambda: clocks["always"])
    told = []
    for slept_s in (0, 0, 30, 0, 0):
        clocks["awake"] += 1
        clocks["always"] += 1 + slept_s
        told.append(watch.slept_s())
    here = vo.SuspendWatch().slept_s()
    seen(
        f"told once: {max(told):g} s; 0 false alarms in {len(told) - 1} looks, {here:g} s on this "
        "machine's own clocks. A machine that really sleeps is not to be had here"
    )
    assert told == [0, 0, 30, 0, 0]
    assert here == 0


JUMPS = """
import sys, time
import vocana_dsp as vo
from vocana_dsp.testing import SimulatedDevice

file = sys.argv[1]
def jump(hours):
    with open(file, "w") as out:
        out.write(f"{hours:+d}h")

wall, begun = time.time(), time.monotonic()
watch, seen = vo.SuspendWatch(), []
device = SimulatedDevice(seconds=2.5)
with vo.Capture(device) as mic, vo.Capture(SimulatedDevice(), ring_ms=100) as full:
    full.start()
    frames = 0
    for turn in range(25):
        if turn in (5, 15):
            jump(1 if turn == 5 else -1)
            seen.append(round((time.time() - wall - (time.monotonic() - begun)) / 3600))
        frames += len(mic.read(4800, timeout=60))
        assert mic.state in ("running", "ended"), mic.state
    told = [event.kind for event in mic.events() if event.kind != "ended"]
    rests = [event.value for event in full.events() if event.kind == "breaker_open"]
    print(*seen, frames, mic.stats.dropped, len(told), watch.slept_s(), *rests[:4])
"""


@fault(14, "libfaketime sets the time of day 1 h forward, then 1 h back, under a running capture")
def test_the_time_of_day_may_jump(seen, tmp_path):
    (library,) = Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1")
    (tmp_path / "jump").write_text("+0h")
    told = run_ok(
        JUMPS,
        tmp_path / "jump",
        env={
            **os.environ,
            "LD_PRELOAD": str(library),
            "FAKETIME_TIMESTAMP_FILE": str(tmp_path / "jump"),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        },
    ).split()
    forward, back, frames, dropped, events, slept, *rests = told
    seen(
        f"time.time() went {forward} h and {back} h; {frames} of 120000 frames, {dropped} lost, "
        f"{events} events, {slept} s of sleep told, breaker rests of {', '.join(rests)} frames"
    )
    assert (forward, back) == ("1", "-1")
    assert (frames, dropped, events, slept) == ("120000", "0", "0", "0.0")
    assert rests == ["1200", "2400", "4800", "9600"]


SUB = """
import sys
from pathlib import Path
try:
    import _interpreters as interpreters
except ImportError:
    import _xxsubinterpreters as interpreters

TRY = '''
import sys, warnings
sys.path[:] = {path!r}
warnings.simplefilter("ignore")  # NumPy's own warning
try:
    import vocana_dsp as vo
    mic = vo.Capture(vo.testing.SimulatedDevice())  # runs until the interpreter ends
    told = f"works, {{len(mic.read(480))}} frames"
except ImportError as error:
    told = f"ImportError: {{error}}"
with open({file!r}, "a") as out:
    out.write(told + "\\\\n")
'''

def run_in(interpreter):
    run = getattr(interpreters, "exec", None) or interpreters.run_string
    failed = run(interpreter, TRY.format(path=sys.path, file=sys.argv[1]))
    assert failed is None, failed
    interpreters.destroy(interpreter)

if sys.argv[2] == "main first":
    import vocana_dsp
for _ in range(3):
    run_in(interpreters.create())
print("survived")
"""


@fault(43, "three sub-interpreters in turn import the package and capture; beside the main one too")
def test_a_sub_interpreter_works_or_is_told_why_not(seen, tmp_path):
    told = {}
    for order in ("main first", "main never"):
        file = tmp_path / order
        done = run(SUB, file, order)
        assert (done.returncode, done.stdout) == (0, "survived\n"), done.stderr
        told[order] = file.read_text().splitlines()
        assert len(told[order]) == 3
    answers = [line for lines in told.values() for line in lines]
    works = sum(line == "works, 480 frames" for line in answers)
    refused = [line for line in answers if "one interpreter of a process" in line]
    seen(
        f"Python {'.'.join(map(str, sys.version_info[:2]))}: {works} of 6 work, {len(refused)} "
        f"are told {refused[0]!r}; 0 crashes"
    )
    assert works + len(refused) == 6


CRASH = """
import ctypes, mmap, sys
import numpy as np
import vocana_dsp as vo
from vocana_dsp.testing import SimulatedDevice

device = SimulatedDevice(np.arange(48_000 * 60, dtype=np.float32)[:, None])
mic = vo.Capture(device)
with vo.Recorder(sys.argv[1], mic, flush_s=0.1) as recorder, mic:
    while recorder.stats.frames_durable < 48_000:
        mic.read(4800)
    print(recorder.stats.frames_durable, flush=True)
    page = mmap.PAGESIZE
    first = -(-device.signal.ctypes.data // page) * page
    ctypes.CDLL(None).mprotect(ctypes.c_void_p(first), device.signal.nbytes - 2 * page, 0)
    while True:  # the device's thread reads what it may not, in C
        mic.read(4800)
"""


@fault(46, "the device's thread, in C, reads memory that is taken from it during a recording")
def test_a_crash_is_told_and_the_file_is_there(seen, tmp_path):
    path = tmp_path / "a.wav"
    done = run(CRASH, path)
    durable = int(done.stdout)
    lines = done.stderr.splitlines()
    where = [line.strip() for line in lines if "File" in line]
    audio = by_soundfile(path, 1)[:, 0]
    wrong = np.count_nonzero(audio != np.arange(len(audio)))
    beside = json.loads(path.with_name("a.wav.json").read_text())
    seen(
        f"ended by {signal.Signals(-done.returncode).name}; {lines[0]!r} with {len(where)} lines "
        f"of Python's stacks; {len(audio):,} frames in the file, {durable:,} said to be durable, "
        f"{wrong} wrong; the JSON beside it says {beside['end']!r}"
    )
    assert done.returncode == -signal.SIGSEGV
    assert lines[0] == "Fatal Python error: Segmentation fault"
    assert any("<string>" in line for line in where)
    assert len(audio) >= durable
    assert (wrong, beside["end"]) == (0, "open")
