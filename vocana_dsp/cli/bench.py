"""`vocana bench`: our figures beside those of others, measured in one run."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from ..bench import Figure, Report

MISSED = 1  # exit code when a target is missed


def _number(value: float | None, unit: str = "") -> str:
    return "" if value is None else f"{value:.4g} {unit}".rstrip()


def _verdict(figure: Figure) -> str:
    if figure.passed is None:
        return ""
    return "[green]PASS[/]" if figure.passed else "[red]FAIL[/]"


def _print_table(report: Report) -> None:
    from rich import box
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, header_style="dim", pad_edge=False)
    table.add_column("", no_wrap=True)
    table.add_column("figure", overflow="fold")
    table.add_column("ours", justify="right", style="bold", no_wrap=True)
    table.add_column("peer", overflow="fold")
    table.add_column("theirs", justify="right", no_wrap=True)
    table.add_column("ratio", justify="right", no_wrap=True)
    table.add_column("target", overflow="fold")
    errors = any(figure.error_db is not None for figure in report.figures)
    if errors:
        table.add_column("error", justify="right", no_wrap=True)
    notes = []
    for figure in report.figures:
        table.add_row(
            _verdict(figure),
            escape(figure.name),
            _number(figure.value, figure.unit),
            escape(figure.peer),
            _number(figure.peer_value, figure.unit),
            _number(figure.ratio),
            escape(str(figure.target or "")),
            *([_number(figure.error_db, "dB")] if errors else []),
        )
        if figure.note:
            notes.append((figure.name, figure.note))
    console = Console()
    console.print(table)
    for name, note in notes:
        console.print(f"[dim]{escape(name)}:[/] {escape(note)}")
    if report.unmeasured:
        missing = escape(", ".join(report.unmeasured))
        console.print(f"[yellow]not measured here:[/] {missing}", highlight=False)
    line = "   ".join(f"{key} {value}" for key, value in report.machine.items())
    console.print(f"\n[dim]{escape(line)}[/]", highlight=False)


@click.command("bench")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@click.argument("group", required=False)
def command(group: str | None, as_json: bool) -> None:
    """Measure everything, or one GROUP (ring, pool, capture, import, dsp), beside its peers.

    Exit code 1 when a target is missed. With --json, `vocana bench dsp --json > dsp.json`.
    """
    from .. import bench

    report = bench.run(group)
    if as_json:
        click.echo(json.dumps(report.to_dict(), indent=2))
    else:
        _print_table(report)
    if not report.passed:
        raise SystemExit(MISSED)
