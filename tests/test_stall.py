"""StallWatch: what stands still is told in time, what is slow or asleep is not."""

import queue
import threading

import pytest
from hand_device import HandDevice
from hypothesis import given
from hypothesis import strategies as st

import vocana_dsp as vo
from vocana_dsp.control.stall import StallEvent, StallWatch


class Clock:
    def __init__(self):
        self.now_s = 30.0

    def __call__(self):
        return self.now_s


class Stage:
    def __init__(self):
        self.count = 0

    def __call__(self):
        return self.count


@given(st.floats(0.5, 1000), st.floats(0, 1), st.integers(0, 20))
def test_a_stall_is_told_within_its_time_and_not_at_once(within_s, part, looks):  # N16, fault 12
    clock, stage = Clock(), Stage()
    watch = StallWatch({"stage": stage}, within_s=within_s, clock=clock)
    for _ in range(looks):
        stage.count += 1
        clock.now_s += watch.period_s
        assert watch.check() == []
    stage.count += 1
    stopped_s = clock.now_s + part * watch.period_s  # between two looks
    events = []
    while not events:
        clock.now_s += watch.period_s
        events = watch.check()
    assert events == [StallEvent("stage", True, looks + 1, clock.now_s)]
    assert 2 * watch.period_s <= clock.now_s - stopped_s + 1e-9
    assert clock.now_s - stopped_s <= within_s * (1 + 1e-9)
    assert watch.check() == [], "told once"


def run(watch, clock, stage, moves):
    """Look once for each letter, m: moved, s: stood still; what was told after each."""
    told = []
    for move in moves:
        stage.count += move == "m"
        clock.now_s += watch.period_s
        told += ["S" if event.stalled else "R" for event in watch.check()] or ["."]
    return "".join(told)


@pytest.mark.parametrize(
    ("moves", "told"),
    [
        ("mmmmmmmmm", "........."),
        ("mssmssmss", "........."),  # slow
        ("msss", "...S"),
        ("mssssssss", "...S....."),
        ("msssmmm", "...S..R"),
        ("msssmmsmmsmmm", "...S........R"),  # three good ones in a row
        ("msssmmmsss", "...S..R..S"),
    ],
)
def test_stalls_and_recoveries_take_three_looks(moves, told):  # fault 12
    clock, stage = Clock(), Stage()
    watch = StallWatch({"stage": stage}, clock=clock)
    assert run(watch, clock, stage, moves) == told
    assert watch.stalled == ["stage"] * (told.rfind("S") > told.rfind("R"))


@pytest.mark.fault(12, "the machine sleeps between looks at a thread; then the thread hangs")
def test_a_look_that_comes_late_says_nothing(seen):  # N16
    """The machine slept for an hour between any two looks."""
    clock, stage = Clock(), Stage()
    watch = StallWatch({"stage": stage}, clock=clock)
    for _ in range(50):
        clock.now_s += watch.period_s + 1.001
        assert watch.check() == []
    for late_s in (0.999, 0.5, 0.0):
        assert watch.stalled == []
        clock.now_s += watch.period_s + late_s
        watch.check()
    assert watch.stalled == ["stage"], "these three were not too late"
    seen("50 late looks, 0 false alarms; told at the third look on time")


def test_one_who_has_nothing_to_do_is_not_stalled():  # N16
    clock, work = Clock(), [None]
    watch = StallWatch({"stage": lambda: work[0]}, clock=clock)

    def looks(n):
        found = []
        for _ in range(n):
            clock.now_s += watch.period_s
            found += [event.stalled for event in watch.check()]
        return found

    assert looks(10) == []
    work[0] = 0
    assert looks(3) == [True]
    work[0] = None
    assert looks(3) == [False]


def test_each_stage_is_told_by_name():  # N16
    clock = Clock()
    stages = {name: Stage() for name in ("capture", "recorder", "meter")}
    watch = StallWatch(stages, clock=clock)
    for _ in range(6):
        stages["capture"].count += 1
        stages["meter"].count += 1
        clock.now_s += watch.period_s
        watch.check()
    assert watch.stalled == ["recorder"]


def test_what_a_stage_or_a_listener_raises_is_kept_and_harms_no_other():
    clock = Clock()

    def broken():
        raise vo.StreamClosed("closed")

    def tell(event):
        raise ValueError(event.stage)

    watch = StallWatch({"broken": broken, "still": Stage()}, tell=tell, clock=clock)
    for _ in range(3):
        clock.now_s += watch.period_s
        watch.check()
    assert watch.stalled == ["still"]
    assert [str(error.args[0]) for error in watch.errors] == ["closed"] * 3 + ["still"]


def test_a_callback_that_hangs_is_named_while_others_lose_nothing(tmp_path):  # fault 34
    """The watch runs in real time here, fast; when it looks does not matter to the outcome."""
    devices = [HandDevice(), HandDevice()]
    hang, told = threading.Event(), threading.Event()
    inside, read = [], [0]

    def user_callback_that_hangs():
        inside.append(1)
        assert hang.wait(60)
        inside.clear()

    def tell(event):
        if event.stage == "callback" and event.stalled:
            told.set()

    def consume(mic):
        mic.read(480)
        user_callback_that_hangs()

    stages = {
        "callback": lambda: 0 if inside else None,
        "other": lambda: read[0],
    }
    stacks = tmp_path / "stacks"
    with vo.Capture(devices[0]) as mic, vo.Capture(devices[1]) as other:
        hanging = threading.Thread(target=consume, args=(mic,))
        hanging.start()
        with StallWatch(stages, within_s=0.2, tell=tell, dump=stacks):
            while not told.is_set():
                for device in devices:
                    device.play(480)
                read[0] += len(other.read(480))
        hang.set()
        hanging.join(60)
        assert other.stats.dropped == 0
        assert read[0] == other.stats.captured
    assert "in user_callback_that_hangs" in stacks.read_text()
    assert "callback stands at 0\n" in stacks.read_text()
    assert stacks.stat().st_mode & 0o777 == 0o600


def test_stacks_are_written_through_no_link(tmp_path):  # fault 49
    clock = Clock()
    link = tmp_path / "stacks"
    link.symlink_to(tmp_path / "elsewhere")
    watch = StallWatch({"stage": Stage()}, dump=link, clock=clock)
    for _ in range(3):
        clock.now_s += watch.period_s
        watch.check()
    assert watch.stalled == ["stage"]
    assert isinstance(watch.errors[0], OSError)
    assert not (tmp_path / "elsewhere").exists()


def test_a_watch_may_be_closed_twice_and_by_its_listener():
    ended = threading.Event()

    def tell(event):
        watch.close()
        ended.set()

    watch = StallWatch({"stage": Stage()}, within_s=0.02, tell=tell)
    watch.start()
    watch.start()
    assert ended.wait(60)
    watch.close()
    watch.close()


def test_a_watch_that_was_closed_looks_again_when_it_is_started():  # N16, fault 34
    told = queue.SimpleQueue()
    watch = StallWatch({"stage": Stage()}, within_s=0.2, tell=told.put)
    with watch:
        pass
    with watch:
        assert told.get(timeout=60).stalled


def test_looks_before_a_start_count_for_nothing_after_it():  # N16
    clock = Clock()
    watch = StallWatch({"stage": Stage()}, within_s=1e6, clock=clock)
    for _ in range(2):
        clock.now_s += watch.period_s
        assert watch.check() == []
    with watch:
        clock.now_s += watch.period_s
        assert watch.check() == []


def test_no_time_is_refused():
    with pytest.raises(vo.ConfigError, match="within_s is 0, expected more than 0 s"):
        StallWatch({}, within_s=0)
