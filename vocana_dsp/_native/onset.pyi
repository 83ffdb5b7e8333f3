import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float32]

class OnsetStream:
    def __init__(
        self,
        window: Array,
        hop: int,
        rate: int,
        bands: int,
        f_min_hz: float,
        f_max_hz: float,
        range_db: float,
    ) -> None: ...
    def process(self, x: Array) -> Array: ...
    def reset(self) -> None: ...
