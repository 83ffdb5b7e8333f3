"""Nodes in a row: run by a capture's engine thread, or on arrays with the same numbers."""

from __future__ import annotations

import weakref
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from .._native.chain import NativeChain
from .._native.node import MAX_CHANNELS, NativeNode
from ..arrays import cast, sound
from ..config import MAX_RATE_HZ, whole
from ..errors import ConfigError, VocanaError
from .node import Live, Node
from .times import ChainTimes, stage_times


class Chain:
    """Nodes in a row, for a capture or for arrays.

    Args:
        nodes: in the order in which the sound meets them. Each belongs to this chain alone.

    Raises:
        ConfigError: something else than a node, or one that is in a chain already.

    A node is found by its place, or by its name: ``chain[0]``, ``chain["HighPass"]``; a second one
    of the same name is ``"HighPass2"``. The chain is made for a rate and a number of channels by
    the first call of `process`, or by the capture that it is given to.

    NaN and infinity never reach a node: they become 0, and 16 with their sign. Denormals count
    as 0.

    One thread at a time makes, runs, resets or dissolves a chain; parameters and readings of its
    nodes, and `times`, are for any thread.

    >>> import numpy as np
    >>> from vocana_dsp import Chain, Delay, Gain
    >>> chain = Chain([Gain(-20), Delay(1)])
    >>> chain.process(np.ones(4, np.float32), rate=2000)
    array([0. , 0. , 0.1, 0.1], dtype=float32)
    >>> chain["Gain"].gain_db = 0
    >>> chain.latency_frames
    2
    """

    def __init__(self, nodes: Iterable[Node] = ()) -> None:
        if isinstance(nodes, Node) or not isinstance(nodes, Iterable):
            raise ConfigError(
                f"nodes is {nodes!r}, expected a list of nodes",
                hint="pass them as Chain([vo.Gain(-6), ...])",
            )
        self._nodes = tuple(nodes)
        self._native: NativeChain | None = None
        for index, node in enumerate(self._nodes):
            _free(node, index, self._nodes)
        self._names = _names(self._nodes)
        for node in self._nodes:
            node._chain = weakref.ref(self)

    # --- Nodes ----------------------------------------------------------------

    @property
    def names(self) -> tuple[str, ...]:
        """What the nodes are called here, in order."""
        return self._names

    def __len__(self) -> int:
        return len(self._nodes)

    def __iter__(self) -> Iterator[Node]:
        return iter(self._nodes)

    def __getitem__(self, key: int | str) -> Any:
        """Return the node at a place, or of a name; ConfigError when there is none."""
        if isinstance(key, str) and key in self._names:
            return self._nodes[self._names.index(key)]
        if isinstance(key, int) and -len(self) <= key < len(self):
            return self._nodes[key]
        if not self:
            raise ConfigError(
                f"there is no {key!r}: the chain is empty",
                hint="a Chain is given its nodes when it is made, a Capture its analyzers",
            )
        raise ConfigError(
            f"the chain has no node {key!r}, expected one of {', '.join(self._names)}",
            hint="take one of these names, or an index",
        )

    def __repr__(self) -> str:
        return f"Chain([{', '.join(map(repr, self._nodes))}])"

    # --- Life -----------------------------------------------------------------

    def prepare(self, rate: int, channels: int) -> NativeChain:
        """Make the chain for a format and return its C side; nothing is heard yet.

        Args:
            rate: frames per second, 1 to 768000.
            channels: that come in, 1 to 64.

        Raises:
            ConfigError: the format is out of range, a node cannot be made for it, or the chain is
                in use. The message names the node; what was there before goes on.
        """
        native = self.build(rate, channels)
        self.adopt(native)
        return native

    def build(self, rate: int, channels: int) -> NativeChain:
        """Make a C side as `prepare` does, and leave the chain as it is until `adopt`."""
        whole("rate", rate, 1, MAX_RATE_HZ)
        whole("channels", channels, 1, MAX_CHANNELS)
        self._expect_no_user()
        made: list[NativeNode] = []
        width = channels
        for name, node in zip(self._names, self._nodes, strict=True):
            made.append(_made(name, node, rate, width))
            width = made[-1].channels_out
        native = NativeChain(tuple(made), rate, channels)
        for index, node in enumerate(self._nodes):
            if node.bypass:
                native.set_bypass(index, True)
                native.reset(index)  # from the first frame on, without a fade
        return native

    def adopt(self, native: NativeChain) -> None:
        """Let the nodes set and read a C side that `build` made for this chain."""
        for index, node in enumerate(self._nodes):
            node._attach(Live(native.nodes[index], native, index))
        self._native = native

    def process(self, x: npt.ArrayLike, rate: int) -> npt.NDArray[np.float32]:
        """Return the sound after all nodes; state is kept from call to call.

        However a sound is cut into calls, the results are the same to the bit. The GIL is released
        during long calls. One thread at a time.

        Args:
            x: (frames,) or (frames, channels), floats with 1.0 as full scale.
            rate: frames per second; with the channels the same in all calls until `reset`.

        Returns:
            float32 of as many frames: (frames,) if x has that shape and one channel comes out, else
            (frames, channels that come out).

        Raises:
            ConfigError: an array of another kind, another format than before, a node that cannot
                be made for it, or the chain is in use. Nothing has been processed.
        """
        native = self._native
        if native is not None:
            out = native.attempt(x, rate)
            if out is not None:
                return out
        frames = cast(sound("x", x, MAX_CHANNELS))
        channels = frames.shape[1] if frames.ndim == 2 else 1
        if native is None:
            native = self.prepare(rate, channels)
        self._expect_no_user()
        if (rate, channels) != (native.rate, native.channels):
            raise ConfigError(
                f"{channels} channels at {rate!r} Hz, expected {native.channels} at "
                f"{native.rate} as before",
                hint="call reset() before a sound of another format",
            )
        return native.process(frames)

    def reset(self) -> None:
        """Forget all sound, and unless a capture uses the chain, also its rate and channels."""
        native = self._native
        if native is not None and native.user is not None:
            native.reset()
            return
        self._native = None
        for node in self._nodes:
            node._detach()

    def dissolve(self) -> None:
        """Free the nodes for another chain, with the parameters that they have; nothing is left.

        What an analyzer said last it says until it works again. ConfigError, and nothing has
        changed, while a capture uses the chain.

        >>> from vocana_dsp import Gain
        >>> gain = Gain(-6)
        >>> Chain([gain]).dissolve()
        >>> len(Chain([gain]))
        1
        """
        self._expect_no_user()
        for node in self._nodes:
            node._leave()
        self._native, self._nodes, self._names = None, (), ()

    def _expect_no_user(self) -> None:
        if self._native is not None and self._native.user is not None:
            raise ConfigError(
                f"the chain is in use by {self._native.user}, expected nobody",
                code="in_use",
                hint="give each capture a chain of its own",
                retryable=True,
            )

    @property
    def latency_frames(self) -> int:
        """Frames by which all nodes delay, bypassed or not; ConfigError before it is made."""
        return self._made().latency_frames

    @property
    def times(self) -> ChainTimes:
        """How long each stage took so far; ConfigError before the chain is made. Any thread."""
        native = self._made()
        times = [stage_times(native.times(stage)) for stage in range(len(self) + 2)]
        return ChainTimes(dict(zip(self._names, times, strict=False)), times[-2], times[-1])

    def _made(self) -> NativeChain:
        if self._native is None:
            raise ConfigError(
                "the chain is not made yet: its rate is not known",
                hint="call prepare(rate, channels), or process something, before",
            )
        return self._native


