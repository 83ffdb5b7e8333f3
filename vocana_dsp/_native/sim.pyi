from typing import Any

from .capture import CaptureEngine

MAX_BLOCK_FRAMES: int
MAX_BLOCK_SIZES: int
FAULTS: dict[str, int]
PACES: dict[str, int]

class Sim:
    def __init__(
        self,
        engine: CaptureEngine,
        rate: int,
        block_frames: int,
        frames: int,
        pace: str,
        seed: int,
        signal: tuple[Any, ...],
        faults: list[tuple[str, int, int, float, tuple[int, ...]]],
        first: int = 0,
        lost: int = 0,
    ) -> None: ...
    def start(self) -> None: ...
    def abandon(self) -> None: ...
    def stop(self, deadline_s: float) -> bool: ...
    @property
    def active(self) -> bool: ...
    @property
    def place(self) -> int: ...
