"""The command `vocana`: one module per command, each quick to import."""

from __future__ import annotations

import errno
import io
import sys

import click

from .. import __version__
from ..errors import ConfigError, VocanaError
from ..record.errors import what_failed
from . import analyze, bench, devices, doctor, process, record, recover
from .inputs import hint_of

FAILED, MISUSED = 1, 2  # exit codes; click ends with the same for options that it refuses itself
INTERRUPTED = 130
UNWRITTEN = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)


class Program(click.Group):
    """A group whose commands end a `VocanaError` as one message and its hint.

    A value that makes no sense, a `ConfigError`, is wrong usage whoever refuses it.
    """

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; exit code 1 or 2 when it raises a `VocanaError`, 130 after Ctrl-C."""
        for stream in (sys.stdout, sys.stderr):  # a terminal without UTF-8 shows ? for a mark
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="replace")
        try:
            return super().invoke(ctx)
        except VocanaError as error:
            self._tell(str(error.args[0]) if error.args else error.code, hint_of(error))
            ctx.exit(MISUSED if isinstance(error, ConfigError) else FAILED)
        except OSError as error:
            if error.errno == errno.EPIPE:  # who read the output is gone: click knows what to do
                raise
            self._tell(*_of_the_system(error))
            ctx.exit(FAILED)
        except KeyboardInterrupt:
            click.echo("interrupted", err=True)
            ctx.exit(INTERRUPTED)

    @staticmethod
    def _tell(message: str, hint: str) -> None:
        click.secho("error: ", fg="red", bold=True, nl=False, err=True)
        click.echo(message, err=True)
        if hint:
            click.echo(f"  {hint}", err=True)


def _of_the_system(error: OSError) -> tuple[str, str]:
    """Return what went wrong, and what to do about it."""
    said = error.strerror or str(error)
    if error.errno == errno.EMFILE:
        _, said, todo = what_failed(errno.EMFILE)
        return said, todo
    if error.filename is not None:
        return f"{error.filename}: {said}", ""
    if error.errno in UNWRITTEN:  # who writes a file names it
        return f"the output cannot be written: {said}", "files that were written before are whole"
    return said, ""


@click.group(cls=Program, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="vocana")
def main() -> None:
    """Audio capture that Python cannot break.

    Exit codes: 0 all is well, 1 an error or a check that failed, 2 wrong usage, 130 interrupted.
    """


for _module in (devices, record, recover, process, analyze, bench, doctor):
    main.add_command(_module.command)
