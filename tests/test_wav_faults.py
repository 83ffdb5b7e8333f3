"""The WAV writer: what is left after each kind of end."""

import errno
import os
import pickle
import resource
import signal
import subprocess
import sys
import textwrap
import warnings

import numpy as np
import pytest
import soundfile
from wav_files import (
    HEADER,
    RATE,
    READERS,
    by_soundfile,
    noise,
    same,
    write,
    write_blocks,
)

from vocana_dsp import VocanaError
from vocana_dsp.record import RecordError, WavWriter

# --- closing -----------------------------------------------------------------


def test_close_twice_is_silent(tmp_path):  # faults 19
    writer = write(tmp_path / "a.wav", noise(100, 1))
    writer.close()
    before = (tmp_path / "a.wav").read_bytes()
    writer.close()
    assert writer.closed
    assert (tmp_path / "a.wav").read_bytes() == before
    with pytest.raises(RecordError) as caught:
        writer.write(noise(1, 1))
    assert caught.value.code == "file_closed"


def test_a_forked_child_leaves_the_file_to_its_parent(tmp_path):
    writer = write(tmp_path / "a.wav", noise(100, 1))
    with warnings.catch_warnings():  # NumPy's own threads make Python warn of a fork
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        writer.close()
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    assert (tmp_path / "a.wav").read_bytes()[:8] == b"RIFF\xff\xff\xff\xff"
    writer.write(noise(50, 1))
    writer.close()
    assert soundfile.info(tmp_path / "a.wav").frames == 150


# --- violent ends ------------------------------------------------------------

ENDLESS = """
    import sys
    import numpy as np
    from vocana_dsp.record import WavWriter
    writer = WavWriter(sys.argv[1], 48000, 2)
    written = 0
    while True:
        block = np.arange(2 * written, 2 * written + 960, dtype=np.float32).reshape(-1, 2)
        writer.write(block % 2**20 / 2**20)
        written += 480
        print(written, flush=True)
"""


@pytest.mark.parametrize("after", [1, 2, 37, 200])
def test_kill_9(tmp_path, after):  # faults 17
    path = tmp_path / "a.wav"
    child = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(ENDLESS), str(path)], stdout=subprocess.PIPE
    )
    assert child.stdout is not None
    for _ in range(after):
        line = child.stdout.readline()
    child.send_signal(signal.SIGKILL)
    acknowledged = max([int(line), *map(int, child.stdout.read().split()[:-1])])
    child.wait()
    child.stdout.close()
    frames = (path.stat().st_size - HEADER) // 8
    assert frames >= acknowledged >= 480 * after
    expected = (np.arange(2 * frames) % 2**20 / 2**20).astype(np.float32).reshape(-1, 2)
    for reader in READERS:
        assert same(reader(path, 2), expected, reader)


class FullDisk:
    """os.pwrite that takes `room` bytes of audio, then fails; each call at most `step` bytes."""

    def __init__(self, room: int, number: int, step: int = 2**30) -> None:
        self.room, self.number, self.step, self.pwrite = room, number, step, os.pwrite

    def __call__(self, fd: int, data: memoryview, at: int) -> int:
        if at < HEADER:
            return self.pwrite(fd, data, at)
        take = min(len(data), self.step, HEADER + self.room - at)
        if take <= 0:
            raise OSError(self.number, os.strerror(self.number))
        return self.pwrite(fd, data[:take], at)


@pytest.mark.parametrize(
    ("number", "code"),
    [(errno.ENOSPC, "disk_full"), (errno.EDQUOT, "disk_full"), (errno.EIO, "disk_error")],
)
@pytest.mark.parametrize("room", [0, 1, 8, 4_000, 10_001])
def test_a_failing_disk(tmp_path, monkeypatch, room, number, code):  # faults 19, 21, 22
    path, audio = tmp_path / "a.wav", noise(5_000, 2)
    monkeypatch.setattr(os, "pwrite", FullDisk(room, number, step=777))
    writer = WavWriter(path, RATE, 2)
    with pytest.raises(RecordError) as caught:
        write_blocks(writer, audio, 500)
    error, saved = caught.value, room // 8
    assert (error.code, error.errno, error.frames_saved) == (code, number, saved)
    assert isinstance(error, VocanaError)
    assert isinstance(error, OSError)
    assert (f"{saved:,} frames" if saved else "nothing is saved") in str(error)
    assert writer.frames_written == saved
    for attempt in (lambda: writer.write(audio[:1]), lambda: writer.write_silence(1)):
        with pytest.raises(RecordError) as again:
            attempt()
        assert again.value is error
    writer.close()
    writer.close()
    assert path.stat().st_size == HEADER + saved * 8
    assert np.array_equal(by_soundfile(path, 2), audio[:saved])


def test_short_writes_lose_nothing(tmp_path, monkeypatch):  # faults 22
    audio = noise(3_000, 2)
    monkeypatch.setattr(os, "pwrite", FullDisk(2**30, errno.EIO, step=13))
    write(tmp_path / "a.wav", audio).close()
    assert np.array_equal(by_soundfile(tmp_path / "a.wav", 2), audio)


def test_no_room_for_the_header_leaves_no_file(tmp_path, monkeypatch):
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(os, "pwrite", full)
    with pytest.raises(RecordError) as caught:
        WavWriter(tmp_path / "a.wav", RATE, 1)
    assert caught.value.code == "disk_full"
    assert not (tmp_path / "a.wav").exists()


def test_a_failing_fsync_is_told_once(tmp_path, monkeypatch):  # faults 23
    def broken(_: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    writer = write(tmp_path / "a.wav", noise(100, 1))
    monkeypatch.setattr(os, "fsync", broken)
    with pytest.raises(RecordError) as caught:
        writer.close()
    assert caught.value.code == "disk_error"
    writer.close()
    assert soundfile.info(tmp_path / "a.wav").frames == 100


def test_a_real_file_size_limit(tmp_path):
    """The kernel's own refusal, with a short write before it."""
    path, audio = tmp_path / "a.wav", noise(5_000, 1)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    writer = WavWriter(path, RATE, 1)
    resource.setrlimit(resource.RLIMIT_FSIZE, (HEADER + 6_002, before[1]))
    try:
        with pytest.raises(RecordError) as caught:
            writer.write(audio)
        writer.close()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert (caught.value.code, caught.value.errno) == ("file_too_big", errno.EFBIG)
    assert np.array_equal(by_soundfile(path, 1), audio[:1_500])


def test_errors_survive_pickle(tmp_path):
    error = RecordError.writing(tmp_path / "a.wav", OSError(errno.ENOSPC, "full"), 480, RATE)
    copy = pickle.loads(pickle.dumps(error))
    assert str(copy) == str(error)
    assert (copy.code, copy.errno, copy.frames_saved, copy.path) == (
        "disk_full", errno.ENOSPC, 480, error.path,
    )  # fmt: skip
