"""`vocana record`: what is in the file, however the recording ends."""

import os
import re
import shutil
import signal
import struct
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Self

import numpy as np
import pytest
import soundfile
from click.testing import CliRunner, Result

from vocana_dsp.cli import main, meter
from vocana_dsp.cli.signals import StopSignals

RATE = 48_000
HEADER = 4096
PATIENCE_S = 60.0  # a loaded machine may be slow; a hang is longer


def record(*options: object) -> Result:
    return CliRunner().invoke(main, ["record", *map(str, options)])


def complete(path: Path) -> bool:
    """Whether the header states the true sizes, as only a clean close leaves them."""
    data = path.read_bytes()
    riff, audio = struct.unpack_from("<I", data, 4)[0], struct.unpack_from("<I", data, 4092)[0]
    return (riff, audio) == (len(data) - 8, len(data) - HEADER)


def tone_errors(audio: np.ndarray, hertz: float = 440.0, level_db: float = -20.0) -> list[str]:
    """What is wrong with what should be one unbroken sine that starts at frame 0."""
    peak = 10 ** (level_db / 20)
    turns = 2 * np.pi * hertz * np.arange(len(audio)) / RATE
    basis = np.stack([np.sin(turns), np.cos(turns)], axis=1)
    fit = np.linalg.lstsq(basis, audio, rcond=None)[0]
    errors = []
    if abs(np.hypot(*fit) / peak - 1) > 1e-3:
        errors.append(f"level is {20 * np.log10(np.hypot(*fit)):.2f} dB")
    if np.max(np.abs(audio - basis @ fit)) > 1e-4 * peak:
        errors.append("not one sine")
    return errors


