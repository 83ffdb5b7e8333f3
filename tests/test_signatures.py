"""What editors show of a call: every public class, function and method has a signature."""

import inspect

import pytest

import vocana_dsp as vo

MODULES = (vo, vo.memory, vo.testing, vo.pcm)


def public():
    for module in MODULES:
        for name in getattr(module, "__all__", vars(module)):
            found = getattr(module, name)
            if callable(found) and name[0] != "_":
                yield found
            if isinstance(found, type):
                yield from (m for n, m in vars(found).items() if n[0] != "_" and callable(m))


def test_every_public_name_has_a_signature():
    for found in public():
        assert inspect.signature(found)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (vo.RingBuffer, "(frames, channels=1)"),
        (vo.RingBuffer.write, "(self, block, /)"),
        (vo.RingBuffer.read_into, "(self, out, /)"),
        (vo.pcm.gain, "(x, g, out=None)"),
        (vo.pcm.mix, "(y, x, g=1.0)"),
    ],
)
def test_those_written_in_cython_have_theirs(found, expected):
    assert str(inspect.signature(found)) == expected
    assert "--" not in inspect.getdoc(found).split("\n")[0]
