"""A capture becomes a file: blocks go in as they come, lost frames as silence."""

from __future__ import annotations

from ..capture.block import Block
from .wav import WavWriter


class Recording:
    """Write a capture's blocks so that time in the file is time at the device.

    A loss becomes as many frames of silence, so frame n of the file is frame n of the device. One
    thread at a time.

    Attributes:
        limit: frames after which `take` returns false, or None.
        lost: frames of silence that stand for losses.
        gaps: how many losses these are.
    """

    def __init__(self, writer: WavWriter, limit: int | None = None) -> None:
        self.writer = writer
        self.limit = limit
        self.lost = 0
        self.gaps = 0

    @property
    def frames(self) -> int:
        """Frames in the file, silence included."""
        return self.writer.frames_written

    def take(self, block: Block) -> bool:
        """Write one block; return whether there is room for another before the limit.

        Raises `RecordError` when the disk does not take it.
        """
        if block.gap:
            silence = self._within_limit(block.gap)
            self.writer.write_silence(silence)
            self.lost += silence
            self.gaps += 1
        self.writer.write(block.data[: self._within_limit(len(block))])
        return self._within_limit(1) > 0

    def _within_limit(self, frames: int) -> int:
        return frames if self.limit is None else min(frames, self.limit - self.frames)
