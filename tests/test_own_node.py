"""A node of somebody else's: the example is built as its user would, and run in a chain."""

import gc
import importlib.util
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import numpy as np
import pytest

import vocana_dsp as vo

RATE = 48_000
EXAMPLE = Path(__file__).parent.parent / "examples" / "own_node"
WRITTEN = shutil.ignore_patterns("build", "*.so", "own_node.c")


@pytest.fixture(scope="module")
def own_node(tmp_path_factory):
    folder = tmp_path_factory.mktemp("example") / "own_node"
    shutil.copytree(EXAMPLE, folder, ignore=WRITTEN)
    package = str(Path(vo.__file__).parent.parent)
    path = os.pathsep.join([package, *filter(None, [os.environ.get("PYTHONPATH")])])
    done = subprocess.run(
        [sys.executable, "setup.py", "-q", "build_ext", "--inplace"],
        cwd=folder, env={**os.environ, "PYTHONPATH": path},
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    module = folder / f"own_node{sysconfig.get_config_var('EXT_SUFFIX')}"
    spec = importlib.util.spec_from_file_location("own_node", module)
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


def test_it_works_in_a_chain(own_node):  # O7
    x = np.random.default_rng(0).uniform(-1, 1, (5000, 2)).astype(np.float32)
    chain = vo.Chain([vo.Gain(-20), own_node.RingModulator(30)])
    y = np.concatenate([chain.process(part, rate=RATE) for part in np.split(x, [1, 700, 3000])])
    sine = np.sin(2 * np.pi * 30 / RATE * np.arange(5000))
    np.testing.assert_allclose(y, 0.1 * x * sine[:, None], atol=1e-6)


def test_its_parameter_is_live_and_has_its_range(own_node):
    chain = vo.Chain([own_node.RingModulator(0)])
    assert not chain.process(np.ones(100), rate=RATE).any()
    chain["RingModulator"].frequency_hz = RATE / 4
    np.testing.assert_allclose(
        chain.process(np.ones(8), rate=RATE), [0, 1, 0, -1, 0, 1, 0, -1], atol=1e-6
    )
    assert chain[0].frequency_hz == RATE / 4
    with pytest.raises(vo.ConfigError, match="frequency_hz is 20001"):
        chain[0].frequency_hz = 20_001
    chain.reset()
    with pytest.raises(vo.ConfigError, match=r"RingModulator: frequency_hz is 12000.0, .* 4000 Hz"):
        chain.process(np.ones(8), rate=8000)


def test_it_can_be_bypassed_reset_and_dropped(own_node):
    chain = vo.Chain([own_node.RingModulator(100)])
    first = chain.process(np.ones(480), rate=RATE)
    chain[0].reset()
    np.testing.assert_array_equal(chain.process(np.ones(480), rate=RATE), first)
    chain[0].bypass = True
    assert chain.process(np.ones(480), rate=RATE)[-1] == 1
    native = chain.prepare(RATE, 1)
    del chain
    gc.collect()
    assert len(native.process(np.ones((10, 1), np.float32))) == 10  # it keeps what it runs


def test_a_capsule_of_another_name_is_refused(own_node):
    class Foreign(own_node.RingModulator):
        def make(self, rate, channels):
            import datetime

            return datetime.datetime_CAPI

    with pytest.raises(vo.ConfigError, match=r"Foreign: .*no capsule named 'vocana.vo_node'"):
        vo.Chain([Foreign()]).prepare(RATE, 1)
