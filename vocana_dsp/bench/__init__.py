"""The figures behind ``vocana bench``: every number is measured when it is asked for.

A figure stands beside a peer or a limit that was measured in turn with it, because absolute times
move from machine to machine and from minute to minute.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ..config import one_of
from . import (
    blocked_disk,
    callback,
    dsp_chain,
    dsp_dynamics,
    dsp_features,
    dsp_filters,
    dsp_kernels,
    dsp_loudness,
    dsp_resampler,
    dsp_transforms,
    imports,
    machine,
    memory,
    playout,
    pool,
    pressure,
    recorder,
    recovery,
    ring,
    ring_calls,
)
from .figure import Figure, Report, Target

__all__ = ["GROUPS", "Figure", "Report", "Target", "run"]

#: What `run` can be asked for alone, in the order in which it measures.
GROUPS: dict[str, tuple[Callable[[], list[Figure]], ...]] = {
    "ring": (ring.figures, ring_calls.figures),
    "pool": (pool.figures, pressure.figures),
    "capture": (
        callback.figures,
        memory.figures,
        playout.figures,
        recorder.figures,
        blocked_disk.figures,
        recovery.figures,
    ),
    "import": (imports.figures,),
    "dsp": (
        dsp_chain.figures,
        dsp_dynamics.figures,
        dsp_features.figures,
        dsp_filters.figures,
        dsp_kernels.figures,
        dsp_loudness.figures,
        dsp_resampler.figures,
        dsp_transforms.figures,
    ),
}


def run(group: str | None = None) -> Report:
    """Measure everything, or one of `GROUPS`; takes a minute or two and wants a quiet machine.

    Raises ConfigError for an unknown group, BenchError when a run went wrong.
    """
    groups = list(GROUPS) if group is None else [one_of("group", group, tuple(GROUPS))]
    figures = [
        replace(figure, group=name)
        for name in groups
        for measure in GROUPS[name]
        for figure in measure()
    ]
    return Report(figures, machine.describe())
