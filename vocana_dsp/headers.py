"""Where the C headers are, for extensions that are built against them."""

from __future__ import annotations

from pathlib import Path


def get_include() -> str:
    """Return the directory of the C headers, for ``#include <vocana/ring.h>``.

    >>> import pathlib, vocana_dsp
    >>> (pathlib.Path(vocana_dsp.get_include()) / "vocana" / "ring.h").is_file()
    True
    """
    here = Path(__file__).resolve().parent
    installed = here / "include"
    return str(installed if installed.is_dir() else here.parent / "csrc" / "include")
