"""The account of a pool."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PoolStats:
    """What a pool has done so far.

    Attributes:
        live: buffers handed out now.
        free: buffers that wait to be handed out, those of the reserve too.
        peak: most buffers that were ever live at a time.
        acquired: buffers handed out in all.
        reused: of these, buffers that somebody had used before.
        grown: of these, buffers for which memory was asked for, because none was free.
        missed: acquires that ended with `PoolExhausted`.
        rejected: releases that were refused.
        leaked: buffers that were collected without having been released.
        maximum: most buffers that may be live now, without the reserve.
        reserved: of `free`, buffers of the reserve.
        emergencies: of `acquired`, buffers that the reserve gave.
    """

    live: int
    free: int
    peak: int
    acquired: int
    reused: int
    grown: int
    missed: int
    rejected: int
    leaked: int
    maximum: int
    reserved: int = 0
    emergencies: int = 0

    @property
    def hit_ratio(self) -> float:
        """Share of all acquires that a free buffer served at once; 1.0 before the first."""
        asked = self.acquired + self.missed
        return (self.acquired - self.grown) / asked if asked else 1.0
