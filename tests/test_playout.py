"""What a consumer with a clock of its own gets: on a virtual clock, and beside a real capture."""

import threading
import tracemalloc

import numpy as np
import pytest
from playout_line import USUAL, Line

import vocana_dsp as vo
from vocana_dsp._native.playout import LATENCY_FRAMES
from vocana_dsp._native.playout import Playout as Native
from vocana_dsp.capture.playout import config_of
from vocana_dsp.testing import SimulatedDevice

# --- A virtual clock ---------------------------------------------------------------------------


def drifting(ppm: float, seconds: float, **policy: float) -> tuple[float, Line]:
    """How far the fill was from its target, in ms, after the first 10 s."""
    line = Line(ppm=ppm, policy={"min_ms": 20.0, **policy})
    line.play(10)
    farthest = 0.0
    while line.now < seconds * line.rate:
        line.play(0.5)
        farthest = max(farthest, abs(line.stats.fill_ms - line.stats.target_ms))
    return farthest, line


@pytest.mark.fault(15, "300 s on a virtual clock, of a source whose clock is up to 1000 ppm off")
@pytest.mark.parametrize("ppm", [1000, -1000, 100, -100])
def test_drift_is_followed_without_a_loss(ppm, seen):  # B19
    farthest, line = drifting(ppm, 300)
    stats = line.stats
    seen(
        f"{ppm} ppm: resampled by {stats.ratio_ppm:.0f} ppm, at most {farthest:.1f} ms from the "
        f"target after 10 s; {stats.skips} skips, {stats.lost} lost, {stats.concealments} gaps"
    )
    assert farthest < 2
    assert stats.ratio_ppm == pytest.approx(-ppm, abs=20)  # a fill is seen to 1 frame in 10 ms
    assert (stats.skips, stats.lost, stats.concealments) == (0, 0, 0)


def test_an_hour_of_drift_is_followed():  # B19
    farthest, line = drifting(100, 3600)
    assert farthest < 10
    assert (line.stats.skips, line.stats.lost, line.stats.concealments) == (0, 0, 0)


@pytest.mark.parametrize("ppm", [1000, -1000])
def test_without_steering_drift_is_reported(ppm):
    """The control: the same line with a ratio of 1 skips or runs dry."""
    _, line = drifting(ppm, 300, max_ppm=0)
    assert line.stats.ratio_ppm == 0
    assert line.stats.skips + line.stats.underruns > 2


@pytest.mark.fault(3, "a source that sends nothing for 10 s, and then all of it at once")
def test_a_freeze_of_ten_seconds_adds_no_latency(seen):
    line = Line(ppm=50)
    line.play(20)
    line.freeze(10)
    line.play(1)
    stats = line.stats
    seen(
        f"{stats.fill_ms:.0f} ms queued a second later, target {stats.target_ms:.0f} ms; "
        f"{stats.skipped:,} frames skipped, {stats.interruptions} interruption of "
        f"{stats.longest_ms:,.0f} ms"
    )
    assert stats.fill_ms <= stats.target_ms + 10
    assert (stats.concealments, stats.underruns, stats.interruptions) == (1, 1, 1)  # fault 5
    assert stats.longest_ms == pytest.approx(10_000, abs=100)
    assert stats.skipped == line.sent - stats.taken - line.native.account()[3] - stats.lost


@pytest.mark.fault(8, "four underruns, then a calm minute; blocks of 10 ms, 40 ms at most")
def test_an_underrun_raises_the_target_by_a_block_up_to_the_most(seen):
    line = Line(policy={"max_ms": 40.0})
    line.play(5)
    first_ms = line.stats.target_ms
    for raised in (30, 40, 40, 40):
        line.freeze(1)
        line.play(4)
        assert line.stats.target_ms == raised
    line.play(50)
    assert line.stats.target_ms == 40
    line.play(20)
    last_ms = line.stats.target_ms
    seen(f"target {first_ms:g}, 30, 40, 40, 40 ms; 40 ms for 54 s, {last_ms:g} ms after 74 s")
    assert last_ms < 40


@pytest.mark.fault(4, "19 gaps of 5 to 95 ms in what is played")
def test_nineteen_gaps_are_nineteen_concealments(seen):
    line = Line()
    for gap in range(19):
        line.play(2)
        line.native.lose(40 * (gap + 1))
        line.sent += 40 * (gap + 1)
    line.play(2)
    seen(f"{line.stats.concealments} concealments, {line.stats.lost:,} frames lost")
    assert line.stats.concealments == 19
    assert line.stats.lost == sum(40 * (gap + 1) for gap in range(19))


def test_pulls_allocate_nothing_that_stays():  # B20
    line = Line()
    line.play(10)
    tracemalloc.start()
    line.play(2)
    before, _ = tracemalloc.get_traced_memory()
    line.play(10)
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert after - before < 1000


# --- Beside a capture --------------------------------------------------------------------------


