"""Recordings under kills, full disks, folders that go, signals, and names that reach elsewhere."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from child import run_ok
from wav_files import READERS, by_soundfile, by_sox

import vocana_dsp as vo
from vocana_dsp.record import RecordError
from vocana_dsp.record.recover import recover
from vocana_dsp.testing import SimulatedDevice

fault = pytest.mark.fault

KILLS = 12
BLOCK = 32_768 // 8  # frames that the recorder gathers before it writes them
RECORDS = """
import sys
import vocana_dsp as vo
from vocana_dsp.testing import SimulatedDevice
mic = vo.Capture(SimulatedDevice(channels=2))
with vo.Recorder(sys.argv[1], mic, flush_s=0.2) as recorder, mic:
    while True:
        mic.read(48)
        stats = recorder.stats
        print(stats.frames, stats.frames_written, flush=True)
"""


def counter(frames, channels=1, first=0):
    column = np.arange(first, first + frames, dtype=np.float32)[:, None]
    return np.repeat(column, channels, axis=1)


@fault(17, f"{KILLS} kills -9 of a recording in real time, each at a random moment")
def test_a_killed_recording_has_what_it_said(seen, tmp_path):  # K3
    drawn, total, missing, most_lost, opened = random.Random(17), 0, 0, 0, 0
    for number in range(KILLS):
        path = tmp_path / f"{number}.wav"
        child = subprocess.Popen([sys.executable, "-c", RECORDS, path], stdout=subprocess.PIPE)
        assert child.stdout is not None
        first = child.stdout.readline()
        time.sleep(drawn.uniform(0.1, 0.7))
        child.send_signal(signal.SIGKILL)
        lines = [first, *child.communicate()[0].splitlines()[:-1]]
        taken, written = map(int, lines[-1].split())
        found = len(by_soundfile(path, 2))
        total, missing = total + written, missing + max(0, written - found)
        most_lost = max(most_lost, taken - found)
        readers = READERS if number % 4 == 0 else READERS[:2]
        opened += all(
            len(audio := read(path, 2)) == found
            and (read is by_sox or (audio == counter(found, 2)).all())
            for read in readers  # sox clips what is above full scale
        )
    seen(
        f"{missing} of {total:,} frames missing that were said to be written; at most "
        f"{most_lost:,} of those taken lost, of {BLOCK:,} in a write; {opened} of {KILLS} open in "
        "libsndfile and SciPy, every fourth in ffmpeg and sox too, each frame as it was sent"
    )
    assert (missing, opened) == (0, KILLS)
    assert most_lost <= BLOCK


FULL = """
import subprocess, sys
import numpy as np
import soundfile
import vocana_dsp as vo
from vocana_dsp.record.recover import recover
from vocana_dsp.testing import SimulatedDevice

main, spool = sys.argv[1:]
subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", main], check=True)
mic = vo.Capture(SimulatedDevice(seconds=4, channels=2))
with vo.Recorder(f"{main}/a.wav", mic, spool=spool, flush_s=0.05) as recorder, mic:
    frames = sum(map(len, mic))
    recorder.wait()
stats, error = recorder.stats, recorder.error
files = [file for one in recover(main, spool).recordings for file in one.files]
files.sort(key=lambda file: file.first_frame)
sound = np.concatenate([soundfile.read(file.path, dtype="float32")[0][:, 0] for file in files])
wrong = np.count_nonzero(sound != np.arange(len(sound)))
print(frames, stats.frames_durable, stats.dropped_frames, len(sound), wrong)
print(*(file.frames for file in files))
print(error.code)
"""


@fault(19, "a tmpfs of 1 MiB that fills up after 2.7 of 4 s, and a spool on another disk")
def test_a_full_disk_loses_nothing(seen, tmp_path):
    main, spool = tmp_path / "main", tmp_path / "spool"
    main.mkdir()
    spool.mkdir()
    alone = ["--mount"] if os.getuid() == 0 else ["--user", "--map-root-user", "--mount"]
    done = subprocess.run(
        ["unshare", *alone, sys.executable, "-c", FULL, main, spool],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    numbers, files, code = done.stdout.splitlines()
    frames, durable, dropped, found, wrong = map(int, numbers.split())
    seen(
        f"{durable:,} of {frames:,} frames durable, {dropped} dropped; {found:,} in order on both "
        f"disks ({' + '.join(files.split())}), {wrong} wrong; told as {code!r}"
    )
    assert frames == durable == found == 192_000
    assert (dropped, wrong, code) == (0, 0, "disk_full")


SIGNALS = """
import signal, sys
import vocana_dsp as vo
from vocana_dsp.testing import SimulatedDevice
taken = 0
def take(number, frame):
    global taken
    taken += 1
