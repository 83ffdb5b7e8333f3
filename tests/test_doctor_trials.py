"""What `vocana doctor` tries: each planted fault fails its own check, and no other."""

import errno
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from test_doctor import info, no_portaudio

import vocana_dsp as vo
from vocana_dsp.capture import portaudio
from vocana_dsp.capture.account import Account
from vocana_dsp.cli import check_capture, check_storage, checks
from vocana_dsp.cli.check import Check
from vocana_dsp.testing import SilenceFrom, SimulatedDevice, Stall, Unplug

pytestmark = pytest.mark.long  # each planted fault is held against every trial

TRIALS = (
    checks.portaudio,
    checks.opening,
    checks.capture,
    checks.recovery,
    checks.storage,
    checks.crash_safety,
)


@pytest.fixture
def default(monkeypatch):
    """Put a simulated device in the place of the default one, or what opening it raises."""

    def put(*options: Any, error: vo.VocanaError | None = None, **more: Any) -> None:
        real = vo.Capture

        def open_default(source: Any = None, **rest: Any) -> vo.Capture:
            if source is None and error:
                raise error
            return real(source or SimulatedDevice(*options, **more), **rest)

        monkeypatch.setattr(portaudio, "devices", lambda: [info()])
        monkeypatch.setattr(vo, "Capture", open_default)

    return put


def failed() -> list[Check]:
    return [check for trial in TRIALS if (check := trial()).level == "FAIL"]


def only(name: str) -> Check:
    (check,) = failed()
    assert check.name == name
    assert check.todo
    return check


# --- A healthy machine ---------------------------------------------------------------------------


def test_all_is_well_on_a_device_that_works(default):  # L7
    default()
    found = {check.name: check for check in (trial() for trial in TRIALS)}
    assert {check.level for check in found.values()} <= {"OK", "WARN"}
    assert found["open"].detail.startswith("48000 Hz, 1 channel, opened and closed in ")
    assert found["capture"].level == "OK"
    assert found["capture"].detail.startswith(
        "48,000 frames in a second, 0 lost, callback at most "
    )
    assert found["crash"].level == "OK"
    assert found["crash"].detail.endswith("each as it was sent")


def test_without_a_device_the_simulated_one_stands_in(monkeypatch):  # L7
    monkeypatch.setattr(portaudio, "devices", list)
    for check in (checks.opening(), checks.capture()):
        assert check.level == "OK"
        assert check.detail.startswith("the simulated device")


# --- Planted faults ------------------------------------------------------------------------------


def test_no_portaudio(monkeypatch):  # L7
    monkeypatch.setattr(portaudio, "devices", no_portaudio)
    assert only("PortAudio").todo == "apt install libportaudio2"


def test_a_device_that_does_not_open(default):  # L7
    default(error=vo.DeviceError("the device is busy", hint="close the other program"))
    check = only("open")
    assert (check.detail, check.todo) == ("the device is busy", "close the other program")
    assert "since the default one does not open" in checks.capture().detail


@pytest.mark.parametrize(
    ("script", "detail", "todo"),
    [
        ([Stall(0, ms=60_000)], "sends nothing", "stuck"),
        ([Stall(24_000, ms=60_000)], "24,000 frames in a second, ", "stuck"),
        ([SilenceFrom(0)], "only zeros came", "muted"),
        ([Unplug(24_000)], "the device is lost", "plugged in"),
    ],
)
def test_a_device_that_opens_and_brings_no_sound(monkeypatch, default, script, detail, todo):  # L7
    monkeypatch.setattr(check_capture, "LISTEN_DEADLINE_S", 0.2)
    default(script=script)
    check = only("capture")
    assert detail in check.detail
    assert todo in check.todo


def test_a_device_that_loses_frames_is_a_warning(default):
    default(script=[Stall(4800, ms=10)])
    check = checks.capture()
    assert (check.level, "480 lost" in check.detail) == ("WARN", True)


# --- Recovery ------------------------------------------------------------------------------------


