"""Garbage collection while audio runs: fewer and shorter pauses, and everything as it was after."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from ..config import whole
from ..errors import ConfigError

MAX_THRESHOLD = 2**31 - 1

_SET: dict[str, Callable[[Any], None]] = {
    "thresholds": lambda thresholds: gc.set_threshold(*thresholds),
    "enabled": lambda enabled: gc.enable() if enabled else gc.disable(),
}

_lock = threading.RLock()  # a collection may leave a policy while another one is entered
_policies: list[_Policy] = []  # that hold now, of all threads, in the order in which they came


class _Policy:
    def __init__(self, freeze: bool, wanted: dict[str, Any]) -> None:
        self.freeze = freeze
        self.wanted = wanted
        self.found: dict[str, Any] = {}


@contextmanager
def gc_policy(
    *,
    freeze: bool = True,
    disable: bool = False,
    thresholds: tuple[int, int, int] | None = None,
) -> Iterator[None]:
    """Collect once, then keep what is alive out of later collections, until the block is left.

    A collection holds the GIL for as long as it has objects to look at: what was loaded before the
    block is not looked at again. A capture loses nothing to such a pause; its reader is late by it.

    Policies may be nested, and those of several threads left in any order. The collector is one for
    the whole process: what a policy asks for holds until it is left, unless a later one asks for
    something else, and when the last one is left all is as the first found it.

    Args:
        freeze: whether what is alive after a collection is left out of later ones. Leaving thaws
            all of it, also what a program has frozen by itself: such a program passes False.
        disable: whether nothing is collected inside. Cycles then pile up: for short blocks.
        thresholds: of the three generations, see `gc.set_threshold`; None leaves them.

    Raises:
        ConfigError: thresholds that are not three whole numbers from 0.

    >>> before = gc.get_threshold(), gc.isenabled()
    >>> with gc_policy(disable=True, thresholds=(100_000, 10, 10)):
    ...     gc.isenabled(), gc.get_threshold(), gc.get_freeze_count() > 0
    (False, (100000, 10, 10), True)
    >>> (gc.get_threshold(), gc.isenabled()) == before, gc.get_freeze_count()
    (True, 0)
    """
    wanted: dict[str, Any] = {} if thresholds is None else {"thresholds": _checked(thresholds)}
    if disable:
        wanted["enabled"] = False
    policy = _Policy(freeze, wanted)
    _enter(policy)
    try:
        yield
    finally:
        _leave(policy)


def _checked(thresholds: tuple[int, int, int]) -> tuple[int, int, int]:
    if not isinstance(thresholds, tuple) or len(thresholds) != 3:
        raise ConfigError(
            f"thresholds is {thresholds!r}, expected three whole numbers",
            hint="pass those of the three generations, for example (100_000, 10, 10)",
        )
    first, second, third = (whole("a threshold", n, 0, MAX_THRESHOLD) for n in thresholds)
    return first, second, third


def _enter(policy: _Policy) -> None:
    if policy.freeze:
        gc.collect()
    with _lock:
        policy.found = {"thresholds": gc.get_threshold(), "enabled": gc.isenabled()}
        _policies.append(policy)
        for name, value in policy.wanted.items():
            _SET[name](value)
        if policy.freeze:
            gc.freeze()


def _leave(policy: _Policy) -> None:
    """Put back what it found: now, or when those who have asked for the same since are left."""
    with _lock:
        later = _policies[_policies.index(policy) + 1 :]
        _policies.remove(policy)
        for name, found in policy.found.items():
            for other in later:
                other.found[name] = found
                if name in other.wanted:
                    break
            else:
                _SET[name](found)
        if policy.freeze and not any(other.freeze for other in _policies):
            gc.unfreeze()
