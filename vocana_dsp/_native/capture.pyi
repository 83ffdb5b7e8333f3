from typing import Any

import numpy as np
import numpy.typing as npt

from vocana_dsp._native.outlets import Outlets
from vocana_dsp._native.tap import TapReader

class CaptureEngine(TapReader):
    leaked: bool
    def __init__(
        self,
        channels: int,
        capacity: int,
        policy: int,
        target: int,
        high_water: int,
        fade: int,
        align: int,
        events: int,
        breaker: tuple[int, int, int],
        inputs: tuple[int, int, int, float],
    ) -> None: ...
    def leak(self) -> None: ...
    @property
    def callback_address(self) -> int: ...
    @property
    def user_address(self) -> int: ...
    def push(self, frames: npt.NDArray[np.float32], lost: int = 0, flags: int = 0) -> None: ...
    def end(self, lost: bool = False) -> None: ...
    @property
    def outlets(self) -> Outlets: ...
    def last_callback(self) -> tuple[int, int, int]: ...
    @property
    def silent_frames(self) -> int: ...
    def counts(self) -> dict[str, Any]: ...
