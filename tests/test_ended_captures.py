"""Captures from which nothing more comes, and what would be fed by them."""

import numpy as np
import pytest
from recorded import RATE, audio, sidecar

import vocana_dsp as vo
from vocana_dsp.testing import SimulatedDevice, Unplug


def closed():
    mic = vo.Capture(SimulatedDevice())
    mic.close()
    return mic, "the capture is closed"


def stopped():
    mic = vo.Capture(SimulatedDevice())
    mic.start()
    mic.stop()
    return mic, "the capture has ended"


def ended():
    """Of which the reader has not had everything yet."""
    mic = vo.Capture(SimulatedDevice(seconds=0.1, pace="lockstep"))
    mic.start()
    while mic.state != "ended":
        pass
    return mic, "the capture has ended"


def lost(**options):
    mic = vo.Capture(SimulatedDevice(script=[Unplug(480)]), **options)
    mic.start()
    while mic.state != "failed":
        pass
    return mic, "the capture has ended"


def lost_behind_a_chain():
    return lost(chain=vo.Chain([vo.Gain()]))


OVER = [closed, stopped, ended, lost, lost_behind_a_chain]


@pytest.mark.parametrize("over", OVER)
@pytest.mark.parametrize("overwrite", [False, True])
def test_a_recorder_is_refused_before_its_file_is_made(tmp_path, over, overwrite):
    before = tmp_path / "before.wav"
    vo.Recorder(before, vo.Capture(SimulatedDevice())).close()
    kept = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    mic, told = over()
    path = before if overwrite else tmp_path / "a.wav"
    with pytest.raises(vo.StreamClosed, match=told):
        vo.Recorder(path, mic, overwrite=overwrite)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == kept
    mic.close()


@pytest.mark.parametrize("over", OVER)
def test_a_playout_is_refused(over):
    mic, told = over()
    with pytest.raises(vo.StreamClosed, match=told):
        vo.Playout(mic)
    mic.close()


def test_a_recorder_that_starts_too_late(tmp_path):
    mic = vo.Capture(SimulatedDevice())
    recorder = vo.Recorder(tmp_path / "a.wav", mic)
    mic.close()
    with pytest.raises(vo.StreamClosed, match="the capture is closed"):
        recorder.start()
    recorder.close()
    assert sidecar(tmp_path / "a.wav")["end"] == "closed"


@pytest.mark.parametrize("options", [{}, {"chain": vo.Chain([vo.Gain()])}])
def test_a_recording_ends_with_its_device_though_nobody_reads(tmp_path, options):  # faults 9
    mic = vo.Capture(SimulatedDevice(script=[Unplug(RATE // 10)]), **options)
    with vo.Recorder(tmp_path / "a.wav", mic) as recorder, mic:
        assert recorder.wait(30)
        assert mic.state == "failed"
    np.testing.assert_array_equal(audio(tmp_path / "a.wav"), np.arange(RATE // 10))
