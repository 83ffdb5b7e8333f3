"""What the benchmark of the kernels measures, and that its errors would be told."""

from contextlib import contextmanager

import numpy as np
import pytest

from vocana_dsp._native.bench_samples import PASSES, WORKS, Samples, memcpy, passed
from vocana_dsp.bench import dsp_kernels
from vocana_dsp.bench.peers import PeerAbsentError

pytestmark = pytest.mark.figures

ROUNDS = 3


@contextmanager
def no_peer(*_):
    raise PeerAbsentError("install it")
    yield


@pytest.fixture
def quick(monkeypatch):
    """Few calls, and no peer that has to be compiled."""
    for name, value in (("ROUNDS", ROUNDS), ("CALLS", 5), ("PYTHON_CALLS", 2)):
        monkeypatch.setattr(dsp_kernels, name, value)
    for name in ("loops", "ipp"):
        monkeypatch.setattr(dsp_kernels, name, no_peer)


def test_every_kernel_has_a_figure_and_says_which_peer_is_absent(quick):
    assert tuple(dsp_kernels.WORKS) == WORKS
    figures = dsp_kernels.figures()
    for work in WORKS:
        own = [figure for figure in figures if dsp_kernels.WORKS[work] in figure.name]
        assert own[0].peer == dsp_kernels.MEMCPY
        assert own[0].measured
        (absent,) = (figure for figure in own if figure.peer == dsp_kernels.LOOP)
        assert not absent.measured
        assert "install it" in absent.note
    assert any("from Python" in figure.name and figure.target for figure in figures)


def test_denormals_are_held_against_noise(quick):  # E4
    figures = dsp_kernels._denormals()
    assert len(figures) == len(PASSES) + 1
    for figure in figures:
        assert "denormals" in figure.name
        assert figure.peer == dsp_kernels.PLAIN
        assert (figure.measured, figure.target) == (True, dsp_kernels.DENORMAL)
    tiny = (dsp_kernels._noise(0) * np.float64(dsp_kernels.TINY)).astype(np.float32)
    assert 0 < np.abs(tiny).max() < np.finfo(np.float32).tiny


@pytest.mark.parametrize("work", WORKS)
def test_what_is_timed_is_right(work):
    note, error_db = dsp_kernels._error(work)
    if error_db is None:
        assert note == "exact"
    else:
        assert error_db < -140


def test_only_what_fits_is_timed():
    with pytest.raises(ValueError, match="4096 at most"):
        passed("flush", np.zeros(4097, np.float32), 1)
    assert Samples.ours().time("gain", 512, 1) >= 0
    assert memcpy(512, 1) >= 0
    for n in (511, 8192):
        with pytest.raises(ValueError, match="even number"):
            Samples.ours().time("gain", n, 1)
    with pytest.raises(ValueError, match="not in tuple"):
        Samples.ours().time("gains", 512, 1)
