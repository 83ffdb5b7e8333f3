"""`vocana process`: files through a chain, and what is said when that cannot be."""

import numpy as np
import pytest
import soundfile
from click.testing import CliRunner

import vocana_dsp as vo
from vocana_dsp.cli import main
from vocana_dsp.dsp.spec import parse_chain

RATE = 48_000


def vocana(*arguments):
    return CliRunner(env={"COLUMNS": "120"}).invoke(main, list(map(str, arguments)))


def tone(frames=RATE, channels=1, rate=RATE):
    t = np.arange(frames) / rate
    sound = 0.25 * np.sin(2 * np.pi * 440 * t)
    return np.repeat(sound[:, None], channels, axis=1).astype(np.float32)


@pytest.fixture
def talk(tmp_path):
    path = tmp_path / "talk.wav"
    soundfile.write(path, tone(channels=2), RATE, subtype="FLOAT")
    return path


# --- The chain as text ----------------------------------------------------------------------------


def test_a_chain_is_written_as_its_classes_are_called():
    chain = parse_chain("HighPass=80:order=4, compressor=-20:3,limiter=-1")
    assert [node.name for node in chain] == ["HighPass", "Compressor", "Limiter"]
    assert chain["HighPass"].cutoff_hz == 80
    assert (chain["Compressor"].threshold_db, chain["Compressor"].ratio) == (-20, 3)
    assert chain["Limiter"].ceiling_db == -1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("highpas=80", "did you mean highpass"),
        ("reverb", "there are"),
        ("highpass=eighty", "'eighty' in 'highpass=eighty' is not a number"),
        ("highpass=80:2:0.7:9:9:9:9", "does not have the values that highpass takes"),
        ("compressor=-20:speed=3", "speed"),
        ("compressor=threshold_db=-20:3", "without a name behind one with a name"),
        ("highpass=-80", "cutoff_hz is -80"),
        ("gain=nan", "gain_db is nan"),
    ],
)
def test_a_chain_that_makes_no_sense_is_refused(text, said):
    with pytest.raises(vo.ConfigError, match=said):
        parse_chain(text)


# --- Files ----------------------------------------------------------------------------------------


def test_a_file_goes_through_a_chain(talk, tmp_path):
    out = tmp_path / "out.flac"
    done = vocana("process", talk, out, "--chain", "highpass=80,limiter=-1", "--rate", 16_000)
    assert done.exit_code == 0, done.output
    assert "16000 Hz" in done.output
    found, rate = soundfile.read(out)
    assert (rate, found.shape) == (16_000, (16_000, 2))
    cycles = 330  # of 440 Hz in 12,000 frames
    height = np.abs(np.fft.rfft(found[2000:14_000, 0])[cycles]) / 6000
    assert height == pytest.approx(0.25, rel=2e-3)  # the high-pass takes some of 440 Hz


def test_what_integers_cannot_hold_is_counted(talk, tmp_path):
    loud = vocana("process", talk, tmp_path / "loud.flac", "--chain", "gain=13")
    peak = 10 ** (13 / 20) * tone(channels=2)
    assert f"{np.count_nonzero(np.abs(peak) > 1):,} samples clipped" in loud.output
    for name, gain in (("float.wav", 13), ("low.flac", 6)):
        done = vocana("process", talk, tmp_path / name, "--chain", f"gain={gain}")
        assert "clipped" not in done.output


def test_the_sound_keeps_its_place_and_length(talk, tmp_path):
    out = tmp_path / "out.wav"
    assert vocana("process", talk, out, "--chain", "delay=10").exit_code == 0
    np.testing.assert_array_equal(soundfile.read(out, dtype="float32")[0], tone(channels=2))


@pytest.mark.parametrize("suffix", ["wav", "flac", "ogg", "mp3"])
def test_formats_in_and_out(tmp_path, suffix):
    source = tmp_path / f"in.{suffix}"
    soundfile.write(source, tone(), RATE)
    out = tmp_path / f"out.{suffix}"
    done = vocana("process", source, out, "--channels", 2)
    assert done.exit_code == 0, done.output
    info = soundfile.info(out)
    assert (info.channels, info.samplerate) == (2, RATE)
    assert abs(info.frames - soundfile.info(source).frames) <= 2304  # a lossy format pads


