from typing import NamedTuple

class SidecarData(NamedTuple):
    rate: int
    channels: int
    subtype: str
    recording: str
    segment: int
    previous: str
    first_frame: int
    capture_frame: int
    started_wall_ns: int
    started_ns: int
    durable_frames: int
    end: str
    gaps: tuple[tuple[int, int, str], ...]
    seconds: tuple[int, ...]
    spool: str = ...
    rest_frames: int = ...
    rest_crc32: int = ...

def parse(text: bytes) -> SidecarData: ...
