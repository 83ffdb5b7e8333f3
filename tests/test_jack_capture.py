"""Capture on real PortAudio: a JACK server of our own, a JACK client that counts as sound card."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

JACK = Path(__file__).parent / "jack"
sys.path.insert(0, str(JACK))

from server import JackServer, build  # noqa: E402

pytestmark = pytest.mark.jack

CARD = "CountingCard"
EXIT_S = 20.0


@pytest.fixture(scope="session")
def sound_card(tmp_path_factory):
    return build(tmp_path_factory.mktemp("sound_card"), "sound_card")


def child(server, what, block, seconds, ring_ms=4000.0):
    """A capture process on that server."""
    return subprocess.Popen(
        [sys.executable, JACK / "capture_child.py", what, CARD, str(block), str(seconds), str(ring_ms)],
        env=server.environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process, timeout_s):
    out, err = process.communicate(timeout=timeout_s)
    assert process.returncode == 0, err
    return json.loads(out.splitlines()[-1])


def no_loss(told, frames):
    assert told["have"] >= frames
    assert told["breaks"] == told["dropped"] == told["gaps"] == told["overflows"] == 0, told
    assert told["sums"], told


@pytest.mark.parametrize("block", [64, 128, 480, 1024])
def test_half_a_minute_in_freewheel_is_bit_exact(sound_card, block):
    with JackServer(sound_card) as server:
        card = server.card(CARD)
        process = child(server, "exact", block, 30, ring_ms=20_000.0)
        assert process.stdout.readline() == "running\n", process.stderr.read()
        card.freewheel(True)
        no_loss(finish(process, 120), 30 * 48_000)


@pytest.mark.parametrize("block", [64, 128, 480, 1024])
def test_real_time_is_bit_exact(sound_card, block):
    with JackServer(sound_card) as server:
        server.card(CARD)
        no_loss(finish(child(server, "exact", block, 2), 60), 2 * 48_000)


@pytest.mark.long
@pytest.mark.parametrize("block", [64, 128, 480, 1024])
def test_ten_seconds_of_real_time_are_bit_exact(sound_card, block):
    with JackServer(sound_card) as server:
        server.card(CARD)
        no_loss(finish(child(server, "exact", block, 10), 120), 10 * 48_000)


def stress(sound_card, seconds):
    """Frames lost by vocana-dsp and the share that a Python callback keeps, under one stress."""
    with JackServer(sound_card, waits=False) as server:
        server.card(CARD)
        no_loss(finish(child(server, "busy", 0, seconds), 120), seconds * 48_000)
    with JackServer(sound_card, waits=False) as server:
        server.card(CARD)
        told = finish(child(server, "callback", 0, seconds), 120)
    return told["kept"] / (told["seconds"] * 48_000)


def test_nothing_is_lost_while_a_thread_sorts_and_a_python_callback_loses_most(sound_card):
    assert stress(sound_card, 4) < 0.5  # the control: the stress is real


@pytest.mark.long
def test_nothing_is_lost_in_20_s_of_sorting(sound_card):
    assert stress(sound_card, 20) < 0.5


def test_a_killed_server_is_told_and_nothing_hangs(sound_card):  # faults 10
    with JackServer(sound_card) as server:
        server.card(CARD)
        process = child(server, "server_dies", 0, 0)
        assert process.stdout.readline() == "running\n", process.stderr.read()
        server.kill()
        process.stdin.write(f"{time.monotonic()}\n")
        process.stdin.flush()
        told = finish(process, EXIT_S)  # and the process ends by itself
        assert told["state"] == "failed"
        assert told["error"] == "device_lost"
        assert told["told_s"] < 2
        assert told["stop_s"] < 1
        assert told["close_s"] < 1
        assert told["sums"]


def test_a_server_that_stands_still_is_told_as_stalled(sound_card):  # faults 11
    with JackServer(sound_card) as server:
        server.card(CARD)
        process = child(server, "server_dies", 0, 0)
        assert process.stdout.readline() == "running\n", process.stderr.read()
        server.pause()
        process.stdin.write(f"{time.monotonic()}\n")
        process.stdin.flush()
        told = finish(process, EXIT_S)
        assert told["state"] == "stalled"
        assert told["error"] == "device_stalled"
        assert told["told_s"] < 2
        assert told["stop_s"] < 1
        assert told["close_s"] < 1
