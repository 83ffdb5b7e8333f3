"""Faults that a table of file operations plays to the recorder in C: the programs of csrc/test."""

import os
import re
import subprocess
from pathlib import Path

import pytest

fault = pytest.mark.fault
PROGRAMS = Path(os.environ.get("VOCANA_C_TESTS", "build/c/plain"))


def line_of(program, *arguments):
    """Run a program of the C tests, which must end well; return the last line that it prints."""
    done = subprocess.run(
        [PROGRAMS / program, *arguments], capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return (done.stdout.splitlines() or [""])[-1]


@fault(18, "a page cache that loses, tears and reorders what was not synced, cut at any call")
def test_power_cuts(seen):
    told = line_of("test_crash_images", "20000")
    seen(told)
    nothing = "0 with acknowledged frames lost, 0 unreadable, 0 unproven, 0 sidecars mixed"
    assert re.fullmatch(f"20000 images .*; {nothing}", told)


@fault(
    21, "the k-th call of each kind fails, for every k, once and for good: EIO, ENOSPC, EROFS, …"
)
@fault(23, "the k-th fsync fails, for every k, once and for good, on one disk or on both")
def test_every_call_of_the_disk_fails(seen):
    runs = int(line_of("test_record_faults").split()[0])
    seen(
        f"{runs:,} recordings with one fault each, no crash: each frame is in a file or dropped in "
        "the account, and none that was said to be durable is missing"
    )
    assert runs > 1000


@fault(24, "a write that does not return while 10 s of sound come in")
def test_a_disk_that_blocks(seen):
    told = line_of("test_recorder")
    seen(told)
    assert re.match(r"4\d\d+ frames waited in the ring, 0 dropped; 480000 of 480000 are ", told)
