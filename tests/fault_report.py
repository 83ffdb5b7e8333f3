"""A pytest plugin: the list of `make faults`, and a failure for each row that is left out."""

import os
import textwrap
from dataclasses import dataclass

import fault_rows
import pytest

WIDTH = 90
INDENT = " " * 5
STYLES = {"PASS": {"green": True}, "FAIL": {"red": True, "bold": True}, "not run": {"yellow": True}}


@dataclass
class Played:
    """One test of a row."""

    row: int
    injected: str
    seen: str = ""
    result: str = "PASS"


class FaultReport:
    """Which rows were played, and how that ended."""

    def __init__(self):
        self.played = {}  # by test, for each row that it plays
        self.left_out = {}  # by row: what its tests need
        self.terminal = None

    def lines(self):
        """One for each test and each row that has none, in the order of the rows."""
        found = [one for rows in self.played.values() for one in rows]
        for row in fault_rows.ROWS.keys() - {one.row for one in found}:
            why = fault_rows.NOT_RUN.get(row) or self.left_out.get(row)
            found.append(Played(row, "", why or "no test plays it", "not run" if why else "FAIL"))
        return sorted(found, key=lambda one: one.row)

    @property
    def failed(self):
        return any(one.result == "FAIL" for one in self.lines())

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items):
        for item in items:
            for mark in item.iter_markers("fault"):
                row, injected = mark.args
                if row not in fault_rows.ROWS:
                    raise pytest.UsageError(f"{item.nodeid}: there is no row {row}")
                self.played.setdefault(item.nodeid, []).append(Played(row, injected, result="FAIL"))

    def pytest_deselected(self, items):
        """On a machine that lacks something; where all is required, a row left out is a failure."""
        for item in items:
            for mark in item.iter_markers("fault"):
                if not os.environ.get("VOCANA_REQUIRE_ALL"):
                    needs = sorted({"jack", "speech", "long"} & set(item.keywords))
                    self.left_out[mark.args[0]] = f"left out: {', '.join(needs) or 'not selected'}"

    def pytest_runtest_logreport(self, report):
        for one in self.played.get(report.nodeid, ()):
            if report.when == "call":
                words = [words for name, words in report.user_properties if name == "seen"]
                one.seen = "; ".join(words) or "the test does not say what it saw"
                one.result = "PASS" if report.passed and words else "FAIL"
            if report.failed:
                crash = getattr(report.longrepr, "reprcrash", None)
                one.seen = str(crash.message if crash else report.longrepr).splitlines()[0]
                one.result = "FAIL"
            if report.skipped:
                one.seen, one.result = "the test was skipped", "FAIL"

    def pytest_terminal_summary(self, terminalreporter):
        self.terminal = terminalreporter
        terminalreporter.section("faults", fullwidth=WIDTH)
        for one in self.lines():
            name = textwrap.shorten(fault_rows.ROWS[one.row], WIDTH - len(INDENT) - 9)
            terminalreporter.write(f"{f'{one.row:3}  {name}':<{WIDTH - 8}} ")
            terminalreporter.line(one.result, **STYLES[one.result])
            seen = "seen" if one.injected else "why"
            for label, words in (("injected", one.injected), (seen, one.seen)):
                if words:
                    begin = f"{INDENT}{label:10}"
                    terminalreporter.line(textwrap.fill(
                        words, WIDTH, initial_indent=begin, subsequent_indent=" " * len(begin)
                    ))  # fmt: skip

    def pytest_sessionfinish(self, session):
        if self.failed and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_unconfigure(self):
        """Behind all else that is printed: whether it failed, and by what."""
        if self.terminal is None:
            return
        lines = self.lines()
        failed = [one for one in lines if one.result == "FAIL"]
        not_run = sum(one.result == "not run" for one in lines)
        rows = len({one.row for one in failed})
        told = (
            f"{rows} of {len(fault_rows.ROWS)} rows FAIL"
            if failed
            else "every row that is run passes"
        )
        self.terminal.line(
            f"faults: {told}; {not_run} not run", **STYLES["FAIL" if failed else "PASS"]
        )
        for one in failed:
            line = f"{one.row:3}  {fault_rows.ROWS[one.row]}: {one.seen}"
            self.terminal.line(textwrap.shorten(line, WIDTH, placeholder=" ..."))


def pytest_configure(config):
    config.pluginmanager.register(FaultReport(), "faults")
