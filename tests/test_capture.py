"""How a capture ends, its state and format, and its errors."""

import pickle
import re
import threading
from pathlib import Path

import numpy as np
import pytest
from hand_device import HandDevice
from played import counter, simulated

import vocana_dsp as vo
from vocana_dsp.testing import SimulatedDevice, Stall, Unplug

# --- The end ------------------------------------------------------------------------------------


def test_iteration_ends_with_the_source_and_delivers_what_was_queued():
    with vo.Capture(simulated(seconds=0.05)) as mic:
        assert [len(block) for block in mic] == [960, 960, 480]
        assert mic.state == "ended"
        assert list(mic) == []
        assert len(mic.read(10)) == 0
    assert mic.stats.delivered == 2400


def test_what_was_queued_before_stop_is_delivered_after_it():
    device = HandDevice()
    with vo.Capture(device) as mic:
        device.play_blocks(4, 600)
        mic.stop()
        assert mic.state == "stopped"
        assert [len(block) for block in mic] == [960, 960, 480]
        assert mic.stats.queued == 0
        assert len(mic.read(10)) == 0


def test_stop_inside_the_iteration():
    with vo.Capture(SimulatedDevice()) as mic:
        blocks = []
        for block in mic:
            blocks.append(block)
            if len(blocks) == 2:
                mic.stop()
        np.testing.assert_array_equal(
            np.concatenate([b.data for b in blocks]), counter(0, mic.stats.captured)
        )
        assert mic.stats.queued == 0


def test_stop_from_another_thread_loses_nothing_of_what_was_captured():
    for _ in range(30):
        with vo.Capture(SimulatedDevice(block_frames=16), block_ms=1) as mic:
            frames = []
            reader = threading.Thread(target=lambda: frames.extend(len(b) for b in mic))  # noqa: B023
            reader.start()
            mic.read(48)
            mic.stop()
            reader.join(60)
            stats = mic.stats
            assert stats.queued == 0
            assert stats.captured == stats.delivered


def test_a_lost_device_delivers_what_was_queued_and_then_raises():
    with vo.Capture(simulated(script=[Unplug(1000)])) as mic:
        got = []
        with pytest.raises(vo.DeviceError, match="lost") as told:
            got.extend(len(block) for block in mic)
        blocks = mic.stats
        assert (blocks.captured, blocks.delivered) == (1000, 1000)
        assert mic.state == "failed"
        with pytest.raises(vo.DeviceError):
            mic.read(10)
        mic.stop()
        assert mic.state == "failed"
    assert told.value.code == "device_lost"
    assert told.value.retryable
    assert told.value.hint
    ended = [event for event in mic.events() if event.kind == "ended"]
    assert [(event.frame, event.value) for event in ended] == [(1000, 1)]


def test_a_lost_device_is_told_of_when_nobody_said_stop():
    mic = vo.Capture(simulated(script=[Unplug(1000)]))
    with mic, pytest.raises(vo.DeviceError):
        for _ in mic:
            pass
    assert [(e.kind, e.value) for e in mic.events()] == [("ended", 1)]


def test_a_stalled_device_delivers_what_is_queued_before_it_raises():
    with vo.Capture(SimulatedDevice(script=[Stall(1000, ms=60_000)])) as mic:
        frames = []
        with pytest.raises(vo.DeviceError) as told:
            frames.extend(len(block) for block in iter(lambda: mic.read(960), None))
        assert mic.state == "stalled"
        assert told.value.code == "device_stalled"
        assert told.value.retryable
        assert sum(frames) == 1000
        assert mic.stats.queued == 0


# --- State and format -----------------------------------------------------------------------------


def test_state_through_a_life():
    device = HandDevice()
    mic = vo.Capture(device)
    assert mic.state == "open"
    with mic:
        assert mic.state == "running"
        device.play(10)
        device.end()
        assert mic.state == "ended"
    assert mic.state == "closed"


@pytest.mark.parametrize(("rate", "channels"), [(8000, 1), (44_100, 2), (96_000, 6)])
def test_rate_and_channels_tell_what_was_opened(rate, channels):
    with vo.Capture(simulated(rate=rate, channels=channels), channels=channels) as mic:
        assert (mic.rate, mic.channels) == (rate, channels)
        assert mic.read(10).data.shape == (10, channels)


def test_using_it_after_close():
    mic = vo.Capture(simulated())
    mic.close()
    for use in (mic.start, mic.__enter__, lambda: mic.read(1), lambda: iter(mic), mic.__aiter__):
        with pytest.raises(vo.StreamClosed) as told:
            use()
        assert told.value.code == "closed"
        assert not told.value.retryable
    mic.stop()
    mic.close()
    assert mic.state == "closed"


# --- Errors ---------------------------------------------------------------------------------------

ERRORS = {
    vo.DeviceError: vo.VocanaError,
    vo.FormatError: vo.VocanaError,
    vo.ConfigError: vo.VocanaError,
    vo.RingOverflow: vo.VocanaError,
    vo.PoolError: vo.VocanaError,
    vo.PoolExhausted: vo.PoolError,
    vo.StreamClosed: vo.VocanaError,
}


@pytest.mark.parametrize("kind", ERRORS)
def test_errors_are_one_tree_with_code_hint_and_retryable(kind):
    assert issubclass(kind, ERRORS[kind])
    error = kind("what was wrong", hint="what to do")
    assert str(error) == "what was wrong (hint: what to do)"
    assert error.code.isidentifier()
    assert isinstance(error.retryable, bool)
    assert kind("x").hint
    copy = pickle.loads(pickle.dumps(kind("x", code="c", hint="h", retryable=True)))
    assert (str(copy), copy.code, copy.hint, copy.retryable) == ("x (hint: h)", "c", "h", True)


def test_error_codes_differ():
    assert len({kind("x").code for kind in ERRORS}) == len(ERRORS)


def test_the_package_exports_what_it_says():
    for name in vo.__all__:
        assert hasattr(vo, name)


def test_the_stub_tells_type_checkers_of_the_same_names():
    stub = Path(vo.__file__).with_suffix(".pyi").read_text()
    told = set(re.findall(r"^from \S+ import (\w+) as \1$", stub, re.MULTILINE))
    assert told | {"simd"} == set(vo.__all__)
