"""docs/performance.md is what the JSON of `vocana bench` says, and nothing else."""

import json
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

from vocana_dsp import bench
from vocana_dsp.bench import Figure, Report, Target

SCRIPT = Path(__file__).resolve().parent.parent / "bench" / "write_performance.py"
BOUND = Target("ratio", "<=", 1.0)


def report(ratio: float) -> Report:
    figures = [
        Figure("ring", 4.0, "ns", "a|b", 8.0, ratio, BOUND, group="ring"),
        Figure("FFT", 2.5, "us", error_db=-141.25, note="in C", group="dsp"),
        Figure("FFT", 2.5, "us", "IPP", target=BOUND, note="pip install ipp", group="dsp"),
    ]
    return Report(figures, {"cores": "2", "python": "3"})


def write(given: str, out: Path, text: str | None = None) -> int:
    command = [sys.executable, str(SCRIPT), given, "--out", str(out)]
    return subprocess.run(
        command, input=text, text=True, capture_output=True, check=False
    ).returncode


@pytest.mark.parametrize(
    ("ratio", "verdict", "code"), [(0.5, "reached", 0), (2.0, "**missed**", 1)]
)
def test_the_page_has_every_figure_below_its_group(tmp_path, ratio, verdict, code):
    text = json.dumps(report(ratio).to_dict())
    (tmp_path / "bench.json").write_text(text)
    assert write(str(tmp_path / "bench.json"), tmp_path / "a.md") == code
    assert write("-", tmp_path / "b.md", text) == code
    page = (tmp_path / "a.md").read_text()
    assert page == (tmp_path / "b.md").read_text()
    assert "Machine: cores 2, python 3." in page
    ring, dsp = page.split("## ")[1:]
    assert ring.startswith("Ring\n")
    assert f"| ring | 4 ns | a\\|b | 8 ns | {ratio:g} | ratio <= 1 {verdict} |  |  |" in ring
    assert dsp.startswith("Signal processing\n")
    assert "| FFT | 2.5 us |  |  |  |  | -141.2 dB | in C |" in dsp
    assert "| FFT | 2.5 us | IPP |  |  | ratio <= 1 not measured |  | pip install ipp |" in dsp


def test_every_group_has_a_title():
    assert set(runpy.run_path(str(SCRIPT))["TITLES"]) == set(bench.GROUPS)


def test_a_run_says_of_each_figure_what_it_was_measured_with(monkeypatch):
    groups = {
        "ring": (lambda: [Figure("a", 1.0, "ns")],),
        "dsp": (lambda: [Figure("b", 1.0, "ns")],),
    }
    monkeypatch.setattr(bench, "GROUPS", groups)
    assert [(f.name, f.group) for f in bench.run().figures] == [("a", "ring"), ("b", "dsp")]
    assert [f.group for f in bench.run("dsp").figures] == ["dsp"]
