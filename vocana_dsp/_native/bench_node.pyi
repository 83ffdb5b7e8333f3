import numpy as np
from numpy.typing import NDArray

from .node import NativeNode

def run(node: NativeNode, rows: NDArray[np.float32], calls: int) -> NDArray[np.float32]: ...