def test_tone_errors_sees_a_lost_frame_and_a_wrong_pitch():
    turns = 2 * np.pi * np.arange(RATE) / RATE
    good = 0.1 * np.sin(440 * turns)
    assert tone_errors(good) == []
    assert tone_errors(np.delete(good, RATE // 2))
    assert tone_errors(0.1 * np.sin(441 * turns))
    assert tone_errors(0.11 * np.sin(440 * turns))


# --- ends from outside -----------------------------------------------------------


class Running:
    """A real `vocana record --source tone` that has begun to write; killed at the end of a with."""

    def __init__(self, path: Path, *, prefix: tuple[str, ...] = ()) -> None:
        command = [sys.executable, "-m", "vocana_dsp", "record", str(path), "--source", "tone"]
        command += ["--seconds", "300"]  # in tests that are killed themselves
        self.path = path
        self.process = subprocess.Popen(
            [*prefix, *command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def __enter__(self) -> Self:
        try:
            self.wait_for(4_800)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        with self.process:  # closes its pipes
            self.process.kill()

    def wait_for(self, frames: int) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not self.path.exists() or self.path.stat().st_size < HEADER + 4 * frames:
            assert self.process.poll() is None, self.process.communicate()
            assert time.monotonic() < deadline, "nothing is being recorded"
            time.sleep(0.01)

    def end(self) -> tuple[int, str, str]:
        out, err = self.process.communicate(timeout=PATIENCE_S)
        return self.process.returncode, out, err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_with_a_complete_file(tmp_path, number):  # faults 45
    with Running(tmp_path / "a.wav") as running:
        running.process.send_signal(number)
        code, out, err = running.end()
    assert (code, err) == (0, "")
    assert complete(tmp_path / "a.wav")
    audio, rate = soundfile.read(tmp_path / "a.wav")
    assert rate == RATE
    assert tone_errors(audio) == []
    assert f"recorded {len(audio):,} frames, lost 0\n" in out


def test_signals_in_a_row(tmp_path):
    with Running(tmp_path / "a.wav") as running:
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGTERM, signal.SIGINT):
            running.process.send_signal(number)
        running.end()
    assert tone_errors(soundfile.read(tmp_path / "a.wav")[0]) == []


def test_kill_9_leaves_what_was_recorded(tmp_path):  # faults 17
    with Running(tmp_path / "a.wav") as running:
        running.wait_for(24_000)
        running.process.kill()
        assert running.end()[0] == -signal.SIGKILL
    assert not complete(tmp_path / "a.wav")
    audio, _ = soundfile.read(tmp_path / "a.wav")
    assert len(audio) >= 24_000
    assert tone_errors(audio) == []


def test_nohup_is_respected(tmp_path):
    ignore = ("sh", "-c", 'trap "" HUP; exec "$@"', "sh")
    with Running(tmp_path / "a.wav", prefix=ignore) as running:
        running.process.send_signal(signal.SIGHUP)
        running.wait_for(24_000)
        running.process.send_signal(signal.SIGINT)
        assert running.end()[0] == 0
    assert tone_errors(soundfile.read(tmp_path / "a.wav")[0]) == []


def test_a_reader_of_the_output_that_goes_away(tmp_path):
    """`vocana record a.wav | head -0`: the recording is complete all the same."""
    with Running(tmp_path / "a.wav") as running:
        assert running.process.stdout is not None
        running.process.stdout.close()
        running.process.stdout = None
        running.process.send_signal(signal.SIGINT)
        running.end()
    assert complete(tmp_path / "a.wav")


def test_a_real_limit_of_the_kernel(tmp_path):  # faults 19
    blocks = 340  # of 512 bytes, as POSIX counts them: 0.9 s
    (tmp_path / "spool").mkdir()
    done = subprocess.run(
        ["sh", "-c", f'ulimit -f {blocks}; exec "$@"', "sh", sys.executable, "-m", "vocana_dsp",
         "record", tmp_path / "a.wav", "--source", "tone", "--seconds", "1",
         "--flush-s", "0.1", "--spool", tmp_path / "spool"],
        capture_output=True, text=True, timeout=PATIENCE_S, check=False,
    )  # fmt: skip
    # A busy machine may be late, so that it is back in a third file before the end.
    told = [line.split("  ")[1] for line in done.stdout.splitlines() if line.startswith("  /")]
    files = [Path(path) for path in told]
    assert done.returncode == 0
    assert files[:2] == [tmp_path / "a.wav", tmp_path / "spool" / "a-0002.wav"]
    assert [line.split("  ")[1] for line in done.stderr.splitlines()][:2] == [
        "no file may be larger here: see `ulimit -f`, or record less",
        f"goes on in {files[1]}",
    ]
    assert f"48000 Hz  1 channel in {len(files)} files\n" in done.stdout
    assert "recorded 48,000 frames, lost 0\n" in done.stdout
    assert all(complete(path) for path in files)
    assert files[0].stat().st_size <= 512 * blocks
    sound = np.concatenate([soundfile.read(path)[0] for path in files])
    assert len(sound) == RATE
    assert tone_errors(sound) == []


def test_a_folder_that_is_removed(tmp_path):  # faults 25
    folder = tmp_path / "folder"
    folder.mkdir()
    with Running(folder / "a.wav") as running:
        while folder.exists():  # a sidecar may come meanwhile
            shutil.rmtree(folder, ignore_errors=True)
        running.process.send_signal(signal.SIGINT)
        code, out, err = running.end()
    assert code == 1
    assert "a.wav was removed or moved while it was recorded: " in err
    assert re.search(r"[1-9][\d,]* (frames missing|on no disk)\n", err)
    assert re.search(r"a\.wav  00:00:00\.0  48000 Hz  1 channel  gone\n", out)
    assert re.search(r"recorded 0 frames, lost [1-9]", out)
    assert "Traceback" not in err


def test_a_folder_that_is_renamed(tmp_path):  # faults 25
    folder, moved = tmp_path / "folder", tmp_path / "moved"
    folder.mkdir()
    with Running(folder / "a.wav") as running:
        folder.rename(moved)
        running.path = moved / "a.wav"
        running.wait_for(2 * RATE)
        running.process.send_signal(signal.SIGINT)
        code, out, err = running.end()
    assert (code, err) == (0, "")
    assert re.search(r"a\.wav  00:00:0\d\.\d  48000 Hz  1 channel  moved with its folder\n", out)
    assert "lost 0\n" in out
    assert complete(moved / "a.wav")


# --- signal handling in this process -----------------------------------------------


def handlers() -> list[object]:
    return [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)]


def test_handlers_of_the_host_come_back(tmp_path):  # faults 45
    def mine(*_: object) -> None:
        raise AssertionError

    old = signal.signal(signal.SIGTERM, mine)
    try:
        before = handlers()
        assert record(tmp_path / "a.wav", "--source", "silence", "--seconds", 0.05).exit_code == 0
        assert handlers() == before
        assert signal.set_wakeup_fd(-1) == -1
    finally:
        signal.signal(signal.SIGTERM, old)


def test_stop_is_called_once_and_from_another_thread():
    called = []
    first = threading.Event()

    def stop() -> None:
        called.append(threading.current_thread())
        first.set()

    with StopSignals(stop) as signals:
        os.kill(os.getpid(), signal.SIGTERM)
        assert first.wait(PATIENCE_S)
        os.kill(os.getpid(), signal.SIGHUP)
        assert signals.received == signal.SIGTERM
    assert len(called) == 1
    assert called[0] is not threading.main_thread()


def raise_interrupts(times: int) -> None:
    with StopSignals(lambda: None):
        for _ in range(times):
            os.kill(os.getpid(), signal.SIGINT)


def test_only_the_second_interrupt_is_a_keyboard_interrupt():
    raise_interrupts(1)
    with pytest.raises(KeyboardInterrupt):
        raise_interrupts(2)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


# --- contents ------------------------------------------------------------------


def test_seconds_are_exact(tmp_path):
    result = record(tmp_path / "a.wav", "--source", "tone", "--seconds", 0.2501, "--channels", 3)
    assert result.exit_code == 0
    audio, _ = soundfile.read(tmp_path / "a.wav")
    assert audio.shape == (round(0.2501 * RATE), 3)
    for channel in audio.T:
        assert tone_errors(channel) == []


def test_a_file_is_copied_bit_for_bit(tmp_path):
    audio = np.random.default_rng(1).uniform(-1, 1, (5_000, 2)).astype(np.float32)
    soundfile.write(tmp_path / "in.wav", audio, 44_100, subtype="FLOAT")
    assert record(tmp_path / "a.wav", "--source", tmp_path / "in.wav").exit_code == 0
    copied, rate = soundfile.read(tmp_path / "a.wav", dtype="float32")
    assert rate == 44_100
    assert np.array_equal(copied, audio)


def test_segments_and_samples(tmp_path):
    options = ("--seconds", 2, "--segment-min", 1 / 60, "--subtype", "pcm24")
    result = record(tmp_path / "a.wav", "--source", "tone", *options)
    assert (result.exit_code, result.stderr.count("error")) == (0, 0)
    assert result.stderr == f"00:00:01.0  goes on in {tmp_path / 'a-0002.wav'}\n"
    assert f"  {tmp_path / 'a-0002.wav'}  " in result.stdout
    for path in (tmp_path / "a.wav", tmp_path / "a-0002.wav"):
        assert (soundfile.info(path).subtype, soundfile.info(path).frames) == ("PCM_24", RATE)


def test_plain_lines_elsewhere(tmp_path, monkeypatch):
    monkeypatch.setattr(meter, "LINE_S", 0.05)
    result = record(tmp_path / "a.wav", "--source", "tone", "--seconds", 0.5)
    assert "  peak -20.0  rms -23.0 dBFS  lost 0 frames\n" in result.stderr
    assert "\x1b" not in result.stderr
