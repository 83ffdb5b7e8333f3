"""Frames of a sound card that counts, as a capture heard them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

PERIOD = 128  # frames, of its server
WRAP = 2**24


def connected(data: NDArray[Any]) -> NDArray[Any]:
    """Return the data of a stream from the frame on in which every port was connected.

    PortAudio connects port after port and starts. On a busy machine its first call may belong to a
    period that had begun before: a port is silent in it.
    """
    return data[np.count_nonzero((data[:PERIOD] == 0).any(axis=1)) :]


def breaks(data: NDArray[Any]) -> int:
    """Return how often the counter does not go on, or is not the same in all channels."""
    steps = np.diff(data[:, 0].astype(np.int64)) % WRAP
    return int(np.count_nonzero(steps != 1) + np.count_nonzero(data != data[:, :1]))
