import numpy as np
import numpy.typing as npt

class Levels:
    def __init__(
        self,
        rate: int,
        channels: int,
        rms_ms: float,
        attack_ms: float,
        release_ms: float,
        hold_ms: float,
    ) -> None: ...
    def process(self, block: npt.NDArray[np.float32]) -> None: ...
    def reset(self) -> None: ...
    def read(self) -> list[tuple[float, float, float]]: ...
