"""Nodes from Python: parameters and their ranges, live and not; what the simple ones do."""

import math

import numpy as np
import pytest
from click_metric import CONTEXT, MARGIN, Segments, score

import vocana_dsp as vo
from vocana_dsp._native.node import NativeNode, kind_params, kinds

RATE = 48_000

# How to make one of each kind that has a class, with what it needs.
NEEDED = {
    "Delay": (7,),
    **dict.fromkeys(("LowPass", "HighPass", "BandPass", "Notch"), (1000,)),
    **dict.fromkeys(("Peaking", "LowShelf", "HighShelf"), (1000, 3)),
}
KINDS = kinds()


def make(kind):
    return getattr(vo, kind)(*NEEDED.get(kind, ()))


def heard(node, x):
    """What a chain of this node alone makes of x."""
    return vo.Chain([node]).process(x, rate=RATE)


# --- Parameters -----------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_a_class_has_the_parameters_of_its_kind(kind):
    node = make(kind)
    assert type(node).kind == kind == node.name
    assert [range_.name for range_ in node.parameters()] == [row[0] for row in kind_params(kind)]
    for range_ in node.parameters():
        assert isinstance(getattr(type(node), range_.name), vo.Param | vo.Switch | vo.Whole)
        assert range_.least <= getattr(node, range_.name) <= range_.most


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("live", [False, True], ids=["described", "live"])
def test_a_parameter_out_of_range_changes_nothing(kind, live):  # E9
    node = make(kind)
    if live:
        chain = vo.Chain([node])
        chain.prepare(RATE, 1)
    for range_ in node.parameters():
        before = getattr(node, range_.name)
        below, above = math.nextafter(range_.least, -math.inf), range_.most * 1.001 + 1
        for value in (below, above, math.nan, math.inf, -math.inf, None, "3", 1j, [1]):
            with pytest.raises(vo.ConfigError, match=f"{range_.name} is .*expected") as error:
                setattr(node, range_.name, value)
            assert range_.name in error.value.hint
            assert getattr(node, range_.name) == before


@pytest.mark.parametrize("kind", KINDS)
def test_a_parameter_may_be_set_while_it_works_unless_it_is_fixed(kind):
    node = make(kind)
    chain = vo.Chain([node])
    chain.prepare(RATE, 1)
    for range_ in node.parameters():
        before = getattr(node, range_.name)
        if range_.fixed:
            with pytest.raises(vo.ConfigError, match=r"fixed while the node works .*reset\(\)"):
                setattr(node, range_.name, before)
            continue
        value = (range_.least + range_.initial) / 2 if isinstance(before, float) else not before
        setattr(node, range_.name, value)
        assert getattr(node, range_.name) == value
        assert type(getattr(node, range_.name)) is type(before)
    chain.reset()
    for range_ in node.parameters():
        setattr(node, range_.name, getattr(node, range_.name))


def test_a_switch_takes_bools_alone():
    mute = vo.Mute()
    for value in (1, 0.0, "yes", None):
        with pytest.raises(vo.ConfigError, match=r"muted is .*expected True or False"):
            mute.muted = value
    assert mute.muted is True


def test_a_whole_number_stays_one():
    low = vo.LowPass(1000, order=3)
    assert (low.order, type(low.order)) == (3, int)
    for value in (2.5, 0, 9, True, "2"):
        with pytest.raises(vo.ConfigError, match=r"order is .*expected a whole number from 1 to 8"):
            low.order = value
    assert low.order == 3


def test_an_unknown_parameter_is_named():
    with pytest.raises(vo.ConfigError, match=r"no parameter volume, expected one of gain_db"):
        vo.Node.__init__(vo.Gain(), volume=3)


def test_what_is_set_survives_a_new_format():
    chain = vo.Chain([vo.Gain(-20)])
    chain.process([1.0], rate=RATE)
    chain[0].gain_db = 20
    chain.reset()
    assert chain.process([[1.0, 1.0]], rate=44_100).tolist() == [[10.0, 10.0]]


class Steep(vo.Node):
    """A high-pass that says that its cut-off is below half the rate."""

    kind = "HighPass"
    cutoff_hz = vo.Param(below_nyquist=True)


def test_what_the_rate_allows_is_checked_when_it_is_known():  # E9
    steep = Steep(cutoff_hz=5000)
    chain = vo.Chain([steep])
    with pytest.raises(vo.ConfigError, match=r"Steep: cutoff_hz is 5000.0, expected .* to 4000 Hz"):
        chain.prepare(8000, 1)
    chain.prepare(RATE, 1)
    with pytest.raises(vo.ConfigError, match="cutoff_hz is 24000"):
        steep.cutoff_hz = 24_000
    assert steep.cutoff_hz == 5000
    steep.cutoff_hz = 23_999


# --- Nodes of somebody else's ---------------------------------------------


class Nothing(vo.Node):
    """Neither has a kind nor makes anything."""


class Bare(vo.Node):
    """Has a parameter without a range."""

    depth = vo.Param()


class Wrong(vo.Node):
    """Makes what is no node."""

    def make(self, rate, channels):
        return "a node"


