"""Rules on names that can be read off the sources: units in fields, no invented figures.

Each rule takes the root of a tree and returns what breaks it, one line each, path first.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

PACKAGE = "vocana_dsp"

# --- Units -----------------------------------------------------------------

_QUANTITIES = """
age block blocks buffer capacity crossfade delay drift duration fade frequency idle interval jitter
latency length memory period pitch rest size sizes space target timeout wait water window
"""
_UNITS = "ns us ms s hz khz db dbfs lufs ppm frames samples bytes percent ratio"
QUANTITIES, UNITS = set(_QUANTITIES.split()), set(_UNITS.split())

# Fields whose unit stands in the docstring of the class alone.
UNIT_ELSEWHERE = {("BlockSizes", "sizes")}


def _number_fields(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """(class, field) of every public dataclass field that holds a number or several."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.ClassDef) or node.name.startswith("_"):
            continue
        if not any("dataclass" in ast.unparse(mark) for mark in node.decorator_list):
            continue
        for item in node.body:
            if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name):
                number = re.search(r"\b(int|float)\b", ast.unparse(item.annotation))
                if number and not item.target.id.startswith("_"):
                    yield node.name, item.target.id


def units_in_names(root: Path) -> list[str]:
    """Dataclass fields that hold a duration or a size and do not say in what."""
    broken = []
    for file in sorted((root / PACKAGE).rglob("*.py")):
        for owner, field in _number_fields(ast.parse(file.read_text())):
            words = field.split("_")
            if not QUANTITIES & set(words) or words[-1] in UNITS:
                continue
            if (owner, field) not in UNIT_ELSEWHERE:
                broken.append(f"{file.relative_to(root)}: {owner}.{field} has no unit")
    return broken


# --- Figures ---------------------------------------------------------------

# Where figures are measured or shown.
MEASURING = (
    "bench/**/*.py",
    f"{PACKAGE}/bench/**/*.py",
    f"{PACKAGE}/monitor/**/*.py",
    f"{PACKAGE}/observe/**/*.py",
    f"{PACKAGE}/level.py",
    f"{PACKAGE}/capture/account.py",
    f"{PACKAGE}/cli/*.py",
)
MEASURING_C = ("csrc/bench/**/*.[ch]", "csrc/bench/**/*.cpp", f"{PACKAGE}/bench/*.cpp")

_RANDOM_C = re.compile(r"\b(s?rand|s?random|[a-z]rand48)(_r)?\s*\(|std::(mt19937|random_device)")


def no_random_figures(root: Path) -> list[str]:
    """Random numbers in code that measures or shows: every figure must come from a counter."""
    broken = []
    for pattern in MEASURING:
        for file in sorted(root.glob(pattern)):
            for node in ast.walk(ast.parse(file.read_text())):
                if _is_random(node):
                    broken.append(f"{file.relative_to(root)}:{node.lineno}: random")  # type: ignore[attr-defined]
    for pattern in MEASURING_C:
        for file in sorted(root.glob(pattern)):
            if _RANDOM_C.search(file.read_text()):
                broken.append(f"{file.relative_to(root)}: random")
    return broken


def _is_random(node: ast.AST) -> bool:
    if isinstance(node, ast.Import):
        names = [alias.name for alias in node.names]
    elif isinstance(node, ast.ImportFrom):
        names = [f"{node.module}.{alias.name}" for alias in node.names]
    elif isinstance(node, ast.Attribute):
        names = [node.attr]
    else:
        return False
    return any({"random", "secrets", "default_rng"} & set(name.split(".")) for name in names)
