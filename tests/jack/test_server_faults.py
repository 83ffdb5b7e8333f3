"""Streams of PortAudio on a JACK server, or a card, that is killed or stands still."""

from __future__ import annotations

import subprocess
from typing import Any

import pytest
from server import HANG_S

ENDING = """
stopped = timed(lambda: stream.stop(0.9))
closed = timed(lambda: stream.close(0.9))
tell(stopped=stopped, closed=closed, abandoned=portaudio.abandoned_streams())
"""


# fault 10
@pytest.mark.jack
def test_a_killed_server_neither_hangs_the_stream_nor_the_exit(studio: Any) -> None:
    with studio.child(f"""
from vocana_dsp.errors import DeviceError
stream, probe = open_stream()
stream.start()
wait_until(lambda: probe.callbacks)
tell(active=stream.active)
wait_for_go()
tell(noticed=timed(lambda: wait_until(lambda: not stream.active)))
{ENDING}
try:
    open_stream()
except DeviceError as error:
    tell(code=error.code, retryable=error.retryable)
sys.exit(7)
""") as child:
        assert child.hear()["active"]
        studio.server.kill()
        child.go()
        noticed, after_s = child.hear()["noticed"]
        assert noticed
        assert after_s < HANG_S
        ending = child.hear()
        assert ending["stopped"][0] is False
        assert ending["closed"][0] is False
        assert ending["stopped"][1] < HANG_S
        assert ending["closed"][1] < HANG_S
        assert ending["abandoned"] == 1
        assert child.hear() == {"code": "device_hangs", "retryable": False}
        assert child.end() == 7


@pytest.mark.jack
def test_exit_with_an_open_stream_on_a_killed_server(studio: Any) -> None:
    with studio.child("""
stream, probe = open_stream()
stream.start()
wait_until(lambda: probe.callbacks)
tell(active=stream.active)
wait_for_go()
""") as child:
        assert child.hear()["active"]
        studio.server.kill()
        child.go()
        assert child.end() == 0


ABORTS = "stream._shut = lambda: (stream._stream.stop(), stream._stream.close())\n"


@pytest.mark.fault(42, "a JACK server is killed while a stop waits for it, then the process ends")
@pytest.mark.jack
@pytest.mark.parametrize(("planted", "status"), [("", 0), (ABORTS, -6)])
def test_a_stop_that_returns_because_its_server_was_killed(
    studio: Any, planted: str, status: int, seen: Any
) -> None:
    """Nothing may be closed then: the planted fault closes it."""
    with studio.child(f"""
stream, probe = open_stream()
stream.start()
wait_until(lambda: probe.callbacks)
tell(active=stream.active)
wait_for_go()
{planted}
tell(closed=stream.close(0.2))
wait_for_go()
wait_until(lambda: not stream._stream.active)
time.sleep(0.2)
""") as child:
        assert child.hear()["active"]
        studio.server.pause()
        child.go()
        assert child.hear() == {"closed": False}
        studio.server.kill()
        child.go()
        assert child.end() == status
    seen(f"exit status {status}" + (", as planted: PortAudio closes the stream" if planted else ""))


IGNORES = """
stop = stream._stream.stop
stream._stream.stop = lambda ignore_errors: stop()
"""


@pytest.mark.fault(42, "a JACK server is killed between the last call of a stream and its stop")
@pytest.mark.jack
@pytest.mark.parametrize(("planted", "status"), [("", 0), (IGNORES, -6)])
def test_a_stop_that_fails_because_its_server_was_killed(
    studio: Any, planted: str, status: int, seen: Any
) -> None:
    """PortAudio has finished, and its stop fails; the planted fault does not listen."""
    with studio.child(f"""
import ctypes
prototype = ctypes.CFUNCTYPE(None, ctypes.c_void_p)
finish = prototype(portaudio.StreamCalls(CALLBACK, 0).finished_address)

@prototype
def finish_slowly(user):
    finish(user)
    tell(finished=True)
    wait_for_go()

class SlowCalls(portaudio.StreamCalls):
    finished_address = ctypes.cast(finish_slowly, ctypes.c_void_p).value

portaudio.StreamCalls = SlowCalls
stream, probe = open_stream()
stream.start()
wait_until(lambda: probe.callbacks)
{planted}
stream.close(10.0)
""") as child:
        assert child.hear()["finished"]
        studio.server.pause()
        child.go()
        studio.server.kill()
        assert child.end() == status
    seen(f"exit status {status}" + (", as planted: PortAudio closes the stream" if planted else ""))


