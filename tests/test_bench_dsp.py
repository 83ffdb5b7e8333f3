"""The figures of signal processing: each stands without its peers, begins with its topic, and has
its error beside it."""

import sys

import numpy as np
import pytest
from scipy import signal

from vocana_dsp.bench import (
    dsp_chain,
    dsp_dynamics,
    dsp_features,
    dsp_filters,
    dsp_kernels,
    dsp_loudness,
    dsp_resampler,
    dsp_transforms,
    references,
)
from vocana_dsp.bench.timing import error_db

pytestmark = pytest.mark.figures

#: How the names of a module's figures begin, and its peers.
MODULES = {
    dsp_chain: ("chain, ", ["pedalboard"]),
    dsp_dynamics: ("dynamics, ", ["pedalboard"]),
    dsp_features: ("features, ", ["scipy", "librosa", "kaldi_native_fbank"]),
    dsp_filters: ("filter, ", ["scipy", "numba", "pedalboard"]),
    dsp_kernels: ("kernel, ", ["scipy", "numba"]),
    dsp_loudness: ("meter, ", ["scipy", "numba", "pyloudnorm"]),
    dsp_resampler: ("resampler, ", ["scipy", "soxr"]),
    dsp_transforms: ("transform, ", ["scipy", "librosa", "pyfftw"]),
}
#: What cannot be imported without it.
NEED = {"scipy": ["librosa", "pyloudnorm"], "numba": ["librosa"], "soxr": ["librosa"]}
#: A time alone; and a peak between samples, of which every interpolation has its own.
WITHOUT_ERROR = (
    "chain, nothing in it",
    "chain, a stage of nothing",
    "chain, process of 64",
    "chain, median times",
    "dynamics, limiter by true peaks",
)


@pytest.fixture
def quick(monkeypatch):
    """One round of a call or two, of shorter sounds, and no peer that has to be compiled."""
    counts = {"CALLS": 2, "PYTHON_CALLS": 2, "PEER_CALLS": 2, "LEVEL_CALLS": 2, "ROUNDS": 1}
    sizes = {
        "SAMPLES_A_ROUND": 4096,
        "MINUTE_S": 1,
        "FRAMES": 60,
        "LEVEL_ROUNDS": 1,
        "MINUTE_ROUNDS": 1,
    }
    for module in MODULES:
        for name, value in {**counts, **sizes}.items():
            if hasattr(module, name):
                monkeypatch.setattr(module, name, value)
    for module, seconds in ((dsp_features, 12), (dsp_loudness, 12), (dsp_resampler, 1)):
        monkeypatch.setattr(module, "SECONDS", seconds)
    monkeypatch.setenv("PATH", "")


def hide(monkeypatch, *packages):
    """Let these not be imported, as if they were not installed, nor what needs them."""
    for package in {*packages, *(other for name in packages for other in NEED.get(name, []))}:
        monkeypatch.setitem(sys.modules, package, None)
        for name in list(sys.modules):
            if name.startswith(f"{package}."):
                monkeypatch.setitem(sys.modules, name, None)


@pytest.mark.parametrize(
    ("module", "peer"),
    [(module, peer) for module, (_, peers) in MODULES.items() for peer in peers],
    ids=lambda given: given if isinstance(given, str) else given.__name__.rpartition("_")[2],
)
def test_without_a_peer_its_figures_alone_are_unmeasured(quick, monkeypatch, module, peer):
    hide(monkeypatch, peer)
    missing = {peer, *NEED.get(peer, [])}
    found = module.figures()
    assert found
    assert all(figure.value is not None for figure in found)
    for figure in found:
        said = figure.note.partition("peer absent: pip install ")[2].replace("-", "_")
        assert said.partition(" ")[0] in {"", "ipp", *missing}


@pytest.mark.parametrize("module", MODULES)
def test_every_figure_has_a_topic_and_an_error(quick, module):
    for figure in module.figures():
        assert figure.name.startswith(MODULES[module][0])
        alone = figure.name.startswith(WITHOUT_ERROR) or figure.name.endswith(
            ("output", "delay", "denormals")
        )
        if figure.measured and not alone and figure.unit != "dB" and figure.note != "exact":
            assert figure.error_db is not None, figure.name
            assert figure.error_db < -20, figure.name


def test_an_error_is_told():
    exact = np.ones(100)
    damaged = exact.copy()
    damaged[7] += 1e-3
    assert error_db(damaged, exact) == pytest.approx(-80)
    assert error_db(1j * exact + 1e-3, 1j * exact) == pytest.approx(-60)
    assert error_db(exact, exact) is None


@pytest.mark.parametrize(("kind", "order", "hertz"), [("highpass", 2, 80), ("lowpass", 8, 5000)])
def test_the_reference_of_filters_is_that_of_scipy(kind, order, hertz):
    x = np.sin(np.arange(2000.0) ** 1.3)
    sections = references.butterworth(kind, order, hertz, 48_000)
    right = signal.sosfilt(signal.butter(order, hertz, kind, fs=48_000, output="sos"), x)
    assert error_db(references.cascade(sections, x), right) < -200
