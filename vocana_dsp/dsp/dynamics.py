"""Nodes that turn the volume by the level: gate, compressor, limiter."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import numpy.typing as npt

from .node import Node
from .param import Param, Switch


class Dynamics(Node):
    """What gates, compressors and limiters have in common: one gain, for all channels.

    The loudest channel decides. Times are those in which an exponential comes within 1/e (37 %) of
    where it goes. A parameter that is set gets there in 20 ms.
    """

    @property
    def gain_reduction_db(self) -> float:
        """By how many dB the sound is turned down at this moment, 0 or more; any thread.

        The make-up gain of a compressor does not count. 0 before anything has been heard.
        """
        live = self._live
        return live.node.read()[0] if live is not None else 0.0


class Gate(Dynamics):
    """Silence for what is too quiet to be meant.

    Args:
        threshold_db: -120 to 0. A sample that reaches it opens the gate.
        attack_ms: 0 to 500, time in which the gain goes to 1.
        hold_ms: 0 to 5000. The gate shuts when no sample has reached `threshold_db` -
            `hysteresis_db` for longer than this.
        release_ms: 0 to 5000, time in which the gain goes down again.
        range_db: 0 to 120, by how much a shut gate turns down.
        hysteresis_db: 0 to 40.
        name: what the chain calls it.

    Raises ConfigError for what is out of range. Any thread; see `Node`.

    An open gate passes every bit.

    >>> import numpy as np
    >>> from vocana_dsp import Chain
    >>> chain = Chain([Gate(-50, range_db=40)])
    >>> chain.process(np.full(3, 1e-3, np.float32), rate=48_000).round(9)
    array([1.e-05, 1.e-05, 1.e-05], dtype=float32)
    >>> round(chain["Gate"].gain_reduction_db)
    40
    """

    kind: ClassVar[str | None] = "Gate"
    threshold_db = Param()
    attack_ms = Param()
    hold_ms = Param()
    release_ms = Param()
    range_db = Param()
    hysteresis_db = Param()

    def __init__(
        self,
        threshold_db: float = -50.0,
        *,
        attack_ms: float = 1.0,
        hold_ms: float = 50.0,
        release_ms: float = 100.0,
        range_db: float = 80.0,
        hysteresis_db: float = 4.0,
        name: str | None = None,
    ) -> None:
        super().__init__(
            name=name,
            threshold_db=threshold_db,
            attack_ms=attack_ms,
            hold_ms=hold_ms,
            release_ms=release_ms,
            range_db=range_db,
            hysteresis_db=hysteresis_db,
        )


class Compressor(Dynamics):
    """Less of what is above a threshold.

    Args:
        threshold_db: -80 to 0.
        ratio: 1 to 100; of `ratio` dB above the threshold one is left.
        attack_ms: 0 to 500, time in which the gain follows a rising level.
        release_ms: 1 to 5000, time in which it comes back.
        knee_db: 0 to 40, width of the parabola around the threshold.
        makeup_db: -40 to 40, added to all.
        rms_ms: 0 to 1000. 0 measures peaks, more the root of the mean square over this time. Fixed
            while the node works.
        name: what the chain calls it.

    Raises ConfigError for what is out of range. Any thread; see `Node`.

    Below the threshold, without make-up gain, every bit passes. The design is the log-domain
    feed-forward one with a smooth decoupled peak detector of Giannoulis, Massberg and Reiss
    (Digital Dynamic Range Compressor Design, JAES 60, 2012).

    >>> compressor = Compressor(-20, ratio=3, knee_db=0)
    >>> compressor.curve([-30.0, -20.0, -5.0])
    array([-30., -20., -15.])
    """

    kind: ClassVar[str | None] = "Compressor"
    threshold_db = Param()
    ratio = Param()
    attack_ms = Param()
    release_ms = Param()
    knee_db = Param()
    makeup_db = Param()
    rms_ms = Param()

    def __init__(
        self,
        threshold_db: float = -20.0,
        ratio: float = 3.0,
        *,
        attack_ms: float = 5.0,
        release_ms: float = 100.0,
        knee_db: float = 6.0,
        makeup_db: float = 0.0,
        rms_ms: float = 0.0,
        name: str | None = None,
    ) -> None:
        super().__init__(
            name=name,
            threshold_db=threshold_db,
            ratio=ratio,
            attack_ms=attack_ms,
            release_ms=release_ms,
            knee_db=knee_db,
            makeup_db=makeup_db,
            rms_ms=rms_ms,
        )

    def curve(self, levels_db: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Return the level in dB that steady sounds of these levels come out with.

        Args:
            levels_db: in dBFS, of any shape; peaks, or RMS if `rms_ms` is above 0.
        """
        levels = np.asarray(levels_db, np.float64)
        knee = self.knee_db
        over = levels - self.threshold_db
        bent = np.clip(over + knee / 2, 0, knee) ** 2 / (2 * knee) if knee > 0 else 0.0
        above = np.maximum(over - knee / 2, 0)
        lowered: npt.NDArray[np.float64] = levels - (1 - 1 / self.ratio) * (bent + above)
        return lowered + self.makeup_db


class Limiter(Dynamics):
    """Nothing beyond a ceiling, and all below it untouched.

    Args:
        ceiling_db: -60 to 0, what no sample exceeds.
        release_ms: 1 to 5000, time in which the gain comes back.
        lookahead_ms: 0.5 to 20, time in which the gain goes down before a peak. Fixed while the
            node works.
        true_peak: hold the signal between the samples below the ceiling, too, within 0.1 dB for
            what is below 0.41 of the rate (ITU-R BS.1770-4, Annex 2). Fixed while the node works.
        name: what the chain calls it.

    Raises ConfigError for what is out of range. Any thread; see `Node`.

    It delays by `lookahead_ms`, and by 24 frames more for true peaks. As long as nothing comes
    within 0.03 dB of the ceiling every bit passes.

    >>> import numpy as np
    >>> from vocana_dsp import Chain
    >>> chain = Chain([Limiter(-6)])
    >>> loud = chain.process(np.full(1000, 2, np.float32), rate=48_000)
    >>> chain.latency_frames, float(20 * np.log10(loud.max())) <= -6
    (96, True)
    """

    kind: ClassVar[str | None] = "Limiter"
    ceiling_db = Param()
    release_ms = Param()
    lookahead_ms = Param()
    true_peak = Switch()

    def __init__(
        self,
        ceiling_db: float = -1.0,
        *,
        release_ms: float = 50.0,
        lookahead_ms: float = 2.0,
        true_peak: bool = False,
        name: str | None = None,
    ) -> None:
        super().__init__(
            name=name,
            ceiling_db=ceiling_db,
            release_ms=release_ms,
            lookahead_ms=lookahead_ms,
            true_peak=true_peak,
        )
