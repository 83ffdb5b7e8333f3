"""What a device may send: xruns, NaN, denormals, samples out of range."""

import numpy as np
import pytest
from child import run_ok
from hand_device import HandDevice

import vocana_dsp as vo
from vocana_dsp.testing import SimulatedDevice, Stall

fault = pytest.mark.fault
RATE = 48_000


@fault(6, "1000 stalls of 2 ms on the device's side, each flagged as an overflow of its input")
def test_xruns_are_counted_beside_overflows(seen):
    script = [Stall(4_800 * (i + 1), ms=2) for i in range(1000)]
    device = SimulatedDevice(pace="lockstep", seconds=110, script=script)
    with vo.Capture(device) as mic:
        frames = sum(map(len, mic))
        stats, gaps = mic.stats, mic.gaps
    lost = {gap.frames for gap in gaps}
    seen(
        f"{stats.xruns} xruns, {len(gaps)} gaps of {', '.join(map(str, lost))} frames, "
        f"{stats.overflows} overflows; the stream went on to frame {stats.captured:,}"
    )
    assert (stats.xruns, len(gaps), lost, stats.overflows) == (1000, 1000, {96}, 0)
    assert stats.captured == frames + stats.dropped == 110 * RATE


@fault(30, "NaN and infinities in 1 of 100 samples, through a chain with memory")
def test_nothing_but_numbers_comes_out(seen):
    drawn = np.random.default_rng(30)
    sound = drawn.standard_normal((10 * RATE, 2)).astype(np.float32) / 10
    bad = drawn.random(sound.shape) < 0.01
    sound[bad] = drawn.choice(np.float32([np.nan, np.inf, -np.inf]), bad.sum())
    sound[-RATE:] = 0.1
    chain = vo.Chain([vo.HighPass(80), vo.Compressor(-20, ratio=3), vo.Limiter(-1)])
    with vo.Capture(SimulatedDevice(sound, pace="lockstep"), chain=chain) as mic:
        heard = np.concatenate([block.data for block in mic])
        stats = mic.stats
    planted = bad[:-RATE].sum(axis=0)
    seen(
        f"{stats.input.nonfinite_by_channel} counted of {tuple(map(int, planted))} by channel; "
        f"{np.count_nonzero(~np.isfinite(heard))} of {heard.size:,} samples that came out are none"
    )
    assert stats.input.nonfinite_by_channel == tuple(planted)
    assert np.isfinite(heard).all()
    assert np.abs(heard[-480:]).max() < 0.01  # a constant dies away: no filter is poisoned


@fault(31, "the package is imported and a capture runs; then denormals are computed with")
def test_denormals_stay_what_they_are(seen):
    told = run_ok("""
        import numpy as np
        import vocana_dsp as vo
        from vocana_dsp.testing import SimulatedDevice
        sound = np.full((48_000, 1), 1e-40, np.float32)
        device = SimulatedDevice(sound, pace="lockstep")
        with vo.Capture(device, chain=vo.Chain([vo.LowPass(1000)])) as mic:
            half = [float(np.float32(1e-38) * np.float32(0.5)) for _ in mic]
            print(mic.stats.input.denormal, sum(x != 0 for x in half), len(half))
        print(np.nextafter(0, 1) != 0, np.nextafter(np.float32(0), np.float32(1)) != 0)
    """)
    counted, full, looks, *after = told.split()
    seen(f"{counted} of 48000 counted at the input; {full} of {looks} products in Python in full")
    assert (counted, full, after) == ("48000", looks, ["True", "True"])


@fault(32, "every int16, the ends of int24 and int32, full scale and beyond, there and back")
def test_full_scale_never_wraps(seen):
    every = np.arange(-(2**15), 2**15, dtype=np.int16)
    wrong = int(np.count_nonzero(vo.pcm.from_float(vo.pcm.to_float(every)) != every))
    beyond = np.float32([-2, -1, 1, 2])
    ends = {bits: vo.pcm.from_float(beyond, bits) for bits in (16, 24, 32)}
    back = {bits: vo.pcm.to_float(found).tolist() for bits, found in ends.items()}
    device = HandDevice()
    with vo.Capture(device, input=vo.InputPolicy(limit=1.0)) as mic:
        device.play(np.repeat(beyond, 100)[:, None])
        over, kept = mic.stats.input.over, mic.read(400).data[:, 0]
    seen(
        f"{wrong} of 65,536 values differ; -2, -1, 1, 2 become {', '.join(map(str, ends[16]))} and "
        f"alike in 24 and 32 bits; {over} of 200 samples beyond full scale counted, none changed"
    )
    assert (wrong, over) == (0, 200)
    for bits, values in back.items():
        assert values == [-1, -1, *[float(np.float32(1 - 2.0 ** (1 - bits)))] * 2]
    np.testing.assert_array_equal(kept, np.repeat(beyond, 100))


@fault(5, "19 stalls of the device, 5 to 280 ms long, and a stop in the middle of a block")
def test_glitches_are_counted_exactly(seen):
    stalls_ms = [5, 20, 149, 150, 151, 280, *range(7, 20)]
    script = [Stall(48_000 * (i + 1), ms=ms) for i, ms in enumerate(stalls_ms)]
    device = SimulatedDevice(pace="lockstep", seconds=21, script=script)
    with vo.Capture(device) as mic:
        frames = sum(map(len, mic))
        stats, gaps = mic.stats, mic.gaps
    lengths_ms = [gap.frames / 48 for gap in gaps]
    with vo.Capture(SimulatedDevice(block_frames=4800)) as cut:
        cut.read(100)
        cut.stop()
        teardown = cut.stats.dropped
    seen(
        f"{len(gaps)} gaps, {stats.dropped:,} frames, {stats.dropped / stats.captured:.2%}, "
        f"the longest {max(lengths_ms):g} ms, {sum(ms >= 150 for ms in lengths_ms)} of 150 ms or "
        f"more; {teardown} frames by the stop"
    )
    assert lengths_ms == stalls_ms
    assert frames + stats.dropped == stats.captured
    assert teardown == 0
