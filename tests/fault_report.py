"""A pytest plugin: the table of `make faults`, and a failure for each row that is left out."""

import os
from dataclasses import dataclass

import fault_rows
import pytest
from rich.console import Console
from rich.table import Table

WIDTH = 150
STYLES = {"PASS": "green", "FAIL": "bold red", "not run": "yellow"}


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

    def pytest_terminal_summary(self):
        table = Table(title="Faults", show_lines=True, title_justify="left")
        table.add_column("row", justify="right")
        for heading in ("fault", "injected", "seen"):
            table.add_column(heading, ratio=1 if heading == "fault" else 2)
        table.add_column("", width=7)
        for one in self.lines():
            result = f"[{STYLES[one.result]}]{one.result}[/]"
            table.add_row(str(one.row), fault_rows.ROWS[one.row], one.injected, one.seen, result)
        Console(width=max(WIDTH, int(os.environ.get("COLUMNS", "0")))).print(table)

    def pytest_sessionfinish(self, session):
        if self.failed and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_configure(config):
    config.pluginmanager.register(FaultReport(), "faults")
