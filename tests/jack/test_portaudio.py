"""Devices and streams of PortAudio, on a JACK server that is real."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
from dataclasses import replace
from typing import Any

import pytest

from vocana_dsp.capture import deadline
from vocana_dsp.capture.choice import DeviceInfo, Wanted, choose
from vocana_dsp.errors import DeviceError

JACK = "JACK Audio Connection Kit"
RATE = 48_000
CLEAN = {"jumps": 0, "lost": 0, "unequal": 0}  # flags come without a loss, too


# --- Choosing, without a device -------------------------------------------------------------------

MIC = DeviceInfo(0, "Built-in Microphone", "ALSA", 2, 48_000, 10.0, False)
USB = DeviceInfo(3, "USB Audio", "ALSA", 1, 44_100, 10.0, True)
USB_PRO = DeviceInfo(4, "USB Audio Pro", "ALSA", 8, 96_000, 10.0, False)
FOUND = [MIC, USB, USB_PRO]


@pytest.mark.parametrize(
    ("wanted", "chosen"),
    [
        (None, USB),
        (0, MIC),
        (4, USB_PRO),
        ("usb audio pro", USB_PRO),
        ("MICRO", MIC),
        ("usb audio", USB),  # the whole name of one wins over a part of the other
        ("pro", USB_PRO),
        (re.compile(r"usb.*\bpro\b", re.IGNORECASE), USB_PRO),
        (re.compile("Audio$"), USB),
        (re.compile("^Built-in"), MIC),
    ],
)
def test_choose(wanted: Wanted, chosen: DeviceInfo) -> None:  # I3
    assert choose(wanted, FOUND) is chosen


@pytest.mark.parametrize(
    ("wanted", "found", "code", "says"),
    [
        (None, [], "no_device", "no input device"),
        (1, FOUND, "device_not_found", "4: 'USB Audio Pro' (ALSA)"),
        ("microfone", FOUND, "device_not_found", "near: 0: 'Built-in Microphone' (ALSA)"),
        ("zz", FOUND, "device_not_found", "there are: 0: 'Built-in Microphone' (ALSA), 3:"),
        ("audio", FOUND, "device_ambiguous", "3: 'USB Audio' (ALSA), 4: 'USB Audio Pro' (ALSA)"),
        (re.compile("usb"), FOUND, "device_not_found", "re.compile('usb'); near: 3: 'USB Audio'"),
        (re.compile("Audio"), FOUND, "device_ambiguous", "re.compile('Audio') means more than one"),
        ("usb audio", [USB, replace(USB, index=9, host_api="JACK")], "device_ambiguous", "(JACK)"),
    ],
)
def test_choose_explains(wanted: Any, found: list[DeviceInfo], code: str, says: str) -> None:  # I3
    with pytest.raises(DeviceError) as caught:
        choose(wanted, found)
    assert caught.value.code == code
    assert says in caught.value.args[0]
    assert caught.value.hint


def test_a_call_that_hangs_lets_the_others_pass() -> None:
    release = threading.Event()
    with pytest.raises(DeviceError) as caught:
        deadline.within(0.05, "a call", lambda: release.wait(30))
    assert caught.value.code == "device_hangs"
    assert deadline.within(10, "another", lambda: 42) == 42
    release.set()


# --- Without PortAudio ----------------------------------------------------------------------------

NO_LIBRARY = "import ctypes.util; ctypes.util.find_library = lambda name: None"
NO_SOUNDDEVICE = "import sys; sys.modules['sounddevice'] = None"


@pytest.mark.parametrize("prelude", [NO_LIBRARY, NO_SOUNDDEVICE])
def test_without_portaudio_only_opening_fails(prelude: str) -> None:
    script = f"""
{prelude}
import vocana_dsp as vo
from vocana_dsp.capture import portaudio
for _ in range(2):
    try:
        portaudio.find()
    except vo.DeviceError as error:
        print(error.code, error.retryable, "portaudio" in error.hint)
"""
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert result.stderr == ""
    assert result.stdout.splitlines() == ["no_portaudio False True"] * 2


def test_import_does_not_load_portaudio() -> None:
    script = "import sys, vocana_dsp; import vocana_dsp.capture.portaudio; "
    script += "sys.exit('sounddevice' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script]).returncode == 0


# --- Devices --------------------------------------------------------------------------------------


@pytest.mark.jack
def test_devices_and_their_rates(shared_studio: Any) -> None:
    second = shared_studio.server.card("Podcast USB", 1)
    heard = shared_studio.ask("""
from dataclasses import asdict
found = [d for d in portaudio.devices() if d.host_api.startswith("JACK")]
tell(devices=[asdict(d) for d in found], rates=[portaudio.open_rates(d) for d in found],
     named=portaudio.find("podcast").name)
""")
    second.close()
    listed = {(d["name"], d["input_channels"], d["default_rate"]) for d in heard["devices"]}
    assert listed == {("VocanaCard", 2, RATE), ("Podcast USB", 1, RATE)}
    assert {d["host_api"] for d in heard["devices"]} == {JACK}
    assert heard["rates"] == [[RATE], [RATE]]
    assert heard["named"] == "Podcast USB"


@pytest.mark.jack
def test_what_does_not_open_says_what_would(shared_studio: Any) -> None:
    heard = shared_studio.ask("""
