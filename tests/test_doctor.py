"""`vocana doctor`: each check, and that each can fail."""

import json
import os
import signal
import subprocess
import threading
from typing import Any

import click
import numpy as np
import pytest
from click.testing import CliRunner, Result

import vocana_dsp as vo
from vocana_dsp.capture import portaudio
from vocana_dsp.cli import check_storage, checks, doctor, main
from vocana_dsp.cli.check import Check


def vocana(*arguments: object, env: dict[str, str] | None = None) -> Result:
    return CliRunner(env={"COLUMNS": "120", **(env or {})}).invoke(main, list(map(str, arguments)))


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


def no_portaudio() -> list[portaudio.DeviceInfo]:
    raise vo.DeviceError("PortAudio is not installed", hint="apt install libportaudio2")


def test_no_frames_are_lost_while_the_gil_is_held():  # E10
    check = checks.gil()
    assert check.level == "OK"
    assert ": 0 of " in check.detail


def test_the_check_sees_a_ring_that_is_too_short():
    check = checks.gil(hold_ms=200, ring_ms=50)
    assert check.level == "FAIL"
    assert ": 0 of " not in check.detail
    assert "ring_ms" in check.todo


def test_the_check_sees_frames_that_changed(monkeypatch):
    real = vo.testing.SimulatedDevice

    def wrong(_: str, seconds: float) -> Any:
        return real(np.ones((round(seconds * 48_000), 1), np.float32))

    monkeypatch.setattr(vo.testing, "SimulatedDevice", wrong)
    check = checks.gil(hold_ms=20)
    assert check.level == "FAIL"
    assert "only 1 arrived unchanged" in check.detail


@pytest.mark.parametrize(
    ("level", "forced", "expected"),
    [("avx2", "", "OK"), ("scalar", "", "WARN"), ("scalar", "scalar", "WARN")],
)
def test_simd(monkeypatch, level, forced, expected):
    monkeypatch.setattr(vo, "simd", level)
    monkeypatch.setenv("VOCANA_SIMD", forced)
    check = checks.simd()
    assert check.level == expected
    assert bool(check.todo) == (expected != "OK")
    assert ("unset it" in check.todo) == (forced == "scalar")


def test_priority_is_what_the_system_says():
    check = checks.priority()
    assert (check.level, check.detail) == ("OK", "fifo 10 is granted") or check.level == "WARN"


def test_a_priority_that_is_refused(monkeypatch):
    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "sched_setscheduler", refuse)
    check = checks.priority()
    assert check.level == "WARN"
    assert "SCHED_FIFO is refused (Operation not permitted)" in check.detail
    assert "rtprio" in check.todo


def test_portaudio_is_missing_or_has_no_device(monkeypatch):
    monkeypatch.setattr(portaudio, "devices", no_portaudio)
    check = checks.portaudio()
    assert (check.level, check.detail) == ("FAIL", "PortAudio is not installed")
    assert check.todo == "apt install libportaudio2"
    monkeypatch.setattr(portaudio, "devices", list)
    assert checks.portaudio().level == "WARN"
    monkeypatch.setattr(portaudio, "devices", lambda: [info()])
    assert checks.portaudio().detail == "1 input device"


def broken() -> Check:
    raise RuntimeError("surprise")


@pytest.mark.parametrize(("level", "code"), [("OK", 0), ("WARN", 0), ("FAIL", 1)])
def test_doctor_fails_when_a_check_fails(monkeypatch, level, code):
    line = Check("thing", level, "as found", "do this")
    monkeypatch.setattr(checks, "CHECKS", {"system": checks.system, "thing": lambda: line})
    result = vocana("doctor")
    assert result.exit_code == code
    assert f"{level:<5}thing     as found\n               do this" in result.stdout
    result = vocana("doctor", "--json")
    assert result.exit_code == code
    assert json.loads(result.stdout)[1] == {
        "name": "thing",
        "level": level,
        "detail": "as found",
        "todo": "do this",
    }


def test_a_check_that_raises_is_a_failure_and_the_others_go_on(monkeypatch):
    monkeypatch.setattr(checks, "CHECKS", {"broken": broken, "system": checks.system})
    result = vocana("doctor")
    assert result.exit_code == 1
    assert "FAIL broken    RuntimeError: surprise\n" in result.stdout
    assert "OK   system" in result.stdout


def test_ctrl_c_leaves_no_child_and_nothing_to_wait_for(monkeypatch):
    interrupts = f"import os, signal, time; os.kill({os.getpid()}, signal.SIGINT); time.sleep(60)"
    monkeypatch.setattr(check_storage, "RECORDS", interrupts)
    monkeypatch.setattr(checks, "CHECKS", {"crash": checks.crash_safety})
    children = []
    real = subprocess.Popen

    def started(*arguments: Any, **options: Any) -> Any:
        children.append(real(*arguments, **options))
        return children[-1]

    monkeypatch.setattr(subprocess, "Popen", started)
    result = vocana("doctor")
    assert (result.exit_code, result.stderr) == (130, "interrupted\n")
    assert [child.returncode for child in children] == [-signal.SIGKILL]
    assert not [each for each in threading.enumerate() if isinstance(each, threading.Timer)]


def test_names_leave_room_for_what_is_said():
    assert max(map(len, checks.CHECKS)) < doctor.NAME_CELLS


@pytest.mark.parametrize("columns", [40, 80])
def test_long_lines_go_on_below_themselves(monkeypatch, columns):
    check = Check("crash", "FAIL", "as it was found " * 9, "do this " * 9)
    first, *rest = map(click.unstyle, doctor.lines(check, columns))
    assert first.startswith("FAIL crash     as it was found")
    assert all(row.startswith(" " * 15) for row in rest)
    assert max(map(len, [first, *rest])) <= columns
    monkeypatch.setattr(checks, "CHECKS", {"crash": lambda: check})
    assert len(vocana("doctor").stdout.splitlines()) == 2  # for who reads it line by line
