"""How much memory there is, who holds it, whether it grows, and what is done when it is short.

`MemoryPressure` of the package does all of it; here is what it is made of, each for use alone.

>>> import vocana_dsp as vo
>>> vo.memory.PressureMonitor(vo.PressurePolicy(high=0.8)).update(0.82, now_s=0.0)
'high'
"""

from .budget import Budget
from .growth import Growth, GrowthWatch, Slope, theil_sen
from .history import History, Summary
from .ladder import Bypass, Ladder, LadderStep, Stage
from .limits import MemoryLimit, MemoryUse
from .pressure import PressureChange, PressureMonitor
from .snapshot import MemorySnapshot, PoolUse, snapshot
from .throttle import Throttle, throttle
from .watch import PressureStatus

__all__ = [
    "Budget",
    "Bypass",
    "Growth",
    "GrowthWatch",
    "History",
    "Ladder",
    "LadderStep",
    "MemoryLimit",
    "MemorySnapshot",
    "MemoryUse",
    "PoolUse",
    "PressureChange",
    "PressureMonitor",
    "PressureStatus",
    "Slope",
    "Stage",
    "Summary",
    "Throttle",
    "snapshot",
    "theil_sen",
    "throttle",
]
