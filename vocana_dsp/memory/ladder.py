"""What is done when memory is short, step by step, and undone the other way round."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

from ..config import function_of, one_of
from ..dsp.node import Node
from ..errors import ConfigError
from ..pool.pool import BufferPool, open_pools
from .pressure import LEVELS, Level

Action = Literal["suspend", "resume"]

#: How long a buffer of a pool may be free, by level.
IDLE_S: dict[Level, float] = {"low": 30.0, "moderate": 10.0, "high": 5.0, "critical": 0.0}

_TRIM, _SHRINK = 1, 2  # rungs of pools, below those of stages


@runtime_checkable
class Stage(Protocol):
    """What can be left out for a while. Both methods are called from the thread of the ladder."""

    def suspend(self) -> None:
        """Stop, and give memory back."""

    def resume(self) -> None:
        """Go on."""


class Bypass:
    """A stage made of nodes: they are bypassed, at unity gain, with a crossfade of 5 ms.

    A node that was bypassed before stays so. Any thread.

    >>> import vocana_dsp as vo
    >>> gain = vo.Gain(-6)
    >>> stage = vo.memory.Bypass(gain)
    >>> stage.suspend()
    >>> gain.bypass
    True
    >>> stage.resume()
    >>> gain.bypass
    False
    """

    def __init__(self, *nodes: Node) -> None:
        for node in nodes:
            if not isinstance(node, Node):
                raise ConfigError(
                    f"nodes holds {node!r}, expected nodes", hint="pass nodes of a chain"
                )
        self.name = ", ".join(node.name for node in nodes)
        self._nodes = nodes
        self._passed: tuple[Node, ...] = ()

    def suspend(self) -> None:
        """Bypass the nodes."""
        for node in self._nodes:
            if not node.bypass:
                self._passed += (node,)
                node.bypass = True

    def resume(self) -> None:
        """Let the nodes be heard again."""
        for node in self._passed:
            node.bypass = False
        self._passed = ()


@dataclass(frozen=True, slots=True)
class LadderStep:
    """Something that was done about memory, or undone.

    Attributes:
        name: "trim", "shrink" or the name of a stage.
        action: "suspend" on the way up, "resume" on the way down.
        error: what the stage raised instead of doing so; None when all went well.
    """

    name: str
    action: Action
    error: Exception | None = None


class Ladder:
    """Answers to a level, in stages. One thread at a time, never the audio thread.

    From "moderate" on, free buffers of all pools are given back; from "high" on, their maxima are
    held at what is needed; at "critical" stages are suspended, in the order in which they are
    given, one a step, as long as the level stays. The way down takes one rung a step, in reverse.
    Buffers in use are never touched.

    A stage that raises is told and left alone: the walk goes on.

    Args:
        stages: what can be left out, what is missed least first. Each has ``suspend()`` and
            ``resume()``, and may have a ``name``.
        pools: returns the pools; all of this process unless given.

    >>> import vocana_dsp as vo
    >>> gain = vo.Gain(-6)
    >>> ladder = Ladder([Bypass(gain)])
    >>> [step.name for step in ladder.step("critical", now_s=0)], gain.bypass
    (['trim', 'shrink', 'Gain'], True)
    >>> [step.name for step in ladder.step("low", now_s=1)], gain.bypass
    (['Gain'], False)
    """

    def __init__(
        self,
        stages: Sequence[Stage] = (),
        pools: Callable[[], Sequence[BufferPool]] = open_pools,
    ) -> None:
        if not isinstance(stages, Iterable):
            raise ConfigError(
                f"stages is {stages!r}, expected a list",
                hint="pass stages=[...], what is missed least first",
            )
        self._stages = tuple(stages)
        for stage in self._stages:
            if not isinstance(stage, Stage):
                raise ConfigError(
                    f"stages holds {stage!r}, expected objects with suspend() and resume()",
                    hint="wrap nodes as vo.memory.Bypass(node)",
                )
        function_of("pools", pools)
        self._pools = pools
        self._rung = 0
        self._suspended: list[Stage | None] = []  # None: it could not be suspended

    @property
    def suspended(self) -> tuple[str, ...]:
        """Names of the stages that are suspended, in the order in which that was done."""
        return tuple(_name(stage) for stage in self._suspended if stage is not None)

    def step(self, level: Level, now_s: float) -> list[LadderStep]:
        """Do what a level asks for, and return what was done; call it every second or so.

        Raises ConfigError for a level that does not exist.
        """
        one_of("level", level, LEVELS)
        wanted = {"low": 0, "moderate": _TRIM, "high": _SHRINK}.get(level, len(self))
        steps = []
        if self._rung > wanted:
            steps += self._down()
        while self._rung < min(wanted, _SHRINK):
            steps.append(self._up())
        if self._rung < wanted:
            steps.append(self._up())
        return steps + self._press(level, now_s)

    def undo(self) -> list[LadderStep]:
        """Go all the way down, and return what was done."""
        steps = []
        while self._rung:
            steps += self._down()
        return steps

    def __len__(self) -> int:
        return _SHRINK + len(self._stages)

    def _up(self) -> LadderStep:
        self._rung += 1
        if self._rung <= _SHRINK:
            return LadderStep(("trim", "shrink")[self._rung - 1], "suspend")
        stage = self._stages[self._rung - _SHRINK - 1]
        step = _attempt(_name(stage), "suspend", stage.suspend)
        self._suspended.append(stage if step.error is None else None)
        return step

    def _down(self) -> list[LadderStep]:
        self._rung -= 1
        if self._rung == 0:
            return [LadderStep("trim", "resume")]
        if self._rung == _TRIM:
            return [_attempt("shrink", "resume", self._restore)]
        stage = self._suspended.pop()
        return [] if stage is None else [_attempt(_name(stage), "resume", stage.resume)]

    def _restore(self) -> None:
        for pool in self._pools():
            pool.restore()

    def _press(self, level: Level, now_s: float) -> list[LadderStep]:
        """Do to the pools what the rungs ask for, each time anew: they fill up meanwhile."""
        failed = []
        for pool in self._pools() if self._rung >= _TRIM else ():
            done = [_attempt("trim", "suspend", pool.trim, IDLE_S[level])]
            if self._rung >= _SHRINK:
                done.append(_attempt("shrink", "suspend", pool.shrink, now_s))
            failed += [step for step in done if step.error is not None]
        return failed


def _name(stage: Stage) -> str:
    return str(getattr(stage, "name", type(stage).__name__))


def _attempt(
    name: str, action: Action, call: Callable[..., object], *arguments: object
) -> LadderStep:
    try:
        call(*arguments)
    except Exception as error:
        return LadderStep(name, action, error)
    return LadderStep(name, action)
