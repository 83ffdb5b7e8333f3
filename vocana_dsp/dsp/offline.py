"""A whole recording through a mix, a resampler and a chain, block by block."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from ..config import MAX_CHANNELS, MAX_RATE_HZ, instance, whole
from .chain import Chain
from .mix import mix
from .resampling import Resampler

Samples = npt.NDArray[np.float32]


class Pipeline:
    """What a capture does behind its device, for a recording of any length: the same bits.

    Mixes, resamples and runs a chain. The delays of resampler and chain are taken off at the start
    and made good at the end: frame `n` of the output is the sound of time `n / rate`. One thread,
    one recording.

    Args:
        from_rate: of the recording, in Hz.
        from_channels: of the recording.
        rate: of the output, 8000 to 768000; None for that of the recording.
        channels: that go into the chain: 1 is the mean, more are copies of one; None leaves them.
        chain: what the sound goes through.

    Attributes:
        rate: of the output, in Hz.
        channels: of the output.
        read_frames: frames that have come in so far.

    Raises:
        ConfigError: a format that cannot be resampled or mixed, or a node that does not fit it.

    >>> import numpy as np
    >>> pipeline = Pipeline(48_000, 2, rate=16_000, channels=1)
    >>> blocks = [np.zeros((480, 2), np.float32)] * 10
    >>> sum(len(block) for block in pipeline.through(blocks))
    1600
    """

    BLOCK_FRAMES: ClassVar[int] = 32_768

    def __init__(
        self,
        from_rate: int,
        from_channels: int,
        rate: int | None = None,
        channels: int | None = None,
        chain: Chain | None = None,
    ) -> None:
        whole("from_rate", from_rate, 1, MAX_RATE_HZ)
        whole("from_channels", from_channels, 1, MAX_CHANNELS)
        if rate is not None:
            whole("rate", rate, 1, MAX_RATE_HZ)
        if channels is not None:
            whole("channels", channels, 1, MAX_CHANNELS)
        if chain is not None:
            instance("chain", chain, Chain)
        self.rate = from_rate if rate is None else rate
        self._from_rate, self._from_channels = from_rate, from_channels
        mixed = from_channels if channels is None else channels
        node = mix(from_channels, mixed)
        self._mix = None if node is None else Chain([node])
        self._resampler = None if self.rate == from_rate else Resampler(from_rate, self.rate, mixed)
        self._chain = Chain([]) if chain is None else chain
        self.channels = self._chain.prepare(self.rate, mixed).channels_out
        self._late = self._chain.latency_frames
        if self._resampler is not None:
            self._late += self._resampler.latency_frames
        self.read_frames = 0
        self._made = 0

    def through(self, blocks: Iterable[Samples]) -> Iterator[Samples]:
        """Yield what becomes of blocks of (frames, channels) float32, then what is left inside."""
        for block in blocks:
            self.read_frames += len(block)
            yield from self._step(block, None)
        whole = -(-self.read_frames * self.rate // self._from_rate)
        silence = np.zeros((4096, self._from_channels), np.float32)
        while self._made < whole:
            yield from self._step(silence, whole - self._made)

    def _step(self, block: Samples, most: int | None) -> Iterator[Samples]:
        if self._mix is not None:
            block = self._mix.process(block, rate=self._from_rate)
        if self._resampler is not None:
            block = self._resampler.process(block)
        block = self._chain.process(block, rate=self.rate)
        off = min(self._late, len(block))
        self._late -= off
        block = block[off:][:most]
        self._made += len(block)
        if len(block):
            yield block
