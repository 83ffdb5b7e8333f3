"""The rule on tolerances: one above 1e-3 of full scale, or of what is compared, says why."""

from __future__ import annotations

import ast
import functools
import io
import re
import tokenize
from pathlib import Path

#: Keywords of pytest.approx, numpy.allclose and numpy.testing.assert_allclose.
TOLERANCES = {"abs", "rel", "atol", "rtol"}
MOST = 1e-3

# Rows of requirements and words to checkers are no reasons.
_NO_REASON = re.compile(r"#\s*((noqa|type|ruff|mypy|pragma)\b.*|([A-Z]\d+[\s,]*)*)$")


def _reasons(text: str) -> set[int]:
    """Lines with a comment that says something."""
    return {
        token.start[0]
        for token in tokenize.generate_tokens(io.StringIO(text).readline)
        if token.type == tokenize.COMMENT and not _NO_REASON.match(token.string)
    }


def _constants(tree: ast.Module) -> dict[str, ast.expr]:
    """Values of the names of a module."""
    return {
        target.id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def _number(value: ast.expr) -> float:
    """A number; 0 for what is none."""
    if isinstance(value, ast.Constant) and isinstance(value.value, int | float):
        return float(value.value)
    return 0.0


def tolerances_have_reasons(root: Path) -> list[str]:
    """Tolerances above the limit without a comment in their line or the one above.

    A name stands for the number that the module gives it, where the comment is then.
    """
    return [
        f"{file.relative_to(root)}:{line}: {what} and no reason"
        for file in sorted((root / "tests").rglob("*.py"))
        for line, what in _without_reason(file.read_text())
    ]


@functools.cache
def _without_reason(text: str) -> list[tuple[int, str]]:
    """Those of one file: (line, what it says)."""
    broken = []
    tree, reasons = ast.parse(text), _reasons(text)
    names = _constants(tree)
    for call in ast.walk(tree):
        for keyword in call.keywords if isinstance(call, ast.Call) else ():
            value = keyword.value
            value = names.get(value.id, value) if isinstance(value, ast.Name) else value
            wide = keyword.arg in TOLERANCES and _number(value) > MOST
            if wide and not reasons & {value.lineno - 1, value.lineno}:
                broken.append((value.lineno, f"{keyword.arg}={ast.unparse(value)}"))
    return broken
