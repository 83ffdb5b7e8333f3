"""Runs in turn: ours, a peer, ours, a peer, so that what disturbs one disturbs all."""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median

from .figure import Figure, Target

OURS = "vocana"


@dataclass(frozen=True, slots=True)
class Runs:
    """What each contender scored in each round; round i of one belongs to round i of the others."""

    scores: Mapping[str, list[float]]

    def median(self, name: str) -> float:
        """Return the middle score of a contender."""
        return median(self.scores[name])

    def ratio(self, name: str, peer: str) -> float:
        """Return the median over all rounds of the score of `name` by that of `peer`.

        >>> Runs({"a": [2.0, 40.0, 2.2], "b": [1.0, 20.0, 1.0]}).ratio("a", "b")
        2.0
        """
        pairs = zip(self.scores[name], self.scores[peer], strict=True)
        return median(ours / theirs for ours, theirs in pairs)

    def figure(
        self,
        name: str,
        unit: str,
        peer: str,
        target: Target | None = None,
        note: str = "",
        error_db: float | None = None,
    ) -> Figure:
        """Return our score beside that of a peer."""
        return Figure(
            name,
            self.median(OURS),
            unit,
            peer,
            self.median(peer),
            self.ratio(OURS, peer),
            target,
            note,
            error_db,
        )


def in_turn(contenders: Mapping[str, Callable[[int], float]], rounds: int) -> Runs:
    """Call every contender once a round with the number of the round.

    Who comes first moves on by one each round. Garbage goes between the calls, never within: what
    one contender leaves behind must not slow the next.
    """
    names = list(contenders)
    scores: dict[str, list[float]] = {name: [] for name in names}
    for number in range(rounds):
        first = number % len(names)
        for name in names[first:] + names[:first]:
            gc.collect()
            scores[name].append(contenders[name](number))
    return Runs(scores)
