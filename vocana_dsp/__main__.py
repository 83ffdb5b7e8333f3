"""`vocana`, which is also `python -m vocana_dsp`.

Ctrl-C while the commands are loaded ends it with one line; from then on they take care of it.
"""

import os
import signal
from types import FrameType
from typing import NoReturn

STDERR = 2
INTERRUPTED = 130  # exit code, as a shell has it: 128 and the number of SIGINT


def _end(_number: int, _frame: FrameType | None) -> NoReturn:
    os.write(STDERR, b"interrupted\n")
    os._exit(INTERRUPTED)


def main() -> None:
    """Load the commands and run the one that was asked for."""
    before = signal.getsignal(signal.SIGINT)
    if before is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, _end)
    from .cli import main as run

    signal.signal(signal.SIGINT, before)
    run(prog_name="vocana")


if __name__ == "__main__":
    main()
