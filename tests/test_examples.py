"""The example of a live chain: nothing is lost, and turning its cut-off makes no click."""

import importlib
import os
import re
import subprocess
import sys
from pathlib import Path

import click_metric
import numpy as np
import pytest
import soundfile

import vocana_dsp as vo
from vocana_dsp.testing import SimulatedDevice

ROOT = Path(__file__).parent.parent
SECONDS = 3

# The metric counts in frames and not in seconds, so it serves at 16 kHz with a context of 300 ms
# and an "hf" above 2.7 kHz, beyond the last formant of the voice.
STEP = 160  # frames whose worst value is looked at: 10 ms, twice in the time of one turn
MEASURES = ("d2", "hf", "lpc")
CLEAN_DB = 3.0  # above the surroundings, and above the same sound with a steady cut-off


def scores(sound):
    """(measures, places): how much each 10 ms stand out of what is around them, in dB."""
    reach = click_metric.CONTEXT + click_metric.MARGIN
    starts = range(reach, len(sound) - reach - STEP, STEP)
    rows = np.stack([sound[at - reach : at + STEP + reach] for at in starts])
    found = click_metric.score(click_metric.Segments(rows, STEP))
    return np.array([getattr(found, name) for name in MEASURES])


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """What the example printed, and what it wrote."""
    out = tmp_path_factory.mktemp("live") / "live.wav"
    done = subprocess.run(
        [sys.executable, "examples/live_chain.py", "--seconds", str(SECONDS), "--out", str(out)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    sound, rate = soundfile.read(out)
    assert rate == 16_000
    return done.stdout, sound


@pytest.fixture(scope="module")
def steady():
    """The same sound through the same chain, whose cut-off nobody turns."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(ROOT / "examples")
        example = importlib.import_module("live_chain")
    chain = vo.Chain([vo.HighPass(example.LOWEST_HZ), vo.Compressor(-20, ratio=3), vo.Limiter(-1)])
    device = SimulatedDevice(example.voice(SECONDS), rate=example.DEVICE_RATE, pace="lockstep")
    with vo.Capture(device, rate=example.RATE, channels=1, chain=chain) as mic:
        return np.concatenate([block.data for block in mic])[:, 0].astype(np.float64)


def test_nothing_is_lost_while_python_is_busy(run):
    said, sound = run
    frames, lost, turns = re.match(
        r"([\d,]+) frames at 16000 Hz, (\d+) lost, cut-off set (\d+) times", said
    ).groups()
    assert (frames, lost, len(sound)) == ("48,000", "0", 48_000)
    assert int(turns) >= 5
    assert re.search(r"chain +p50 +[\d.]+ us +p99 +[\d.]+ us", said)


def test_the_cut_off_is_heard(run, steady):
    assert np.abs(run[1] - steady).max() > 2e-4  # a busy machine turns it seldom


def test_turning_the_cut_off_makes_no_click(run, steady):  # A13
    live, still = scores(run[1]), scores(steady)
    for name, score, excess in zip(MEASURES, live, live - still, strict=True):
        assert score.max() < CLEAN_DB, name
        # Another cut-off leaves another sound to predict: 3.5 dB of lpc, where jumps score 12.
        assert excess.max() < (2 * CLEAN_DB if name == "lpc" else CLEAN_DB), name


@pytest.mark.parametrize("at", range(8000, 40_000, 7777))
@pytest.mark.parametrize("fault", ["cut", "step", "gain"])
def test_a_jump_is_found(run, steady, at, fault):
    """The negative control: one hard jump in what the example wrote."""
    sound = run[1].copy()
    if fault == "cut":
        sound = np.concatenate([sound[:at], sound[at + 37 :], np.zeros(37)])
    elif fault == "step":
        sound[at:] += 0.02 * np.exp(-np.arange(len(sound) - at) / 800)
    else:
        sound[at:] *= 0.8
    assert (scores(sound) - scores(steady)).max() > 4 * CLEAN_DB
