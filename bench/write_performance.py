"""Write docs/performance.md: what `vocana bench` measures here and now.

Run as ``python bench/write_performance.py [FILE]``; exit code 1 when a target is missed.
"""

import sys
from pathlib import Path

from vocana_dsp import bench
from vocana_dsp.bench import Figure, Report

DEFAULT = Path(__file__).resolve().parent.parent / "docs" / "performance.md"

HEAD = """# Performance

Made by `python bench/write_performance.py` from what `vocana bench` measured in one run. Absolute
times move from machine to machine: what counts is the ratio to a peer or a limit that was measured
in turn with ours, the median over all pairs of runs. For ns, us, ms and MiB less is better, for
GB/s more.
"""


def number(value: float | None, unit: str = "") -> str:
    return "" if value is None else f"{value:.4g} {unit}".rstrip()


def row(figure: Figure) -> str:
    verdict = {True: "reached", False: "**missed**", None: ""}[figure.passed]
    if not figure.measured:
        verdict = "not measured"
    target = str(figure.target or "")
    cells = [
        figure.name,
        number(figure.value, figure.unit),
        figure.peer,
        number(figure.peer_value, figure.unit),
        number(figure.ratio),
        f"{target} {verdict}".strip(),
        figure.note,
    ]
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def page(report: Report) -> str:
    machine = ", ".join(f"{key} {value}" for key, value in report.machine.items())
    table = [
        "| figure | ours | peer | theirs | ratio | target | note |",
        "|---|---|---|---|---|---|---|",
        *map(row, report.figures),
    ]
    return "\n".join([HEAD, f"Machine: {machine}.", "", *table, ""])


def main() -> int:
    report = bench.run()
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT
    target.write_text(page(report), encoding="utf-8")
    print(f"{target}: {len(report.figures)} figures")
    return 0 if report.passed else 1


if __name__ == "__main__":
    raise SystemExit(main())
