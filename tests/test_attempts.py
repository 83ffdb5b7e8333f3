"""AttemptLog: counts, shares and durations of scripted attempts, and the lines in its file."""

import json
import os
import threading

import pytest

import vocana_dsp as vo
from vocana_dsp.control.attempts import Attempt, AttemptLog


class Clock:
    def __init__(self):
        self.now_s = 7.0

    def __call__(self):
        return self.now_s


def script(log, clock):
    """A recovery that works, one that does not, and one of another kind that works."""
    for trigger, takes_s, error in (
        ("device_lost", 2.0, None),
        ("device_lost", 5.0, vo.DeviceError("gone", code="unplugged")),
        ("silence", 0.5, None),
    ):
        try:
            with log.attempt(trigger):
                clock.now_s += takes_s
                if error:
                    raise error
        except vo.DeviceError as raised:
            assert raised is error  # noqa: PT017 - what a block raises goes on as it is


def test_three_scripted_recoveries(tmp_path):  # L6
    clock = Clock()
    log = AttemptLog(tmp_path / "attempts.jsonl", clock=clock)
    script(log, clock)
    assert repr(log) == "<AttemptLog of 3 attempts, 2 succeeded>"
    stats = log.stats
    assert (stats.attempts, stats.succeeded, stats.unwritten) == (3, 2, 0)
    assert stats.success_ratio == 2 / 3
    assert stats.mean_duration_s == 2.5
    assert stats.triggers == {"device_lost": 2, "silence": 1}
    assert stats.errors == {"unplugged": 1}
    assert log.attempts == [
        Attempt("device_lost", 7.0, 2.0, None),
        Attempt("device_lost", 9.0, 5.0, "unplugged"),
        Attempt("silence", 14.0, 0.5, None),
    ]


def test_every_attempt_is_a_line_of_json(tmp_path):  # L6
    clock, path = Clock(), tmp_path / "attempts.jsonl"
    for _ in range(2):
        script(AttemptLog(path, clock=clock), clock)
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert len(lines) == 6
    assert lines[1] == {
        "trigger": "device_lost",
        "time_s": 9.0,
        "duration_s": 5.0,
        "error": "unplugged",
    }
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_file_that_cannot_be_written_harms_no_attempt(tmp_path):  # faults 19, 49
    clock = Clock()
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    for path in ("/dev/full", tmp_path / "nowhere" / "log", tmp_path / "link", tmp_path):
        log = AttemptLog(path, clock=clock)
        script(log, clock)
        assert (log.stats.attempts, log.stats.unwritten) == (3, 3)
    assert not (tmp_path / "elsewhere").exists()


def test_a_pipe_that_nobody_reads_holds_nothing_up(tmp_path):  # faults 24
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    log = AttemptLog(pipe)
    with log.attempt("lost"):
        pass
    assert (log.stats.attempts, log.stats.unwritten) == (1, 1)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    with log.attempt("lost"):
        pass
    assert json.loads(os.read(reader, 1000))["trigger"] == "lost"
    os.close(reader)


def test_before_the_first_attempt():
    stats = AttemptLog().stats
    assert (stats.attempts, stats.success_ratio, stats.mean_duration_s) == (0, 1.0, 0.0)


def test_an_interrupt_is_a_failure_too():
    log = AttemptLog()
    with pytest.raises(KeyboardInterrupt), log.attempt("device_lost"):
        raise KeyboardInterrupt
    assert log.stats.errors == {"KeyboardInterrupt": 1}


def test_only_the_last_are_held_and_all_are_counted_by_many_threads():  # L6
    log = AttemptLog(kept=5)

    def work():
        for _ in range(200):
            with log.attempt("planted"):
                pass

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert (log.stats.attempts, log.stats.succeeded, len(log.attempts)) == (1600, 1600, 5)
    with pytest.raises(vo.ConfigError, match="kept is 0"):
        AttemptLog(kept=0)
