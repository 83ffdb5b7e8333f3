"""Write docs/performance.md from the JSON of `vocana bench`.

    vocana bench --json > bench.json
    python bench/write_performance.py bench.json        # or - for the standard input

Exit code 1 when a target is missed.
"""

from __future__ import annotations

import argparse
import json
import sys
from itertools import groupby
from pathlib import Path
from typing import Any

PAGE = Path(__file__).resolve().parent.parent / "docs" / "performance.md"

HEAD = """# Performance

Made by `python bench/write_performance.py bench.json` from what `vocana bench --json > bench.json`
measured in one run. Absolute times move from machine to machine: what counts is the ratio to a peer
or a limit that was measured in turn with ours, the median over all pairs of runs. For ns, us, ms
and MiB less is better, for GB/s more. The error is how far our result is from one in float64, in dB
of that: -140 dB are seven digits.
"""

TITLES = {
    "ring": "Ring",
    "pool": "Pool",
    "capture": "Capture",
    "import": "Import",
    "dsp": "Signal processing",
}
COLUMNS = ("figure", "ours", "peer", "theirs", "ratio", "target", "error", "note")


def number(value: float | None, unit: str = "") -> str:
    return "" if value is None else f"{value:.4g} {unit}".rstrip()


def verdict(figure: dict[str, Any]) -> str:
    if figure["passed"] is not None:
        return "reached" if figure["passed"] else "**missed**"
    return "not measured" if figure["target"] or figure["value"] is None else ""


def line(cells: list[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def row(figure: dict[str, Any]) -> str:
    return line(
        [
            figure["name"],
            number(figure["value"], figure["unit"]),
            figure["peer"] or "",
            number(figure["peer_value"], figure["unit"]),
            number(figure["ratio"]),
            f"{figure['target'] or ''} {verdict(figure)}".strip(),
            number(figure["error_db"], "dB"),
            figure["note"],
        ]
    )


def page(report: dict[str, Any]) -> str:
    machine = ", ".join(f"{key} {value}" for key, value in report["machine"].items())
    lines = [HEAD, f"Machine: {machine}.", ""]
    for group, figures in groupby(report["figures"], lambda figure: figure["group"]):
        lines += [f"## {TITLES.get(group, group)}", "", line(list(COLUMNS)), "|---" * 8 + "|"]
        lines += [*map(row, figures), ""]
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("report", help="what vocana bench --json printed; - for the standard input")
    parser.add_argument("--out", type=Path, default=PAGE)
    given = parser.parse_args()
    text = sys.stdin.read() if given.report == "-" else Path(given.report).read_text("utf-8")
    report = json.loads(text)
    given.out.write_text(page(report), encoding="utf-8")
    print(f"{given.out}: {len(report['figures'])} figures")
    return 0 if report["passed"] else 1


if __name__ == "__main__":
    raise SystemExit(main())
