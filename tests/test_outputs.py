"""Files that are written: what a format holds, names of any bytes, places that take nothing."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
from click.testing import CliRunner, Result
from recordings import HEAD, record, sound

import vocana_dsp as vo
from vocana_dsp import config
from vocana_dsp._native import node, wav
from vocana_dsp.cli import inputs, main
from vocana_dsp.files.outputs import FORMATS
from vocana_dsp.files.soundfiles import AudioReader, AudioWriter

ROOT = Path(__file__).parent.parent
NOT_UTF_8 = os.fsdecode(b"b\xff.wav")

# The most that each holds, of channels and of rates.
LIMITS = [
    ("a.flac", 48_000, 8),
    ("a.flac", 655_350, 1),
    ("a.ogg", 48_000, 255),
    ("a.ogg", 200_000, 1),
    ("a.opus", 48_000, 255),
    ("a.mp3", 48_000, 2),
    ("a.wav", 768_000, 1024),
    ("a.aiff", 768_000, 1024),
    ("a.caf", 768_000, 1024),
    ("a.w64", 768_000, 1024),
]


def vocana(*words: object) -> Result:
    done = CliRunner().invoke(main, list(map(str, words)))
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done


# --- Formats --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "rate", "channels"), LIMITS)
def test_a_format_holds_its_limits(tmp_path, name, rate, channels):
    with AudioWriter(tmp_path / name, rate, channels) as writer:
        writer.write(sound(1000, channels) / 4)
    info = soundfile.info(tmp_path / name)
    assert (info.samplerate, info.channels) == (rate, channels)


@pytest.mark.parametrize(
    ("name", "rate", "channels", "said"),
    [
        ("a.flac", 48_000, 9, "cannot hold 9 channels, expected 8 at most"),
        ("a.flac", 655_351, 1, "cannot hold 655351 Hz, expected 655350 Hz at most"),
        ("a.ogg", 48_000, 256, "cannot hold 256 channels, expected 255 at most"),
        ("a.ogg", 200_001, 1, "cannot hold 200001 Hz, expected 200000 Hz at most"),
        ("a.opus", 44_100, 1, "expected one of 8000, 12000, 16000, 24000, 48000 Hz"),
        ("a.opus", 48_000, 256, "cannot hold 256 channels, expected 255 at most"),
        ("a.mp3", 48_000, 3, "cannot hold 3 channels, expected 2 at most"),
        ("a.mp3", 96_000, 1, "expected one of 8000, 11025, 12000"),
    ],
)
def test_what_a_format_does_not_hold_is_refused_first(tmp_path, name, rate, channels, said):
    with pytest.raises(vo.FormatError, match=said):
        AudioWriter(tmp_path / name, rate, channels)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("suffix", FORMATS)
def test_every_rate_that_a_format_is_said_to_hold(tmp_path, suffix):
    rates = FORMATS[suffix].rates
    for rate in (rates[0], rates[-1]) if isinstance(rates, range) else rates:
        with AudioWriter(tmp_path / f"{rate}{suffix}", rate, 1) as writer:
            writer.write(sound(1000, 1) / 4)


def program(folder: Path, words: str, before: str = "") -> subprocess.CompletedProcess[str]:
    """Run it as a process of its own, which libsndfile may end."""
    return subprocess.run(
        ["sh", "-c", f"{before} exec {sys.executable} -m vocana_dsp {words}"],
        cwd=folder, env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def test_a_recording_that_a_format_does_not_hold_keeps_no_other_back(tmp_path):
    record(tmp_path / "a.wav", sound(1000), finished=True, recording="a.wav")
    data = bytes(4 * 1000)
    (tmp_path / "b.wav").write_bytes(wav.head(384_000, 1, "float32", 1000) + data)
    record(tmp_path / "c.wav", sound(1000), finished=True, recording="c.wav")
    done = program(tmp_path, "recover . --to ogg")
    assert (done.returncode, "b.ogg cannot hold 384000 Hz" in done.stderr) == (1, True)
    written = {path.name for path in tmp_path.iterdir()} - {"a.wav.json", "c.wav.json"}
    assert written == {"a.wav", "b.wav", "c.wav", "a.ogg", "c.ogg"}


@pytest.mark.parametrize("channels", [1, 2, 7])
def test_a_wav_file_holds_the_samples_as_they_are(tmp_path, channels):
    x = sound(1001, channels) * 3
    x[:3, 0] = np.nan, np.inf, 1e-40
    with AudioWriter(tmp_path / "a.wav", 48_000, channels) as writer:
        writer.write(x[:0])
        writer.write(x[::2][:1])
        writer.write(x[1:])
    found, rate = soundfile.read(tmp_path / "a.wav", dtype="float32", always_2d=True)
    assert (rate, writer.clipped) == (48_000, 0)
    np.testing.assert_array_equal(found, x)
    with AudioReader(tmp_path / "a.wav") as reader:
        assert (reader.frames, reader.missing_frames) == (1001, 0)


def test_a_wav_file_may_be_longer_than_4_gib(tmp_path):
    """libsndfile's own writes on, and readers find the first 4 GiB."""
    with AudioWriter(tmp_path / "a.wav", 48_000, 1) as writer:
        writer.write(sound(1000, 1))
        os.truncate(writer._part, HEAD + 4 * 2**31)  # the rest is a hole: zeros
        writer._file._frames = 2**31
    info = soundfile.info(tmp_path / "a.wav")
    assert (info.frames, info.format) == (2**31, "RF64")


