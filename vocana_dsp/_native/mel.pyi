import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float32]

def weights(
    rate: int,
    n_fft: int,
    bands: int,
    f_min_hz: float,
    f_max_hz: float,
    scale: str,
    equal_area: bool,
) -> Array: ...

class MelStream:
    def __init__(
        self,
        window: Array,
        hop: int,
        center: bool,
        rate: int,
        bands: int,
        f_min_hz: float,
        f_max_hz: float,
        scale: str,
        equal_area: bool,
        from_magnitude: bool,
        log: str | None,
        floor: float,
    ) -> None: ...
    def process(self, x: Array, silence: int = 0) -> Array: ...
    def silence(self, n: int) -> Array: ...
    def reset(self) -> None: ...
