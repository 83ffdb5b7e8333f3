"""Work that is timed, set beside that of peers, and held against what is right."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import log10
from time import perf_counter_ns
from timeit import Timer
from typing import Any

import numpy as np
import numpy.typing as npt

from .figure import Figure, Target
from .pairs import OURS, in_turn
from .peers import PeerAbsentError

Work = Callable[[], object]
#: Given the number of a round, how long the work took in it.
Run = Callable[[int], float]


def nanoseconds(work: Work, parts: int = 1) -> Run:
    """Return a run of one call, in nanoseconds for each of its parts."""

    def run(_: int) -> float:
        start = perf_counter_ns()
        work()
        return (perf_counter_ns() - start) / parts

    return run


def milliseconds(work: Work) -> Run:
    """Return a run of one call, in milliseconds."""
    return nanoseconds(work, 1_000_000)


def of_calls(timer: Timer, calls: int, parts: int = 1) -> Run:
    """Return a run of many calls, in nanoseconds for each part of a call."""
    return lambda _: timer.timeit(calls) / (calls * parts) * 1e9


def beside(
    name: str,
    unit: str,
    ours: Run,
    peers: Mapping[str, Callable[[], Run]],
    rounds: int,
    targets: Mapping[str, Target | None] | None = None,
    note: str = "",
    error_db: float | None = None,
) -> list[Figure]:
    """Return ours beside each peer, which `peers` makes; an absent one is said to be.

    >>> from .peers import peer
    >>> peers = {"same": lambda: lambda _: 2.0, "none": lambda: peer("no_such_package")}
    >>> here, absent = beside("x", "ns", lambda _: 3.0, peers, 5)
    >>> here.ratio, absent.value, absent.ratio, absent.note
    (1.5, 3.0, None, 'peer absent: pip install no_such_package')
    """
    works, absent = {OURS: ours}, {}
    for who, make in peers.items():
        try:
            works[who] = make()
        except PeerAbsentError as missing:
            absent[who] = f"peer absent: {missing}"
    for run in works.values():
        run(0)  # what is compiled or planned at first use
    runs = in_turn(works, rounds)
    value, goals = runs.median(OURS), targets or {}
    return [
        Figure(name, value, unit, who, target=goals.get(who), note=absent[who], error_db=error_db)
        if who in absent
        else runs.figure(name, unit, who, goals.get(who), note, error_db)
        for who in peers
    ]


def error_db(found: npt.ArrayLike, exact: npt.NDArray[Any]) -> float | None:
    """Return how far found is from exact, in dB of exact; None for not at all.

    >>> error_db(np.array([1.001, 1.001]), np.ones(2)), error_db([1], np.ones(1))
    (-60.0, None)
    """
    wrong = float(np.sum(np.abs(np.asarray(found) - exact) ** 2))
    return round(10 * log10(wrong / float(np.sum(np.abs(exact) ** 2))), 2) if wrong else None
