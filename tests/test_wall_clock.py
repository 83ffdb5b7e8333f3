"""No decision depends on the time of day, which can jump: it is for people only."""

import ast
import re
import shutil
from pathlib import Path

import layer_rules
import pytest

import vocana_dsp as vo

ROOT = Path(vo.__file__).parent.parent
PACKAGE, SOURCES = "vocana_dsp", "csrc/src"

WALL = {
    "time": {"time", "time_ns", "localtime", "gmtime", "ctime", "strftime", "asctime"},
    "datetime": {"now", "utcnow", "today", "fromtimestamp"},
    "date": {"today"},
}
WALL_IN_C = re.compile(
    r"CLOCK_REALTIME|\bgettimeofday\b|(?<!def )\b(time|localtime|gmtime|timespec_get)\s*\("
)

# Where a time of day is written down for people, compared with what a file system wrote so, or
# mixed into a number that has no meaning.
FOR_PEOPLE = {
    "csrc/src/os/clock.c": "the clock's wall_ns, which goes into the JSON beside a recording",
    "csrc/src/pool.c": "a number that no other pool has, drawn from it",
    "vocana_dsp/control/attempts.py": "when an attempt was made",
    "vocana_dsp/control/retention.py": "ages of files, which the file system stamps so",
}


def wall_clock_reads(root):
    """Files that look at the time of day, with the line."""
    found = []
    for file in layer_rules._files(root, (PACKAGE,), (".py",)):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Attribute):
                owner = ast.unparse(node.value).rpartition(".")[2].lstrip("_")
                if node.attr in WALL.get(owner, ()):
                    found.append(f"{file.relative_to(root)}:{node.lineno}")
            elif isinstance(node, ast.ImportFrom) and node.module == "time":
                found += [
                    f"{file.relative_to(root)}:{node.lineno}"
                    for alias in node.names
                    if alias.name in WALL["time"]
                ]
    for file in layer_rules._files(root, (SOURCES, f"{PACKAGE}/_native"), (".c", ".h", ".pyx")):
        if file.with_suffix(".pyx").exists() and file.suffix == ".c":
            continue
        found += [
            f"{file.relative_to(root)}:{number}"
            for number, line in enumerate(file.read_text().splitlines(), 1)
            if WALL_IN_C.search(line.partition("//")[0])
        ]
    return [where for where in found if where.split(":")[0] not in FOR_PEOPLE]


def test_nothing_decides_by_the_time_of_day():  # faults 14
    assert wall_clock_reads(ROOT) == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("vocana_dsp/pool_age.py", "import time\nage = time.time() - 3\n"),
        ("vocana_dsp/pool_age.py", "from time import time_ns\n"),
        ("vocana_dsp/pool_age.py", "import time as _time\nnow = _time.time()\n"),
        ("vocana_dsp/pool_age.py", "import datetime\nnow = datetime.datetime.now()\n"),
        ("csrc/src/age.c", "int x = time(NULL);\n"),
        ("csrc/src/age.c", "clock_gettime(CLOCK_REALTIME, &now);\n"),
        ("vocana_dsp/_native/age.pyx", "timespec_get(&now, 1)\n"),
    ],
)
def test_a_planted_look_is_found(tmp_path, name, text):
    for folder in (PACKAGE, SOURCES):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("*.so"))
    (tmp_path / name).write_text(text)
    assert [where.split(":")[0] for where in wall_clock_reads(tmp_path)] == [name]
