"""Consumers that are slow, stand still, raise or never come: nothing is lost without an account."""

import ctypes
import threading
import time

import numpy as np
import pytest
from hand_device import HandDevice
from readings import drain, kinds

import vocana_dsp as vo
from vocana_dsp.testing import PythonCallback, SimulatedDevice

fault = pytest.mark.fault


def closes(stats):
    return stats.captured == stats.delivered + stats.dropped + stats.queued


@fault(1, "a device without a clock, a reader that cannot keep up, both in threads of their own")
def test_the_account_closes_at_every_query(seen):
    device = SimulatedDevice(pace="flatout", seconds=1000, block_frames=480)
    queries, wrong, blocks = 0, 0, []
    with vo.Capture(device, ring_ms=200) as mic:
        reader = threading.Thread(target=lambda: [blocks.append(len(b)) for b in mic])
        reader.start()
        while reader.is_alive():
            stats = mic.stats
            queries, wrong = queries + 1, wrong + (not closes(stats))
        stats = mic.stats
    seen(
        f"{stats.captured:,} frames = {stats.delivered:,} delivered + {stats.dropped:,} dropped; "
        f"{queries:,} queries meanwhile, {wrong} that do not add up"
    )
    assert (stats.captured, wrong) == (48_000_000, 0)
    assert stats.dropped > 0
    assert stats.queued == 0
    assert sum(blocks) == stats.delivered
    assert sum(gap.frames for gap in mic.gaps) == stats.dropped


@fault(2, "a reader of a ring of 2 s stands still for 10 s of the device's time")
def test_a_stall_is_one_gap_of_exact_length(seen):
    device = HandDevice()
    with vo.Capture(device) as mic:
        device.play_blocks(1000, 480)
        drain(mic)
        device.play(480)
        block = mic.read(480)
    seen(
        f"1 gap of {block.gap:,} frames at frame {mic.gaps[0].frame:,}, 384,000 at 96,000 expected"
    )
    assert mic.gaps == [vo.Gap(96_000, 384_000, "overflow")]
    assert (block.frame, block.gap) == (480_000, 384_000)


@fault(3, "a reader that stalls for 1.5 s, under the policy skip with a target of 20 ms")
def test_latency_comes_back(seen):
    device = HandDevice()
    overflow = vo.Overflow("skip", target_ms=20, high_water_ms=60)
    with vo.Capture(device, overflow=overflow) as mic:
        device.play_blocks(150, 480)
        high_ms = mic.stats.latency_ms
        reads = 0
        while mic.stats.queued > 1440:
            mic.read(480, timeout=0)
            device.play(480)
            reads += 1
        stats = mic.stats
        skipped = sum(value for _, _, value in kinds(mic.events(), "skipped"))
    seen(
        f"{high_ms:.0f} ms behind, {stats.latency_ms:.0f} ms after {reads * 10} ms of audio; "
        f"{skipped:,} frames skipped, {stats.dropped:,} in the account"
    )
    assert reads <= 100
    assert skipped == stats.dropped > 60_000


@fault(16, "a capture that nobody reads for an hour of the device's time")
def test_a_ring_never_grows(seen):
    device = SimulatedDevice(pace="flatout", seconds=3600, block_frames=4800)
    with vo.Capture(device, ring_ms=500) as mic:
        mic.start()
        most = 0
        while mic.state == "running":
            most = max(most, mic.stats.queued)
            time.sleep(0.01)
        stats = mic.stats
        gaps = mic.gaps
    seen(f"at most {most:,} of 24,000 frames queued; the rest is 1 gap of {stats.dropped:,} frames")
    assert most <= 24_000
    assert (len(gaps), gaps[0].frames) == (1, stats.dropped)
    assert stats.captured == 172_800_000


@fault(35, "a ring that stays full while the device goes on for 20 s")
def test_the_breaker_opens_and_closes(seen):
    device = HandDevice()
    with vo.Capture(device, ring_ms=100) as mic:
        device.play_blocks(10, 480)
        device.play_blocks(2000, 480)
        opened = kinds(mic.events(), "breaker_open")
        drain(mic)
        device.play_blocks(2, 480)
        state = mic.stats.breaker_state
    rests = [value / 48 for _, _, value in opened]
    seen(
        f"opened after 5 blocks that did not fit; rests of {', '.join(f'{ms:g}' for ms in rests)} "
        f"ms; {state} once the reader came back"
    )
    assert opened[0][0] == 4800 + 4 * 480
    assert rests[:7] == [25, 50, 100, 200, 400, 800, 1600]
    assert set(rests[7:]) == {1600}
    assert state == "closed"


