"""What every stage of a chain is: a description that a chain makes for a rate and channels."""

from __future__ import annotations

import math
from dataclasses import dataclass
from difflib import get_close_matches
from inspect import get_annotations
from typing import TYPE_CHECKING, Any, ClassVar

from .._native.chain import NativeChain
from .._native.node import NativeNode, kind_params
from ..errors import ConfigError
from .param import Parameter, ParamRange

if TYPE_CHECKING:
    from weakref import ref

    from .chain import Chain


# How alike two names are, as difflib counts it, when one is taken for a slip of the other.
_NEAR = 0.8

_PACKAGE = __name__.partition(".")[0] + "."


@dataclass(frozen=True, slots=True)
class Live:
    """Where a node works: its own C object, the chain that runs it, and its place there."""

    node: NativeNode
    chain: NativeChain
    index: int


class Node:
    """A stage of a `Chain`: parameters, and how to make the C object that works with them.

    A node is a description until its chain is made for a rate and a number of channels; from then
    on it is live, and a parameter that is set is heard with the next block, ramped where a jump
    would click. Any thread may make it, set and read its parameters, bypass and reset it. A node
    belongs to one chain.

    Args:
        name: what the chain calls it; None for the name of its class.
        **values: parameters by name; the others have their initial values.

    Raises:
        ConfigError: a parameter does not exist or is out of its range, or the name is no str;
            nothing has changed.

    A subclass for a node of the library sets `kind` and has a `Param` for each parameter of that
    kind. A subclass for a node of your own overrides `make`, and gives each `Param` its range.

    >>> from vocana_dsp import Gain
    >>> gain = Gain(-6)
    >>> gain.gain_db = 3
    >>> gain.gain_db
    3.0
    >>> gain.gain_db = 100
    Traceback (most recent call last):
      ...
    vocana_dsp.errors.ConfigError: gain_db is 100, expected a number from -100 to 24 dB (hint: \
pass gain_db within that range)
    """

    kind: ClassVar[str | None] = None
    name: str

    _chain: ref[Chain] | None = None
    _live: Live | None = None

    def __init__(self, *, name: str | None = None, **values: float) -> None:
        if not isinstance(name, str | None):
            raise ConfigError(f"name is {name!r}, expected a str", hint='pass name="voice"')
        self.name = type(self).__name__ if name is None else name
        self._bypass = False
        self._ranges = {range_.name: range_ for range_ in self.parameters()}
        self._values = {range_.name: range_.initial for range_ in self._ranges.values()}
        for key, value in values.items():
            if key not in self._values:
                raise ConfigError(
                    f"{type(self).__name__} has no parameter {key}, expected one of "
                    f"{', '.join(self._values) or 'none'}",
                    hint="correct the name",
                )
            setattr(self, key, value)

    def __setattr__(self, name: str, value: object) -> None:
        """Set a parameter or an attribute; AttributeError for what there is none of.

        A subclass of your own may have any other attributes. One that is named nearly as a
        parameter is declared in the class.
        """
        cls = type(self)
        if not (hasattr(cls, name) or name in self.__dict__ or name[0] == "_"):
            params = _params(cls)
            near = get_close_matches(name, params, 1, _NEAR)
            own = not cls.__module__.startswith(_PACKAGE)
            declared = any(name in get_annotations(base) for base in cls.__mro__)
            if not declared and (near or not own):
                expected = repr(near[0]) if near else f"one of {', '.join(params) or 'none'}"
                hint = "; declare an attribute of that name in the class if there is to be one"
                raise AttributeError(
                    f"{cls.__name__} has no parameter {name!r}, expected {expected}{hint * own}",
                    name=name,
                    obj=self,
                )
        super().__setattr__(name, value)

    @classmethod
    def parameters(cls) -> tuple[ParamRange, ...]:
        """Return the range of each parameter.

        >>> from vocana_dsp import Gain
        >>> Gain.parameters()
        (ParamRange(name='gain_db', least=-100.0, most=24.0, initial=0.0, fixed=False),)
        """
        if cls.kind is not None:
            return tuple(ParamRange(*row) for row in kind_params(cls.kind))
        return tuple(param.range() for param in _params(cls).values())

    def make(self, rate: int, channels: int) -> Any:
        """Return a new C object for this format; called by the chain, on the thread that makes it.

        Override it for a node of your own. Read the parameters from self. What is set afterwards
        reaches the C object by the name of the parameter, if its table has it.

        Args:
            rate: frames per second.
            channels: that come in.

        Returns:
            A capsule named ``"vocana.vo_node"`` that owns a ``vo_node`` (see vocana/node.h), or a
            `NativeNode`.
        """
        if self.kind is None:
            raise ConfigError(
                f"{type(self).__name__} cannot be made, expected a kind or a method make",
                hint="override make(), see examples/own_node",
            )
        return NativeNode.named(self.kind, rate, channels, list(self._values.values()))

    @property
    def latency_frames(self) -> int:
        """Frames by which it delays, known once its chain is made; ConfigError before."""
        if self._live is None:
            raise ConfigError(
                f"the latency of {self.name} depends on the rate, which is not known yet",
                hint="call chain.prepare(rate, channels), or process something, before",
            )
        return self._live.node.latency_frames

    @property
    def bypass(self) -> bool:
        """Whether the sound passes it by: as late, at unity gain, crossfaded within 5 ms."""
        return self._bypass

    @bypass.setter
    def bypass(self, bypassed: bool) -> None:
        live = self._live
        if live is not None:
            live.chain.set_bypass(live.index, bool(bypassed))
        self._bypass = bool(bypassed)

    def reset(self) -> None:
        """Forget all sound: from the next block on it is as new. Parameters stay as they are."""
        live = self._live
        if live is not None:
            live.chain.reset(live.index)

    def __repr__(self) -> str:
        values = ", ".join(f"{name}={value:g}" for name, value in self._values.items())
        return f"{type(self).__name__}({values})"

    # --- For chains and parameters --------------------------------------------

    def _get(self, name: str) -> float:
        live = self._live
        index = _index(live.node, name) if live is not None else None
        if live is None or index is None:
            return self._values[name]
        return live.node.get(index)

    def _set(self, name: str, value: object) -> None:
        live, range_ = self._live, self._ranges[name]
        number = range_.checked(value, self._most(name, live.chain.rate) if live else None)
        if live is not None:
            if range_.fixed:
                raise ConfigError(
                    f"{name} is fixed while the node works",
                    hint=f"call reset() of the chain before setting {name}",
                )
            index = _index(live.node, name)
            if index is not None:
                live.node.set(index, number)
        self._values[name] = number

    def _most(self, name: str, rate: int) -> float | None:
        """Return what a rate allows: the largest number below half of it."""
        param = _params(type(self)).get(name)
        return math.nextafter(rate / 2, 0) if param is not None and param.below_nyquist else None

    def _make(self, rate: int, channels: int) -> NativeNode:
        """Make the C object after checking what depends on the rate."""
        for name, value in self._values.items():
            self._ranges[name].checked(value, self._most(name, rate))
        made = self.make(rate, channels)
        return made if isinstance(made, NativeNode) else NativeNode.from_capsule(made)

    def _attach(self, live: Live) -> None:
        """Be live; a parameter that was set since the C object was made is set there too."""
        self._live = live
        for name, range_ in self._ranges.items():
            index = None if range_.fixed else _index(live.node, name)
            if index is not None and live.node.get(index) != self._values[name]:
                live.node.set(index, self._values[name])

    def _detach(self) -> None:
        """Be a description again."""
        self._live = None

    def _leave(self) -> None:
        """Belong to no chain."""
        self._detach()
        self._chain = None


