"""One line of what `vocana doctor` says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Level = Literal["OK", "WARN", "FAIL"]

REPORT = "this should not happen: please report it with this line"


@dataclass(frozen=True, slots=True)
class Check:
    """What was looked at, how it is, and what to do about it: `todo` is empty when all is well."""

    name: str
    level: Level
    detail: str
    todo: str = ""
