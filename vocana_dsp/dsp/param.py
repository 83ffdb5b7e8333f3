"""Parameters of a node: numbers with a range, read and set at any time from any thread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self, overload

import numpy as np

from ..config import number_of, whole
from ..errors import ConfigError

if TYPE_CHECKING:
    from .node import Node

UNITS = {"hz": "Hz", "db": "dB", "ms": "ms", "frames": "frames"}


@dataclass(frozen=True, slots=True)
class ParamRange:
    """What a parameter may be.

    Attributes:
        name: as the node calls it; its end says the unit.
        least: the smallest value.
        most: the largest one.
        initial: what it is unless something else is passed.
        fixed: whether it is settled once the node works.
    """

    name: str
    least: float
    most: float
    initial: float
    fixed: bool = False

    @property
    def unit(self) -> str:
        """Hz, dB, ms, frames or nothing.

        >>> ParamRange("gain_db", -100, 24, 0).unit
        'dB'
        """
        return UNITS.get(self.name.rpartition("_")[2], "")

    def checked(self, value: object, most: float | None = None) -> float:
        """Return value as a float within the range, cut to `most`, or raise ConfigError.

        >>> ParamRange("gain_db", -100, 24, 0).checked(6)
        6.0
        """
        highest = self.most if most is None else min(most, self.most)
        number = number_of(value)
        if number is None or not self.least <= number <= highest:
            wanted = f"{self.least:g} to {highest:g} {self.unit}".rstrip()
            raise ConfigError(
                f"{self.name} is {value!r}, expected a number from {wanted}",
                hint=f"pass {self.name} within that range",
            )
        return number


class Parameter:
    """What `Param`, `Switch` and `Whole` have in common: a name, and a range."""

    name: str

    def __init__(
        self,
        least: float | None = None,
        most: float | None = None,
        initial: float | None = None,
        *,
        fixed: bool = False,
        below_nyquist: bool = False,
    ) -> None:
        self._own = (least, most, initial, fixed)
        self.below_nyquist = below_nyquist

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def range(self) -> ParamRange:
        """Return the range that was given here."""
        least, most, initial, fixed = self._own
        if least is None or most is None or initial is None:
            raise ConfigError(
                f"{self.name} has no range, expected least, most and initial",
                hint="pass them to Param, or set `kind` in the class",
            )
        return ParamRange(self.name, least, most, initial, fixed)


class Param(Parameter):
    """A number of a node: the attribute of a `Node` subclass that reads and sets it.

    The range comes from the table of the node's kind. A class without a kind gives it here.

    Args:
        least: the smallest value.
        most: the largest one.
        initial: what it is unless something else is passed.
        fixed: it is settled once the node works, and can be set before that only.
        below_nyquist: it also has to stay below half the rate, which is checked when the rate is
            known.

    >>> from vocana_dsp import Node
    >>> class Tremolo(Node):
    ...     depth = Param(0, 1, 0.5)
    >>> tremolo = Tremolo(depth=0.25)
    >>> tremolo.depth += 0.5
    >>> tremolo.depth
    0.75
    """

    @overload
    def __get__(self, node: None, owner: type) -> Self: ...
    @overload
    def __get__(self, node: Node, owner: type) -> float: ...
    def __get__(self, node: Node | None, owner: type) -> Any:
        return self if node is None else node._get(self.name)

    def __set__(self, node: Node, value: float) -> None:
        node._set(self.name, value)


class Switch(Parameter):
    """A parameter that is on or off, 1 or 0 in the table of its kind."""

    @overload
    def __get__(self, node: None, owner: type) -> Self: ...
    @overload
    def __get__(self, node: Node, owner: type) -> bool: ...
    def __get__(self, node: Node | None, owner: type) -> Any:
        return self if node is None else node._get(self.name) >= 0.5

    def __set__(self, node: Node, value: bool) -> None:
        if not isinstance(value, bool | np.bool_):
            raise ConfigError(
                f"{self.name} is {value!r}, expected True or False",
                hint=f"pass a bool as {self.name}",
            )
        node._set(self.name, float(value))


class Whole(Parameter):
    """A whole number of a node."""

    @overload
    def __get__(self, node: None, owner: type) -> Self: ...
    @overload
    def __get__(self, node: Node, owner: type) -> int: ...
    def __get__(self, node: Node | None, owner: type) -> Any:
        return self if node is None else round(node._get(self.name))

    def __set__(self, node: Node, value: int) -> None:
        range_ = node._ranges[self.name]
        node._set(self.name, whole(self.name, value, round(range_.least), round(range_.most)))
