"""Prints what resamplers do to tones, ours beside soxr HQ, as a table in Markdown.

python bench/resampler_quality.py              # from and to each of a few rates
python bench/resampler_quality.py 44100 48000  # one pair, every quality
"""

from __future__ import annotations

import sys
from itertools import permutations

import soxr

import vocana_dsp as vo
from vocana_dsp.bench import resampler_tones as quality

SOXR_HQ_PASSBAND = 0.913 / 2  # of the lower rate, as its manual says
HEAD = "| from → to | | passband Hz | ripple dB | alias dB | image dB | delay ms |"


def soxr_delay_ms(from_rate: int, to_rate: int) -> float:
    """How much input a stream of soxr HQ takes before its first output."""
    stream = soxr.ResampleStream(from_rate, to_rate, 1, dtype="float32")
    step = max(1, from_rate // 1000)
    silence = quality.tone(1.0, from_rate)[:step]
    fed = step
    while len(stream.resample_chunk(silence)) == 0:
        fed += step
    return 1000.0 * fed / from_rate


def line(pair: tuple[int, int], name: str, passband_hz: float, delay_ms: float) -> str:
    def resample(x: quality.Samples, a: int, b: int) -> quality.Samples:
        if name == "soxr HQ":
            return soxr.resample(x, a, b)
        return vo.resample(x, a, b, quality=name)

    found = quality.measure(resample, *pair, passband_hz)
    alias = f"{found.alias_db:.0f}" if pair[1] < pair[0] else "-"
    return (
        f"| {pair[0]} → {pair[1]} | {name} | {passband_hz:.0f} | {found.ripple_db:.4f} "
        f"| {alias} | {found.image_db:.0f} | {delay_ms:.1f} |"
    )


def ours(pair: tuple[int, int], name: str) -> str:
    stream = vo.Resampler(*pair, quality=name)
    return line(pair, name, stream.passband_hz, 1000.0 * stream.latency_frames / pair[1])


def theirs(pair: tuple[int, int]) -> str:
    return line(pair, "soxr HQ", SOXR_HQ_PASSBAND * min(pair), soxr_delay_ms(*pair))


def main() -> None:
    print(HEAD)
    print("|---|---|---|---|---|---|---|")
    if len(sys.argv) == 3:
        pair = (int(sys.argv[1]), int(sys.argv[2]))
        lines = [ours(pair, name) for name in ("fast", "balanced", "best")]
        print("\n".join([*lines, theirs(pair)]))
        return
    for pair in permutations(quality.RATES, 2):
        print(ours(pair, "balanced"))
        print(theirs(pair))


if __name__ == "__main__":
    main()