def test_what_is_too_long_for_a_format_is_refused(tmp_path):
    form = FORMATS[".aiff"]
    with AudioWriter(tmp_path / "a.aiff", 48_000, 2) as writer:
        writer._samples = form.most_samples - 2000
        writer.write(sound(1000, 2))
        with pytest.raises(vo.VocanaError, match=r"a.aiff would be longer than 4 GiB"):
            writer.write(sound(1, 2))


@pytest.mark.parametrize(
    ("rate", "channels", "words", "said"),
    [
        (8000, 65, ["process", "in.wav", "out.wav"], "in.wav has 65 channels, expected 64 at most"),
        (8000, 1000, ["process", "in.wav", "out.wav", "--channels", 1], "has 1000 channels"),
        (8000, 65, ["analyze", "in.wav"], "in.wav has 65 channels, expected 64 at most"),
        (99, 1, ["analyze", "in.wav"], "in.wav has 99 Hz, expected 100 to 768000"),
        (7999, 1, ["process", "in.wav", "out.wav", "--rate", 8000], "has 7999 Hz, expected 8000"),
        (800_000, 1, ["process", "in.wav", "out.wav"], "has 800000 Hz, expected 1 to 768000"),
    ],
)
def test_what_a_file_has_too_much_of_is_no_wrong_usage(
    tmp_path, monkeypatch, rate, channels, words, said
):
    monkeypatch.chdir(tmp_path)
    soundfile.write("in.wav", sound(1000, channels), rate)
    done = vocana(*words)
    assert (done.exit_code, done.stdout, said in done.stderr) == (1, "", True)
    assert [path.name for path in tmp_path.iterdir()] == ["in.wav"]


def test_64_channels_can_be_worked_with(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert config.MAX_DSP_CHANNELS == node.MAX_CHANNELS
    soundfile.write("in.wav", sound(8000, 64), 8000)
    assert vocana("process", "in.wav", "out.wav", "--rate", 16_000).exit_code == 0
    assert vocana("analyze", "in.wav").exit_code == 0


# --- Names that are not UTF-8 ---------------------------------------------------------------------


@pytest.fixture
def three(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    for name in ("a.wav", NOT_UTF_8, "c.wav"):
        record(folder / name, sound(8000), finished=True, recording=name[0])
    return folder


def test_process_takes_any_name(three, tmp_path):
    done = vocana("process", three, tmp_path / "out", "--rate", 16_000)
    assert (done.exit_code, done.stderr) == (0, "")
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"a.wav", NOT_UTF_8, "c.wav"}


def test_analyze_takes_any_name(three, tmp_path):
    done = vocana("analyze", three, "--png", tmp_path / "out")
    assert (done.exit_code, done.stderr) == (0, "")
    assert len(list((tmp_path / "out").iterdir())) == 3
    assert vocana("analyze", three / NOT_UTF_8).exit_code == 0
    assert vocana("analyze", three, "--json").exit_code == 0


def test_record_takes_any_name(three, tmp_path):
    done = vocana("record", tmp_path / NOT_UTF_8, "--source", three / NOT_UTF_8, "--seconds", 0.1)
    assert (done.exit_code, done.stderr) == (0, "")
    assert (tmp_path / NOT_UTF_8).exists()


def test_recover_takes_any_name(three):
    done = vocana("recover", three, "--to", "flac")
    assert (done.exit_code, done.stderr) == (0, "")
    assert (three / NOT_UTF_8).with_suffix(".flac").exists()


def test_a_name_is_no_markup():
    with inputs.progress() as bar:
        bar.add_task("a[bold].wav")
        assert str(bar.columns[0](bar.tasks[0])) == "a[bold].wav"


# --- Places that take nothing ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "said", "todo"),
    [
        (errno.EROFS, "{out} cannot be written: Read-only file system", "write to another place"),
        (errno.ENOSPC, "{out} cannot be written: No space left on device", "free some space"),
        (errno.EMFILE, "{out} cannot be written: Too many open files", "ulimit -n"),
        (errno.EACCES, "{folder} cannot be written: Permission denied", "that exists and is yours"),
        (errno.ENOENT, "{folder} cannot be written: No such file", "that exists and is yours"),
    ],
)
def test_a_place_that_takes_nothing_is_told_with_its_own_name(
    tmp_path, monkeypatch, number, said, todo
):
    record(tmp_path / "a.wav", sound(8000), finished=True)
    out = tmp_path / "out.wav"

    def refuse(path: object, *_: object) -> None:
        raise OSError(number, os.strerror(number), str(path))

    with monkeypatch.context() as changed:
        changed.setattr(os, "open", refuse)
        changed.setattr(os, "unlink", refuse)
        done = vocana("process", tmp_path / "a.wav", out)
    assert done.exit_code == 1
    assert said.format(out=out, folder=tmp_path) in done.stderr
    assert (todo in done.stderr, ".part" in done.stderr) == (True, False)


def test_a_disk_that_fills_up_leaves_no_file(tmp_path):
    record(tmp_path / "a.wav", sound(100_000), finished=True)
    for suffix in ("wav", "flac", "ogg"):
        done = program(tmp_path, f"process a.wav out.{suffix}", "trap '' XFSZ; ulimit -f 8;")
        assert (done.returncode, "Traceback" in done.stderr) == (1, False), done.stderr
        assert sorted(path.name for path in tmp_path.iterdir()) == ["a.wav", "a.wav.json"]
