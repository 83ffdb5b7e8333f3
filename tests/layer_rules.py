"""The rules of docs/design.md that can be read off the sources: who may include or import whom.

Each rule takes the root of a tree and returns what breaks it, one line each, path first.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

# --- C ---------------------------------------------------------------------

# Lowest first. A file includes only what is below its noun, and its own noun's headers.
C_LAYERS = (
    {"attributes"},
    {"status"},
    {"alloc", "clock", "files"},
    {"ring", "pool", "kernels", "fragment", "histogram", "os", "snapshot", "guard", "target"}
    | {"crc32", "json", "servo", "stream"},
    {"denormals", "fft", "lowpass", "pcm", "readings", "truepeak", "window"},
    {"biquad", "crossfade", "breaker", "meter", "ledger", "events", "node", "wav"},
    {"params", "ramp", "tap", "bypass", "drift", "fir", "sos", "resampler", "stft", "sidecar"}
    | {"conceal"},
    {"ballistics", "hops", "outlets", "playout", "record"},
    {"correlation", "gcc_phat", "levels", "loudness", "quality", "recorder"},
    {"deepfilter", "dfnorm", "erb", "framer", "mfcc", "tempo"},
    {"mel", "spectral"},
    {"onset"},
    {"nodes"},
    {"chain"},
    {"capture"},
    {"engine"},
    {"sim", "link"},
)
C_LAYER_OF = {noun: level for level, nouns in enumerate(C_LAYERS) for noun in nouns}

# Headers whose noun is implemented under another name.
C_ALIASES = {"simd": "kernels"}

_SYSTEM = """
assert ctype errno fenv float inttypes limits locale math setjmp signal stdalign stdarg stdatomic
stdbool stddef stdint stdio stdlib stdnoreturn string threads time
fcntl poll pthread sched semaphore unistd sys/auxv sys/eventfd sys/file sys/mman sys/stat
sys/statvfs sys/types sys/uio
immintrin cpuid arm_neon
"""
SYSTEM_HEADERS = set(_SYSTEM.split())

_INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]', re.MULTILINE)


def c_noun(path: str) -> str | None:
    """The noun a C file belongs to: its folder's, its own, or the one before its first '_'."""
    file = Path(path)
    for name in (file.parent.name, file.stem, file.stem.split("_")[0]):
        noun = C_ALIASES.get(name, name)
        if noun in C_LAYER_OF:
            return noun
    return None


def c_layers(root: Path) -> list[str]:
    """Includes that go sideways or up, unknown nouns, and headers from beyond the C library."""
    broken = []
    for file in _files(root, ("csrc/include", "csrc/src"), (".h", ".c")):
        name = str(file.relative_to(root))
        own = c_noun(str(file))
        if own is None:
            broken.append(f"{name}: its noun has no layer")
            continue
        for bracket, header in _INCLUDE.findall(file.read_text()):
            if bracket == "<":
                if header.removesuffix(".h") not in SYSTEM_HEADERS:
                    broken.append(f"{name}: includes <{header}>, which is not of the C library")
                continue
            other = c_noun(header)
            if other is None:
                broken.append(f"{name}: includes {header}, whose noun has no layer")
            elif other != own and C_LAYER_OF[other] >= C_LAYER_OF[own]:
                broken.append(f"{name}: {own} includes {header}, which is not below it")
    return broken


# --- Python ----------------------------------------------------------------

PACKAGE = "vocana_dsp"

# Lowest first; every name that is not here is an area: between config and the package itself.
PYTHON_LEVELS = {"errors": 0, "_native": 1, "config": 1, "": 3, "bench": 4, "cli": 5, "__main__": 6}
AREA = 2

ONE_IMPORTER = ("sounddevice", "soundfile", "pyfftw", "psutil", "onnxruntime", "tenacity")

_CYTHON_IMPORT = re.compile(
    r"^\s*(?:from\s+(?P<source>[\w.]+)\s+(?P<verb>c?import)|(?P<plain>c?import)\s+(?P<module>[\w.]+))"
)


def _modules(root: Path) -> dict[str, Path]:
    """Dotted name of each Python module of the package."""
    modules = {}
    for file in _files(root, (PACKAGE,), (".py",)):
        parts = list(file.relative_to(root).with_suffix("").parts)
        if parts[-1] == "__init__":
            parts.pop()
        modules[".".join(parts)] = file
    return modules


