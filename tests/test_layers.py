"""The tree keeps its own rules, and each rule reports what is planted to break it."""

from __future__ import annotations

import ast
import functools
import shutil
from collections.abc import Callable
from pathlib import Path

import layer_rules
import name_rules
import pytest
import tolerance_rules

ROOT = Path(__file__).parent.parent
Rule = Callable[[Path], list[str]]

RULES: list[Rule] = [
    layer_rules.c_layers,
    layer_rules.python_layers,
    layer_rules.native_imports,
    layer_rules.one_importer,
    layer_rules.size_budgets,
    name_rules.units_in_names,  # O6
    name_rules.no_random_figures,  # O1
    tolerance_rules.tolerances_have_reasons,  # D10
]

LOOSE = "from pytest import approx\n{}assert x == approx(1, {}){}\n"
FIELD = "from dataclasses import dataclass\n@dataclass\nclass Planted:\n    {}\n"

# rule, file, what is put in front of it, a piece of what must be reported
PLANTED: list[tuple[Rule, str, str, str]] = [
    (layer_rules.c_layers, "csrc/src/ring.c", '#include "vocana/tap.h"\n', "vocana/tap.h"),
    (layer_rules.c_layers, "csrc/src/ring.c", '#include "vocana/pool.h"\n', "vocana/pool.h"),
    (layer_rules.c_layers, "csrc/src/os/posix.c", '#  include "capture.h"\n', "capture.h"),
    (layer_rules.c_layers, "csrc/include/vocana/status.h", '#include "alloc.h"\n', "alloc.h"),
    (layer_rules.c_layers, "csrc/src/tap.c", "#include <Python.h>\n", "<Python.h>"),
    (layer_rules.c_layers, "csrc/src/helpers.c", "int x;\n", "no layer"),
    (layer_rules.python_layers, "vocana_dsp/errors.py", "from . import config\n", "above"),
    (layer_rules.python_layers, "vocana_dsp/config.py", "from .capture import block\n", "above"),
    (layer_rules.python_layers, "vocana_dsp/config.py", "from ._native import ring\n", "beside"),
    (layer_rules.python_layers, "vocana_dsp/level.py", "import vocana_dsp.cli.meter\n", "above"),
    (
        layer_rules.python_layers,
        "vocana_dsp/record/recorder.py",
        "def f():\n    import vocana_dsp\n",
        "above",
    ),
    (
        layer_rules.python_layers,
        "vocana_dsp/capture/block.py",
        "from ..record import errors\n",
        "each other",
    ),
    (
        layer_rules.native_imports,
        "vocana_dsp/_native/ring.pyx",
        "from vocana_dsp.config import whole\n",
        "config",
    ),
    (
        layer_rules.native_imports,
        "vocana_dsp/_native/ring.pyx",
        "from vocana_dsp._native.level import levels\n",
        "level",
    ),
    (
        layer_rules.native_imports,
        "vocana_dsp/_native/ring.pyx",
        "cimport vocana_dsp.pool\n",
        "pool",
    ),
    (layer_rules.one_importer, "vocana_dsp/level.py", "import sounddevice as sd\n", "sounddevice"),
    (
        layer_rules.one_importer,
        "vocana_dsp/level.py",
        "import importlib\nimportlib.import_module('soundfile')\n",
        "soundfile",
    ),
    (
        layer_rules.one_importer,
        "vocana_dsp/_native/ring.pyx",
        "import pyfftw\nimport sounddevice\n",
        "sounddevice",
    ),
    (layer_rules.size_budgets, "csrc/include/vocana/ring.h", "\n" * 150, "budget 150"),
    (layer_rules.size_budgets, "csrc/src/ring.c", "\n" * 400, "budget 400"),
    (layer_rules.size_budgets, "vocana_dsp/_native/level.pyx", "\n" * 200, "budget 200"),
    (layer_rules.size_budgets, "vocana_dsp/errors.py", "\n" * 300, "budget 300"),
    (name_rules.units_in_names, "vocana_dsp/new.py", FIELD.format("timeout: float"), "timeout"),
    (
        name_rules.units_in_names,
        "vocana_dsp/new.py",
        FIELD.format("block_size: int = 4"),
        "block_size",
    ),
    (
        name_rules.units_in_names,
        "vocana_dsp/new.py",
        FIELD.format("rest: float | None = None"),
        "rest",
    ),
    (name_rules.no_random_figures, "vocana_dsp/level.py", "import random\n", "random"),
    (
        name_rules.no_random_figures,
        "vocana_dsp/cli/new.py",
        "import numpy as np\ncpu = np.random.rand()\n",
        "random",
    ),
    (
        name_rules.no_random_figures,
        "vocana_dsp/bench/new.py",
        "from numpy.random import default_rng\n",
        "random",
    ),
    (
        name_rules.no_random_figures,
        "csrc/bench/new.c",
        "int f(void) { return rand(); }\n",
        "random",
    ),
    *(
        (tolerance_rules.tolerances_have_reasons, "tests/test_new.py", text, reported)
        for text, reported in (
            (LOOSE.format("", "abs=1.5", ""), "test_new.py:2: abs=1.5 and no reason"),
            (LOOSE.format("", "rel=0.0011", "  # D1, E4"), "rel=0.0011"),
            (LOOSE.format("", "abs=2", "  # noqa: F821"), "abs=2"),
            (LOOSE.format("# rounded\nx = 1\n", "abs=2", ""), "abs=2"),
            (LOOSE.format("CLOSE = 0.1\n", "abs=CLOSE", ""), "test_new.py:2: abs=0.1"),
        )
    ),
]


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the written sources."""
    copy = tmp_path_factory.mktemp("tree")
    unwritten = shutil.ignore_patterns("*.so", "*.o", "__pycache__", ".*")
    for folder in layer_rules.WRITTEN:
        if (ROOT / folder).exists():
            shutil.copytree(ROOT / folder, copy / folder, ignore=unwritten)
    return copy


@functools.cache
def broken(rule: Rule, tree: Path) -> set[str]:
    """What a tree breaks before anything is planted."""
    return set(rule(tree))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_tree_keeps(rule: Rule) -> None:
    assert rule(ROOT) == []


@pytest.mark.parametrize(
    ("rule", "name", "text", "reported"),
    PLANTED,
    ids=[f"{rule.__name__}-{i}" for i, (rule, *_) in enumerate(PLANTED)],
)
def test_a_planted_violation_is_reported(
    sources: Path, rule: Rule, name: str, text: str, reported: str
) -> None:
    file = sources / name
    before = file.read_text() if file.exists() else None
    known = broken(rule, sources)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text + (before or ""))
    try:
        new = [line for line in rule(sources) if line not in known]
    finally:
        if before is None:
            file.unlink()
        else:
            file.write_text(before)
    assert any(reported in line for line in new), new


def test_every_rule_has_a_planted_violation() -> None:
    assert {rule for rule, *_ in PLANTED} == set(RULES)


def test_the_rules_see_the_tree() -> None:
    """A rule that finds no files would hold for ever."""
    assert len(layer_rules._files(ROOT, ("csrc/include", "csrc/src"), (".h", ".c"))) >= 30
    assert len(layer_rules._modules(ROOT)) >= 20
    fields = [
        field
        for file in (ROOT / "vocana_dsp").rglob("*.py")
        for field in name_rules._number_fields(ast.parse(file.read_text()))
    ]
    assert ("Breaker", "rest_ms") in fields
