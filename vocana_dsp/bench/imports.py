"""How long the package takes to import, beside NumPy, which it needs."""

from __future__ import annotations

from .child import run_python
from .figure import Figure, Target
from .pairs import OURS, in_turn

ROUNDS = 11
IMPORT = Target("ratio", "<=", 1.3)
NUMPY = "import numpy"

_TIMED = """
import time
start = time.perf_counter()
import {name}
print((time.perf_counter() - start) * 1e3)
"""


def figures() -> list[Figure]:
    """Measure both imports in fresh interpreters, the start of the interpreter left out."""

    def ms(name: str) -> float:
        return float(run_python(_TIMED.format(name=name)))

    for name in ("vocana_dsp", "numpy"):  # files into the cache of the system
        ms(name)
    runs = in_turn({OURS: lambda _: ms("vocana_dsp"), NUMPY: lambda _: ms("numpy")}, ROUNDS)
    return [runs.figure("import of the package", "ms", NUMPY, IMPORT)]
