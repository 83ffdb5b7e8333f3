from vocana_dsp._native.capture import CaptureEngine
from vocana_dsp._native.chain import NativeChain

STAGES: tuple[str, ...]

class Engine:
    def __init__(
        self,
        capture: CaptureEngine,
        rates: tuple[int, int],
        mix: NativeChain | None,
        chain: NativeChain,
        analysis: NativeChain | None,
        tap: tuple[int, int, int, int, int, int, int],
        breaker: tuple[int, int, int],
        lossless: bool,
    ) -> None: ...
    def start(self) -> None: ...
    def stop(self, timeout_s: float) -> bool: ...
    def set_chain(self, chain: NativeChain) -> bool: ...
    def forget_retired(self) -> int: ...
    @property
    def latency_frames(self) -> int: ...
    def times(self) -> list[tuple[str, int, float, float, float]]: ...
