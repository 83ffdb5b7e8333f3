"""Other channels than come in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from .._native.node import MAX_CHANNELS, NativeNode
from ..arrays import numbers
from ..config import whole
from ..errors import ConfigError
from .node import Node

Matrix = npt.NDArray[np.float32]


class ChannelMap(Node):
    """Each channel that goes out is a sum of those that come in, each by its factor.

    Args:
        matrix: (channels out, channels in), 1 to 64 each.
        name: what the chain calls it.

    Raises:
        ConfigError: another shape, or a factor that is not finite.

    Any thread; see `Node`.

    `mono`, `stereo` and `pick` make the usual ones for any number of channels that come in. It
    cannot be bypassed where it changes the number of channels.

    >>> import numpy as np
    >>> from vocana_dsp import Chain
    >>> Chain([ChannelMap([[0.5, 0.5]])]).process(np.array([[1.0, 0.0]]), rate=48_000)
    array([[0.5]], dtype=float32)
    """

    def __init__(self, matrix: npt.ArrayLike, *, name: str | None = None) -> None:
        super().__init__(name=name)
        factors = numbers("matrix", matrix, single=True).astype(np.float32)
        if factors.ndim != 2 or not all(1 <= width <= MAX_CHANNELS for width in factors.shape):
            raise ConfigError(
                f"matrix has the shape {factors.shape}, expected (channels out, channels in) of 1 "
                f"to {MAX_CHANNELS}",
                hint="pass a row for each channel that goes out",
            )
        self._matrix: Callable[[int], Matrix] = lambda channels: factors

    @classmethod
    def mono(cls, *, name: str | None = None) -> ChannelMap:
        """Return the mean of all channels.

        >>> import numpy as np
        >>> from vocana_dsp import Chain
        >>> Chain([ChannelMap.mono()]).process(np.array([[1.0, 0.5]]), rate=48_000)
        array([[0.75]], dtype=float32)
        """
        return cls._of(lambda channels: np.full((1, channels), 1 / channels, np.float32), name)

    @classmethod
    def stereo(cls, *, name: str | None = None) -> ChannelMap:
        """Return one channel twice, and two as they are; more are refused when it is made."""
        return cls._of(_stereo, name)

    @classmethod
    def pick(cls, *channels: int, name: str | None = None) -> ChannelMap:
        """Return the channels with these numbers, from 0, in this order.

        >>> import numpy as np
        >>> from vocana_dsp import Chain
        >>> Chain([ChannelMap.pick(1, 0)]).process(np.array([[1.0, 0.5]]), rate=48_000)
        array([[0.5, 1. ]], dtype=float32)
        """
        for channel in channels:
            whole("channel", channel, 0, MAX_CHANNELS - 1)
        if not 1 <= len(channels) <= MAX_CHANNELS:
            raise ConfigError(
                f"{len(channels)} channels are picked, expected 1 to {MAX_CHANNELS}",
                hint="pass the number of each channel to keep",
            )

        def matrix(width: int) -> Matrix:
            if max(channels) >= width:
                raise ConfigError(
                    f"channel {max(channels)} is picked, expected one below {width}",
                    hint="count channels from 0",
                )
            return np.eye(width, dtype=np.float32)[list(channels)]

        return cls._of(matrix, name)

    @classmethod
    def _of(cls, matrix: Callable[[int], Matrix], name: str | None) -> ChannelMap:
        made = cls([[1.0]], name=name)
        made._matrix = matrix
        return made

    def make(self, rate: int, channels: int) -> Any:
        """Return the C object; ConfigError when another number of channels comes."""
        matrix = self._matrix(channels)
        if matrix.shape[1] != channels:
            raise ConfigError(
                f"matrix has {matrix.shape[1]} columns, expected {channels} as come in",
                hint="pass a column for each channel that comes in",
            )
        return NativeNode.channel_map(rate, np.ascontiguousarray(matrix))


def _stereo(channels: int) -> Matrix:
    if channels > 2:
        raise ConfigError(
            f"{channels} channels come, expected 1 or 2",
            hint="choose two with ChannelMap.pick, or pass a matrix",
        )
    return np.ones((2, 1), np.float32) if channels == 1 else np.eye(2, dtype=np.float32)
