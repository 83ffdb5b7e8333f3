"""A chain from Python: arrays in and out, state from call to call, names, bypass, errors."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import vocana_dsp as vo

RATE = 48_000


def noise(frames, channels=None, seed=0):
    shape = frames if channels is None else (frames, channels)
    return np.random.default_rng(seed).uniform(-1, 1, shape).astype(np.float32)


# --- Arrays ---------------------------------------------------------------


@pytest.mark.parametrize("shape", [(700,), (700, 1), (700, 2), (1,), (1, 3), (0,), (0, 2), (5, 64)])
def test_what_comes_out_has_the_shape_of_what_goes_in(shape):
    x = np.random.default_rng(1).uniform(-1, 1, shape).astype(np.float32)
    y = vo.Chain().process(x, rate=RATE)
    assert y.dtype == np.float32
    np.testing.assert_array_equal(y, x)
    assert not np.shares_memory(x, y)


def test_a_change_of_channels_shows_in_the_shape():
    x = noise(100)
    stereo = vo.Chain([vo.ChannelMap.stereo()]).process(x, rate=RATE)
    np.testing.assert_array_equal(stereo, np.column_stack([x, x]))
    assert vo.Chain([vo.ChannelMap.mono()]).process(stereo, rate=RATE).shape == (100, 1)


@pytest.mark.parametrize(
    "x", [[0.5, -0.25], np.array([[0.5], [-0.25]]), noise(10, 4)[::2, ::3], noise(9).astype("f2")]
)
def test_other_arrays_of_floats_are_converted(x):
    expected = np.asarray(x, np.float32)
    np.testing.assert_array_equal(vo.Chain().process(x, rate=RATE), expected)


BAD_ARRAYS = {
    "integers": (np.zeros(4, np.int16), "int16"),
    "bools": (np.zeros(4, bool), "bool"),
    "complex": (np.zeros(4, complex), "complex"),
    "a number": (0.5, "0 axes"),
    "three axes": (np.zeros((2, 2, 2)), "3 axes"),
    "no channel": (np.zeros((3, 0)), "channels is 0"),
    "65 channels": (np.zeros((3, 65)), "x has 65 channels, expected 64"),
}


@pytest.mark.parametrize("name", BAD_ARRAYS)
def test_an_array_that_is_no_sound_is_refused(name):  # E9
    x, said = BAD_ARRAYS[name]
    chain = vo.Chain([vo.Gain(-6)])
    with pytest.raises(vo.ConfigError, match=said):
        chain.process(x, rate=RATE)
    assert chain.process([1.0], rate=RATE).shape == (1,)


@pytest.mark.parametrize("rate", [0, -1, 44_100.5, np.nan, True, None, "48000", 768_001])
def test_a_rate_that_is_none_is_refused(rate):  # E9
    with pytest.raises(vo.ConfigError, match=r"rate is .*expected a whole number from 1 to 768000"):
        vo.Chain().process([0.0], rate=rate)


def test_another_format_needs_a_reset():
    chain = vo.Chain([vo.Delay(1)])
    chain.process(noise(10), rate=RATE)
    for x, rate in [(noise(10), 44_100), (noise(10, 2), RATE)]:
        with pytest.raises(vo.ConfigError, match=r"1 at 48000 as before .*reset"):
            chain.process(x, rate=rate)
    assert chain.latency_frames == 48
    chain.reset()
    assert chain.process(noise(10, 2), rate=44_100).shape == (10, 2)
    assert chain.latency_frames == 44


def test_nothing_but_numbers_goes_in():  # faults 30
    chain = vo.Chain([vo.Gain(0)])
    y = chain.process([np.nan, np.inf, -np.inf, 1e300, 0.5], rate=RATE)
    np.testing.assert_array_equal(y, np.array([0, 16, -16, 16, 0.5], np.float32))
    assert chain.times.copying.faults == 1
    assert chain.times.stages["Gain"].faults == 0


# --- State ----------------------------------------------------------------

NODES = {
    "gain": lambda: vo.Gain(-7),
    "mute": lambda: vo.Mute(False),
    "delay": lambda: vo.Delay(3.3),
    "fade": lambda: vo.Fade(20, 10),
    "meter": lambda: vo.Meter(5),
    "dc": lambda: vo.DCBlock(),
    "high": lambda: vo.HighPass(80, order=4),
    "sos": lambda: vo.Sos([[0.2, 0.4, 0.2, 1, -0.5, 0.3], [1, -1, 0, 1, -0.99, 0]]),
    "fir": lambda: vo.Fir(np.hanning(33) / 16),
    "long fir": lambda: vo.Fir(np.hanning(3000) / 1500),
    "gate": lambda: vo.Gate(-12, hold_ms=1, release_ms=3),
    "compressor": lambda: vo.Compressor(-20, ratio=3),
    "limiter": lambda: vo.Limiter(-6),
    "mix": lambda: vo.ChannelMap([[0.5, 0.25], [0, 1], [1, -1]]),
    "pick": lambda: vo.ChannelMap.pick(1, 0),
}
SETS = {
    "Gain": ("gain_db", -20),
    "Mute": ("muted", True),
    "Fade": ("faded_out", True),
    "HighPass": ("cutoff_hz", 300),
    "Compressor": ("threshold_db", -40),
}


@settings(max_examples=60, deadline=None)
@given(
    names=st.lists(st.sampled_from(sorted(NODES)), max_size=6),
    cuts=st.lists(st.integers(0, 1500), max_size=8),
    half=st.integers(0, 3000),
    bypass=st.booleans(),
)
def test_any_cuts_give_the_same_bits(names, cuts, half, bypass):
    def run(cuts):
        chain = vo.Chain(NODES[name]() for name in names)
        pieces, at, changed = [], 0, False
        for end in sorted({half, 3000, *(min(cut, 3000) for cut in cuts)}):
            pieces.append(chain.process(x[at:end], rate=RATE))
            at = end
            if end == half and not changed:
                changed = True
                for node in chain:
                    if type(node).__name__ in SETS:
                        setattr(node, *SETS[type(node).__name__])
                    if bypass and not isinstance(node, vo.ChannelMap):
                        node.bypass = True
        return np.concatenate(pieces)

    # A pick works for two channels or more, a mix for two alone.
    if "mix" in names and (names.count("mix") > 1 or "pick" in names):
        names = [name for name in names if name not in ("mix", "pick")]
    x = noise(3000, 2)
    np.testing.assert_array_equal(run([]), run(np.cumsum(cuts)))


def test_a_reset_makes_it_new():
    x = noise(2000)
    chain = vo.Chain([vo.Fade(20), vo.Delay(3)])
    first = chain.process(x, rate=RATE)
    assert np.any(chain.process(x, rate=RATE) != first)
    chain.reset()
    np.testing.assert_array_equal(chain.process(x, rate=RATE), first)
    chain["Delay"].reset()  # one node alone
    y = chain.process(x, rate=RATE)
    np.testing.assert_array_equal(y, np.concatenate([np.zeros(144, np.float32), x[:-144]]))


def test_what_is_not_made_yet_has_no_latency_and_no_times():
    chain = vo.Chain([vo.Delay(1)])
    for ask in (lambda: chain.latency_frames, lambda: chain.times, lambda: chain[0].latency_frames):
        with pytest.raises(vo.ConfigError, match="not known"):
            ask()
    chain[0].reset()  # of nothing
    chain.prepare(RATE, 1)
    assert chain.latency_frames == chain[0].latency_frames == 48


def test_the_stages_sum_to_the_whole():  # F5 H1
    chain = vo.Chain([vo.Gain(-6), vo.Gain(-3), vo.Meter()])
    chain.process(noise(5000), rate=RATE)
    times = chain.times
    assert list(times.stages) == ["Gain", "Gain2", "Meter"]
    parts = [*times.stages.values(), times.copying]
    # Buckets of a histogram.
    assert sum(part.max_us for part in parts) == pytest.approx(times.total.max_us, rel=0.01)
    assert {part.calls for part in [*parts, times.total]} == {1}
    assert 0 < times.total.p50_us == times.total.p99_us == times.total.max_us


# --- Nodes of a chain -----------------------------------------------------


def test_nodes_are_found_by_place_and_by_name():
    nodes = [vo.Gain(-1), vo.Delay(2), vo.Gain(-3), vo.Gain(-4, name="last"), vo.Mute(name="last")]
    chain = vo.Chain(iter(nodes))
    assert chain.names == ("Gain", "Delay", "Gain2", "last", "last2")
    assert (
        [chain[name] for name in chain.names]
        == nodes
        == list(chain)
        == [chain[i] for i in range(5)]
    )
    assert chain[-1] is nodes[-1]
    assert len(chain) == 5
    assert len(vo.Chain()) == 0
    for key in ("Gain3", "", 5, -6, None, 1.0):
        with pytest.raises(vo.ConfigError, match="Gain, Delay, Gain2, last, last2"):
            chain[key]
    with pytest.raises(vo.ConfigError, match="there is no 'Levels': the chain is empty") as error:
        vo.Chain()["Levels"]
    assert error.value.hint.endswith("a Capture its analyzers")


@pytest.mark.parametrize("node", [None, "Gain", vo.Gain, 3, vo.Chain()])
def test_something_else_than_a_node_is_refused(node):
    with pytest.raises(vo.ConfigError, match=r"nodes\[1\] .*expected a node"):
        vo.Chain([vo.Gain(), node])


@pytest.mark.parametrize("nodes", [None, vo.Gain(), 3])
def test_something_else_than_nodes_is_refused(nodes):  # E9
    with pytest.raises(vo.ConfigError, match=r"nodes is .*, expected a list of nodes"):
        vo.Chain(nodes)


def test_a_node_is_in_one_chain():
    gain, mute = vo.Gain(), vo.Mute()
    with pytest.raises(vo.ConfigError, match=r"nodes\[2\], Gain.*in a chain already"):
        vo.Chain([gain, mute, gain])
    chain = vo.Chain([gain])
    with pytest.raises(vo.ConfigError, match="in a chain already"):
        vo.Chain([mute, gain])
    del chain
    assert len(vo.Chain([gain, mute])) == 2  # the other one is gone


def test_the_nodes_of_a_dissolved_chain_go_into_another():
    delay, levels = vo.Delay(1), vo.Levels()
    chain = vo.Chain([delay, levels])
    chain.process(np.ones((RATE, 2)), rate=RATE)
    said = levels.snapshot()
    native = chain.prepare(RATE, 2)
    native.claim("a test")
    with pytest.raises(vo.ConfigError, match="in use by a test"):
        chain.dissolve()
    assert len(chain) == 2
    native.release()
    chain.process(np.ones((RATE, 2)), rate=RATE)
    chain.dissolve()
    assert (len(chain), chain.names, repr(chain)) == (0, (), "Chain([])")
    assert levels.snapshot() == said  # what it said last
    delay.delay_ms = 2  # no longer fixed
    other = vo.Chain([levels, delay])
    assert other.process(noise(RATE), rate=RATE)[0] == 0
    assert other.latency_frames == 2 * RATE // 1000
    assert len(levels.snapshot().channels) == 1
    other.reset()
    assert levels.snapshot().channels == ()
    chain.dissolve()
    assert len(other) == 2  # it is no longer the first one's


def test_a_chain_that_cannot_be_made_leaves_the_old_one():
    chain = vo.Chain([vo.Delay(1), vo.ChannelMap([[1.0]], name="map"), vo.Gain(-6)])
    chain.process(np.ones(100), rate=RATE)
    native = chain.prepare(RATE, 1)
    chain.process(np.ones(100), rate=RATE)
    with pytest.raises(vo.ConfigError, match="map: matrix has 1 columns, expected 2"):
        chain.prepare(RATE, 2)
    assert chain.prepare(RATE, 1) is not native
    chain["map"].bypass = True
    chain.reset()
    assert chain.process([1.0] * 100, rate=RATE)[-1] == pytest.approx(10 ** (-6 / 20))


def test_a_node_that_changes_the_channels_cannot_be_bypassed():
    chain = vo.Chain([vo.ChannelMap.stereo()])
    chain.process(noise(10), rate=RATE)
    with pytest.raises(vo.ConfigError, match="bypass"):
        chain[0].bypass = True
    assert chain[0].bypass is False
    chain.reset()
    chain[0].bypass = True
    with pytest.raises(vo.ConfigError, match="ChannelMap is bypassed"):
        chain.process(noise(10), rate=RATE)
