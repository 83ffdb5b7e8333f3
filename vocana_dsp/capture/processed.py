"""What a capture says of the thread between its device and its reader."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..dsp.chain import Chain
    from .path import Path
    from .processing import StepTimes


class Processed:
    """The chain, the analyzers and the times of a path."""

    _path: Path

    @property
    def chain(self) -> Chain | None:
        """What the sound goes through; None when nothing stands between device and reader.

        Setting another one crossfades to it within 10 ms. It has to give as many channels and to
        delay as much as the one before, else ConfigError, and the one before goes on.
        """
        processing = self._path.processing
        return None if processing is None else processing.chain

    @chain.setter
    def chain(self, chain: Chain) -> None:
        self._path.processed("a chain").change(chain)

    @property
    def analyzers(self) -> Chain:
        """The analyzers, by place or by name: ``mic.analyzers["Levels"].snapshot()``."""
        return self._path.processed("an analyzer").analyzers

    @property
    def times(self) -> list[StepTimes]:
        """How long each step of the engine's thread took so far; the last one is their total."""
        processing = self._path.processing
        return [] if processing is None else processing.times
