import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float32]

class Cepstra:
    def __init__(self, bands: int, count: int, lifter: float) -> None: ...
    def apply(self, logs: Array) -> Array: ...