def _imports(name: str, file: Path, known: set[str]) -> Iterator[str]:
    """Dotted names of what a module imports, anywhere in it."""
    is_package = file.name == "__init__.py"
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parts = name.split(".")
            if node.level:
                parts = parts[: len(parts) - node.level + is_package]
                source = ".".join([*parts, *([node.module] if node.module else [])])
            else:
                source = node.module or ""
            for alias in node.names:
                inner = f"{source}.{alias.name}"
                native = source == f"{PACKAGE}._native"
                yield inner if inner in known or native else source
        elif (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute | ast.Name)
            and getattr(node.func, "attr", getattr(node.func, "id", ""))
            in ("import_module", "__import__")
            and node.args
            and isinstance(node.args[0], ast.Constant)
        ):
            yield str(node.args[0].value)


def _area(module: str) -> str:
    """errors, capture, cli, ...; "" for the package itself."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else ""


def _level(module: str) -> int:
    return PYTHON_LEVELS.get(_area(module), AREA)


def python_layers(root: Path) -> list[str]:
    """Imports that go up, or between areas in a circle."""
    modules = _modules(root)
    broken = []
    between_areas: dict[str, set[str]] = {}
    for name, file in modules.items():
        own, where = _area(name), file.relative_to(root)
        for other in _imports(name, file, set(modules)):
            if other.split(".")[0] != PACKAGE or _area(other) == own:
                continue
            if _level(other) > _level(name):
                broken.append(f"{where}: imports {other}, which is above it")
            elif _level(other) == _level(name) == AREA:
                between_areas.setdefault(own, set()).add(_area(other))
            elif _level(other) == _level(name):
                broken.append(f"{where}: imports {other}, which is beside it")
    return broken + [
        f"{PACKAGE}/{area}: {area} and {other} import each other"
        for area, others in between_areas.items()
        for other in others
        if area in _reach(other, between_areas)
    ]


def _reach(area: str, edges: dict[str, set[str]]) -> set[str]:
    seen: set[str] = set()
    todo = [area]
    while todo:
        for other in edges.get(todo.pop(), set()) - seen:
            seen.add(other)
            todo.append(other)
    return seen


def native_imports(root: Path) -> list[str]:
    """What `_native` takes from the package besides errors and, by cimport, its own siblings."""
    broken = []
    for file in _files(root, (f"{PACKAGE}/_native",), (".pyx", ".pxd")):
        for line in file.read_text().splitlines():
            found = _CYTHON_IMPORT.match(line)
            if not found:
                continue
            source = found["source"] or found["module"]
            by_cimport = (found["verb"] or found["plain"]) == "cimport"
            sibling = source.startswith((f"{PACKAGE}._native", "."))
            inside = sibling or source.split(".")[0] == PACKAGE
            if inside and source != f"{PACKAGE}.errors" and not (sibling and by_cimport):
                broken.append(f"{file.relative_to(root)}: {line.strip()}")
    return broken


def one_importer(root: Path) -> list[str]:
    """Libraries that more than one file of the package imports."""
    modules = _modules(root)
    importers: dict[str, list[str]] = {library: [] for library in ONE_IMPORTER}
    for name, file in modules.items():
        for library in {other.split(".")[0] for other in _imports(name, file, set(modules))}:
            if library in importers:
                importers[library].append(str(file.relative_to(root)))
    for file in _files(root, (f"{PACKAGE}/_native",), (".pyx",)):
        for library in importers:
            if re.search(rf"^\s*(from|c?import)\s+{library}\b", file.read_text(), re.MULTILINE):
                importers[library].append(str(file.relative_to(root)))
    return [
        f"{file}: imports {library}, as does {files[0]}"
        for library, files in importers.items()
        for file in files[1:]
    ]


# --- Files -----------------------------------------------------------------

LINES = {".h": 150, ".hpp": 150, ".c": 400, ".cpp": 400, ".pyx": 200, ".py": 300}
WRITTEN = ("csrc", PACKAGE, "tests", "bench", "examples", "tools")


def _files(root: Path, folders: tuple[str, ...], suffixes: tuple[str, ...]) -> list[Path]:
    return sorted(
        file
        for folder in folders
        for file in (root / folder).rglob("*")
        if file.suffix in suffixes and file.is_file()
    )


def size_budgets(root: Path) -> list[str]:
    """Files longer than their kind may be. C below `_native` is made by Cython, not written."""
    broken = []
    for file in _files(root, WRITTEN, tuple(LINES)):
        if file.suffix == ".c" and file.with_suffix(".pyx").exists():
            continue
        lines = len(file.read_text().splitlines())
        if lines > LINES[file.suffix]:
            broken.append(f"{file.relative_to(root)}: {lines} lines, budget {LINES[file.suffix]}")
    return broken
