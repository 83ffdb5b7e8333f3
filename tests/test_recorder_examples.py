"""The examples of a recorder that survives: what they print, and that it is so."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def run(*arguments):
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, ""), done
    return done.stdout


def test_a_full_disk(tmp_path):  # faults 19
    said = run("examples/full_disk.py")
    assert "1,440,000 frames recorded, 0 missing, 0 wrong" in said
    assert re.search(r"s  file_opened     file 1 begins\n", said)
    assert re.search(r"s  spooling        [A-Z][a-z ]+: it goes on in the spool\n", said)
    assert re.search(
        r"s  file_sealed     [A-Z][a-z ]+: the file ends with what is safe in it\n", said
    )
    assert "small/meeting.wav: frames 0 to " in said
    assert "spool/meeting-0002.wav: frames " in said


def killed(kills):
    said = run("examples/kill9.py", "--kills", str(kills), "--seed", "1")
    assert f"{kills} kills, 0 recordings with a frame missing" in said
    rows = [
        [int(n.replace(",", "")) for n in line.split()]
        for line in said.splitlines()
        if re.match(r" +\d+ +[\d,]+ ", line)
    ]
    assert len(rows) == kills
    for _, durable, written, *found in rows:
        assert durable <= written <= min(found)


def test_two_kills():  # faults 17
    killed(2)


@pytest.mark.long
def test_twenty_kills():  # faults 17
    killed(20)
