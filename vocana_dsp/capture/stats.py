"""The figures of a capture, which hold together in each snapshot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

BreakerState = Literal["closed", "open", "half_open"]


@dataclass(frozen=True, slots=True)
class CallbackTimes:
    """Durations of the device's callback in microseconds, from a histogram kept in C.

    p50 and p99 are upper edges of buckets 6.25 % wide; max is exact.
    """

    p50: float
    p99: float
    max: float


@dataclass(frozen=True, slots=True)
class InputCounts:
    """What the input policy has seen.

    Samples (nan, infinite, denormal, over), frames (rejected, silent), and the samples that were
    NaN or infinite in each channel.
    """

    nan: int
    infinite: int
    denormal: int
    over: int
    rejected_frames: int
    silent_frames: int
    nonfinite_by_channel: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Stats:
    """One snapshot of a capture: ``captured == delivered + dropped + queued`` holds in each.

    `xruns`, `callbacks` and `input` count every block that is in `captured`, and may be ahead of it
    by the one that is coming in.

    Attributes:
        captured: frames of the device's timeline so far, those that the device lost included.
        delivered: frames handed out in blocks.
        dropped: frames lost, for every cause; the sum of `Capture.gaps`.
        queued: frames waiting in the ring.
        overflows: times that the ring began to lose frames.
        xruns: callbacks that the device itself flagged.
        breaker_state: "closed", "open" or "half_open".
        breaker_trips: times the breaker opened.
        callbacks: calls of the device.
        callback_us: how long these took.
        latency_ms: how old the next frame to be read is at most: the queued frames plus one block
            of the device plus the delay of resampler and chain, now. The capacity of the ring is
            not latency.
        latency_frames: the same in frames.
        events_dropped: events that found their queue full.
        input: samples that were not clean.
    """

    captured: int
    delivered: int
    dropped: int
    queued: int
    overflows: int
    xruns: int
    breaker_state: BreakerState
    breaker_trips: int
    callbacks: int
    callback_us: CallbackTimes
    latency_ms: float
    latency_frames: int
    events_dropped: int
    input: InputCounts
