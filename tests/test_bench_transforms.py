"""The bench of transforms: peers compute what ours computes, and an absent one is said to be."""

import numpy as np
import pytest

from vocana_dsp._native.bench_fft import forward_ns
from vocana_dsp.bench import dsp_transforms, peer_ffts
from vocana_dsp.bench.peers import PeerAbsentError

pytestmark = pytest.mark.figures


def test_fftw_computes_the_same_spectrum():
    x = dsp_transforms._sound(512)
    ours, theirs = np.zeros(514, np.float32), np.zeros(514, np.float32)
    assert forward_ns(x, ours, 10) > 0
    assert peer_ffts.fftw(x, theirs)(10) > 0
    assert np.abs(ours - theirs).max() < 1e-6 * np.abs(ours).max()


def test_room_that_is_too_small_is_refused():
    with pytest.raises(ValueError, match="spectrum has 513 floats, expected 514"):
        forward_ns(np.zeros(512, np.float32), np.zeros(513, np.float32), 1)


def test_without_ipp_its_figures_are_unmeasured(monkeypatch):
    def absent(x, spectrum):
        raise PeerAbsentError("pip install ipp")

    monkeypatch.setattr(peer_ffts, "ipp", absent)
    monkeypatch.setattr(dsp_transforms, "ROUNDS", 1)
    monkeypatch.setattr(dsp_transforms, "SAMPLES_A_ROUND", 2048)
    targets = {dsp_transforms.IPP: dsp_transforms.AS_IPP, dsp_transforms.FFTW: None}
    ipp, fftw, accuracy = dsp_transforms._one_size(512, targets)
    assert not ipp.measured
    assert ipp.note == "peer absent: pip install ipp"
    assert fftw.measured
    assert fftw.error_db == accuracy.value < -136
    assert accuracy.passed


def test_ipp_says_what_is_missing(monkeypatch):
    monkeypatch.setattr(peer_ffts, "simd", "neon")
    with pytest.raises(PeerAbsentError, match="ipp has nothing for neon"):
        peer_ffts.ipp(np.zeros(512, np.float32), np.zeros(514, np.float32))
