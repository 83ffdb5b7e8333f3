"""A JACK server or card fails under a capture that recovers and a recording of it: both go on.

What "exact" means here. The gap is the time from the end of the last callback to the begin of the
first block of the next device, on the monotonic clock; the file holds as much silence, to the
frame. Where the card lives on, its own counter tells how many frames went by. The gap may be that
number less what a callback was late by, and it may be more by as long as a server of JACK that
waits for its clients stands still when one leaves or joins.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from counting import breaks, connected
from server import HANG_S

import vocana_dsp as vo

pytestmark = pytest.mark.jack

CARD = vo.Device("VocanaCard", isolate=True)
RATE = 48_000
LATE_FRAMES = 2400  # of a callback, on a busy machine
STILL_FRAMES = 24_000  # of a server whose client joins, on a busy machine


@pytest.fixture(autouse=True)
def here(studio: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Child processes find the server of the test. This process is no client of it."""
    for name, value in studio.server.environment.items():
        monkeypatch.setenv(name, value)


class Scene:
    """A recorded capture of the card, in which one thing fails after half a second of sound."""

    def __init__(self, file: Path, policy: vo.Recovery, fallback: list[Any]) -> None:
        self.file = file
        self.policy = policy
        self.mic = vo.Capture(
            CARD, channels=2, ring_ms=60_000.0, recovery=policy, fallback=fallback
        )
        self.recorder = vo.Recorder(file, self.mic)

    def play(self, fault: Callable[[], object], state: str) -> None:
        """Let it happen, wait for the state that follows a recovery, and hear half a second."""
        with self.recorder, self.mic:
            self.wait(lambda: self.mic.stats.captured >= RATE // 2)
            self.pid = self.mic._path.session.player.pid  # type: ignore[union-attr]
            fault()
            self.wait(lambda: self.mic.state == "recovering")
            self.wait(lambda: self.mic.state == state)
            heard = self.mic.stats.captured
            self.wait(lambda: self.mic.stats.captured >= heard + RATE // 2)
            begun = time.monotonic()
            self.mic.stop()
            self.stop_s = time.monotonic() - begun
            self.data = np.concatenate([block.data for block in self.mic])
            assert self.recorder.wait(60.0)
        self.gap = self.checked()

    def wait(self, condition: Callable[[], object]) -> None:
        end = time.monotonic() + 90.0
        while not condition():
            assert time.monotonic() < end, self.mic.state
            time.sleep(0.005)

    def checked(self) -> vo.Gap:
        """Return the only gap, once everything that holds for any fault has been checked."""
        stats, (gap,) = self.mic.stats, self.mic.gaps
        assert gap.cause == "device"
        assert stats.captured == stats.delivered + stats.dropped + stats.queued
        assert stats.dropped == gap.frames
        assert len(self.data) == stats.delivered
        written = soundfile.read(self.file, dtype="float32")[0]
        silence = np.zeros((gap.frames, 2), np.float32)
        whole = np.concatenate([self.data[: gap.frame], silence, self.data[gap.frame :]])
        np.testing.assert_array_equal(written, whole)
        assert self.recorder.stats.frames_durable == stats.captured
        assert self.stop_s < HANG_S
        assert self.recovery_s < self.policy.deadline_s + HANG_S
        with pytest.raises(ProcessLookupError):
            os.kill(self.pid, 0)
        return gap

    @property
    def recovery_s(self) -> float:
        """Seconds from the fault, as it was found, to the first block after it."""
        times = {change.target: change.time_s for change in self.mic.transitions[:4]}
        begun = times["recovering"]
        return min(s for s in times.values() if s > begun) - begun

    def around_gap(self) -> tuple[int, int]:
        """Return what the card's counter lost there, and how often it jumped elsewhere."""
        before, after = connected(self.data[: self.gap.frame]), self.data[self.gap.frame :]
        heard = connected(after)
        silent = len(after) - len(heard)
        lost = int(heard[0, 0] - before[-1, 0]) - 1 - silent
        return lost, breaks(before) + breaks(heard)


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Callable[..., Scene]]:
    scenes = []

    def make(
        fallback: list[Any] | None = None, silence_s: float | None = None, **policy: Any
    ) -> Scene:
        policy = {"attempts": 20, "settle_ms": 50, "deadline_s": 60.0, "delay_ms": 100} | policy
        recovery = vo.Recovery(stall_s=0.5, silence_s=silence_s, **policy)
        scenes.append(Scene(tmp_path / "meeting.wav", recovery, fallback or []))
        return scenes[-1]

    yield make
    for made in scenes:
        made.mic.close()
        made.recorder.close()


@pytest.mark.fault(9, "the process of a recorded JACK device is killed; the card plays on")
def test_a_killed_process_costs_what_the_card_has_counted(scene: Any, seen: Any) -> None:
    one = scene()
    one.play(lambda: os.kill(one.pid, 9), "running")
    lost, jumps = one.around_gap()
    assert jumps == 0
    assert lost - LATE_FRAMES < one.gap.frames < lost + STILL_FRAMES
    seen(
        f"back after {one.recovery_s:.2f} s; the gap is {one.gap.frames} frames by the clock, "
        f"{lost} by the card's counter; the file holds it as silence, to the frame"
    )


@pytest.mark.fault(9, "the JACK server of a recorded capture is killed, and started again")
def test_a_killed_server_that_comes_back(scene: Any, studio: Any, seen: Any) -> None:
    def fault() -> None:
        studio.server.kill()
        studio.server.restart()
        studio.server.card("VocanaCard", 2)

    one = scene()
    one.play(fault, "running")
    _, jumps = one.around_gap()
    assert jumps == 0
    seen(f"back after {one.recovery_s:.2f} s, with one gap of {one.gap.frames} frames")


@pytest.mark.fault(11, "the JACK server of a recorded capture is stopped (SIGSTOP) for good")
def test_a_server_that_stands_still_gives_way_to_a_fallback(
    scene: Any, studio: Any, seen: Any
) -> None:
    one = scene([vo.Tone(440, channels=2)], deadline_s=4.0)
    one.play(studio.server.pause, "degraded")
    seen(f"on the fallback after {one.recovery_s:.2f} s of 4, stop() took {one.stop_s:.2f} s")


@pytest.mark.fault(
    9, "the card of a recorded capture is unplugged: JACK gives zeros; it comes back"
)
def test_a_card_that_is_unplugged_and_comes_back(scene: Any, studio: Any, seen: Any) -> None:
    def fault() -> None:
        studio.card.kill()
        one.wait(lambda: one.mic.state == "recovering")
        studio.server.card("VocanaCard", 2)

    one = scene(silence_s=0.3)
    one.play(fault, "running")
    seen(f"back after {one.recovery_s:.2f} s, with one gap of {one.gap.frames} frames")


@pytest.mark.fault(9, "one of two JACK captures is killed and recovers")
def test_the_other_streams_of_the_process_live_on(scene: Any, seen: Any) -> None:
    with vo.Capture(CARD, channels=2, ring_ms=60_000.0) as other:
        one = scene()
        one.play(lambda: os.kill(one.pid, 9), "running")
        other.stop()
        data = np.concatenate([block.data for block in other])
    assert breaks(connected(data)) == 0
    assert other.stats.dropped == 0
    seen(f"0 of {len(data):,} frames of the other one lost")


@pytest.mark.fault(10, "the JACK server of a capture that is not isolated is killed and restarted")
def test_a_capture_in_this_process_goes_on_in_another(studio: Any, seen: Any) -> None:
    with studio.child("""
import vocana_dsp as vo
policy = vo.Recovery(attempts=20, settle_ms=50, deadline_s=60, delay_ms=100, stall_s=0.5)
with vo.Capture(vo.Device("VocanaCard"), channels=2, recovery=policy) as mic:
    mic.read(4800)
    tell(running=True)
    while not mic.read(480).gap:
        pass
    mic.read(48_000)
    _, stop_s = timed(mic.stop)
    tell(state=mic.state, gaps=len(mic.gaps), stop_s=stop_s,
         isolated=type(mic._path.session.player).__name__, abandoned=portaudio.abandoned_streams())
sys.exit(7)
""") as child:
        assert child.hear() == {"running": True}
        studio.server.kill()
        studio.server.restart()
        studio.server.card("VocanaCard", 2)
        told = child.hear()
        assert child.end() == 7
    stop_s = told.pop("stop_s")
    assert stop_s < HANG_S
    assert told == {"state": "stopped", "gaps": 1, "isolated": "IsolatedPlayer", "abandoned": 1}
    seen(f"captured on from a child process; stop() took {stop_s:.2f} s; exit status 7, as asked")