class Analyzer(Node):
    """A node that measures and lets the sound pass as it is; `snapshot` says what it found.

    A subclass overrides `snapshot` and makes it from `readings`.
    """

    _last: tuple[float, ...] = ()  # after the chain that it was in is dissolved

    @property
    def readings(self) -> list[float]:
        """What the C object has measured, all of one moment; empty before it is made. Any thread.

        The numbers are in the order of the node's own `read`.
        """
        live = self._live
        return list(self._last) if live is None else live.node.read()

    def snapshot(self) -> Any:
        """Return what was measured last, as a frozen dataclass; any thread, never waits."""
        raise NotImplementedError(f"{type(self).__name__} has no snapshot")

    def _attach(self, live: Live) -> None:
        super()._attach(live)
        self._last = ()

    def _leave(self) -> None:
        self._last = tuple(self.readings)
        super()._leave()


def _params(cls: type[Node]) -> dict[str, Parameter]:
    """Each parameter that a class or one below it declares, in order."""
    found: dict[str, Parameter] = {}
    for base in reversed(cls.__mro__):
        found.update({k: v for k, v in vars(base).items() if isinstance(v, Parameter)})
    return found


def _index(node: NativeNode, name: str) -> int | None:
    """Place of a parameter in the table of a C object, None when it is not there."""
    for index, row in enumerate(node.params):
        if row[0] == name:
            return index
    return None
