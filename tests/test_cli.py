"""The command line: what it prints, what it loads, how it ends."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest
import soundfile
from click.testing import CliRunner, Result

import vocana_dsp as vo
from vocana_dsp import bench, words
from vocana_dsp.capture import portaudio
from vocana_dsp.cli import main

COMMAND = [sys.executable, "-m", "vocana_dsp"]


def vocana(*arguments: object, env: dict[str, str] | None = None) -> Result:
    return CliRunner(env={"COLUMNS": "120", **(env or {})}).invoke(main, list(map(str, arguments)))


def program(*arguments: object, code: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", code] if code else COMMAND
    return subprocess.run(
        [*command, *map(str, arguments)], capture_output=True, text=True, timeout=60, check=False
    )


# --- the program -----------------------------------------------------------------


def test_help_lists_the_commands():
    done = program("--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Usage: vocana [OPTIONS]")
    for name in ("devices", "record", "bench", "doctor"):
        assert f"  {name}  " in done.stdout


def test_version():
    done = program("--version")
    assert (done.returncode, done.stdout.split()[-1]) == (0, vo.__version__)


def test_help_loads_nothing_slow():
    code = "import sys, vocana_dsp.cli; print(*sys.modules)"
    loaded = set(program(code=code).stdout.split())
    assert "vocana_dsp.cli.record" in loaded
    assert not loaded & {"rich", "sounddevice", "soundfile", "cffi", "scipy"}


@pytest.mark.parametrize("command", ["devices", "record", "bench", "doctor"])
def test_each_command_has_help(command):
    result = vocana(command, "--help")
    assert result.exit_code == 0
    assert result.stdout.startswith(f"Usage: main {command} ")


@pytest.mark.parametrize(
    "arguments",
    [
        ("listen",),
        ("record",),
        ("record", "a.wav", "--seconds", "0"),
        ("record", "a.wav", "--rate", "-1"),
        ("record", "a.wav", "--channels", "two"),
        ("record", "a.wav", "--source", "tone", "--device", "USB"),
        ("record", "a.wav", "--source", "tone", "--fallback", "USB"),
        ("record", "a.wav", "--source", "b.wav", "--rate", "48000"),
        ("record", "."),
    ],
)
def test_wrong_usage_is_exit_code_2(tmp_path, monkeypatch, arguments):
    monkeypatch.chdir(tmp_path)
    result = vocana(*arguments)
    assert result.exit_code == 2
    assert "Usage:" in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_an_error_is_one_message_and_its_hint(tmp_path):
    (tmp_path / "text.wav").write_text("this is not audio")
    done = program("record", tmp_path / "a.wav", "--source", tmp_path / "text.wav")
    assert (done.returncode, done.stdout) == (1, "")
    message, hint = done.stderr.splitlines()
    assert message.startswith("error: ")
    assert hint.startswith("  ")
    assert "hint:" not in done.stderr
    assert not (tmp_path / "a.wav").exists()


@pytest.mark.parametrize(
    ("options", "code", "words_expected"),
    [
        (("--source", "tone", "--rate", "100"), 2, "1000<=x<=768000"),
        (("--source", "silence", "--channels", "99999"), 2, "1<=x<=1024"),
        (("--source", "tone", "--flush-s", "1e300"), 2, "'--flush-s': 1e+300 is not in the range"),
        (("--source", "tone", "--segment-min", "1e-9"), 2, "'--segment-min': 1e-09 is not in"),
        (("--source", "tone", "--flush-s", "nan"), 2, "not a finite number"),
        (("--source", "tone", "--seconds", "1e300"), 2, "0<x<=1000000000.0"),
        (("--source", "tone", "--spool", "no/such/folder"), 2, "no/such/folder"),
        (("--source", "no/such/file.wav"), 1, "no/such/file.wav"),
    ],
)
def test_values_that_make_no_sense_leave_no_file(tmp_path, options, code, words_expected):
    result = vocana("record", tmp_path / "a.wav", *options)
    assert result.exit_code == code
    assert words_expected in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_record_refuses_to_replace_without_force(tmp_path):
    path = tmp_path / "a.wav"
    path.write_text("precious")
    options = ("--source", "silence", "--seconds", 0.05)
    result = vocana("record", path, *options)
    assert result.exit_code == 1
    assert "--force" in result.stderr
    assert path.read_text() == "precious"
    assert vocana("record", path, *options, "--force").exit_code == 0
    assert soundfile.info(path).frames == 2_400


def test_a_source_that_fails_destroys_nothing(tmp_path):
    path = tmp_path / "a.wav"
    path.write_text("precious")
    assert vocana("record", path, "--source", "none.wav", "--force").exit_code == 1
    assert path.read_text() == "precious"


def test_a_terminal_without_utf_8(tmp_path):
    environment = {**os.environ, "PYTHONIOENCODING": "latin-1"}
    done = subprocess.run(
        [*COMMAND, "record", str(tmp_path / "→.wav"), "--source", "tone", "--seconds", "0.05"],
        env=environment,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"?.wav" in done.stdout


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "00:00:00.0"), (59.99, "00:00:59.9"), (360_000, "100:00:00.0")]
)
def test_clock(seconds, text):
    assert words.clock(seconds) == text


# --- devices ---------------------------------------------------------------------


def info(**changes: Any) -> portaudio.DeviceInfo:
    fields = {
        "index": 3,
        "name": "USB [green] Mic",
        "host_api": "ALSA",
        "input_channels": 2,
        "default_rate": 44_100,
        "latency_ms": 8.7,
        "is_default": True,
    }
    return portaudio.DeviceInfo(**(fields | changes))


@pytest.fixture
def two_devices(monkeypatch):
    found = [info(), info(index=5, name="Dead", is_default=False)]
    rates = {3: (16_000, 44_100, 48_000), 5: ()}
    monkeypatch.setattr(portaudio, "devices", lambda: found)
    monkeypatch.setattr(portaudio, "open_rates", lambda device: rates[device.index])


def test_devices_as_a_table(two_devices):
    result = vocana("devices")
    assert result.exit_code == 0
    usb, dead = (line for line in result.stdout.splitlines() if "ALSA" in line)
    assert " ".join(usb.split()) == "● 3 USB [green] Mic ALSA 2 16 44.1 48 8.7 ms"
    assert " ".join(dead.split()) == "5 Dead ALSA 2 none opens 8.7 ms"


def test_devices_as_json(two_devices):
    usb, dead = json.loads(vocana("devices", "--json").stdout)
    assert usb == {
        "index": 3,
        "name": "USB [green] Mic",
        "host_api": "ALSA",
        "channels": 2,
        "default_rate_hz": 44_100,
        "rates_hz": [16_000, 44_100, 48_000],
        "latency_ms": 8.7,
        "default": True,
    }
    assert (dead["rates_hz"], dead["default"]) == ([], False)


def test_quick_opens_nothing(two_devices, monkeypatch):
    monkeypatch.setattr(portaudio, "open_rates", None)
    assert json.loads(vocana("devices", "--quick", "--json").stdout)[0]["rates_hz"] is None
    assert "not tried" in vocana("devices", "--quick").stdout


def test_no_devices(monkeypatch):
    monkeypatch.setattr(portaudio, "devices", list)
    assert json.loads(vocana("devices", "--json").stdout) == []
    assert "--source tone" in vocana("devices").stdout


def no_portaudio() -> list[portaudio.DeviceInfo]:
    raise vo.DeviceError("PortAudio is not installed", hint="apt install libportaudio2")


def test_no_portaudio_is_told(monkeypatch):
    monkeypatch.setattr(portaudio, "devices", no_portaudio)
    result = vocana("devices")
    assert result.exit_code == 1
    assert result.stderr == "error: PortAudio is not installed\n  apt install libportaudio2\n"


# --- bench -----------------------------------------------------------------------


def report(value: float) -> bench.Report:
    """A report on three figures, of which the first has to be 8 or more."""
    target = bench.Target("ratio", ">=", 8.0)
    figures = [
        bench.Figure("ring [py]", 0.4, "µs", "pa-ringbuffer", 4.0, value, target, "64 frames"),
        bench.Figure("pool", 31.0, "ns"),
        bench.Figure("queue", None, "ns", "boost", note="boost is not here"),
    ]
    return bench.Report(figures, {"cores": "2"})


@pytest.mark.parametrize(("value", "code", "verdict"), [(9.5, 0, "PASS"), (7.9, 1, "FAIL")])
def test_bench_fails_when_a_target_is_missed(monkeypatch, value, code, verdict):
    asked = []
    monkeypatch.setattr(bench, "run", lambda only: asked.append(only) or report(value))
    result = vocana("bench", "ring", "--json")
    assert (result.exit_code, asked) == (code, ["ring"])
    assert json.loads(result.stdout) == report(value).to_dict()
    result = vocana("bench")
    assert result.exit_code == code
    lines = [" ".join(line.split()) for line in result.stdout.splitlines()]
    assert f"{verdict} ring [py] 0.4 µs pa-ringbuffer 4 µs {value} ratio >= 8" in lines
    assert "pool 31 ns" in lines
    assert "ring [py]: 64 frames" in lines
    assert "not measured here: queue" in lines
    assert "cores 2" in lines