from vocana_dsp.errors import VocanaError
def told(**format):
    try:
        open_stream("VocanaCard", **format)
    except VocanaError as error:
        return [type(error).__name__, error.code, error.args[0]]
tell(rate=told(rate=44100), many=told(channels=3), none=told(channels=0))
""")
    assert heard["rate"][:2] == ["FormatError", "unsupported_rate"]
    assert heard["rate"][2].endswith("does not open at 44100 Hz; it opens at 48000")
    for case in ("many", "none"):
        assert heard[case][:2] == ["DeviceError", "bad_channels"]
        assert "has 2 input channels" in heard[case][2]


# --- Streams --------------------------------------------------------------------------------------

PLAY = """
wanted = {seconds} * 48000
def play(block):
    stream, probe = open_stream("VocanaCard", block=block)
    stream.start()
    complete = wait_until(lambda: probe.frames >= wanted)
    return [complete, stream.close(), probe.counted()]
tell(played=[play(block) for block in {blocks}])
portaudio._sounddevice._terminate()  # in freewheel JACK would wait 10 s for a client that has gone
"""


def check_played(played: list[Any], blocks: list[int]) -> None:
    assert len(played) == len(blocks)
    for (complete, closed, counted), block in zip(played, blocks, strict=True):
        assert complete
        assert closed
        assert counted | CLEAN == counted, counted
        assert counted["least_block"] == counted["most_block"] == (block or 128)


@pytest.mark.jack
def test_bit_exact_in_real_time(shared_studio: Any) -> None:
    blocks = [0, 64, 100, 480, 1024]
    heard = shared_studio.ask(PLAY.format(seconds=1, blocks=blocks))
    check_played(heard["played"], blocks)


@pytest.mark.jack
def test_bit_exact_in_freewheel(studio: Any) -> None:
    blocks = [64, 128, 480, 1024]
    studio.card.freewheel(True)
    heard = studio.ask(PLAY.format(seconds=10, blocks=blocks))
    studio.card.freewheel(False)
    check_played(heard["played"], blocks)


@pytest.mark.jack
def test_the_probe_sees_a_single_lost_frame(shared_studio: Any) -> None:
    with shared_studio.child("""
stream, probe = open_stream("VocanaCard")
stream.start()
wait_until(lambda: probe.expected)
tell(**probe.counted())
wait_for_go()
wait_until(lambda: probe.jumps)
stream.close()
tell(**probe.counted())
""") as child:
        before = child.hear()
        shared_studio.card.stumble()
        child.go()
        after = child.hear()
    assert before | CLEAN == before
    assert (after["jumps"], after["lost"]) == (1, 1)


# faults 10, 54
@pytest.mark.jack
def test_opening_and_closing_leaves_nothing(shared_studio: Any) -> None:
    heard = shared_studio.ask("""
def kept():
    return [len(os.listdir("/proc/self/fd")), len(os.listdir("/proc/self/task"))]
def cycle():
    stream, probe = open_stream("VocanaCard")
    stream.start()
    heard = wait_until(lambda: probe.callbacks)
    return heard and stream.stop() and stream.close() and stream.close() and not stream.active
cycle()
before = kept()
complete = all([cycle() for _ in range(50)])
wait_until(lambda: kept() == before)
tell(complete=complete, before=before, after=kept(), abandoned=portaudio.abandoned_streams())
""")
    assert heard["complete"]
    assert heard["abandoned"] == 0
    assert heard["after"] == heard["before"]


@pytest.mark.jack
def test_a_stream_that_was_stopped_does_not_start_again(shared_studio: Any) -> None:
    heard = shared_studio.ask("""
from vocana_dsp.errors import StreamClosed
stream, probe = open_stream("VocanaCard")
stream.start()
wait_until(lambda: probe.callbacks)
stopped = stream.stop()
try:
    stream.start()
except StreamClosed:
    tell(stopped=stopped, closed=stream.close())
""")
    assert heard == {"stopped": True, "closed": True}


# fault 42
@pytest.mark.jack
def test_a_stream_can_be_closed_by_an_exit_handler(shared_studio: Any) -> None:
    """An interpreter that is ending may start no thread; closing must not need a new one."""
    heard = shared_studio.ask("""
import atexit
stream, probe = open_stream("VocanaCard")
atexit.register(lambda: tell(closed=stream.close()))
stream.start()
""")
    assert heard == {"closed": True}


# fault 41
@pytest.mark.jack
def test_a_forked_child_leaves_the_stream_alone(shared_studio: Any) -> None:
    heard = shared_studio.ask("""
from vocana_dsp.errors import DeviceError
import warnings
warnings.simplefilter("ignore", DeprecationWarning)
stream, probe = open_stream("VocanaCard")
stream.start()
wait_until(lambda: probe.callbacks)
child = os.fork()
if not child:
    stream.abandon()
    try:
        open_stream("VocanaCard")
    except DeviceError as error:
        sys.exit(3 if error.code == "forked" else 1)
status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
after = probe.frames
goes_on = wait_until(lambda: probe.frames > after + 24000)
tell(status=status, goes_on=goes_on, closed=stream.close(), **probe.counted())
""")
    assert heard["status"] == 3
    assert heard["goes_on"]
    assert heard["closed"]
    assert heard | CLEAN == heard
