import numpy as np
from numpy.typing import NDArray

from .node import NativeNode

MOST_SECTIONS: int
MOST_TAPS: int

def sos_node(rate: int, channels: int, rows: NDArray[np.float64]) -> NativeNode: ...
def fir_node(rate: int, channels: int, taps: NDArray[np.float32]) -> NativeNode: ...
