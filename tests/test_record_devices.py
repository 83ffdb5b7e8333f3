"""`vocana record` on a device that loses frames, goes away, and comes back or does not."""

import errno
import os
import sys

import click
import numpy as np
import pytest
import soundfile
from test_cli import info
from test_record import complete, record

import vocana_dsp as vo
from vocana_dsp.capture import portaudio
from vocana_dsp.cli import record as record_module
from vocana_dsp.testing import SimulatedDevice, Stall, Unplug


def from_device(monkeypatch, *args, **options) -> None:
    """Let `record` find a simulated device."""
    monkeypatch.setattr(record_module, "_source", lambda *_: SimulatedDevice(*args, **options))


def test_lost_frames_stand_as_silence(tmp_path, monkeypatch):
    stalls = [Stall(frame=4_800, ms=50), Stall(frame=24_000, ms=10)]
    from_device(
        monkeypatch,
        np.ones((48_000, 1), np.float32),
        pace="lockstep",
        script=stalls,
        block_frames=480,
    )
    result = record(tmp_path / "a.wav")
    audio, _ = soundfile.read(tmp_path / "a.wav")
    silent = np.flatnonzero(audio == 0)
    assert list(silent) == [*range(4_800, 7_200), *range(24_000, 24_480)]
    assert len(audio) == 48_000
    assert "recorded 45,120 frames, lost 2,880 in 2 gaps (silence in their place)" in result.stdout
    assert "at 00:00:00.1  2,400 frames  device" in result.stdout
    assert "at 00:00:00.5  480 frames  device" in result.stdout


def test_a_device_that_is_unplugged_and_comes_back(tmp_path, monkeypatch):  # L2, faults 9
    from_device(monkeypatch, "counter", script=[Unplug(frame=9_600, ms=100)])
    result = record(tmp_path / "a.wav", "--seconds", 2)
    assert result.exit_code == 0
    audio, _ = soundfile.read(tmp_path / "a.wav")
    assert np.array_equal(audio[:9_600], np.arange(9_600))
    back = 9_600 + np.flatnonzero(audio[9_600:])[0]
    assert not audio[9_600:back].any()
    assert np.all(np.diff(audio[back:]) == 1)
    assert "  the device is lost or stalled: it is opened again\n" in result.stderr
    assert "  the device is back\n" in result.stderr
    lost = f"lost {back - 9_600:,} in 1 gap (silence in their place)"
    assert f"recorded {96_000 - back + 9_600:,} frames, {lost}" in result.stdout


def test_another_device_takes_over(tmp_path, monkeypatch):  # L2, faults 9
    monkeypatch.setattr(record_module, "TRIES", 1)
    from_device(monkeypatch, "counter", script=[Unplug(frame=9_600)])
    other = SimulatedDevice(np.full((96_000, 1), -1, np.float32))
    monkeypatch.setattr(record_module, "_device", lambda name, _: {"other": other}[name])
    result = record(tmp_path / "a.wav", "--seconds", 2, "--fallback", "other")
    assert result.exit_code == 0
    audio, _ = soundfile.read(tmp_path / "a.wav")
    assert np.array_equal(audio[:9_600], np.arange(9_600))
    taken = 9_600 + np.flatnonzero(audio[9_600:])[0]
    assert len(audio) == 96_000
    assert not audio[9_600:taken].any()
    assert np.all(audio[taken:] == -1)
    assert "  goes on with another device, of --fallback\n" in result.stderr
    assert f"lost {taken - 9_600:,} in 1 gap (silence in their place)" in result.stdout


def test_a_device_that_stays_away(tmp_path, monkeypatch):  # faults 9
    monkeypatch.setattr(record_module, "ATTEMPTS", 1)
    from_device(monkeypatch, "counter", script=[Unplug(frame=9_600)], block_frames=480)
    result = record(tmp_path / "a.wav")
    assert result.exit_code == 1
    assert "error: the device is lost" in result.stderr
    assert complete(tmp_path / "a.wav")
    audio, _ = soundfile.read(tmp_path / "a.wav")
    assert np.array_equal(audio, np.arange(9_600))


def test_a_device_that_stays_away_is_told_when_the_output_takes_nothing(tmp_path, monkeypatch):
    def refuse(line: str, err: bool = False) -> None:
        if not err:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        sys.stderr.write(line)

    monkeypatch.setattr(record_module, "ATTEMPTS", 1)
    monkeypatch.setattr(click, "echo", refuse)
    from_device(monkeypatch, "counter", script=[Unplug(frame=9_600)], block_frames=480)
    result = record(tmp_path / "a.wav")
    assert (result.exit_code, "what came before is saved" in result.stderr) == (1, True)


# --- Names of devices -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "wanted"), [("default", None), ("Default", None), ("3", 3), ("USB", "USB")]
)
def test_default_is_the_default_device(monkeypatch, tmp_path, name, wanted):
    asked: list[tuple[vo.Device, list[vo.Device]]] = []

    def capture(source: vo.Device, *, fallback: list[vo.Device], **_: object) -> None:
        asked.append((source, fallback))
        raise vo.DeviceError("there is none")

    monkeypatch.setattr(vo, "Capture", capture)
    record(tmp_path / "a.wav", "--device", name, "--fallback", name, "--rate", 48_000)
    assert asked == [(vo.Device(wanted, rate=48_000), [vo.Device(wanted, rate=48_000)])]


def test_a_fallback_that_is_not_there_is_told_at_once(monkeypatch, tmp_path):
    from_device(monkeypatch, "counter", seconds=0.1)
    monkeypatch.setattr(portaudio, "devices", lambda: [info(), info(index=5, name="HDA")])
    names = ("UBS", "usb", "default", "5", "7")
    result = record(tmp_path / "a.wav", *(word for name in names for word in ("--fallback", name)))
    assert result.exit_code == 0
    assert result.stderr.splitlines() == [
        "warning: --fallback UBS: there is no input device 'UBS'; there are: "
        "3: 'USB [green] Mic' (ALSA), 5: 'HDA' (ALSA)",
        "warning: --fallback 7: there is no input device 7; there are: "
        "3: 'USB [green] Mic' (ALSA), 5: 'HDA' (ALSA)",
    ]


def test_the_hint_of_a_name_is_no_python(monkeypatch, tmp_path):
    monkeypatch.setattr(portaudio, "devices", lambda: [info()])
    result = record(tmp_path / "a.wav", "--device", "nosuch")
    assert result.exit_code == 1
    assert result.stderr.endswith("\n  run `vocana devices` for the whole list\n")
