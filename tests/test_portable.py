"""The package imports quickly and anywhere: scalar kernels, no PortAudio, no clock of the wall."""

import ast
import os
from pathlib import Path

import pytest
from child import run, run_ok

import vocana_dsp as vo

PACKAGE = Path(vo.__file__).parent

CAPTURES = """
    import hashlib
    import numpy as np
    import vocana_dsp as vo
    from vocana_dsp.testing import SimulatedDevice
    audio = np.random.default_rng(1).normal(0, 0.3, (48_000, 2)).astype(np.float32)
    audio[::1000] = np.nan
    audio[5::1000] = 1e-40
    device = SimulatedDevice(audio, pace="lockstep")
    with vo.Capture(device) as mic:
        data = np.concatenate([block.data for block in mic])
        print(vo.simd, hashlib.sha256(data.tobytes()).hexdigest(), mic.stats.input)
"""


def with_simd(level):
    return {**os.environ, "VOCANA_SIMD": level}


def test_it_runs_with_scalar_kernels_and_gives_the_same():  # I10
    simd, *scalar = run_ok(CAPTURES, env=with_simd("scalar")).split(maxsplit=1)
    assert simd == "scalar"
    level, *best = run_ok(CAPTURES).split(maxsplit=1)
    assert level in ("scalar", "avx2", "avx512", "neon")
    assert scalar == best


def test_the_level_in_use_is_told():
    assert vo.simd in ("scalar", "avx2", "avx512", "neon")


FOREIGN = "neon" if os.uname().machine == "x86_64" else "avx2"


@pytest.mark.parametrize("level", ["nonsense", "", FOREIGN])
def test_a_level_that_the_processor_has_not_does_no_harm(level):  # I10
    assert run_ok(CAPTURES, env=with_simd(level)).split()[0] in ("scalar", "avx2", "avx512", "neon")


def test_importing_loads_nothing_that_only_some_need():
    loaded = run_ok("""
        import sys
        import vocana_dsp
        heavy = "numpy sounddevice soundfile pyfftw psutil tenacity scipy rich click".split()
        heavy += ["asyncio"]
        print(*(name for name in heavy if name in sys.modules))
    """)
    assert loaded.split() == []


def test_it_imports_and_captures_without_portaudio_and_says_what_to_install():
    told = run_ok("""
        import sys
        sys.modules["sounddevice"] = None  # as if it were not there
        import vocana_dsp as vo
        from vocana_dsp.testing import SimulatedDevice
        with vo.Capture(SimulatedDevice(seconds=0.1, pace="lockstep")) as mic:
            assert sum(len(block) for block in mic) == 4800
        try:
            vo.Capture()
        except vo.DeviceError as error:
            print(error.code, error.hint)
    """)
    assert told.strip(), "opening a device without PortAudio is one clear error"
    assert "install" in told


def test_optimised_python_is_the_same():
    done = run("""
        import subprocess, sys
        script = (
            "import vocana_dsp as vo\\n"
            "device = vo.testing.SimulatedDevice(seconds=0.1, pace='lockstep')\\n"
            "with vo.Capture(device) as mic:\\n"
            "    print(sum(len(block) for block in mic))"
        )
        print(subprocess.check_output([sys.executable, "-OO", "-c", script], text=True))
    """)
    assert done.stdout.split() == ["4800"], done.stderr


# --- Time -----------------------------------------------------------------------------------------

WALL = {
    "time": {"time", "time_ns", "localtime", "gmtime", "ctime"},
    "datetime": {"now", "today", "utcnow"},
    "date": {"today"},
}


def wall_clock_uses(source):
    """Where a module looks at the wall clock: [(line, what)]."""
    tree = ast.parse(source)
    names = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.asname or alias.name: alias.name for alias in node.names}
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            owner = node.value
            name = owner.id if isinstance(owner, ast.Name) else getattr(owner, "attr", "")
            if node.attr in WALL.get(names.get(name, name), ()):
                found.append((node.lineno, f"{name}.{node.attr}"))
        elif isinstance(node, ast.ImportFrom) and node.module == "time":
            found += [(node.lineno, a.name) for a in node.names if a.name in WALL["time"]]
    return found


def test_no_module_looks_at_the_wall_clock():  # O2
    modules = [path for path in PACKAGE.rglob("*") if path.suffix in (".py", ".pyx")]
    assert len(modules) > 15
    found = {}
    for path in modules:
        if path.suffix == ".py":
            found[path.name] = wall_clock_uses(path.read_text())
        else:
            lines = enumerate(path.read_text().splitlines(), 1)
            words = ("time.time", "gettimeofday", "CLOCK_REALTIME", "time_ns(")
            found[path.name] = [n for n, line in lines if any(word in line for word in words)]
    assert {name: uses for name, uses in found.items() if uses} == {}


@pytest.mark.parametrize(
    ("source", "uses"),
    [
        ("import time\ntime.time()", [(2, "time.time")]),
        ("import time as t\nnow = t.time_ns", [(2, "t.time_ns")]),
        ("from time import time", [(1, "time")]),
        ("import datetime\ndatetime.datetime.now()", [(2, "datetime.now")]),
        ("from datetime import datetime\ndatetime.utcnow()", [(2, "datetime.utcnow")]),
        ("import time\ntime.monotonic()", []),
    ],
)
def test_planted_uses_of_the_wall_clock_are_found(source, uses):
    assert wall_clock_uses(source) == uses
