"""`vocana analyze`: what it prints, draws and refuses."""

import json
import struct
import sys

import numpy as np
import pytest
import soundfile
from click.testing import CliRunner
from meter_signals import RATE, speech_like, stereo, tone

from vocana_dsp.cli import main


def vocana(*arguments, columns=80):
    return CliRunner(env={"COLUMNS": str(columns)}).invoke(main, list(map(str, arguments)))


def analyzed(*arguments):
    done = vocana("analyze", "--json", *arguments)
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


@pytest.fixture
def talk(tmp_path):
    path = tmp_path / "talk.wav"
    soundfile.write(path, stereo(speech_like(4, RATE)), RATE, subtype="FLOAT")
    return path


def size_of(png):
    data = png.read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    return struct.unpack(">II", data[16:24])


# --- JSON -----------------------------------------------------------------------------------------

CHANNEL_KEYS = [
    "peak_db",
    "true_peak_db",
    "rms_db",
    "crest_db",
    "noise_floor_db",
    "mean",
    "clip_ratio",
    "invalid_ratio",
    "flags",
]
KEYS = {
    "path": None,
    "rate_hz": None,
    "frames": None,
    "duration_s": None,
    "channels": None,
    "true_peak_db": None,
    "correlation": None,
    "loudness": ["integrated_lufs", "range_lu", "max_momentary_lufs", "max_short_term_lufs"],
    "spectrum": [
        "frames",
        "centroid_hz",
        "spread_hz",
        "rolloff_hz",
        "flatness",
        "crest",
        "flux",
        "brightness",
        "crossings_per_s",
        "low_db",
        "mid_db",
        "high_db",
        "contrast_db",
    ],
    "tempo": None,
}


def test_the_keys_of_json_are_these(talk):
    found = analyzed(talk)
    assert list(found) == list(KEYS)
    assert [list(channel) for channel in found["channels"]] == [CHANNEL_KEYS] * 2
    for name in ("loudness", "spectrum"):
        assert list(found[name]) == KEYS[name]
    assert list(found["spectrum"]["flux"]) == ["mean", "deviation"]


def test_what_there_is_not_is_null(tmp_path):
    path = tmp_path / "silence.wav"
    soundfile.write(path, np.zeros(RATE), RATE)
    found = analyzed(path)
    assert found["channels"][0]["peak_db"] is None
    assert found["channels"][0]["flags"] == ["flat", "silent"]
    assert found["loudness"]["integrated_lufs"] is None
    assert [found[name] for name in ("correlation", "spectrum", "tempo")] == [None] * 3


@pytest.mark.parametrize("suffix", ["wav", "flac", "ogg", "mp3"])
def test_formats(tmp_path, suffix):
    path = tmp_path / f"tone.{suffix}"
    soundfile.write(path, stereo(tone([(4, -20)])), RATE)
    decoded = soundfile.read(path)[0]  # a lossy format has a level of its own
    level = 10 * np.log10((decoded**2).mean(axis=0))
    found = analyzed(path)
    assert found["rate_hz"] == RATE
    assert [channel["rms_db"] for channel in found["channels"]] == pytest.approx(level, abs=1e-3)
    assert found["channels"][0]["rms_db"] == pytest.approx(-23.01, abs=2)  # dB: a lossy format
    # Sides of the window, of a lossy format.
    assert found["spectrum"]["centroid_hz"]["mean"] == pytest.approx(1000, rel=0.02)


def test_one_file_is_an_object_and_several_are_a_list(talk, tmp_path):
    other = tmp_path / "other.flac"
    soundfile.write(other, tone([(1, -6)]), RATE)
    (tmp_path / "notes.txt").write_text("no sound")
    assert analyzed(talk)["path"] == str(talk)
    several = [str(other), str(talk)]
    assert [found["path"] for found in analyzed(other, talk)] == several
    assert [found["path"] for found in analyzed(tmp_path)] == several


# --- Tables ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("columns", [80, 120])
def test_one_file_as_tables(talk, columns):
    done = vocana("analyze", talk, columns=columns)
    assert done.exit_code == 0
    assert all(len(line) <= columns for line in done.stdout.splitlines()[1:])
    rows = [line.split() for line in done.stdout.splitlines()]
    found = analyzed(talk)
    first = next(row for row in rows if row[:1] == ["left"])
    shown = [f"{found['channels'][0][name]:.1f}" for name in CHANNEL_KEYS[:4]]
    assert first[1:5] == shown
    integrated = next(row for row in rows if row[:1] == ["integrated"])
    assert integrated[1:3] == [f"{found['loudness']['integrated_lufs']:.1f}", "LUFS"]


def test_several_files_as_lines(tmp_path):
    clipped = np.clip(stereo(tone([(1, 3)])), -1, 1)
    soundfile.write(tmp_path / "loud.wav", clipped, RATE, subtype="FLOAT")
    soundfile.write(tmp_path / "soft.wav", tone([(1, -40)]), RATE)
    done = vocana("analyze", tmp_path)
    loud, soft = (line.split() for line in done.stdout.splitlines() if ".wav" in line)
    samples = np.count_nonzero(np.abs(clipped) >= 0.999)
    assert (loud[0], loud[-2:]) == ("loud.wav", ["clipped", f"{samples:,}"])
    assert (soft[0], soft[3], soft[-1]) == ("soft.wav", "-43.0", "✓")


def test_files_of_several_directories_are_told_apart(talk, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "b").mkdir()
    soundfile.write("b/talk.wav", tone([(1, -40)]), RATE)
    rows = [line.split() for line in vocana("analyze", "talk.wav", "b").stdout.splitlines()]
    assert [row[0] for row in rows if row and row[0].endswith(".wav")] == ["talk.wav", "b/talk.wav"]


