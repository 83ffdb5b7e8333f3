"""Windows by name or by their factors."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .._native.window import names
from .._native.window import window as _named
from ..arrays import cast
from ..config import one_of
from ..errors import ConfigError

#: A name, or the factors themselves.
Window = str | npt.ArrayLike


def window_factors(window: Window, n: int) -> npt.NDArray[np.float32]:
    """Return the n factors of a window, float32: one period, as a transform of n has it.

    Args:
        window: ``"hann"``, ``"sqrt_hann"``, ``"hamming"``, ``"blackman"``, ``"vorbis"``,
            ``"rectangular"``, or n finite numbers, for example of ``scipy.signal.get_window``.
        n: how many, 1 or more.

    Raises:
        ConfigError: an unknown name, another number of factors, or one that is not finite.

    >>> window_factors("hann", 4)
    array([0. , 0.5, 1. , 0.5], dtype=float32)
    """
    if isinstance(window, str):
        return _named(one_of("window", window, names()), n)
    try:
        factors = cast(np.array(window, np.float64))
    except (TypeError, ValueError):
        factors = np.empty((0, 0), np.float32)
    if factors.shape != (n,):
        raise ConfigError(
            f"window is {_short(window)}, expected a name or {n} numbers",
            hint=f"pass one of {', '.join(names())}, or an array of shape ({n},)",
        )
    if not np.isfinite(factors).all():
        at = int(np.flatnonzero(~np.isfinite(factors))[0])
        raise ConfigError(
            f"window[{at}] is {factors[at]}, expected a finite number",
            hint="pass factors that are numbers, most of them between 0 and 1",
        )
    return factors


def _short(window: object) -> str:
    shape = getattr(window, "shape", None)
    return repr(window)[:60] if shape is None else f"an array of shape {shape}"
