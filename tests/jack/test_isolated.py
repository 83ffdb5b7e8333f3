"""A device of JACK in a child process: its server fails, and this process goes on."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from counting import breaks, connected
from server import HANG_S

import vocana_dsp as vo
from vocana_dsp.capture import isolation, probe

pytestmark = pytest.mark.jack

CARD = vo.Device("VocanaCard", isolate=True)
RATE = 48_000


@pytest.fixture(autouse=True)
def here(studio: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Child processes find the server of the test. This process is no client of it."""
    monkeypatch.setattr(isolation, "OPEN_DEADLINE_S", 60.0)
    monkeypatch.setattr(isolation, "START_DEADLINE_S", 60.0)
    for name, value in studio.server.environment.items():
        monkeypatch.setenv(name, value)


def capture() -> vo.Capture:
    return vo.Capture(CARD, channels=2, ring_ms=20_000.0)


def exact(mic: vo.Capture, frames: int) -> None:
    """Read the first frames of a card that counts, without a break."""
    data = mic.read(frames).data
    assert len(data) == frames
    assert breaks(connected(data)) == 0
    assert mic.stats.dropped == 0


def took(call: Callable[[], object]) -> float:
    begun = time.monotonic()
    call()
    return time.monotonic() - begun


def until(mic: vo.Capture, state: str, deadline_s: float = 60.0) -> float:
    """Wait for a state: how many seconds it took."""
    begun = time.monotonic()
    while mic.state != state:
        assert time.monotonic() < begun + deadline_s, mic.state
        time.sleep(0.005)
    return time.monotonic() - begun


def error_of(call: Callable[[], object]) -> vo.DeviceError:
    with pytest.raises(vo.DeviceError) as told:
        call()
    return told.value


def drained(mic: vo.Capture) -> vo.DeviceError:
    """Read what is left: the error behind it."""
    mic.read(max(1, mic.stats.queued))
    return error_of(lambda: mic.read(RATE))


def assert_gone(mic: vo.Capture) -> None:
    with pytest.raises(ProcessLookupError):
        os.kill(mic._path.session.player.pid, 0)  # type: ignore[attr-defined]


def test_every_frame_arrives(studio: Any) -> None:
    with capture() as mic:
        exact(mic, RATE)
        assert took(mic.stop) < HANG_S
        assert_gone(mic)
    studio.server.check_serves()


@pytest.mark.fault(9, "a JACK server is killed under a device in a child process, and restarted")
def test_a_killed_server_takes_its_child_alone_and_a_new_one_is_used(
    studio: Any, seen: Any
) -> None:
    with capture() as mic:
        exact(mic, 4800)
        studio.server.kill()
        told_s = until(mic, "failed")
        assert told_s < HANG_S
        assert drained(mic).code == "device_lost"
        stop_s = took(mic.stop)
        assert stop_s < HANG_S
        assert_gone(mic)
    gone = error_of(capture)  # at once, and not for ever
    assert (gone.code, gone.retryable) in {
        ("no_device", True),
        ("device_not_found", True),
        ("portaudio_failed", True),
    }
    studio.server.restart()
    studio.server.card("VocanaCard", 2)
    with capture() as again:
        exact(again, 4800)
    seen(
        f"told after {told_s:.2f} s, stop() took {stop_s:.2f} s, the child is reaped, and the same "
        "process captures from the new server"
    )


@pytest.mark.fault(11, "a JACK server is stopped (SIGSTOP) under a device in a child process")
def test_a_server_that_stands_still_is_left_and_found_again(
    studio: Any, monkeypatch: pytest.MonkeyPatch, seen: Any
) -> None:
    with capture() as mic:
        exact(mic, 4800)
        studio.server.pause()
        told_s = until(mic, "stalled")
        assert told_s < HANG_S
        assert drained(mic).code == "device_stalled"
        stop_s = took(mic.stop)
        assert stop_s < HANG_S
        assert_gone(mic)
    with monkeypatch.context() as patch:
        patch.setattr(isolation, "OPEN_DEADLINE_S", 1.0)
        hangs = error_of(capture)
    assert (hangs.code, hangs.retryable) == ("device_hangs", True)
    studio.server.resume()
    with capture() as again:
        exact(again, 4800)
    seen(
        f"told as stalled after {told_s:.2f} s, stop() took {stop_s:.2f} s, opening says that it "
        "hangs, and works once the server goes on"
    )


# fault 9
def test_a_card_that_is_unplugged_is_found_again_once_it_is_back(studio: Any) -> None:
    with capture() as mic:
        exact(mic, 4800)
        studio.card.kill()
        while mic.stats.input.silent_frames < 4800:  # JACK goes on with zeros
            mic.read(480)
        assert mic.state == "running"
        assert took(mic.stop) < HANG_S
    assert error_of(capture).code in {"no_device", "device_not_found"}
    studio.server.card("VocanaCard", 2)
    with capture() as again:
        exact(again, 4800)


def test_what_is_plugged_in_is_listed_while_a_stream_lives_on(studio: Any) -> None:  # I11
    with capture() as mic:
        exact(mic, 480)
        before = {device.name for device in probe.devices()}
        studio.server.card("SecondCard", 1)
        prober = probe.Prober()
        after = {device.name for device in prober.look()}
        assert after - before == {"SecondCard"}
        studio.card.kill()
        gone = {device.name for device in prober.look()}
        assert "VocanaCard" not in gone
        prober.close()
        assert mic.state == "running"
        assert mic.stats.dropped == 0


def test_a_dead_server_hangs_no_prober(studio: Any) -> None:
    prober = probe.Prober()
    assert "VocanaCard" in {device.name for device in prober.look()}
    studio.server.pause()
    failed: list[vo.DeviceError] = []
    look = threading.Thread(target=lambda: failed.append(error_of(prober.look)))
    look.start()
    time.sleep(0.3)
    assert took(prober.close) < HANG_S
    look.join(60.0)
    assert [error.code for error in failed] == ["device_crashed"]
    studio.server.resume()
    assert "VocanaCard" in {device.name for device in prober.look()}
    prober.close()
