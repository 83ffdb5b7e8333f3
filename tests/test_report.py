"""Whole recordings: known answers, one pass in any cuts, and memory that does not grow."""

import math
import subprocess
import sys

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st
from meter_signals import RATE, cuts, speech_like, stereo, tone

import vocana_dsp as vo
from vocana_dsp.features.overview import COLUMNS, Overview
from vocana_dsp.features.report import AnalysisMeter


def clicks(bpm, seconds=15, rate=RATE):
    x = np.zeros(seconds * rate, np.float32)
    x[(np.arange(int(seconds * bpm / 60)) * 60 / bpm * rate).astype(int)] = 0.5
    return x


# --- Known answers --------------------------------------------------------------------------------


@pytest.mark.parametrize("rate", [16_000, 44_100, 48_000, 96_000])
def test_a_sine_of_1_khz(rate):  # E1
    found = vo.analyze(tone([(5, -20)], rate=rate), rate)
    (channel,) = found.channels
    assert channel.peak_db == pytest.approx(-20, abs=0.01)  # dB: samples miss the peak of a sine
    assert channel.rms_db == pytest.approx(-20 - 10 * math.log10(2), abs=0.001)
    assert channel.crest_db == pytest.approx(3.01, abs=0.01)  # dB: rounded
    assert found.true_peak_db == pytest.approx(-20, abs=0.05)  # dB: as BS.1770 allows
    # BS.1770: one channel of 1 kHz is -3.01 LUFS below the level of its peak.
    assert found.loudness.integrated_lufs == pytest.approx(-23.01, abs=0.1)
    assert found.loudness.max_short_term_lufs == pytest.approx(-23.01, abs=0.1)  # EBU Tech 3341
    # LU: a tenth of what EBU Tech 3342 allows.
    assert found.loudness.range_lu == pytest.approx(0, abs=0.1)
    # The sides of the window.
    assert found.spectrum.centroid_hz.mean == pytest.approx(1000, rel=0.002)
    assert found.spectrum.crossings_per_s.mean == pytest.approx(2000, rel=0.01)  # as D12 has it
    assert found.spectrum.mid_db == pytest.approx(-23.01, abs=0.01)  # dB: rounded
    assert (found.correlation, found.tempo, channel.flags) == (None, None, frozenset())
    assert found.duration_s == 5


@pytest.mark.parametrize(("right", "expected"), [(1.0, 1.0), (-0.5, -1.0), (0.0, 0.0)])
def test_correlation(right, expected):
    x = speech_like(2, RATE)
    found = vo.analyze(np.stack([x, np.float32(right) * x], axis=1), RATE)
    assert found.correlation == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("bpm", [40, 60, 90, 128, 200, 240])
def test_the_tempo_of_clicks(bpm):  # D13
    noise = np.random.default_rng(bpm).normal(0, 0.001, 15 * RATE)
    # As D13 has it.
    assert vo.analyze(clicks(bpm) + noise, RATE).tempo.bpm == pytest.approx(bpm, rel=0.02)


def test_what_has_no_beat_has_no_tempo():
    rng = np.random.default_rng(1)
    for sound in (
        tone([(12, -20)]),
        tone([(12, -6)], hertz=440),
        rng.normal(0, 0.1, 12 * RATE),
        np.zeros(4 * RATE),
    ):
        assert vo.analyze(sound, RATE).tempo is None


def test_true_peaks_are_of_each_channel_and_reach_the_last_frame():
    between = np.sin(np.pi / 2 * np.arange(4800) + np.pi / 4) * np.hanning(4800)  # 3 dB above
    x = np.stack([between, between / 2], axis=1)
    left, right = vo.analyze(x, RATE).channels
    assert left.true_peak_db == pytest.approx(vo.true_peak_db(between, RATE), abs=1e-4)
    assert left.true_peak_db - left.peak_db == pytest.approx(3, abs=0.1)  # dB: as BS.1770 allows
    assert right.true_peak_db == pytest.approx(left.true_peak_db - 6.02, abs=0.01)  # dB: rounded
    late = np.zeros(4800)
    late[-1] = 0.5
    # In dB: as BS.1770 allows.
    assert vo.analyze(late, RATE).true_peak_db == pytest.approx(-6.02, abs=0.1)


