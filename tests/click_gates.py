"""Which joins are good enough: 200 random splices a sound, judged by tables of gates.

Any join(stream, cut, gap) -> Joined can be judged: the float64 reference, the real engine, or a
planted fault.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

import numpy as np
from click_corpus import LOW_TONES, NAMES, NOISE, SPEECH, TONES, dithered, sound
from click_metric import CONTEXT, MARGIN, Scores, Segments, score
from numpy.typing import NDArray
from reference_join import ALIGN, FADE, Join, hard

SPLICES = 200
GAP_FRAMES = (480, 9600)
BEFORE = CONTEXT + MARGIN  # frames of a stream before its cut
AFTER = FADE + CONTEXT + MARGIN + ALIGN  # frames of a stream that must follow its gap

PERCENT = {"p5": 5, "median": 50, "p95": 95}


@dataclass(frozen=True, slots=True)
class Gate:
    """A statistic of a measure over all splices of a sound, dB, and what it may be."""

    sounds: tuple[str, ...]
    measure: str  # a field of Scores
    statistic: str  # a key of PERCENT
    low_db: float = -np.inf
    high_db: float = np.inf
    below_hard: bool = False  # the value judged is the hard cut's minus the join's

    def value(self, scores: Scores, hard_scores: Scores) -> float:
        values = getattr(scores, self.measure)
        if self.below_hard:
            values = getattr(hard_scores, self.measure) - values
        return float(np.percentile(values, PERCENT[self.statistic]))

    def reports(self, scores: Scores, hard_scores: Scores) -> bool:
        """True when the join does not pass."""
        return not self.low_db <= self.value(scores, hard_scores) <= self.high_db


HARMONIC = (*LOW_TONES, "harmonic")

# What a join must reach when it may choose where the new piece begins.  # B3
ALIGNED_GATES = (
    Gate(NAMES, "d2", "p95", high_db=3.0),
    Gate(NAMES, "hf", "p95", high_db=3.0),
    Gate(HARMONIC, "hf", "median", low_db=40.0, below_hard=True),
    Gate(TONES, "dip", "p5", low_db=-1.0),
    Gate(TONES, "dip", "p95", high_db=1.0),
    Gate(("white",), "dip", "median", low_db=-3.0),
)

# What a join must reach where the new piece begins wherever the overflow ended.  # B3
PLAIN_GATES = (
    Gate(HARMONIC, "hf", "median", low_db=40.0, below_hard=True),
    Gate((*HARMONIC, "chord", *SPEECH, *NOISE), "hf", "p95", high_db=3.0),
    Gate(tuple(name for name in NAMES if name != "tone100"), "d2", "p95", high_db=3.0),
    Gate(("white",), "dip", "median", low_db=-3.0),
    # The known limits of a join that cannot be aligned.
    Gate(("tone100",), "d2", "p95", high_db=8.0),
    Gate(("tone3000",), "hf", "median", high_db=10.0),
    Gate(("tone3000",), "hf", "p95", high_db=12.0),
    Gate(("tone100",), "dip", "p5", low_db=-8.5),
    Gate(("tone3000",), "dip", "p5", low_db=-3.5),
    Gate(TONES, "dip", "p95", high_db=1.5),
)


def splices(name: str, seed: int, count: int = SPLICES) -> Iterable[tuple[int, int]]:
    """Random (first frame lost, frames lost) that leave room for the surroundings."""
    rng = np.random.default_rng(seed)
    length = len(sound(name))
    for _ in range(count):
        gap = int(rng.integers(GAP_FRAMES[0], GAP_FRAMES[1] + 1))
        yield int(rng.integers(BEFORE, length - gap - AFTER)), gap


def joined(
    join: Join, name: str, *, seed: int = 2, count: int = SPLICES, dither: bool = False
) -> Segments:
    """Splice the sound at random places with join."""
    frames: NDArray[np.float32] = dithered(name) if dither else sound(name)
    rows = []
    for cut, gap in splices(name, seed, count):
        result = join(frames[cut - BEFORE : cut + gap + AFTER], BEFORE, gap)
        first = result.at - BEFORE
        rows.append(result.frames[first : first + BEFORE + FADE + BEFORE])
    return Segments(np.array(rows, np.float64), FADE)


@cache
def scores(join: Join, name: str) -> Scores:
    """All measures of a sound spliced with join."""
    return score(joined(join, name))


def judge(join: Join, name: str, gates: Iterable[Gate]) -> list[str]:
    """The gates of a sound that a join does not pass, as text; empty when it passes all."""
    found, reference = scores(join, name), scores(hard, name)
    return [
        f"{name}: {gate.statistic} {gate.measure} = {gate.value(found, reference):.1f} dB: {gate}"
        for gate in gates
        if name in gate.sounds and gate.reports(found, reference)
    ]
