"""`vocana doctor`: is this machine fit to capture, and if not, what to do."""

from __future__ import annotations

import json
import shutil
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from .check import Check

UNFIT = 1  # exit code when a check failed
STYLES: dict[str, dict[str, Any]] = {
    "OK": {"fg": "green"},
    "WARN": {"fg": "yellow"},
    "FAIL": {"fg": "red", "bold": True},
}
LEVEL_CELLS, NAME_CELLS = 5, 10
ENDLESS = 10_000  # for who reads it line by line


def lines(check: Check, columns: int) -> Iterator[str]:
    """Yield what is printed of a check: long words go on below themselves."""
    begin = click.style(f"{check.level:<{LEVEL_CELLS}}", **STYLES[check.level])
    begin += click.style(f"{check.name:<{NAME_CELLS}}", bold=True)
    room = max(1, columns - LEVEL_CELLS - NAME_CELLS)
    said = [(line, False) for line in textwrap.wrap(check.detail, room)]
    for line, dim in said + [(line, True) for line in textwrap.wrap(check.todo, room)]:
        yield begin + click.style(line, dim=dim or None)
        begin = " " * (LEVEL_CELLS + NAME_CELLS)


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of lines.")
def command(as_json: bool) -> None:
    """Check whether this machine is fit to capture.

    PortAudio, the default device and a second of its sound, real-time priority, SIMD, what is lost
    while Python is stuck, storage, and what a killed recording leaves.

    Each line is OK, WARN or FAIL with what to do. Exit code 1 when one is FAIL.
    """
    from .checks import run_all

    columns = shutil.get_terminal_size().columns if sys.stdout.isatty() else ENDLESS
    done: list[Check] = []
    for check in run_all():
        done.append(check)
        if not as_json:
            click.echo("\n".join(lines(check, columns)))
    if as_json:
        click.echo(json.dumps([asdict(check) for check in done], indent=2, ensure_ascii=False))
    if any(check.level == "FAIL" for check in done):
        raise SystemExit(UNFIT)