def _free(node: object, index: int, nodes: tuple[object, ...]) -> None:
    """Raise ConfigError unless node is one, and in no chain."""
    if not isinstance(node, Node):
        raise ConfigError(
            f"nodes[{index}] is {node!r}, expected a node", hint="pass nodes such as vo.Gain(-6)"
        )
    owner = node._chain() if node._chain is not None else None
    if owner is not None or any(node is other for other in nodes[:index]):
        raise ConfigError(
            f"nodes[{index}], {node!r}, is in a chain already",
            hint="make another node for each place, or dissolve() the chain that it was in",
        )


def _names(nodes: tuple[Node, ...]) -> tuple[str, ...]:
    """Name each node: its own name, with a number behind it where that is taken."""
    names: list[str] = []
    for node in nodes:
        name, number = node.name, 1
        while name in names:
            number += 1
            name = f"{node.name}{number}"
        names.append(name)
    return tuple(names)


def _made(name: str, node: Node, rate: int, channels: int) -> NativeNode:
    """Make a node, or raise one error that names it."""
    try:
        made = node._make(rate, channels)
    except VocanaError as error:
        raise ConfigError(f"{name}: {error.args[0]}", code=error.code, hint=error.hint) from error
    if made.channels != channels:
        raise ConfigError(
            f"{name} takes {made.channels} channels, expected the {channels} that come",
            hint="put a ChannelMap before it",
        )
    if node.bypass and made.channels_out != channels:
        raise ConfigError(
            f"{name} is bypassed, expected a node with as many channels out as in",
            hint="leave the node out of the chain",
        )
    return made
