"""The engine's joins, heard through its own reader and judged by the gates of click_gates."""

from functools import partial

import numpy as np
import pytest
from click_corpus import LOW_TONES, NAMES, sound
from click_gates import ALIGNED_GATES, BEFORE, HARMONIC, PLAIN_GATES, judge
from hypothesis import given, settings
from hypothesis import strategies as st
from join_driver import TARGET, Driver, drive_drop, drive_skip, engine
from reference_join import ALIGN, FADE, Joined, correlations, gains, mix, oracle_excess, plain

ROUNDING = 4 * 2.0**-24  # of a gain, a difference, a product and a sum of samples up to 1


def play(drive, cause, stream, cut, gap, **options):
    """One join of the engine, as the gates want it."""
    driver = drive(stream, cut, gap, seed=cut + gap, **options)
    ((at, frame, lost, why),) = driver.jumps
    assert why == cause
    assert (at, frame) == (cut, cut + lost)
    assert driver.account() == lost
    return Joined(driver.output()[:, 0].astype(np.float64), at, cut, frame)


skip_join = partial(play, drive_skip, "skip")
drop_join = partial(play, drive_drop, "overflow")
JOINS = pytest.mark.parametrize("join", [skip_join, drop_join], ids=["skip", "drop_newest"])


# --- How it sounds --------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_a_skip_is_not_heard(name):  # B3
    assert judge(skip_join, name, ALIGNED_GATES) == []


@pytest.mark.parametrize("name", NAMES)
def test_an_overflow_is_joined(name):  # B3
    assert judge(drop_join, name, PLAIN_GATES) == []


@pytest.mark.parametrize("name", HARMONIC)
@pytest.mark.parametrize(
    ("join", "gates"),
    [
        (partial(skip_join, fade=0, align=0), ALIGNED_GATES),
        (partial(drop_join, fade=0), PLAIN_GATES),
    ],
    ids=["skip", "drop_newest"],
)
def test_without_its_fade_the_engine_is_reported(name, join, gates):
    assert judge(join, name, gates) != []


@pytest.mark.parametrize("name", ["tone100", "tone3000"])
def test_without_its_alignment_a_skip_is_reported(name):
    assert judge(partial(skip_join, align=0), name, ALIGNED_GATES) != []


# --- What it is -----------------------------------------------------------


def expected(stream, result, fade=FADE):
    """What the definition makes of the same positions."""
    x = stream.astype(np.float64)
    old, new = x[result.old : result.old + fade], x[result.new : result.new + fade]
    return np.concatenate([x[: result.old], mix(old, new), x[result.new + fade :]])


@JOINS
@pytest.mark.parametrize("name", NAMES)
def test_a_join_equals_the_definition(join, name):
    stream = sound(name)[100_000:125_000]
    for cut, gap in ((BEFORE, 480), (BEFORE + 77, 3211), (BEFORE + 500, 9600)):
        result = join(stream, cut, gap)
        wanted = expected(stream, result)
        assert result.frames.shape == wanted.shape
        assert np.abs(result.frames - wanted).max() <= ROUNDING
        outside = np.r_[0 : result.at, result.at + FADE : len(wanted)]
        assert np.array_equal(result.frames[outside], wanted[outside])


@pytest.mark.parametrize("name", NAMES)
def test_a_skip_goes_on_where_it_fits_best(name):
    stream = sound(name)[200_000:225_000]
    for cut, gap in ((BEFORE, 480), (BEFORE + 77, 3211), (BEFORE + 500, 9600)):
        result = skip_join(stream, cut, gap)
        x = stream.astype(np.float64)
        fit = correlations(x[cut : cut + FADE], x[cut + gap : cut + gap + ALIGN + FADE])
        lag = result.new - cut - gap
        assert 0 <= lag <= ALIGN
        if fit.max() > 0.5 + 1e-4:
            assert fit[lag] >= fit.max() - 1.1e-3  # the first that is as good as the best
        elif fit.max() < 0.5 - 1e-4:
            assert lag == 0


def test_an_overflow_loses_what_did_not_fit_and_no_more():
    result = drop_join(sound("white")[:25_000], BEFORE, 1234)
    assert result.new - result.old == 1234


@JOINS
@pytest.mark.parametrize("fade", [80, 240, 480])
def test_a_join_is_as_long_as_asked(join, fade):  # B4
    stream = np.zeros(25_000, np.float32)
    stream[: BEFORE + 1000] = 1.0  # the new piece is silence: what is left are the old one's gains
    result = join(stream, BEFORE, 3000, fade=fade, align=0)
    heard = result.frames[result.at : result.at + fade]
    assert np.abs(heard - gains(fade)).max() <= ROUNDING
    assert np.all(result.frames[: result.at] == 1.0)
    assert np.all(result.frames[result.at + fade :] == 0.0)


@JOINS
def test_both_pieces_have_the_same_gains_in_mirror_image(join):  # B5
    down = np.zeros(25_000, np.float32)
    down[: BEFORE + 1000] = 1.0
    falling, rising = (
        join(stream, BEFORE, 3000, align=0).frames[BEFORE : BEFORE + FADE]
        for stream in (down, 1 - down)
    )
    assert np.abs(falling + rising - 1).max() <= 1e-6
    assert np.abs(falling - rising[::-1]).max() <= 1e-6


