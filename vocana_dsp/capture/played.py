"""What a playout hands out: frames, and the account of what they are."""

from __future__ import annotations

from dataclasses import dataclass

from .._native.playout import LATENCY_FRAMES
from .._native.playout import Playout as _Native
from .block import Samples


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class PlayoutBlock:
    """What a pull gave: always as many frames as were asked for.

    Attributes:
        data: (frames, channels) float32.
        frame: number of the frame of the capture that is heard first; during concealment it stands
            still.
        time: the same in seconds.
        played: of these frames, how many are the source's; the others are
        concealed: made up, where the source's came too late or were lost,
        silent: or from before the first frame of the source, or after its last.
        skipped: frames of the source jumped over to give latency back.
    """

    data: Samples
    frame: int
    time: float
    played: int
    concealed: int
    silent: int
    skipped: int

    def __len__(self) -> int:
        """Frames in this block."""
        return len(self.data)

    def __repr__(self) -> str:
        """Say what it is, without its samples."""
        return (
            f"<PlayoutBlock frame={self.frame} played={self.played} concealed={self.concealed} "
            f"silent={self.silent} skipped={self.skipped}>"
        )


@dataclass(frozen=True, slots=True)
class PlayoutStats:
    """One snapshot of a playout: ``pulled == played + concealed + silent`` holds in each.

    Attributes:
        pulled: frames given.
        played: of these, what the source's frames became, one for one but for `ratio_ppm`.
        concealed: frames made up.
        silent: frames before the first of the source and after the last.
        taken: frames of the source that were heard.
        skipped: frames of the source jumped over to give latency back,
        skips: in so many jumps.
        lost: frames that the source or a full queue lost.
        concealments: runs of concealed frames that are over; the end of the source is none.
        underruns: of these, because frames came too late.
        interruptions: of these, 150 ms or longer.
        longest_ms: the longest of them.
        glitch_percent: concealed frames, of all but the silent ones.
        fill_ms: what is queued behind the frame that is heard, smoothed.
        target_ms: what it is held at.
        changes: how often the target has changed.
        latency_ms: how old is what is heard now: the fill and the delay of the resampler. What the
            capture's own chain and device add is in `Capture.stats`.
        ratio_ppm: by how much what is heard is stretched, in parts per million; less than 0 when
            the source's clock is the faster one.
    """

    pulled: int
    played: int
    concealed: int
    silent: int
    taken: int
    skipped: int
    skips: int
    lost: int
    concealments: int
    underruns: int
    interruptions: int
    longest_ms: float
    glitch_percent: float
    fill_ms: float
    target_ms: float
    changes: int
    latency_ms: float
    ratio_ppm: float


def stats_of(native: _Native) -> PlayoutStats:
    """Return the snapshot of the C object in its units."""
    s = native.stats()
    ms = 1000.0 / native.rate
    heard = s["played"] + s["concealed"]
    return PlayoutStats(
        pulled=int(s["pulled"]),
        played=int(s["played"]),
        concealed=int(s["concealed"]),
        silent=int(s["silent"]),
        taken=int(s["taken"]),
        skipped=int(s["skipped"]),
        skips=int(s["skips"]),
        lost=int(s["lost"]),
        concealments=int(s["concealments"]),
        underruns=int(s["underruns"]),
        interruptions=int(s["interruptions"]),
        longest_ms=s["longest"] * ms,
        glitch_percent=100.0 * s["concealed"] / heard if heard else 0.0,
        fill_ms=s["level"] * ms,
        target_ms=s["target"] * ms,
        changes=int(s["changes"]),
        latency_ms=(s["level"] + LATENCY_FRAMES) * ms,
        ratio_ppm=(s["ratio"] - 1.0) * 1e6,
    )