signal.signal(signal.SIGALRM, take)
signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
mic = vo.Capture(SimulatedDevice(seconds=4))
with vo.Recorder(sys.argv[1], mic, flush_s=0.1) as recorder, mic:
    recorder.wait()
signal.setitimer(signal.ITIMER_REAL, 0)
print(taken, recorder.stats.frames_durable, recorder.stats.failures)
"""


@fault(22, "a signal every millisecond while 4 s are recorded")
def test_signals_do_not_touch_a_recording(seen, tmp_path):
    told = run_ok(SIGNALS, tmp_path / "a.wav")
    taken, durable, failures = map(int, told.split())
    audio = by_soundfile(tmp_path / "a.wav", 1)
    wrong = np.count_nonzero(audio[:, 0] != np.arange(len(audio)))
    seen(f"{taken:,} signals taken; {durable:,} of 192,000 frames durable, {wrong} wrong")
    assert taken > 100  # a busy machine makes one of several
    assert (durable, failures, wrong, len(audio)) == (192_000, 0, 0, 192_000)


@fault(25, "the folder of a recording is removed while it is in its second segment")
def test_a_folder_that_goes(seen, tmp_path):
    main, spool = tmp_path / "main", tmp_path / "spool"
    main.mkdir()
    spool.mkdir()
    mic = vo.Capture(SimulatedDevice(seconds=3, block_frames=480))
    options = {"spool": spool, "segment_minutes": 1 / 60, "flush_s": 0.1}
    with vo.Recorder(main / "a.wav", mic, **options) as recorder, mic:
        while recorder.stats.segments < 2:
            time.sleep(0.01)
        segment = recorder.files[-1]
        while main.exists():  # a sidecar may come meanwhile
            shutil.rmtree(main, ignore_errors=True)
        assert recorder.wait(60)
    stats, kinds = recorder.stats, [event.kind for event in recorder.events()]
    kept = [len(by_soundfile(path, 1)) for path in sorted(spool.glob("*.wav"))]
    seen(
        f"{stats.place}: {stats.frames:,} frames taken, {stats.dropped_frames} dropped, "
        f"{sum(kept):,} in {len(kept)} files of the spool from where {segment.name} was removed, "
        f"{stats.frames_gone:,} gone with the folder; told as {recorder.error.code!r}"
    )
    assert "spooling" in kinds
    assert (stats.frames, stats.dropped_frames) == (144_000, 0)
    assert (stats.frames_durable, recorder.error.code) == (sum(kept), "file_gone")
    assert stats.frames_gone == 144_000 - sum(kept)


@fault(27, "the first 4 KiB of a finished recording are overwritten with zeros")
def test_a_lost_head_is_written_again(seen, tmp_path):
    path = tmp_path / "a.wav"
    mic = vo.Capture(SimulatedDevice(seconds=10, pace="lockstep", channels=2))
    with vo.Recorder(path, mic) as recorder, mic:
        assert sum(map(len, mic)) == 480_000
        recorder.wait()
    with path.open("r+b") as file:
        file.write(bytes(4096))
    with pytest.raises(Exception, match="Format not recognised"):
        by_soundfile(path, 2)
    [found] = recover(path).recordings
    audio = by_soundfile(path, 2)
    right = np.count_nonzero((audio == counter(len(audio), 2)).all(axis=1))
    seen(
        f"libsndfile refuses it; after `vocana recover` ({found.files[0].outcome}) it finds "
        f"{len(audio):,} of 480,000 frames, {right:,} as they were ({right / 480_000:.3%})"
    )
    assert len(audio) == 480_000
    assert right >= 0.999 * 480_000


@fault(45, "SIGINT, SIGTERM, SIGHUP to `vocana record`, after half a second of recording")
def test_a_signal_ends_with_a_whole_file(seen, tmp_path):
    took, whole = [], 0
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        path = tmp_path / f"{number.name}.wav"
        child = subprocess.Popen(
            [sys.executable, "-m", "vocana_dsp", "record", path, "--source", "tone"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        while not path.exists() or path.stat().st_size < 100_000:
            time.sleep(0.01)
        began = time.monotonic()
        child.send_signal(number)
        _, errors = child.communicate(timeout=60)
        took.append(time.monotonic() - began)
        whole += (child.returncode, b"Traceback" in errors) == (0, False)
        assert len(by_soundfile(path, 1)) > 10_000
    seen(
        f"{whole} of 3 ended with status 0 and no traceback within {max(took):.2f} s, and their "
        "files are whole"
    )
    assert whole == 3


@fault(49, "recordings to links, dangling links, folders, pipes and files that are there")
def test_nothing_is_written_elsewhere(seen, tmp_path):
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    inside.mkdir()
    outside.mkdir()
    target = outside / "target.wav"
    target.write_bytes(b"mine")
    (inside / "link.wav").symlink_to(target)
    (inside / "dangling.wav").symlink_to(outside / "new.wav")
    (inside / "folder.wav").mkdir()
    (inside / "there.wav").write_bytes(b"mine")
    (inside / "beside.wav.json").symlink_to(outside / "new.json")
    os.mkfifo(inside / "pipe.wav")
    names = ["link", "dangling", "folder", "there", "beside", "pipe"]
    tricks = [f"{name}.wav" for name in names] + ["a\0b.wav", "..", "folder.wav/", ""]
    refused = 0
    with vo.Capture(SimulatedDevice()) as mic:
        for name in tricks:
            with pytest.raises((RecordError, vo.ConfigError)):
                vo.Recorder(os.path.join(inside, name), mic).close()  # noqa: PTH118 - as it stands
            refused += 1
        with vo.Recorder(inside / "fine.wav", mic):
            mic.read(480)
    modes = {oct(path.stat().st_mode & 0o777) for path in inside.glob("fine.wav*")}
    seen(
        f"{refused} of {len(tricks)} refused; {len(list(outside.iterdir())) - 1} made outside "
        f"and none changed; a new recording has the mode {', '.join(modes)}"
    )
    assert [path.name for path in outside.iterdir()] == ["target.wav"]
    assert target.read_bytes() == (inside / "there.wav").read_bytes() == b"mine"
    assert modes == {"0o600"}


LOW = """
import subprocess, sys
import vocana_dsp as vo
from vocana_dsp.testing import SimulatedDevice
subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", sys.argv[1]], check=True)
mic = vo.Capture(SimulatedDevice(seconds=2, channels=2))
with vo.Recorder(f"{sys.argv[1]}/a.wav", mic, flush_s=0.2) as recorder, mic:
    recorder.wait()
    told = [event for event in recorder.events() if event.kind == "disk_low"]
    print(len(told), told[0].frame / 48_000, told[0].value, 60 * recorder.stats.minutes_left)
    print(recorder.stats.frames_durable)
"""


@fault(20, "a tmpfs of 16 MiB, room for 43 s, to which 2 s are recorded")
def test_a_disk_that_will_be_full_is_told(seen, tmp_path):
    alone = ["--mount"] if os.getuid() == 0 else ["--user", "--map-root-user", "--mount"]
    told = subprocess.run(
        ["unshare", *alone, sys.executable, "-c", LOW, tmp_path],
        capture_output=True, text=True, timeout=60, check=True,
    ).stdout.split()  # fmt: skip
    count, at_s, value_s, left_s, durable = map(float, told)
    seen(
        f"told {count:.0f} time, after {at_s:.1f} s: {value_s:.0f} s left; {left_s:.0f} s left "
        f"at the end, {durable:,.0f} of 96,000 frames durable"
    )
    assert (count, durable) == (1, 96_000)
    assert 30 < value_s < 60
    assert 30 < left_s < 45
