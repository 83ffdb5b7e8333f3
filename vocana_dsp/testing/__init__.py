"""A device without hardware: exact signals, scripted faults, real or virtual time.

>>> import vocana_dsp as vo
>>> from vocana_dsp.testing import SimulatedDevice, Stall
>>> device = SimulatedDevice(seconds=1, pace="lockstep", script=[Stall(4800, ms=50)])
>>> with vo.Capture(device) as mic:
...     frames = sum(len(block) for block in mic)
>>> frames, mic.gaps
(45600, [Gap(frame=4800, frames=2400, cause='device')])
"""

from .callback import PythonCallback
from .device import SimulatedDevice
from .faults import BlockSizes, Jitter, RateDrift, SilenceFrom, Stall, Unplug

__all__ = [
    "BlockSizes",
    "Jitter",
    "PythonCallback",
    "RateDrift",
    "SilenceFrom",
    "SimulatedDevice",
    "Stall",
    "Unplug",
]