def unplug(monkeypatch: pytest.MonkeyPatch, **options: Any) -> None:
    """Let the device of the check be unplugged in another way."""
    monkeypatch.setattr(vo.testing, "Unplug", lambda frame, ms: Unplug(frame, **options))


def test_a_device_that_comes_back_is_counted_to_the_frame(default):  # L7
    default()
    check = checks.recovery()
    assert check.level == "OK"
    assert re.search(
        r"back after \d+ ms, [\d,]+ frames lost in 1 gap, right to [\d.]+ ms", check.detail
    )


def test_a_device_that_never_comes_back(monkeypatch, default):  # L7
    default()
    unplug(monkeypatch)
    check = only("recovery")
    assert "unplugged" in check.detail


def test_a_gap_of_the_wrong_length_is_found(monkeypatch, default):  # L7
    """The negative control: frames behind the gap are told 200 ms late."""
    default()
    delivered = Account.delivered

    def late(self: Account, data: Any, frame: int, gap: int, cause: Any) -> Any:
        late_by = 9600 * (frame > 12_000)
        return delivered(self, data, frame + late_by, gap + late_by * bool(gap), cause)

    monkeypatch.setattr(Account, "delivered", late)
    check = only("recovery")
    assert re.search(r"that is wrong by (1[5-9]|2[0-4])\d ms", check.detail)


# --- Storage -------------------------------------------------------------------------------------


def test_a_folder_that_takes_nothing(monkeypatch):  # L7
    def read_only(*_: Any, **__: Any) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(check_storage.tempfile, "NamedTemporaryFile", read_only)
    check = only("storage")
    assert "Read-only file system" in check.detail
    assert "can be written to" in check.todo


def test_a_folder_that_was_removed(tmp_path):  # L7
    (tmp_path / "gone").mkdir()
    script = (
        "import os; os.rmdir(os.getcwd())\n"
        "from vocana_dsp.cli import checks; print(checks.storage())"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path / "gone",
        env={**os.environ, "PYTHONPATH": str(Path.cwd())},
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert "level='FAIL'" in done.stdout
    assert "No such file or directory" in done.stdout


@pytest.mark.parametrize(
    ("limit", "value", "todo"),
    [("SLOW_SYNC_S", 0.0, "slow"), ("STEREO_BYTES_PER_HOUR", 1e18, "room")],
)
def test_a_slow_or_full_disk_is_a_warning(monkeypatch, tmp_path, limit, value, todo):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(check_storage, limit, value)
    check = checks.storage()
    assert check.level == "WARN"
    assert todo in check.todo
    assert list(tmp_path.iterdir()) == []


# --- Crash safety --------------------------------------------------------------------------------

WRONG = {
    "no file at all": ("open(sys.argv[1], 'w').close()", "killed after 24,000"),
    "fewer frames": ("wav(23_000)", "1,000 are missing"),
    "other frames": ("wav(24_000, 5)", "24,000 of them wrong"),
}
WRITER = """
import sys, time
import numpy as np
import soundfile
def wav(frames, offset=0):
    sound = np.arange(offset, offset + frames, dtype=np.float32)
    soundfile.write(sys.argv[1], sound, 48_000, "FLOAT")
{}
print(24_000, flush=True)
time.sleep(60)
"""


@pytest.mark.parametrize("kind", WRONG)
def test_a_writer_whose_file_is_not_what_it_said(monkeypatch, default, kind):  # L7
    default()
    body, detail = WRONG[kind]
    monkeypatch.setattr(check_storage, "RECORDS", WRITER.format(body))
    assert detail in only("crash").detail


@pytest.mark.parametrize(
    ("script", "deadline_s", "detail"),
    [
        ("raise ValueError('no disk')", 60.0, "ValueError: no disk"),
        ("import time; time.sleep(60)", 0.5, "stands"),
    ],
)
def test_a_writer_that_does_not_start(monkeypatch, script, deadline_s, detail):
    monkeypatch.setattr(check_storage, "RECORDS", script)
    monkeypatch.setattr(check_storage, "KILL_DEADLINE_S", deadline_s)
    check = checks.crash_safety()
    assert (check.level, detail in check.detail) == ("FAIL", True)
