from typing import NamedTuple, SupportsIndex

HEAD_BYTES: int
SUBTYPES: tuple[str, ...]

class WavInfo(NamedTuple):
    rate: int
    channels: int
    bits: int
    floating: bool
    open: bool
    rf64: bool
    data_at: int
    frames: int
    stated_frames: int

def frame_bytes(rate: SupportsIndex, channels: SupportsIndex, subtype: str) -> int: ...
def head(
    rate: SupportsIndex, channels: SupportsIndex, subtype: str, frames: SupportsIndex | None = None
) -> bytes: ...
def file_bytes(
    rate: SupportsIndex, channels: SupportsIndex, subtype: str, frames: SupportsIndex
) -> int: ...
def parse(head: bytes, file_bytes: int) -> WavInfo: ...