@fault(33, "a callback that raises at every second of 200 blocks")
def test_a_callback_that_raises_is_counted(seen):
    calls = []

    def raises(data):
        calls.append(len(data))
        if len(calls) % 2:
            raise ValueError(f"call {len(calls)}")

    device = SimulatedDevice(seconds=2, block_frames=480)
    with PythonCallback(device, raises, periods=100) as callback, vo.Capture(device) as beside:
        frames = sum(map(len, beside))
        callback.wait()
    seen(
        f"{callback.errors} exceptions counted, {len(callback.tracebacks)} tracebacks kept, "
        f"{callback.lost} frames lost; {frames:,} of 96,000 frames in the capture beside it"
    )
    assert (callback.errors, len(callback.tracebacks)) == (100, 10)
    assert (callback.lost, frames, sum(calls)) == (0, 96_000, 96_000)


@fault(34, "a callback that never comes back, beside a capture")
def test_a_callback_that_blocks_holds_up_nobody_else(seen):
    leave = threading.Event()
    device = SimulatedDevice(seconds=3, block_frames=480)
    with vo.Capture(device) as beside:
        with PythonCallback(device, lambda data: leave.wait()) as stuck:
            frames = sum(map(len, beside))
            leave.set()
        stats = beside.stats
    seen(f"{frames:,} of 144,000 frames beside it, {stats.dropped} lost; {stuck.lost:,} lost by it")
    assert (frames, stats.dropped) == (144_000, 0)
    assert stuck.lost > 100_000


@fault(48, "5 s in a C call that holds the GIL, with a ring of 10 s; the control has one of 0.5 s")
def test_the_gil_may_be_held(seen):
    usleep = ctypes.PyDLL(None).usleep  # PyDLL, unlike CDLL, keeps the GIL
    with (
        vo.Capture(SimulatedDevice(), ring_ms=10_000) as mic,
        vo.Capture(SimulatedDevice(), ring_ms=500) as short,
    ):
        frames = [mic.read(480).data[:, 0]]
        short.read(480)
        usleep(5_000_000)
        spike = mic.stats
        mic.stop()
        frames += [block.data[:, 0] for block in mic]
        after, lost = mic.stats, short.stats.dropped
    seen(
        f"0 of {after.captured:,} frames lost, every value as it was sent; latency rose to "
        f"{spike.latency_ms:,.0f} ms; the control lost {lost:,}"
    )
    assert (after.dropped, after.queued) == (0, 0)
    np.testing.assert_array_equal(np.concatenate(frames), np.arange(after.captured))
    assert spike.latency_ms > 4_000
    assert lost > 48_000


@fault(7, "a chain that takes longer than the sound lasts, beside a capture of the same kind")
def test_a_slow_chain_costs_only_its_own_frames(seen):
    taps = np.random.default_rng(7).standard_normal(2**19).astype(np.float32) / 2**19
    second = np.zeros((48_000, 2), np.float32)
    begun = time.thread_time()
    vo.Chain([vo.Fir(taps)]).process(second, rate=48_000)
    count = int(2 / (time.thread_time() - begun)) + 1
    chain = vo.Chain([vo.Fir(taps, name=f"room {i}") for i in range(count)])
    device = SimulatedDevice(seconds=3, channels=2, block_frames=480)
    with vo.Capture(device, chain=chain) as slow, vo.Capture(device, ring_ms=4000) as beside:
        slow.start()
        frames = sum(map(len, beside))
        heard = sum(map(len, slow))
        lost = slow.stats.dropped
    seen(
        f"{count} filters of {len(taps):,} taps: {lost:,} of {slow.stats.captured:,} frames lost, "
        f"all in the account, the stream lived; {frames:,} of 144,000 beside it, "
        f"{beside.stats.dropped} lost"
    )
    assert closes(slow.stats)
    assert heard + lost == slow.stats.captured == 144_000
    assert sum(gap.frames for gap in slow.gaps) == lost > 0
    assert (frames, beside.stats.dropped) == (144_000, 0)
