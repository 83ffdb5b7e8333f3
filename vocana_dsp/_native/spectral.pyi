import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float32]

FEATURES: int
MOST_OCTAVES: int

class SpectralStream:
    def __init__(
        self,
        window: Array,
        hop: int,
        center: bool,
        rate: int,
        rolloff: float,
        octaves: int,
        contrast_hz: float,
    ) -> None: ...
    def process(self, x: Array) -> Array: ...
    def silence(self, n: int) -> Array: ...
    def crossings(self, x: Array, silence: int) -> tuple[Array, Array]: ...
    def reset(self) -> None: ...
