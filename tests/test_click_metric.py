"""What the click metric can tell, and that each gate reports the fault it is there for."""

import click_corpus
import numpy as np
import pytest
from click_corpus import NAMES, NOISE, SPEECH, TONES
from click_gates import (
    ALIGNED_GATES,
    BEFORE,
    HARMONIC,
    PLAIN_GATES,
    SPLICES,
    Gate,
    joined,
    judge,
    scores,
)
from click_metric import Segments, auc, d2, dip, hf, lpc, score
from hypothesis import given, settings
from hypothesis import strategies as st
from reference_join import (
    ALIGN,
    FADE,
    Joined,
    aligned,
    best_lag,
    correlations,
    gains,
    hard,
    linear,
    mute,
    oracle_excess,
    plain,
    untouched,
)

MEASURES = ("d2", "hf", "lpc", "dip")
GATES = tuple((gate, name) for gate in (*ALIGNED_GATES, *PLAIN_GATES) for name in gate.sounds)


def pop(stream, cut, gap):
    """A good join with one wrong sample in it."""
    result = aligned(stream, cut, gap)
    result.frames[result.at + FADE // 2] += 0.9
    return result


def bump(stream, cut, gap):
    """A good join played twice as loud."""
    result = aligned(stream, cut, gap)
    result.frames[result.at : result.at + FADE] *= 2
    return result


def one(frames):
    """A single segment."""
    return Segments(np.asarray(frames, np.float64)[None, :], FADE)


# --- What each measure is -------------------------------------------------


def test_d2_is_the_ratio_of_the_largest_second_differences():
    frames = np.zeros(2 * BEFORE + FADE)
    frames[1000] = 0.01
    frames[BEFORE + 7] = 0.1
    assert d2(one(frames))[0] == pytest.approx(20.0)
    frames[BEFORE + 7] = 0
    frames[BEFORE - 2] = 0.1  # outside: only the first of its three differences reaches the join
    assert d2(one(frames))[0] == pytest.approx(20 * np.log10(0.1 / 0.2))


def test_hf_hears_hiss_and_not_rumble():
    turns = 2 * np.pi * np.arange(2 * BEFORE + FADE) / 48_000
    frames = 0.001 * np.sin(12_000 * turns)
    frames[BEFORE : BEFORE + FADE] *= 10
    # In dB: a step within the window of the filter.
    assert hf(one(frames))[0] == pytest.approx(20.0, abs=0.5)
    rumble = 0.01 * np.sin(12_000 * turns) + np.hanning(len(turns)) * np.sin(60 * turns)
    assert hf(one(rumble))[0] == pytest.approx(0.0, abs=0.1)  # dB, what the filter leaves of 60 Hz


def test_dip_is_a_level_with_its_sign():
    for gain in (0.5, 2.0):
        frames = np.ones(2 * BEFORE + FADE)
        frames[BEFORE : BEFORE + FADE] = gain
        assert dip(one(frames))[0] == pytest.approx(20 * np.log10(gain))


def test_lpc_reports_what_a_resonance_would_not_do():
    rng = np.random.default_rng(4)
    frames = np.zeros(2 * BEFORE + FADE)
    for n, kick in enumerate(rng.uniform(-0.01, 0.01, len(frames))):
        frames[n] = 1.8 * frames[n - 1] - 0.9 * frames[n - 2] + kick
    assert lpc(one(frames))[0] < 0.5
    frames[BEFORE + 100] += 0.1  # ten times the largest kick
    # In dB: predicted by a model of a short piece.
    assert lpc(one(frames))[0] == pytest.approx(20 * np.log10(1.8 * 10), abs=1.5)


def test_silence_scores_nothing():
    silence = one(np.zeros(2 * BEFORE + FADE))
    assert [getattr(score(silence), measure)[0] for measure in MEASURES] == [0, 0, 0, 0]


def test_auc_counts_pairs():
    assert auc(np.array([2.0, 3.0]), np.array([0.0, 1.0])) == 1.0
    assert auc(np.array([0.0, 2.0]), np.array([0.0, 1.0])) == 0.625


# --- What the measures can tell -------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_sound_that_nobody_cut_is_no_click(name):
    found = scores(untouched, name)
    for measure in ("d2", "hf", "lpc"):
        values = getattr(found, measure)
        assert np.median(values) <= 0.05
        assert np.percentile(values, 95) <= 1.0
    if name in TONES:
        assert max(getattr(found, measure).max() for measure in ("d2", "hf", "lpc")) <= 0.1
        assert np.abs(found.dip).max() <= 0.5


@pytest.mark.parametrize("name", HARMONIC)
@pytest.mark.parametrize("join", [aligned, plain])
def test_a_hard_cut_is_40_db_worse_than_a_join(join, name):  # B3
    better = scores(hard, name).hf - scores(join, name).hf
    assert np.median(better) >= 40.0


@pytest.mark.parametrize("name", [*TONES, "chord", "harmonic", *SPEECH])
def test_the_predictor_separates_cuts_from_sound(name):
    cut, clean = (joined(join, name, dither=True) for join in (hard, untouched))
    around = slice(BEFORE - FADE, BEFORE + FADE)
    heard = np.mean(cut.frames[:, around] ** 2, axis=1) > 1e-6  # a cut in silence is no cut
    assert heard.sum() >= SPLICES * 2 // 3
    assert auc(lpc(cut)[heard], lpc(clean)) >= 0.96


@pytest.mark.parametrize("name", NOISE)
def test_a_cut_in_noise_is_no_click(name):
    for measure in ("d2", "hf", "lpc"):
        cut, clean = (getattr(scores(join, name), measure) for join in (hard, untouched))
        assert 0.35 <= auc(cut, clean) <= 0.75
    assert np.percentile(scores(hard, "white").d2, 95) <= 3.0


def test_without_espeak_the_corpus_says_what_to_install(monkeypatch):
    monkeypatch.setattr(click_corpus.shutil, "which", lambda program: None)
    with pytest.raises(click_corpus.SpeechMissingError, match="apt install espeak-ng"):
        click_corpus._speech("en-gb")


# --- What the gates let pass ----------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_the_aligned_reference_passes(name):  # B3
    assert judge(aligned, name, ALIGNED_GATES) == []


@pytest.mark.parametrize("name", NAMES)
def test_the_plain_reference_passes(name):  # B3
    assert judge(plain, name, PLAIN_GATES) == []


def test_a_plain_join_misses_what_alignment_reaches():
    assert judge(plain, "tone3000", ALIGNED_GATES) != []


@pytest.mark.parametrize("fault", [hard, linear, mute, pop])
@pytest.mark.parametrize("gates", [ALIGNED_GATES, PLAIN_GATES])
@pytest.mark.parametrize("name", [*TONES, "harmonic"])
def test_planted_faults_are_reported(name, gates, fault):
    assert judge(fault, name, gates) != []


@pytest.mark.parametrize("name", [*TONES, "chord", "harmonic", *SPEECH])
def test_every_gate_on_clicks_reports_a_hard_cut(name):
    mine = [
        gate
        for gate in (*ALIGNED_GATES, *PLAIN_GATES)
        if gate.measure != "dip" and name in gate.sounds
    ]
    assert mine
    assert len(judge(hard, name, mine)) == len(mine)


@pytest.mark.parametrize(("gate", "name"), GATES)
def test_every_gate_reports_some_fault(gate: Gate, name: str):
    faults = (hard, mute, pop, bump)
    assert any(gate.reports(scores(fault, name), scores(hard, name)) for fault in faults)


# --- The reference itself -------------------------------------------------


@pytest.mark.parametrize("length", [1, 80, 240, 480])
def test_gains_are_symmetric_and_sum_to_one(length):  # B5
    g = gains(length)
    assert np.abs(g + g[::-1] - 1).max() < 1e-12
    assert np.all(np.diff(g) < 0)


@pytest.mark.parametrize("lag", [0, 1, 317, ALIGN])
def test_the_lag_is_found_again(lag):
    noise = np.random.default_rng(lag).standard_normal(ALIGN + FADE)
    assert best_lag(noise[lag : lag + FADE] * 0.3, noise) == lag


def test_what_does_not_fit_is_not_moved():
    rng = np.random.default_rng(8)
    old, candidates = rng.standard_normal(FADE), rng.standard_normal(ALIGN + FADE)
    assert 0 < correlations(old, candidates).max() < 0.5
    assert best_lag(old, candidates) == 0
    candidates[100 : 100 + FADE] = old
    assert best_lag(old, candidates) == 100
    assert best_lag(old * 1e-5, candidates) == 0
    assert best_lag(old, candidates * 1e-5) == 0


@pytest.mark.parametrize("join", [aligned, plain])
def test_a_constant_stays_exactly_what_it_is(join):  # B6
    result = join(np.ones(20_000, np.float32), 5000, 3000)
    assert np.all(result.frames == 1.0)
    assert result.new - result.old == len(np.ones(20_000)) - len(result.frames)


@settings(deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    gap=st.integers(0, 4000),
    smooth=st.integers(1, 200),
    join=st.sampled_from([aligned, plain]),
)
def test_the_oracle_holds_for_every_sound(seed, gap, smooth, join):
    noise = np.random.default_rng(seed).uniform(-1, 1, 8000)
    stream = np.convolve(noise, np.ones(smooth) / smooth, "same")
    result = join(stream, 1000, gap)
    assert oracle_excess(stream, result).max() <= 0
    rounded = Joined(
        result.frames.astype(np.float32).astype(np.float64), result.at, result.old, result.new
    )
    assert oracle_excess(stream.astype(np.float32), rounded).max() <= 0


@pytest.mark.parametrize("fault", [hard, linear, mute, pop])
def test_the_oracle_reports_planted_faults(fault):
    stream = np.sin(2 * np.pi * 440 * np.arange(20_000) / 48_000)
    result = fault(stream, 5000, 5000 + 54)  # about half a period off
    assert oracle_excess(stream, result).max() > 1e-4


def test_the_oracle_reports_gains_that_are_one_frame_late():
    stream = np.sin(2 * np.pi * 440 * np.arange(20_000) / 48_000)
    result = plain(stream, 5000, 5000 + 54)
    old, new = stream[5000 : 5000 + FADE], stream[10_054 : 10_054 + FADE]
    late = np.concatenate([[1.0], gains(FADE)[:-1]])
    result.frames[result.at : result.at + FADE] = new + late * (old - new)
    assert oracle_excess(stream, result).max() > 1e-6


def test_splices_are_many_and_the_same_every_time():
    first, second = (joined(hard, "tone440").frames for _ in range(2))
    assert first.shape == (SPLICES, 2 * BEFORE + FADE)
    assert np.array_equal(first, second)