@pytest.mark.jack
def test_exit_with_a_closed_stream_on_a_killed_server(studio: Any) -> None:
    with studio.child("""
stream, probe = open_stream()
stream.start()
tell(closed=stream.close())
wait_for_go()
time.sleep(0.2)
""") as child:
        assert child.hear()["closed"]
        studio.server.kill()
        child.go()
        assert child.end() == 0


@pytest.mark.jack
def test_a_server_that_goes_on_finds_what_was_abandoned(studio: Any) -> None:
    """Its threads run on, at exit too, in code and memory that must still be there; it is left
    open, since nobody can know that the server will live to see it closed."""
    with studio.child("""
stream, probe = open_stream()
stream.start()
wait_until(lambda: probe.callbacks)
tell(active=stream.active)
wait_for_go()
tell(closed=stream.close(0.3))
wait_for_go()
tell(late=wait_until(lambda: not stream._stream.active), closed=stream.close())
""") as child:
        assert child.hear()["active"]
        studio.server.pause()
        child.go()
        assert child.hear() == {"closed": False}
        studio.server.resume()
        child.go()
        assert child.hear() == {"late": True, "closed": False}
        assert child.end() == 0


@pytest.mark.jack
def test_a_running_stream_that_was_given_up_survives_the_exit(shared_studio: Any) -> None:
    for _ in range(3):
        heard = shared_studio.ask("""
stream, probe = open_stream("VocanaCard")
stream.start()
wait_until(lambda: probe.callbacks)
stream.abandon()
del stream, probe
tell(abandoned=portaudio.abandoned_streams())
""")
        assert heard == {"abandoned": 1}


@pytest.mark.jack
def test_without_a_deadline_portaudio_hangs(studio: Any) -> None:
    """The planted fault: what the deadlines are for is still there."""
    with studio.child("""
stream, probe = open_stream()
stream.start()
wait_until(lambda: probe.callbacks)
tell(active=stream.active)
wait_for_go()
stream._stream.stop()
""") as child:
        assert child.hear()["active"]
        studio.server.pause()
        child.go()
        with pytest.raises(subprocess.TimeoutExpired):
            child.end(3.0)


# fault 11
@pytest.mark.jack
def test_a_server_that_stands_still(studio: Any) -> None:
    with studio.child(f"""
stream, probe = open_stream()
stream.start()
wait_until(lambda: probe.callbacks)
tell(active=stream.active)
wait_for_go()
time.sleep(0.1)
before = probe.callbacks
time.sleep(0.5)
tell(active=stream.active, callbacks=probe.callbacks - before)
{ENDING}
sys.exit(7)
""") as child:
        assert child.hear()["active"]
        studio.server.pause()
        child.go()
        assert child.hear() == {"active": True, "callbacks": 0}
        ending = child.hear()
        assert ending["stopped"][0] is False
        assert ending["closed"][1] < HANG_S
        assert child.end() == 7


@pytest.mark.jack
def test_a_card_that_is_unplugged_is_heard_as_zeros(studio: Any) -> None:
    with studio.child("""
stream, probe = open_stream()
stream.start()
wait_until(lambda: probe.callbacks)
tell(active=stream.active)
wait_for_go()
before = probe.zeros
silent = wait_until(lambda: probe.zeros > before + 4800)
tell(silent=silent, active=stream.active, closed=stream.close(), **probe.counted())
""") as child:
        assert child.hear()["active"]
        studio.card.kill()
        child.go()
        after = child.hear()
        assert child.end() == 0
    assert after["silent"]
    assert after["active"]
    assert after["closed"]
    assert after["unequal"] <= 128