def test_every_figure_is_that_of_its_own_function():  # D12, I14
    x = stereo(speech_like(4, RATE))
    x[:, 1] *= 0.5
    found = vo.analyze(x, RATE)
    loudness = vo.loudness(x, RATE)
    assert found.loudness.integrated_lufs == loudness.integrated_lufs
    assert found.loudness.range_lu == loudness.range_lu
    assert found.true_peak_db == pytest.approx(loudness.true_peak_db, abs=1e-4)
    assert found.correlation == vo.stereo_correlation(x)
    for channel, expected in zip(found.channels, vo.quality(x, RATE), strict=True):
        assert (channel.rms, channel.mean, channel.flags) == (
            expected.rms,
            expected.mean,
            expected.flags,
        )
    frames = vo.spectral_features(x.mean(axis=1), RATE, center=False)
    heard = frames.low_energy + frames.mid_energy + frames.high_energy > 1e-8
    assert found.spectrum.frames == heard.sum()
    for name in ("centroid_hz", "spread_hz", "flatness", "brightness", "crossings_per_s"):
        values = getattr(frames, name)[heard].astype(float)
        average = getattr(found.spectrum, name)
        assert (average.mean, average.deviation) == pytest.approx(
            (values.mean(), values.std()), rel=1e-6
        )


def test_samples_that_no_converter_delivers_count_as_0():  # E5
    x = speech_like(2, RATE)
    x[1000:1003] = 0
    broken = x.copy()
    broken[1000:1003] = [np.nan, -np.inf, 1e9]
    found, expected = vo.analyze(broken, RATE), vo.analyze(x, RATE)
    assert found.channels[0].flags == {"invalid"}
    assert found.channels[0].invalid_ratio == pytest.approx(3 / len(x))
    assert (found.loudness, found.spectrum) == (expected.loudness, expected.spectrum)
    assert found.true_peak_db == expected.true_peak_db


def test_short_and_slow_signals_have_what_they_can_have():
    found = vo.analyze(np.array([0.5]), RATE)
    assert (found.frames, found.spectrum, found.tempo) == (1, None, None)
    assert found.loudness.integrated_lufs == -math.inf
    found = vo.analyze(np.full(500, 0.5), 100)
    assert (found.loudness, found.tempo) == (None, None)
    assert found.channels[0].flags >= {"dc"}


# --- Cuts -----------------------------------------------------------------------------------------


def through(meter, parts):
    for part in parts:
        meter.process(part)
    return meter.finish()


SPEECH = np.stack([speech_like(3, 16_000, 1), speech_like(3, 16_000, 2)], axis=1)
SPEECH_FOUND = vo.analyze(SPEECH, 16_000)
SPEECH_SEEN = through(Overview(16_000, 2, len(SPEECH)), [SPEECH])


@given(st.lists(st.integers(1, 9000), min_size=1, max_size=5))
@settings(max_examples=15, deadline=None)
def test_cuts_do_not_show(lengths):
    assert through(AnalysisMeter(16_000, 2), cuts(SPEECH, lengths)) == SPEECH_FOUND
    seen = through(Overview(16_000, 2, len(SPEECH)), cuts(SPEECH, lengths))
    for name in ("low", "high", "momentary_lufs", "short_term_lufs"):
        np.testing.assert_array_equal(getattr(seen, name), getattr(SPEECH_SEEN, name))
    # Powers of one column are added in another order.
    np.testing.assert_allclose(seen.spectrogram_db, SPEECH_SEEN.spectrogram_db, atol=1e-3)


# --- Overviews ------------------------------------------------------------------------------------


