"""Names of nodes, of their parameters and of what a subclass adds."""

import pytest

import vocana_dsp as vo


@pytest.mark.parametrize("name", ["cutof_hz", "cutoff", "cutoff_Hz", "cutoff_khz"])
def test_a_misspelled_parameter_is_no_attribute(name):  # E9
    high = vo.HighPass(80)
    with pytest.raises(AttributeError, match=f"no parameter '{name}', expected 'cutoff_hz'"):
        setattr(high, name, 120)
    assert not hasattr(high, name)
    assert high.cutoff_hz == 80


@pytest.mark.parametrize(
    ("node", "name", "expected"),
    [
        (vo.Gain(3), "gain", "gain_db"),
        (vo.Gain(3), "db", "gain_db"),
        (vo.Delay(3), "delay", "delay_ms"),
        (vo.HighPass(80), "freq", "cutoff_hz, q, order"),
        (vo.Fir([1, 0.5]), "taps", "none"),
        (vo.Meter(), "peak", "window_ms"),
    ],
)
def test_a_node_of_the_library_has_no_other_attributes(node, name, expected):  # E9
    told = f"{type(node).__name__} has no parameter '{name}', expected one of {expected}"
    with pytest.raises(AttributeError, match=f"^{told}$"):
        setattr(node, name, 5)
    node.name = "renamed"
    assert not hasattr(node, name)


class Own(vo.HighPass):
    """Has attributes of its own, one of them named nearly as a parameter."""

    cutoff: float
    size = 3

    def __init__(self):
        super().__init__(80)
        self.cutoff, self.size, self.colour, self._cutoff_h = 1, 4, "red", 2


def test_a_subclass_has_attributes_of_its_own():
    own = Own()
    own.colour = "blue"
    assert (own.cutoff, own.size, own.colour, own._cutoff_h) == (1, 4, "blue", 2)
    with pytest.raises(AttributeError, match="expected 'cutoff_hz'"):
        own.cutof_hz = 3


@pytest.mark.parametrize("name", [5, b"gain", ["a"]])
def test_a_name_is_a_str(name):  # E9
    with pytest.raises(vo.ConfigError, match=r"name is .*, expected a str"):
        vo.Gain(name=name)


def test_bypass_is_set_and_no_argument():
    with pytest.raises(vo.ConfigError, match="no parameter bypass"):
        vo.Node(bypass=True)
    gain = vo.Gain(-6)
    assert gain.bypass is False
    gain.bypass = True
    assert vo.Chain([gain]).process([0.5], rate=48_000) == [0.5]