class Narrow(vo.Node):
    """Makes a node of one channel, whatever comes."""

    def make(self, rate, channels):
        return NativeNode.named("Gain", rate, 1, [0.0])


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (Nothing, r"Nothing: Nothing cannot be made.*override make\(\)"),
        (Wrong, "Wrong: 'a node' is no capsule named 'vocana.vo_node'"),
        (Narrow, "Narrow takes 1 channels, expected the 2 that come.*ChannelMap"),
    ],
)
def test_a_node_that_cannot_be_made_is_named(kind, said):
    with pytest.raises(vo.ConfigError, match=said):
        vo.Chain([kind()]).prepare(RATE, 2)


def test_a_parameter_without_a_range_is_named():
    with pytest.raises(vo.ConfigError, match="depth has no range"):
        Bare()


def test_a_kind_that_is_not_there_lists_those_that_are():
    with pytest.raises(vo.ConfigError, match=r"expected one of .*Gain"):
        kind_params("Nonsense")
    with pytest.raises(NotImplementedError, match="Analyzer has no snapshot"):
        vo.Analyzer().snapshot()


# --- What they do ---------------------------------------------------------


def test_gain_follows_the_map():  # A13
    for db in (-64, -20, -6.0206, 0, 6, 24):
        expected = 10 ** (db / 20)
        assert heard(vo.Gain(db), [1.0])[0] == pytest.approx(expected, rel=2e-7)
    assert heard(vo.Gain(-100), [1.0])[0] == 0


def stepped(node, name, value):
    """A tone in which a parameter is set, with its join where Segments want it."""
    before, length = CONTEXT + MARGIN, RATE * 5 // 1000
    x = np.sin(2 * np.pi * 440 / RATE * np.arange(2 * before + length))
    chain = vo.Chain([node])
    first = chain.process(x[:before], rate=RATE)
    setattr(chain[0], name, value)
    y = np.concatenate([first, chain.process(x[before:], rate=RATE)])
    return Segments(y[None, :].astype(np.float64), length)


@pytest.mark.parametrize(
    ("node", "name", "value"),
    [
        (vo.Gain(-6), "gain_db", 6),
        (vo.Gain(6), "gain_db", -3),
        (vo.Mute(False), "muted", True),
        (vo.Fade(0, 0), "faded_out", True),
    ],
)
def test_a_step_is_not_heard(node, name, value):  # A13
    scores = score(stepped(node, name, value))
    assert scores.d2[0] <= 3
    assert scores.hf[0] <= 10


def test_a_hard_step_would_be():
    soft = stepped(vo.Gain(-6), "gain_db", 6)
    hard = soft.frames.copy()
    hard[:, soft.at :] = np.sin(2 * np.pi * 440 / RATE * np.arange(soft.at, hard.shape[1])) * 2
    assert score(Segments(hard, soft.length)).hf[0] > 30


def test_delay_and_fade_have_their_lengths():
    y = heard(vo.Delay(10), np.ones(1000, np.float32))
    assert np.flatnonzero(y)[0] == 480
    y = heard(vo.Fade(10), np.ones(1000, np.float32))
    assert 0 < y[0] < y[479] < y[480] == y[999] == 1


def test_channels_are_picked_and_mixed():
    x = np.array([[1.0, 0.5, 0.25]])
    assert heard(vo.ChannelMap.pick(2, 0, 2), x).tolist() == [[0.25, 1.0, 0.25]]
    assert heard(vo.ChannelMap.mono(), x)[0, 0] == pytest.approx(1.75 / 3)
    assert heard(vo.ChannelMap([[1, 0, -1], [0, 2, 0]]), x).tolist() == [[0.75, 1.0]]
    assert heard(vo.ChannelMap.stereo(), x[:, :2]).tolist() == [[1.0, 0.5]]


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: vo.ChannelMap([1.0, 0.5]), r"shape \(2,\)"),
        (lambda: vo.ChannelMap([[]]), r"shape \(1, 0\)"),
        (lambda: vo.ChannelMap(np.ones((65, 1))), r"shape \(65, 1\)"),
        (lambda: vo.ChannelMap([[np.nan]]), "not finite"),
        (lambda: vo.ChannelMap([["a"]]), "matrix is no array of numbers"),
        (lambda: vo.ChannelMap([[1.0], [1.0, 0.5]]), "matrix is no array of numbers"),
        (lambda: vo.ChannelMap([[-1e300]]), "beyond float32"),
        (lambda: vo.ChannelMap.pick(), "0 channels"),
        (lambda: vo.ChannelMap.pick(-1), "channel is -1"),
        (lambda: vo.ChannelMap.pick(64), "channel is 64"),
        (lambda: heard(vo.ChannelMap.pick(2), np.zeros((1, 2))), "channel 2 is picked"),
        (lambda: heard(vo.ChannelMap.stereo(), np.zeros((1, 3))), "3 channels come"),
    ],
)
def test_a_map_that_does_not_fit_is_refused(make, said):  # E9
    with pytest.raises(vo.ConfigError, match=said):
        make()


def test_meter_reads_the_last_window_and_changes_nothing():
    x = np.column_stack([np.full(1000, 0.5), np.r_[np.zeros(480), np.full(520, -2.0)]])
    meter = vo.Meter(10)
    assert meter.snapshot() == vo.MeterReading(0, ())
    chain = vo.Chain([meter])
    np.testing.assert_array_equal(chain.process(x, rate=RATE), x)
    assert meter.snapshot() == vo.MeterReading(960, (vo.Level(0.5, 0.5), vo.Level(2.0, 2.0)))
    chain.reset()
    assert meter.snapshot() == vo.MeterReading(0, ())
