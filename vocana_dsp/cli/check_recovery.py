"""What `vocana doctor` tries of recovery: a device that goes, and comes back.

It is the simulated one, whose frames are numbered: what they say is held against the gap, which the
capture has measured by its clock.
"""

from __future__ import annotations

import numpy as np

from ..errors import VocanaError
from ..words import plural
from .check import REPORT, Check
from .inputs import hint_of

UNPLUGGED_AT = 12_000
AWAY_MS = 200.0
HEARD_AFTER = 12_000
SETTLE_MS = 100.0
DEADLINE_S = 3.0
PATIENCE_S = 2.0  # for one block, beyond the deadline
MOST_OFF_MS = 50.0  # a busy machine wakes a callback late, and with it all that is measured by it

PLACE = "the simulated device, unplugged"


def recovery() -> Check:
    """Unplug a device while it is heard, and count what was missed until it is back."""
    import vocana_dsp as vo
    from vocana_dsp.testing import SimulatedDevice, Unplug

    device = SimulatedDevice("counter", script=[Unplug(UNPLUGGED_AT, ms=AWAY_MS)])
    policy = vo.Recovery(settle_ms=SETTLE_MS, deadline_s=DEADLINE_S)
    heard, off = 0, {0: 0}  # frames by how far they are from where they belong
    with vo.Capture(device, recovery=policy) as mic:
        while heard < UNPLUGGED_AT + HEARD_AFTER:
            try:
                block = mic.read(480, timeout=DEADLINE_S + PATIENCE_S)
            except VocanaError as error:
                return Check("recovery", "FAIL", f"{PLACE}: {error.args[0]}", hint_of(error))
            if not len(block):
                return Check("recovery", "FAIL", f"{PLACE}: it did not come back in time", REPORT)
            heard += len(block)
            apart = np.arange(block.frame, block.frame + len(block)) - block.data[:, 0]
            for each, frames in zip(*np.unique(apart, return_counts=True), strict=True):
                off[int(each)] = off.get(int(each), 0) + int(frames)
        assert mic.recoveries is not None  # it was made with a policy
        gaps, stats, rate = mic.gaps, mic.recoveries.stats, mic.rate
    lost = sum(gap.frames for gap in gaps)
    detail = f"{PLACE}: back after {1000 * stats.duration_s:.0f} ms, {plural(lost, 'frame')} lost "
    detail += f"in {plural(len(gaps), 'gap')}"
    before, after = off.pop(0), max(off, key=abs, default=0)
    apart_ms = 1000 * abs(after) / rate
    if [gap.frame for gap in gaps] != [UNPLUGGED_AT] or before < UNPLUGGED_AT or len(off) > 1:
        return Check("recovery", "FAIL", f"{detail}; frames are not where they belong", REPORT)
    if apart_ms > MOST_OFF_MS:
        return Check("recovery", "FAIL", f"{detail}; that is wrong by {apart_ms:.0f} ms", REPORT)
    return Check("recovery", "OK", f"{detail}, right to {apart_ms:.1f} ms")
