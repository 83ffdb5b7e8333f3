"""How long what a capture needs takes to import, beside NumPy, which it needs."""

from __future__ import annotations

from tempfile import TemporaryDirectory

from .child import run_python
from .figure import Figure, Target
from .pairs import OURS, in_turn

ROUNDS = 15
IMPORT = Target("ratio", "<=", 1.3)
CAPTURE = "from vocana_dsp import Capture"  # the package alone loads nothing
NUMPY = "import numpy"

_TIMED = """
import time
start = time.perf_counter()
{line}
print((time.perf_counter() - start) * 1e3)
"""


def figures() -> list[Figure]:
    """Measure both imports in fresh interpreters, the start of the interpreter left out.

    Both find their bytecode compiled, as an installed package does: the first import of each, which
    is not counted, leaves it in a directory of this run.
    """
    with TemporaryDirectory(prefix="vocana-bench-") as bytecode:

        def ms(line: str) -> float:
            code = _TIMED.format(line=line)
            return float(run_python(code, PYTHONPYCACHEPREFIX=bytecode, PYTHONDONTWRITEBYTECODE=""))

        for line in (CAPTURE, NUMPY):
            ms(line)
        runs = in_turn({OURS: lambda _: ms(CAPTURE), NUMPY: lambda _: ms(NUMPY)}, ROUNDS)
    return [runs.figure(CAPTURE, "ms", NUMPY, IMPORT)]
