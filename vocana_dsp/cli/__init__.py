"""The command `vocana`: one module per command, each quick to import."""

from __future__ import annotations

import io
import sys

import click

from .. import __version__
from ..errors import VocanaError
from . import analyze, bench, devices, doctor, process, record, recover

FAILED = 1  # exit code of an error that is ours; 2 is click's, for wrong usage


class Program(click.Group):
    """A group whose commands end a `VocanaError` as one message and its hint."""

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; exit code 1 when it raises a `VocanaError`."""
        for stream in (sys.stdout, sys.stderr):  # a terminal without UTF-8 shows ? for a mark
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="replace")
        try:
            return super().invoke(ctx)
        except VocanaError as error:
            click.secho("error: ", fg="red", bold=True, nl=False, err=True)
            click.echo(error.args[0] if error.args else error.code, err=True)
            if error.hint:
                click.echo(f"  {error.hint}", err=True)
            ctx.exit(FAILED)


@click.group(cls=Program, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="vocana")
def main() -> None:
    """Audio capture that Python cannot break.

    Exit codes: 0 all is well, 1 an error or a check that failed, 2 wrong usage.
    """


for _module in (devices, record, recover, process, analyze, bench, doctor):
    main.add_command(_module.command)