def test_a_reader_and_a_playout_hear_the_same():
    """Neither takes anything from the other, and both tell the frames of one timeline."""
    signal = np.sin(np.arange(24_000) / 20).astype(np.float32)
    with vo.Capture(SimulatedDevice(signal)) as mic, vo.Playout(mic) as out:
        read = np.concatenate([block.data for block in mic])
        heard = out.pull(36_000)
    assert np.array_equal(read[:, 0], signal)
    assert (heard.frame, heard.played, heard.concealed, heard.silent) == (0, 24_000, 0, 12_000)
    after_the_fade = signal[240 : 24_000 - LATENCY_FRAMES]
    np.testing.assert_allclose(
        heard.data[240 + LATENCY_FRAMES : 24_000, 0], after_the_fade, atol=1e-6
    )
    assert not heard.data[24_000 + LATENCY_FRAMES + 3_840 + 64 :].any()  # it has died away
    assert out.stats.played == heard.played
    assert mic.stats.dropped == 0


def test_a_playout_may_come_late_and_go_early():
    with vo.Capture(SimulatedDevice(channels=2)) as mic:
        assert len(mic.read(4800)) == 4800
        out = vo.Playout(mic)
        mic.read(4800)
        block = out.pull(2400)
        assert block.data.shape == (2400, 2)
        assert block.played > 0
        assert out.pull(10).frame >= 4800  # of the capture's timeline
        out.close()
        out.close()
        assert len(mic.read(4800)) == 4800
        assert out.stats.pulled == 2410
        with pytest.raises(vo.StreamClosed):
            out.pull(10)
        with pytest.raises(vo.StreamClosed):
            out.start()


def test_a_closed_capture_leaves_silence():
    with vo.Capture(SimulatedDevice("silence")) as mic:
        out = vo.Playout(mic)
        mic.read(4800)
    out.pull(48_000)
    block = out.pull(4800)
    assert (block.silent, block.concealed) == (4800, 0)
    out.close()


def test_what_a_chain_gives_is_heard():
    with (
        vo.Capture(
            SimulatedDevice("silence", channels=2), rate=16_000, channels=1, chain=vo.Chain([])
        ) as mic,
        vo.Playout(mic) as out,
    ):
        mic.read(4800)
        block = out.pull(1600)
        assert (out.rate, block.data.shape) == (16_000, (1600, 1))
        assert block.played > 0


def test_a_callback_s_array_is_filled():
    with vo.Capture(SimulatedDevice("silence", channels=2)) as mic, vo.Playout(mic) as out:
        data = np.full((480, 2), np.nan, np.float32)
        block = out.pull_into(data)
        assert block.data is data
        assert np.isfinite(data).all()
        assert "PlayoutBlock" in repr(block)
        assert "Playout of 20 ms" in repr(out)


def test_stats_hold_while_another_thread_pulls():
    with vo.Capture(SimulatedDevice("silence")) as mic, vo.Playout(mic) as out:
        done = threading.Event()

        def pull():
            while not done.is_set():
                out.pull(160)

        thread = threading.Thread(target=pull)
        thread.start()
        try:
            for _ in range(2000):
                stats = out.stats
                assert stats.pulled == stats.played + stats.concealed + stats.silent
        finally:
            done.set()
            thread.join()


# --- What is refused ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("policy", "named"),
    [
        ({"block_ms": 0}, "block_ms"),
        ({"block_ms": 1e9}, "block_ms is 1000000000.0, expected up to 3600000 ms"),
        ({"max_ms": 3_600_001, "limit_ms": 1e7}, "max_ms"),
        ({"limit_ms": 1e12}, "limit_ms"),
        ({"min_ms": 30}, "min_ms"),
        ({"target_ms": 300}, "target_ms"),
        ({"max_ms": 501}, "max_ms"),
        ({"limit_ms": float("nan")}, "limit_ms"),
        ({"calm_s": -1}, "calm_s"),
        ({"max_ppm": 10_001}, "max_ppm"),
        ({"max_ppm": "1"}, "max_ppm"),
    ],
)
def test_a_bad_policy_is_named(policy, named):  # E9
    with vo.Capture(SimulatedDevice("silence")) as mic:
        with pytest.raises(vo.ConfigError, match=named):
            vo.Playout(mic, **policy)
        vo.Playout(mic).close()  # and nothing was left attached


def test_what_is_no_capture_or_no_array_is_named():
    with pytest.raises(vo.ConfigError, match="capture is 'mic'"):
        vo.Playout("mic")
    with vo.Capture(SimulatedDevice("silence", channels=2)) as mic, vo.Playout(mic) as out:
        with pytest.raises(vo.ConfigError, match="frames is 0"):
            out.pull(0)
        with pytest.raises(vo.ConfigError, match="shape"):
            out.pull_into(np.empty((480, 1), np.float32))
        with pytest.raises(TypeError):
            out.pull_into([0.0])
    with pytest.raises(vo.ConfigError, match="a playout of 0 channels"):
        Native({**config_of(48_000, 1, **USUAL), "channels": 0})


def test_more_consumers_than_a_stream_can_feed_are_refused():
    with vo.Capture(SimulatedDevice("silence")) as mic:
        playouts = [vo.Playout(mic) for _ in range(7)]
        with pytest.raises(vo.VocanaError):
            vo.Playout(mic)
        for playout in playouts:
            playout.close()
        vo.Playout(mic).close()
