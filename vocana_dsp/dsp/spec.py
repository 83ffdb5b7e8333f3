"""A chain written as text, for command lines and configuration files."""

from __future__ import annotations

import inspect
from difflib import get_close_matches
from typing import Any

from ..errors import ConfigError
from .chain import Chain
from .dynamics import Compressor, Gate, Limiter
from .filters import (
    BandPass,
    DCBlock,
    HighPass,
    HighShelf,
    LowPass,
    LowShelf,
    Notch,
    Peaking,
)
from .node import Node
from .nodes import Delay, Gain

_KINDS: tuple[type[Node], ...] = (
    BandPass,
    Compressor,
    DCBlock,
    Delay,
    Gain,
    Gate,
    HighPass,
    HighShelf,
    Limiter,
    LowPass,
    LowShelf,
    Notch,
    Peaking,
)

#: What a chain can be written with: the class's name in lower case.
NAMES: dict[str, type[Node]] = {kind.__name__.lower(): kind for kind in _KINDS}


def parse_chain(text: str) -> Chain:
    """Return the chain that a text describes: nodes with commas between, values with colons.

    ``highpass=80`` is ``HighPass(80)``, ``compressor=-20:3`` is ``Compressor(-20, 3)``, and
    ``compressor=-20:attack_ms=5`` names a value. Case does not matter.

    Any thread.

    Raises:
        ConfigError: the text is wrong; the message names the part that is.

    >>> [node.name for node in parse_chain("dcblock, highpass=80, limiter=-1")]
    ['DCBlock', 'HighPass', 'Limiter']
    """
    return Chain([_node(part.strip()) for part in text.split(",") if part.strip()])


def _node(part: str) -> Node:
    name, _, rest = part.partition("=")
    kind = NAMES.get(name.strip().lower())
    if kind is None:
        near = get_close_matches(name.strip().lower(), NAMES, 1)
        raise ConfigError(
            f"there is no node {name.strip()!r} to write a chain with",
            hint=f"did you mean {near[0]}?" if near else f"there are {', '.join(sorted(NAMES))}",
        )
    values: list[float] = []
    named: dict[str, Any] = {}
    for value in rest.split(":") if rest.strip() else []:
        key, equals, number = value.rpartition("=")
        if equals:
            named[key.strip()] = _number(part, number)
        elif named:
            raise ConfigError(
                f"{part!r} has a value without a name behind one with a name",
                hint="write the values without names first",
            )
        else:
            values.append(_number(part, number))
    signature = inspect.signature(kind)
    try:
        signature.bind(*values, **named)
    except TypeError as error:
        raise ConfigError(
            f"{part!r} does not have the values that {name.strip()} takes",
            hint=f"it is written as {_written(name.strip(), signature)}",
        ) from error
    return kind(*values, **named)


def _written(name: str, signature: inspect.Signature) -> str:
    """Say what a node takes in the words of a chain's text."""
    takes = [
        p.name if p.default is p.empty else f"{p.name}={p.default:g}"
        for p in signature.parameters.values()
        if p.name != "name"
    ]
    return f"{name}={':'.join(takes)}" if takes else name


def _number(part: str, text: str) -> float:
    try:
        return int(text) if text.strip().lstrip("+-").isdecimal() else float(text)
    except ValueError:
        raise ConfigError(
            f"{text.strip()!r} in {part!r} is not a number",
            hint="write values like highpass=80 or compressor=-20:3",
        ) from None
