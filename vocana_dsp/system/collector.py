"""Garbage collection while audio runs: fewer and shorter pauses, and everything as it was after."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from ..config import whole
from ..errors import ConfigError

MAX_THRESHOLD = 2**31 - 1

_lock = threading.Lock()
_depth = 0  # policies that freeze now, of all threads


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

    Policies may be nested. The collector is one for the whole process, and this for one thread at a
    time: thresholds are put back as each policy found them, in whatever order they are left.

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
    wanted = gc.get_threshold() if thresholds is None else _checked(thresholds)
    found, was_enabled = gc.get_threshold(), gc.isenabled()
    if freeze:
        _freeze()
    try:
        gc.set_threshold(*wanted)
        if disable:
            gc.disable()
        yield
    finally:
        gc.set_threshold(*found)
        (gc.enable if was_enabled else gc.disable)()
        if freeze:
            _thaw()


def _checked(thresholds: tuple[int, int, int]) -> tuple[int, int, int]:
    if not isinstance(thresholds, tuple) or len(thresholds) != 3:
        raise ConfigError(
            f"thresholds is {thresholds!r}, expected three whole numbers",
            hint="pass those of the three generations, for example (100_000, 10, 10)",
        )
    first, second, third = (whole("a threshold", n, 0, MAX_THRESHOLD) for n in thresholds)
    return first, second, third


def _freeze() -> None:
    global _depth
    gc.collect()
    with _lock:
        _depth += 1
        gc.freeze()


def _thaw() -> None:
    """Thaw as the last of all policies that freeze."""
    global _depth
    with _lock:
        _depth -= 1
        if not _depth:
            gc.unfreeze()
