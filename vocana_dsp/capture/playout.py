"""A capture heard by somebody with a clock of their own: an output device, a monitor."""

from __future__ import annotations

import numpy as np

from .._native.playout import Playout as _Native
from ..config import frames_of, instance, number_of, positive, whole
from ..errors import ConfigError, StreamClosed
from .block import Samples
from .capture import STOP_DEADLINE_S, Capture
from .lifetime import Closed
from .played import PlayoutBlock, PlayoutStats, stats_of

CROSSFADE_MS = 5.0
ALIGN_MS = 10.0  # how far a skip may go beyond the target, and a return may wait, to fit
MUTE_MS = 80.0  # concealment dies away in this time
MAX_PPM = 10_000.0
MAX_MS = 3_600_000.0  # an hour: its frames fit 32 bits at any rate


class Playout(Closed):
    """Gives what a capture captures, as many frames as asked for, at once, always.

    For a consumer that goes by a clock of its own: the callback of an output device, a monitor, a
    transcriber that must not fall behind. What is queued is held at a target: a steered resampler
    follows the drift of the two clocks, the target rises with the jitter that is measured and by a
    block with each underrun, and falls when `calm_s` have passed without one. What lies more than a
    block above it is skipped within a second. Joins are aligned and crossfaded. Where nothing is
    there the sound goes on for a moment and dies away.

    It has a queue of its own: the capture can be read beside it. Making it, `start` and `close`
    belong to any one thread, `pull` and `pull_into` to the consumer's, `stats` to any.

    Args:
        capture: what is heard; ``with`` starts it. Its source has to go by a clock, as devices,
            files and simulated devices in real time do.
        block_ms: the step of the target. Pulls are about as long.
        target_ms: how much is queued at first behind what a pull needs.
        min_ms: the target is never less,
        max_ms: nor more.
        limit_ms: what is never exceeded, whatever happens: more is lost. At least twice `max_ms`.
        calm_s: seconds without an underrun and without more jitter than half of the target before
            it falls.
        max_ppm: how far the resampler follows, 0 to 10000; 0 leaves drift to skips.

    Raises:
        StreamClosed: the capture is closed, or has ended.
        ConfigError: an argument is out of its range.

    >>> import vocana_dsp as vo
    >>> with vo.Capture(vo.Tone(440)) as mic, vo.Playout(mic) as out:
    ...     block = out.pull(480)  # in the callback of an output device: out.pull_into(its array)
    >>> block.data.shape, block.played + block.concealed + block.silent
    ((480, 1), 480)
    """

    def __init__(
        self,
        capture: Capture,
        *,
        block_ms: float = 10.0,
        target_ms: float = 20.0,
        min_ms: float = 10.0,
        max_ms: float = 200.0,
        limit_ms: float = 1000.0,
        calm_s: float = 60.0,
        max_ppm: float = 3000.0,
    ) -> None:
        self._native: _Native | None = None
        instance("capture", capture, Capture)
        lengths = {
            "block_ms": block_ms,
            "target_ms": target_ms,
            "min_ms": min_ms,
            "max_ms": max_ms,
            "limit_ms": limit_ms,
        }
        for name, length in lengths.items():
            if positive(name, length, "ms") > MAX_MS:
                raise ConfigError(
                    f"{name} is {length!r}, expected up to {MAX_MS:.0f} ms",
                    hint="lengths are in milliseconds",
                )
        positive("calm_s", calm_s, "s")
        _in_order(("min_ms", min_ms), ("target_ms", target_ms))
        _in_order(("target_ms", target_ms), ("max_ms", max_ms))
        _in_order(("2 * max_ms", 2 * max_ms), ("limit_ms", limit_ms))
        ppm = number_of(max_ppm)
        if ppm is None or not 0 <= ppm <= MAX_PPM:
            raise ConfigError(
                f"max_ppm is {max_ppm!r}, expected 0 to {MAX_PPM:.0f}",
                hint="clocks of sound cards differ by less than 1000 ppm",
            )
        self.rate, self.channels = capture.rate, capture.channels
        self._capture = capture
        native = _Native(config_of(self.rate, self.channels, calm_s=calm_s, max_ppm=ppm, **lengths))
        native.attach(capture.outlets)
        self._native = native
        self._last_stats: PlayoutStats | None = None

    # --- Lifecycle ---------------------------------------------------------------------------

    def start(self) -> None:
        """Start the capture. Does nothing when it has started."""
        self._open()
        self._capture.start()

    def close(self) -> None:
        """Be fed no more, within a second. The capture goes on. May be called again."""
        native = self._native
        if native is not None:
            self._last_stats = self.stats
            self._native = None
            native.detach(STOP_DEADLINE_S)

    def _open(self) -> _Native:
        if self._native is None:
            raise StreamClosed("the playout is closed", hint="make a new Playout")
        return self._native

    # --- The consumer's thread ----------------------------------------------------------------

    def pull(self, frames: int) -> PlayoutBlock:
        """Give the next frames, never fewer and without waiting.

        Raises:
            ConfigError: frames is no whole number from 1 to 2**24.
            StreamClosed: the playout is closed.
        """
        whole("frames", frames, 1, 2**24)
        return self.pull_into(np.empty((frames, self.channels), np.float32))

    def pull_into(self, out: Samples) -> PlayoutBlock:
        """Fill `out` with the next frames, as `pull` does, and give it back as the block's data.

        Args:
            out: (frames, channels) float32, C-contiguous, such as an output callback gets; with
                one channel also (frames,).
        """
        native = self._open()
        since = round(self._capture.callback_age_s * self.rate)
        frame, played, concealed, silent, skipped = native.pull_into(out, since)
        frame += native.first
        return PlayoutBlock(out, frame, frame / self.rate, played, concealed, silent, skipped)

    # --- Any thread --------------------------------------------------------------------------

    @property
    def stats(self) -> PlayoutStats:
        """One consistent snapshot; the last one after `close`."""
        native = self._native
        if native is None:
            assert self._last_stats is not None
            return self._last_stats
        return stats_of(native)

    def __repr__(self) -> str:
        """Say how it is."""
        s = self.stats
        return f"<Playout of {s.target_ms:.0f} ms, {s.ratio_ppm:+.0f} ppm, {s.underruns} underruns>"


def _in_order(less: tuple[str, float], more: tuple[str, float]) -> None:
    if less[1] > more[1]:
        raise ConfigError(
            f"{less[0]} is {less[1]!r}, above {more[0]} {more[1]!r}",
            hint=f"raise {more[0].split()[-1]} or lower {less[0].split()[-1]}",
        )


def config_of(
    rate: int,
    channels: int,
    *,
    block_ms: float,
    target_ms: float,
    min_ms: float,
    max_ms: float,
    limit_ms: float,
    calm_s: float,
    max_ppm: float,
) -> dict[str, float]:
    """Return the config of the C object, in frames."""
    fade = max(1, frames_of(CROSSFADE_MS, rate))
    longest = frames_of(max_ms, rate)
    return {
        "rate": rate,
        "channels": channels,
        "block_frames": max(1, frames_of(block_ms, rate)),
        "min_frames": frames_of(min_ms, rate),
        "start_frames": frames_of(target_ms, rate),
        "max_frames": longest,
        "capacity_frames": max(2 * longest, frames_of(limit_ms, rate)),
        "calm_frames": max(8, frames_of(calm_s * 1000.0, rate)),
        "fade_frames": fade,
        "align_frames": frames_of(ALIGN_MS, rate),
        "mute_frames": max(1, frames_of(MUTE_MS, rate)),
        "most_ppm": max_ppm,
    }
