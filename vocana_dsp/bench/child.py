"""Fresh interpreters that see the same package as this one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from tempfile import gettempdir

from .._native.bench import BenchError

TIMEOUT_S = 60
PACKAGE = Path(__file__).resolve().parent.parent


def run_python(code: str, **environment: str) -> str:
    """Run code in a new interpreter and return what it printed; raises BenchError."""
    paths = [str(PACKAGE.parent), os.environ.get("PYTHONPATH", "")]
    variables = {**os.environ, **environment, "PYTHONPATH": os.pathsep.join(filter(None, paths))}
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
        env=variables,
        cwd=gettempdir(),
    )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise BenchError(f"an interpreter of the benchmark ended with {done.returncode}: {last}")
    return done.stdout.strip()