def test_a_directory_goes_into_a_directory(tmp_path):
    source, out = tmp_path / "in", tmp_path / "out"
    source.mkdir()
    for name in ("a.wav", "b.flac"):
        soundfile.write(source / name, tone(4800), RATE)
    (source / "notes.txt").write_text("no sound")
    done = vocana("process", source, out, "--format", "flac", "--chain", "gain=-6")
    assert done.exit_code == 0, done.output
    assert sorted(path.name for path in out.iterdir()) == ["a.flac", "b.flac"]
    assert [line.split(" -> ")[0] for line in done.stdout.splitlines()] == [
        str(source / "a.wav"),
        str(source / "b.flac"),
    ]


def test_one_bad_file_does_not_stop_the_others(tmp_path):
    source, out = tmp_path / "in", tmp_path / "out"
    source.mkdir()
    soundfile.write(source / "a.wav", tone(4800), RATE)
    (source / "broken.wav").write_bytes(b"<html>not found</html>")
    done = vocana("process", source, out)
    assert done.exit_code == 1
    assert "broken.wav is not a sound file" in done.stderr
    assert "1 of 2 files failed" in done.stderr
    assert [path.name for path in out.iterdir()] == ["a.wav"]


# --- Refusals, before any audio is touched --------------------------------------------------------


def test_a_file_that_is_there_is_not_touched_without_force(talk, tmp_path):
    out = tmp_path / "out.wav"
    out.write_bytes(b"mine")
    done = vocana("process", talk, out)
    assert done.exit_code == 1
    assert "is there already" in done.stderr
    assert out.read_bytes() == b"mine"
    assert vocana("process", talk, out, "--force").exit_code == 0
    assert soundfile.info(out).frames == RATE


def test_a_failure_leaves_no_file(talk, tmp_path):
    before = sorted(tmp_path.iterdir())
    for arguments in (
        ["--chain", "highpass=30000"],  # beyond half the rate
        ["--chain", "reverb=1"],
        ["--channels", 3],
    ):
        done = vocana("process", talk, tmp_path / "out.wav", *arguments)
        assert done.exit_code == 2, arguments
        assert done.stderr.startswith("error: "), arguments
        assert sorted(tmp_path.iterdir()) == before, arguments


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["talk.wav"], 2, "expected IN and OUT"),
        (["talk.wav", "out.wav", "--rate", 4000], 2, "4000 is not in the range 8000<=x<=768000"),
        (["talk.wav", "out.wav", "--channels", 0], 2, "0 is not in the range 1<=x<=64"),
        (["talk.wav", "out.wav", "--chain", "gain=1:2:3:4"], 2, "it is written as gain=gain_db"),
        (["missing.wav", "out.wav"], 1, "does not exist"),
        (["talk.wav", "out.xyz"], 1, "cannot be written"),
        (["talk.wav", "nowhere/out.wav"], 1, "nowhere"),
        (["talk.wav", "talk.wav"], 1, "is there already"),
        (["empty", "out"], 2, "no sound file in the directory"),
        (["talk.wav", "a/talk.wav", "out"], 2, "two of the inputs"),
        (["talk.wav", "out.flac", "--format", "wav"], 2, "OUT is a file, out.flac"),
        (["talk.wav", "out", "--format", "flac"], 2, "OUT is a file, out"),
    ],
)
def test_wrong_usage(talk, tmp_path, monkeypatch, arguments, code, said):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    (tmp_path / "a").mkdir()
    done = vocana("process", *arguments)
    assert done.exit_code == code
    assert said in done.stderr


def test_a_format_that_is_named_twice(talk, tmp_path):
    assert vocana("process", talk, tmp_path / "out.FLAC", "--format", "flac").exit_code == 0
    assert soundfile.info(tmp_path / "out.FLAC").format == "FLAC"


def test_help_shows_examples():
    done = vocana("process", "--help")
    assert '--chain "highpass=80,compressor=-20:3,limiter=-1"' in done.output