def test_a_loss_shorter_than_the_fade_is_joined_over_its_own_length():  # B4
    stream = np.ones(25_000, np.float32)
    stream[BEFORE + 100 :] = 0
    result = drop_join(stream, BEFORE, 100)
    assert np.abs(result.frames[BEFORE : BEFORE + 100] - gains(100)).max() <= ROUNDING
    assert np.all(result.frames[BEFORE + 100 :] == 0.0)


@JOINS
@pytest.mark.parametrize("value", [1.0, -1.0, 0.3, 0.0])
def test_a_constant_stays_exactly_what_it_is(join, value):  # B6
    result = join(np.full(25_000, value, np.float32), BEFORE, 3000)
    assert np.all(result.frames == np.float32(value))


@pytest.mark.parametrize("policy", ["skip", "drop_newest"])
def test_a_constant_survives_overflow_after_overflow(policy):  # B6
    driver = Driver(engine(policy, 2000), np.ones(200_000, np.float32), 3)
    while driver.pushed < 190_000:
        driver.push(driver.pushed + int(driver.rng.integers(1, 3000)), largest=900)
        driver.drain(until=driver.delivered + int(driver.rng.integers(1, 2000)))
    driver.drain()
    driver.push(driver.pushed + 1)  # ends a gap that is still open
    driver.drain()
    assert len(driver.jumps) > 20
    assert np.all(driver.output() == 1.0)
    assert driver.account() == sum(lost for _, _, lost, _ in driver.jumps)


@pytest.mark.parametrize("drive", [drive_skip, drive_drop])
def test_channels_are_joined_alike_and_apart(drive):
    left, right = sound("speech_gb")[60_000:85_000], sound("speech_us")[60_000:85_000]
    driver = drive(np.stack([left, right], axis=1), BEFORE, 3000, channels=2)
    ((at, frame, lost, _),) = driver.jumps
    assert frame == BEFORE + lost
    for stream, heard in zip((left, right), driver.output().T, strict=True):
        wanted = expected(stream, Joined(heard, at, BEFORE, frame))
        assert np.abs(heard - wanted).max() <= ROUNDING


def joined_twice(stream, jumps, fade=FADE):
    """The second join fades out what the first would have been, over new frames as they are."""
    x = stream.astype(np.float64)
    (first, _, lost, _), (at, frame, _, _) = jumps
    once = plain(x, first, lost).frames
    middle = mix(once[at : at + fade], x[frame : frame + fade])
    return np.concatenate([once[:at], middle, x[frame + fade :]])


@pytest.mark.parametrize("second", [60, 300])
def test_an_overflow_in_the_middle_of_a_join_is_joined_too(second):
    stream = sound("speech_us")[60_000:85_000]
    driver = Driver(engine("drop_newest", 2000), stream, 1)
    driver.flow(BEFORE - 2000)
    driver.push(BEFORE)
    for until, room in ((BEFORE + 700, 100), (BEFORE + 830, 0), (BEFORE + 800 + second, 2000)):
        driver.push(until, largest=10_000)
        driver.drain(until=driver.delivered + room)
    driver.flow(len(stream))
    assert [jump[0] for jump in driver.jumps] == [BEFORE, BEFORE + 100]
    assert [jump[2] for jump in driver.jumps] == [700, second]
    wanted = joined_twice(stream, driver.jumps, min(FADE, second))
    assert np.abs(driver.output()[:, 0] - wanted).max() <= 2 * ROUNDING


def test_a_skip_in_the_middle_of_a_join_is_joined_too():
    stream = sound("speech_us")[60_000:85_000]
    driver = Driver(engine("skip", 16_384), stream, 1)
    driver.flow(BEFORE)
    driver.push(BEFORE + 3000 + TARGET)
    driver.drain(until=BEFORE + 100)
    driver.push(driver.pushed + 2500)
    driver.flow(len(stream))
    assert [jump[0] for jump in driver.jumps] == [BEFORE, BEFORE + 100]
    wanted = joined_twice(stream, driver.jumps)
    assert np.abs(driver.output()[:, 0] - wanted).max() <= 2 * ROUNDING


# --- The oracle -----------------------------------------------------------


@JOINS
@settings(deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    cut=st.integers(BEFORE, BEFORE + 600),
    gap=st.integers(480, 4000),
    smooth=st.integers(1, 200),
    level=st.floats(1e-4, 1.0),
)
def test_no_second_difference_is_larger_than_the_join_allows(join, seed, cut, gap, smooth, level):
    noise = np.random.default_rng(seed).uniform(-level, level, 16_000)
    stream = np.convolve(noise, np.ones(smooth) / smooth, "same").astype(np.float32)
    assert oracle_excess(stream, join(stream, cut, gap)).max() <= 0


@pytest.mark.parametrize("name", LOW_TONES)
@pytest.mark.parametrize(
    "join", [partial(skip_join, fade=0, align=0), partial(drop_join, fade=0)], ids=["skip", "drop"]
)
def test_the_oracle_reports_the_engine_without_its_fade(join, name):
    stream = sound(name)[:25_000]
    assert max(oracle_excess(stream, join(stream, BEFORE, gap)).max() for gap in (531, 700)) > 1e-3