def test_help_shows_examples():
    assert "vocana analyze talk.wav --png talk.png" in vocana("analyze", "--help").output


# --- Pictures -------------------------------------------------------------------------------------


@pytest.mark.parametrize("channels", [1, 2, 6])
@pytest.mark.parametrize("rate", [4000, RATE])
def test_a_picture(tmp_path, channels, rate):
    path, png = tmp_path / "a.wav", tmp_path / "a.png"
    soundfile.write(path, np.repeat(speech_like(2, rate)[:, None], channels, axis=1), rate)
    assert vocana("analyze", path, "--png", png).exit_code == 0
    assert size_of(png) == (1600, 1060)
    assert sorted(tmp_path.iterdir()) == [png, path]


def test_what_is_drawn_depends_on_the_sound(tmp_path):
    pictures = []
    for number, level in enumerate((-6, -6, -30)):
        path, png = tmp_path / "a.wav", tmp_path / f"{number}.png"
        soundfile.write(path, tone([(1, level)]), RATE)
        assert vocana("analyze", path, "--png", png).exit_code == 0
        pictures.append(png.read_bytes())
    assert pictures[0] == pictures[1]
    assert pictures[0] != pictures[2]


def test_the_shortest_and_the_quietest_files_have_a_picture(tmp_path):
    for name, sound in (("one", [0.5]), ("silence", np.zeros(RATE))):
        path = tmp_path / f"{name}.wav"
        soundfile.write(path, sound, RATE)
        assert vocana("analyze", path, "--png", tmp_path / f"{name}.png").exit_code == 0
        assert size_of(tmp_path / f"{name}.png") == (1600, 1060)


@pytest.mark.parametrize("name", ["录音", "$a_$b", "a" * 200])
def test_any_name_can_be_a_title(tmp_path, name):
    path, png = tmp_path / f"{name}.wav", tmp_path / "a.png"
    soundfile.write(path, tone([(1, -20)]), RATE)
    done = vocana("analyze", path, "--png", png)
    assert (done.exit_code, done.stderr) == (0, "")
    assert size_of(png) == (1600, 1060)


def test_pictures_of_a_directory_go_into_a_directory(talk, tmp_path):
    soundfile.write(tmp_path / "b.flac", tone([(1, -6)]), RATE)
    out = tmp_path / "pictures"
    assert vocana("analyze", tmp_path, "--png", out).exit_code == 0
    assert sorted(path.name for path in out.iterdir()) == ["b.png", "talk.png"]


# --- Refusals -------------------------------------------------------------------------------------


def test_one_bad_file_does_not_stop_the_others(talk, tmp_path):
    (tmp_path / "broken.wav").write_bytes(b"<html>not found</html>")
    soundfile.write(tmp_path / "empty.wav", np.zeros(0), RATE)
    done = vocana("analyze", tmp_path, "--json")
    assert done.exit_code == 1
    broken, empty, found = json.loads(done.stdout)
    assert (list(found), found["path"]) == (list(KEYS), str(talk))
    for failed, name in ((broken, "broken.wav"), (empty, "empty.wav")):
        assert failed["path"] == str(tmp_path / name)
        assert list(failed["error"]) == ["code", "message", "hint"]
    assert "broken.wav is not a sound file" in done.stderr
    assert "empty.wav holds no audio" in done.stderr
    assert "2 of 3 files failed" in done.stderr


def test_when_no_file_can_be_analyzed(tmp_path):
    (tmp_path / "broken.wav").write_bytes(b"<html>not found</html>")
    done = vocana("analyze", tmp_path)
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.count("broken.wav") == 1
    [failed] = json.loads(vocana("analyze", tmp_path, "--json").stdout)
    assert failed["error"]["hint"]


def test_a_picture_that_is_there_is_not_touched_without_force(talk, tmp_path):
    png = tmp_path / "talk.png"
    png.write_bytes(b"mine")
    done = vocana("analyze", talk, "--png", png)
    assert done.exit_code == 1
    assert "is there already" in done.stderr
    assert "--force" in done.stderr
    assert png.read_bytes() == b"mine"
    assert vocana("analyze", talk, "--png", png, "--force").exit_code == 0
    assert size_of(png) == (1600, 1060)


def test_matplotlib_is_named_when_it_is_not_there(talk, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    done = vocana("analyze", talk, "--png", tmp_path / "a.png")
    assert done.exit_code == 1
    assert "pip install vocana-dsp[plot]" in done.stderr
    assert done.stdout == ""
    assert vocana("analyze", talk).exit_code == 0  # it is needed for nothing else


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ([], 2, "Missing argument"),
        (["missing.wav"], 1, "missing.wav does not exist"),
        (["notes.txt"], 1, "notes.txt is not a sound file"),
        (["empty.wav"], 1, "empty.wav holds no audio"),
        (["nothing"], 2, "no sound file in the directory"),
        (["talk.wav", "--png", "a.jpg"], 1, "does not end in .png"),
        (["talk.wav", "--png", "nowhere/a.png"], 1, "nowhere cannot be written"),
        (["talk.wav", "talk.wav", "--png", "out"], 2, "two of the pictures"),
        (["talk.wav", "empty.wav", "--png", "notes.txt"], 1, "notes.txt cannot be made a direct"),
    ],
)
def test_wrong_usage(talk, tmp_path, monkeypatch, arguments, code, said):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "nothing").mkdir()
    (tmp_path / "notes.txt").write_text("no sound")
    soundfile.write(tmp_path / "empty.wav", np.zeros(0), RATE)
    before = sorted(tmp_path.rglob("*"))
    done = vocana("analyze", *arguments)
    assert done.exit_code == code, done.output
    assert said in " ".join(done.stderr.split())
    assert sorted(tmp_path.rglob("*")) == before
