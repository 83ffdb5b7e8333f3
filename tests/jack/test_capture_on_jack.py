"""Capture on real PortAudio: every frame of a JACK client that counts, whatever Python does."""

import numpy as np
import pytest
from conftest import Studio
from counting import PERIOD, breaks, connected
from server import HANG_S, JackServer

pytestmark = pytest.mark.jack

RATE = 48_000
BLOCKS = [64, 128, 480, 1024]
WAIT_MS = 2000  # of a server for its clients: what breaks the card's counter is not its lateness


@pytest.fixture(scope="module")
def patient_studio(tools):
    with JackServer(tools.sound_card, wait_ms=WAIT_MS) as server:
        yield Studio(server, server.card("VocanaCard", 2), tools)


def capture(studio, call):
    """A process that makes one call of capture_child."""
    return studio.child(f"from capture_child import *\n{call}")


def finish(child):
    told = child.hear()
    assert child.end() == 0  # by itself
    return told


def no_loss(told, frames):
    assert told["have"] >= frames
    assert told["breaks"] == told["dropped"] == told["gaps"] == told["overflows"] == 0, told
    assert told["sums"]
    assert told["abandoned"] == 0


@pytest.mark.parametrize("block", BLOCKS)
def test_half_a_minute_in_freewheel_is_bit_exact(studio, block):
    with capture(studio, f"exact({block}, 30, ring_ms=60_000.0)") as child:
        assert child.hear() == {"running": True}
        studio.card.freewheel(True)
        no_loss(finish(child), 30 * RATE)


@pytest.mark.parametrize("block", BLOCKS)
def test_real_time_is_bit_exact(patient_studio, block):
    with capture(patient_studio, f"exact({block}, 2)") as child:
        child.hear()
        no_loss(finish(child), 2 * RATE)


@pytest.mark.long
@pytest.mark.parametrize("block", BLOCKS)
def test_ten_seconds_of_real_time_are_bit_exact(patient_studio, block):
    with capture(patient_studio, f"exact({block}, 10)") as child:
        child.hear()
        no_loss(finish(child), 10 * RATE)


def test_the_count_sees_a_lost_frame_and_a_port_that_stays_silent():
    sound = np.repeat(np.arange(1000.0, 2000.0)[:, None], 2, axis=1)
    assert breaks(sound) == 0
    assert breaks(np.delete(sound, 500, axis=0)) == 1
    sound[:PERIOD, 1] = 0
    assert breaks(connected(sound)) == 0
    sound[PERIOD, 1] = 0
    assert breaks(connected(sound)) == 1


def stress(tools, seconds):
    """Capture under a thread that sorts, then by Python callback: the share that one keeps.

    The second server waits for nobody, as a sound card does.
    """
    with JackServer(tools.sound_card, wait_ms=WAIT_MS) as server:
        studio = Studio(server, server.card("VocanaCard", 2), tools)
        with capture(studio, f"exact(0, {seconds}, beside=sorting)") as child:
            child.hear()
            no_loss(finish(child), seconds * RATE)
    with JackServer(tools.sound_card, wait_ms=0) as server:
        studio = Studio(server, server.card("VocanaCard", 2), tools)
        with capture(studio, f"callback(0, {seconds})") as child:
            told = finish(child)
    return told["kept"] / (told["seconds"] * RATE)


def test_nothing_is_lost_while_a_thread_sorts_and_a_python_callback_loses_most(tools):  # faults 48
    assert stress(tools, 4) < 0.5  # the control: the stress is real


@pytest.mark.long
def test_nothing_is_lost_in_20_s_of_sorting(tools):
    assert stress(tools, 20) < 0.5


@pytest.mark.fault(10, "a JACK server is killed under a capture through PortAudio")
def test_a_killed_server_is_told_and_nothing_hangs(studio, seen):
    with capture(studio, "server_fails()") as child:
        assert child.hear() == {"running": True}
        studio.server.kill()
        child.go()
        told = finish(child)
    seen(
        f"{told['state']} after {1e3 * told['told_s']:.0f} ms, {told['error']}; stop took "
        f"{1e3 * told['stop_s']:.0f} ms, close {1e3 * told['close_s']:.0f} ms; the account closes"
    )
    assert told["state"] == "failed"
    assert told["error"] == "device_lost"
    assert told["told_s"] < HANG_S
    assert told["stop_s"] < HANG_S
    assert told["close_s"] < HANG_S
    assert told["sums"]


@pytest.mark.fault(11, "a JACK server is stopped (SIGSTOP) under a capture")
def test_a_server_that_stands_still_is_told_as_stalled(studio, seen):
    with capture(studio, "server_fails()") as child:
        assert child.hear() == {"running": True}
        studio.server.pause()
        child.go()
        told = finish(child)
    seen(
        f"{told['state']} after {told['told_s']:.2f} s, {told['error']}; stop took "
        f"{1e3 * told['stop_s']:.0f} ms, close {1e3 * told['close_s']:.0f} ms; the account closes"
    )
    assert told["state"] == "stalled"
    assert told["error"] == "device_stalled"
    assert told["told_s"] < HANG_S
    assert told["stop_s"] < HANG_S
    assert told["close_s"] < HANG_S
    assert told["sums"]
