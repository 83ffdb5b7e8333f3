"""`vocana doctor`: is this machine fit to capture, and if not, what to do."""

from __future__ import annotations

import json
from dataclasses import asdict

import click

UNFIT = 1  # exit code when a check failed
STYLES = {"OK": "green", "WARN": "yellow", "FAIL": "bold red"}
NAME_CELLS = 10


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of lines.")
def command(as_json: bool) -> None:
    """Check whether this machine is fit to capture.

    PortAudio, the default device and a second of its sound, real-time priority, SIMD, what is lost
    while Python is stuck, storage, and what a killed recording leaves.

    Each line is OK, WARN or FAIL with what to do. Exit code 1 when one is FAIL.
    """
    from rich.console import Console
    from rich.padding import Padding
    from rich.text import Text

    from .check import Check
    from .checks import run_all

    console = Console()
    done: list[Check] = []
    for check in run_all():
        done.append(check)
        if as_json:
            continue
        grid = Text.assemble(
            (f"{check.level:<5}", STYLES[check.level]),
            (f"{check.name:<{NAME_CELLS}}", "bold"),
            check.detail,
        )
        console.print(grid, highlight=False, soft_wrap=True)
        if check.todo:
            console.print(Padding(Text(check.todo, "dim"), (0, 0, 0, 5 + NAME_CELLS)))
    if as_json:
        click.echo(json.dumps([asdict(check) for check in done], indent=2))
    if any(check.level == "FAIL" for check in done):
        raise SystemExit(UNFIT)