@pytest.mark.parametrize("expected_frames", [0, 10, 48_000, 10**9])
@pytest.mark.parametrize("length", [1, 1399, 48_000, 100_003])
def test_an_overview_needs_no_length(expected_frames, length):
    x = np.random.default_rng(length).uniform(-1, 1, (length, 1)).astype(np.float32)
    view = through(Overview(RATE, 1, expected_frames), cuts(x, [777, 4096]))
    step = round(view.wave_step_s * RATE)
    assert view.low.shape == view.high.shape == (1, -(-length // step))
    assert view.low.shape[1] <= 2 * COLUMNS
    for column in range(0, view.low.shape[1], 97):
        part = x[column * step : (column + 1) * step]
        assert (view.low[0, column], view.high[0, column]) == (part.min(), part.max())


def test_a_tone_is_seen_where_it_is():
    x = tone([(2, -20), (2, -np.inf)], hertz=4000)
    view = through(Overview(RATE, 1, len(x)), [x])
    column = round(1 / view.spectrogram_step_s)
    mel = 15 + 27 * np.log(np.array([4000, 24_000]) / 1000) / np.log(6.4)  # Slaney
    assert view.spectrogram_db[:, column].argmax() == pytest.approx(mel[0] / mel[1] * 128, abs=1)
    assert view.spectrogram_db.max() == 0
    assert view.spectrogram_db[:, round(3 / view.spectrogram_step_s)].max() < -90
    at = round(1 / view.loudness_step_s)
    assert view.momentary_lufs[at] == pytest.approx(-23.01 + 3.3, abs=0.1)  # K-weighting


# --- Files ----------------------------------------------------------------------------------------

LENGTHS_S = (20, 600)

GROWTH = """
import sys, tracemalloc
import numpy as np, soundfile, vocana_dsp as vo
from vocana_dsp.features.overview import Overview
from vocana_dsp.files.soundfiles import AudioReader


def one(path):
    vo.analyze(path)
    with AudioReader(path) as reader:
        overview = Overview(reader.rate, reader.channels, reader.frames)
        for block in reader.blocks(16_384):
            overview.process(block)
        overview.finish()


def peak(work, path):
    tracemalloc.start()
    work(path)
    print(tracemalloc.get_traced_memory()[1])
    tracemalloc.stop()


one(sys.argv[1])  # what is imported late
peak(one, sys.argv[1])
peak(one, sys.argv[2])
peak(lambda path: vo.analyze(*soundfile.read(path, dtype="float32")), sys.argv[2])
"""


def test_memory_does_not_grow_with_a_file(tmp_path):
    paths = []
    for seconds in LENGTHS_S:
        paths.append(tmp_path / f"{seconds}.wav")
        sound = np.tile(speech_like(20, 16_000), seconds // 20)
        soundfile.write(paths[-1], sound, 16_000, subtype="PCM_16")
    done = subprocess.run(
        [sys.executable, "-c", GROWTH, *map(str, paths)], capture_output=True, text=True, check=True
    )
    short, long, at_once = map(int, done.stdout.split())
    assert long - short < 2**20
    assert at_once - short > 30 * 2**20  # the negative control: that it would be seen


def test_a_file_is_what_it_holds(tmp_path):
    path = tmp_path / "a.wav"
    x = stereo(speech_like(2, RATE))
    soundfile.write(path, x, RATE, subtype="FLOAT")
    assert vo.analyze(path) == vo.analyze(str(path)) == vo.analyze(x, RATE)


# --- Refusals -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("x", "rate", "error", "said"),
    [
        (np.zeros(100), None, vo.ConfigError, "rate is None"),
        (np.zeros(100), 99, vo.ConfigError, "rate is 99"),
        (np.zeros(100), 48_000.5, vo.ConfigError, "rate is 48000.5"),
        (np.zeros(0), RATE, vo.FormatError, "x is empty"),
        (np.zeros((0, 2)), RATE, vo.FormatError, "x is empty"),
        (np.zeros((2, 100)), RATE, vo.ConfigError, "100 channels, expected 64 at most"),
        (np.zeros((2, 2, 2)), RATE, vo.ConfigError, "3 axes"),
        (np.zeros(100, np.int16), RATE, vo.ConfigError, "int16"),
        ("no/such/file.wav", None, vo.FormatError, "does not exist"),
    ],
)
def test_what_cannot_be_analyzed_is_refused(x, rate, error, said):
    with pytest.raises(error, match=said):
        vo.analyze(x, rate)


def test_a_file_has_its_own_rate(tmp_path):
    path = tmp_path / "a.wav"
    soundfile.write(path, np.zeros(100), 8000)
    assert vo.analyze(path, 8000).rate == 8000
    with pytest.raises(vo.ConfigError, match=r"rate is 48000, but .* has 8000 Hz"):
        vo.analyze(path, 48_000)
