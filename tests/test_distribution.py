"""What users install: the source distribution builds a whole wheel, and the wheel works alone."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SKIP = {".git", "build", "dist", "demo-output"}

USE = """
import pathlib
import vocana_dsp as vo
from vocana_dsp.testing import SimulatedDevice
assert "target" in vo.__file__, vo.__file__
with vo.Capture(SimulatedDevice(seconds=0.1, pace="lockstep")) as mic:
    print(sum(len(block) for block in mic))
print((pathlib.Path(vo.get_include()) / "vocana" / "ring.h").is_file())
"""


def run(*command, cwd, **environment):
    done = subprocess.run(
        command, cwd=cwd, env=os.environ | environment, capture_output=True, text=True, timeout=600
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return done.stdout


def copy_tree(to):
    """Copy what git would, without what is built."""
    names = run("git", "ls-files", "-co", "--exclude-standard", cwd=ROOT).split("\n")
    for name in filter(None, names):
        if Path(name).parts[0] not in SKIP and (ROOT / name).is_file():
            target = to / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes((ROOT / name).read_bytes())


@pytest.mark.long
def test_the_source_distribution_builds_a_wheel_that_works(tmp_path):
    tree, wheels, target = tmp_path / "tree", tmp_path / "wheels", tmp_path / "target"
    copy_tree(tree)
    run(sys.executable, "setup.py", "-q", "sdist", "-d", tmp_path, cwd=tree)
    (source,) = tmp_path.glob("*.tar.gz")
    pip = (sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check")
    options = ("--no-deps", "--no-build-isolation")
    run(*pip, "wheel", *options, "-w", wheels, source, cwd=tmp_path)
    (wheel,) = wheels.glob("*.whl")

    names = zipfile.ZipFile(wheel).namelist()
    for noun in sorted((ROOT / "vocana_dsp" / "_native").glob("*.pyx")):
        built = [n for n in names if n.startswith(f"vocana_dsp/_native/{noun.stem}.")]
        assert any(n.endswith(".so") for n in built), noun.stem
        assert not any(n.endswith(".c") for n in built), noun.stem
    for header in (ROOT / "csrc" / "include" / "vocana").glob("*.h"):
        assert f"vocana_dsp/include/vocana/{header.name}" in names
    assert {"vocana_dsp/py.typed", "vocana_dsp/bench/peer_boost.cpp"} <= set(names)

    run(*pip, "install", "--no-deps", "--target", target, wheel, cwd=tmp_path)
    told = run(sys.executable, "-c", USE, cwd=tmp_path, PYTHONPATH=str(target))
    assert told.split() == ["4800", "True"]
