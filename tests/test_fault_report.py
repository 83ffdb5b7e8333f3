"""The list of faults fails for a row that fails, that says nothing, or that nobody plays."""

import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import fault_report
import fault_rows
import pytest

TESTS = Path(__file__).parent
USAGE_ERROR = pytest.ExitCode.USAGE_ERROR
CONFTEST = f"""
    import sys
    sys.path.insert(0, {str(TESTS)!r})
    import fault_rows
    from conftest_of_tests import seen
    fault_rows.ROWS = {{1: "first", 2: "second", 3: "third"}}
    fault_rows.NOT_RUN = {{3: "needs a third hand"}}
"""
FIRST = """
    import pytest

    @pytest.mark.fault(1, "a pin")
    def test_first(seen):
        seen("12 frames, 0 lost")
"""
SECOND = """
    import pytest

    @pytest.mark.fault(2, "a hammer")
    def test_second(seen):
        {}
"""


@pytest.fixture
def report(tmp_path):
    """Return what a run of these tests prints, and its exit status."""

    def run(*tests, options=(), require_all=""):
        (tmp_path / "conftest_of_tests.py").write_text((TESTS / "conftest.py").read_text())
        (tmp_path / "conftest.py").write_text(textwrap.dedent(CONFTEST))
        for number, text in enumerate(tests):
            (tmp_path / f"test_{number}.py").write_text(textwrap.dedent(text))
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "fault_report", *options, str(tmp_path)],
            cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False,
            env={
                **os.environ, "PYTHONPATH": str(TESTS), "VOCANA_REQUIRE_ALL": require_all,
                "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            },
        )  # fmt: skip
        lines = done.stdout.splitlines()
        return done.returncode, entries(lines), verdict(lines)

    return run


def listed(lines):
    """What stands below the list's heading."""
    begins = next((n for n, line in enumerate(lines) if line.strip("= ") == "faults"), len(lines))
    below = lines[begins + 1 :]
    return below[: next((n for n, line in enumerate(below) if line[:1] == "="), len(below))]


def entries(lines):
    """Each as [row, fault, injected, seen, result]."""
    found = []
    for line in listed(lines):
        assert len(line) <= fault_report.WIDTH
        if head := re.fullmatch(r" +(\d+)  (.*?) +(PASS|FAIL|not run)", line):
            found.append([head[1], head[2], "", "", head[3]])
        elif found and (said := re.fullmatch(r" {5}(injected|seen|why) +(.*)", line)):
            found[-1][2 if said[1] == "injected" else 3] = said[2]
    return found


def verdict(lines):
    """What stands at the very end."""
    begins = [number for number, line in enumerate(lines) if line.startswith("faults: ")]
    return lines[begins[-1] :] if begins else []


def test_rows_that_pass_or_say_why_not(report):
    code, rows, end = report(FIRST, SECOND.format("seen('nothing broke')"))
    assert code == 0
    assert end == ["faults: every row that is run passes; 1 not run"]
    assert rows == [
        ["1", "first", "a pin", "12 frames, 0 lost", "PASS"],
        ["2", "second", "a hammer", "nothing broke", "PASS"],
        ["3", "third", "", "needs a third hand", "not run"],
    ]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("seen('half of it'); assert not 'broken'", "AssertionError: assert not 'broken'"),
        ("pass", "the test does not say what it saw"),
        ("pytest.skip('not today')", "the test was skipped"),
    ],
)
def test_a_row_that_does_not_pass_fails_the_run(report, body, told):
    code, rows, end = report(FIRST, SECOND.format(body))
    assert code == 1
    assert end == ["faults: 1 of 3 rows FAIL; 1 not run", f"2 second: {told}"]
    assert [row[-1] for row in rows] == ["PASS", "FAIL", "not run"]
    assert rows[1][3] == told


def test_a_row_that_nobody_plays_fails_the_run(report):
    code, rows, end = report(FIRST)
    assert code == 1
    assert end[1:] == ["2 second: no test plays it"]
    assert rows[1] == ["2", "second", "", "no test plays it", "FAIL"]


def test_what_a_machine_lacks_is_left_out_unless_all_is_required(report):
    second = SECOND.replace("@", "@pytest.mark.jack\n    @", 1).format("seen('played')")
    options = ["-m", "not jack"]
    code, rows, _ = report(FIRST, second, options=options)
    assert (code, rows[1][3:]) == (0, ["left out: jack", "not run"])
    code, rows, _ = report(FIRST, second, options=options, require_all="1")
    assert (code, rows[1][3:]) == (1, ["no test plays it", "FAIL"])


def test_a_row_that_is_not_there_is_an_error(report):
    assert report(FIRST.replace("fault(1", "fault(4"))[0] == USAGE_ERROR


def test_what_is_long_is_broken_or_cut_at_the_end(report):
    """Whole in the list, one line at the end, and nothing wider than a terminal."""
    _, rows, end = report(FIRST, SECOND.format("pytest.fail('so it is ' * 40)"))
    assert rows[1][3].startswith("Failed: so it is so it is")
    assert len(end) == 2
    assert end[1].endswith(" ...")


def test_what_is_not_run_is_a_row():
    assert fault_rows.NOT_RUN.keys() < fault_rows.ROWS.keys()
    assert list(fault_rows.ROWS) == list(range(1, 56))
