"""How much memory this process may have, and how much of it is used: as the kernel counts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ..config import function_of, path_of, whole
from ..system.processes import rss_bytes

# Version 1 says "no limit" by the largest number of pages that it can count.
_NO_LIMIT_BYTES = 2**62
_SOME_AVG10 = re.compile(r"^some avg10=([\d.]+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class MemoryUse:
    """How much memory is used, of how much.

    Attributes:
        used_bytes: what counts towards the limit: of a cgroup, all but the file cache that the
            kernel can drop at once (``inactive_file``); else the resident set of this process.
        limit_bytes: where it ends; None when no limit is known.
        stall_percent: share of the last 10 s in which some thread waited for memory (PSI); None
            when the kernel does not say.
        source: who says so: the cgroup and the file of its limit, "limit_bytes" or "no limit".
    """

    used_bytes: int
    limit_bytes: int | None
    stall_percent: float | None
    source: str

    @property
    def ratio(self) -> float | None:
        """Used / limit; None without a limit."""
        return None if self.limit_bytes is None else self.used_bytes / max(1, self.limit_bytes)


@dataclass(frozen=True, slots=True)
class _Files:
    """What the files of a cgroup are called, by the version of its hierarchy."""

    version: str
    used: str
    limits: tuple[str, ...]
    droppable: re.Pattern[str]


_V2 = _Files(
    "cgroup v2",
    "memory.current",
    ("memory.high", "memory.max"),
    re.compile(r"^inactive_file (\d+)$", re.MULTILINE),
)
_V1 = _Files(
    "cgroup v1",
    "memory.usage_in_bytes",
    ("memory.limit_in_bytes",),
    re.compile(r"^total_inactive_file (\d+)$", re.MULTILINE),
)


class MemoryLimit:
    """Reads how much memory is used of a limit. Any thread; some files of /proc and /sys a read.

    Without `limit_bytes` the limit is that of the cgroup, version 2 or 1: of this process's own and
    of all above it, the one that is nearest. ``memory.high``, above which the kernel slows a group
    down, counts as one.

    Args:
        limit_bytes: a limit of your own for the resident set; None takes the cgroup's.
        root: folder that stands for ``/``.
        rss: returns the bytes of the resident set.

    Raises:
        ConfigError: `limit_bytes` is not above 0.

    >>> use = MemoryLimit(limit_bytes=2**40).read()
    >>> use.source, 0 < use.ratio < 1
    ('limit_bytes', True)
    """

    def __init__(
        self,
        limit_bytes: int | None = None,
        *,
        root: Path = Path("/"),
        rss: Callable[[], int] = rss_bytes,
    ) -> None:
        if limit_bytes is not None:
            limit_bytes = whole("limit_bytes", limit_bytes, 1, 2**63)
        function_of("rss", rss)
        self._limit_bytes = limit_bytes
        self._root = path_of("root", root)
        self._rss = rss

    def read(self) -> MemoryUse:
        """Return what holds now; a file that cannot be read says nothing."""
        groups = {files.version: self._folders(files) for files in (_V2, _V1)}
        stall_percent = self._stall_percent(groups[_V2.version])
        if self._limit_bytes is not None:
            return MemoryUse(self._rss(), self._limit_bytes, stall_percent, "limit_bytes")
        found = [
            MemoryUse(used, limit, stall_percent, f"{files.version} {name} {file}")
            for files in (_V2, _V1)
            for folder, name in groups[files.version]
            for used, limit, file in _limits(folder, files)
        ]
        if not found:
            return MemoryUse(self._rss(), None, stall_percent, "no limit")
        return max(found, key=lambda use: use.ratio or 0.0)

    def _folders(self, files: _Files) -> list[tuple[Path, str]]:
        """Folders of this process's cgroup and of those above it, and their names."""
        group, mount = self._group(files), self._mount(files)
        if group is None or mount is None:
            return []
        root, point = mount
        # In a container the group may be named as the host sees it, and only a part be mounted.
        part = root.rstrip("/")
        inside = group.removeprefix(part) if f"{group}/".startswith(f"{part}/") else ""
        parts = [part for part in inside.split("/") if part not in ("", "..")]
        return [
            (point.joinpath(*parts[:depth]), "/" + "/".join(parts[:depth]))
            for depth in range(len(parts), -1, -1)
        ]

    def _group(self, files: _Files) -> str | None:
        for line in _text(self._root / "proc/self/cgroup").splitlines():
            number, _, rest = line.partition(":")
            controllers, _, path = rest.partition(":")
            if (number == "0") if files is _V2 else ("memory" in controllers.split(",")):
                return path
        return None

    def _mount(self, files: _Files) -> tuple[str, Path] | None:
        """Which part of the hierarchy is mounted, and where."""
        kind = "cgroup2" if files is _V2 else "cgroup"
        for line in _text(self._root / "proc/self/mountinfo").splitlines():
            place, _, rest = line.partition(" - ")
            fields, system = place.split(), rest.split()
            if len(fields) < 5 or len(system) < 3 or system[0] != kind:
                continue
            if files is _V2 or "memory" in system[2].split(","):
                return fields[3], self._root / fields[4].lstrip("/")
        return None

    def _stall_percent(self, own: list[tuple[Path, str]]) -> float | None:
        files = [folder / "memory.pressure" for folder, _ in own[:1]]
        for file in (*files, self._root / "proc/pressure/memory"):
            found = _SOME_AVG10.search(_text(file))
            if found:
                return float(found[1])
        return None


def _limits(folder: Path, files: _Files) -> Iterator[tuple[int, int, str]]:
    """Give what a cgroup uses, each limit that it has, and the file that says so."""
    used = _number(folder / files.used)
    if used is None:
        return
    droppable = files.droppable.search(_text(folder / "memory.stat"))
    used = max(0, used - int(droppable[1])) if droppable else used
    for file in files.limits:
        limit = _number(folder / file)
        if limit is not None and limit < _NO_LIMIT_BYTES:
            yield used, limit, file


def _text(file: Path) -> str:
    try:
        return file.read_text()
    except (OSError, UnicodeDecodeError):
        return ""


def _number(file: Path) -> int | None:
    text = _text(file).strip()
    return int(text) if text.isdecimal() else None
