"""Ten hours in virtual time: whatever streams keeps no more at the end than at the beginning."""

import gc
import os
from pathlib import Path

import numpy as np
import pytest

import vocana_dsp as vo
from vocana_dsp.testing import SimulatedDevice

RATE = 16_000
HOURS = 10
BLOCK = 480_000  # half a minute

pytestmark = pytest.mark.long


def resident():
    """Bytes of memory that are in use."""
    gc.collect()
    pages = Path("/proc/self/statm").read_text().split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


def noise():
    x = np.random.default_rng(1).normal(0, 0.1, BLOCK)
    x[BLOCK // 2 : BLOCK // 2 + RATE] = 0
    x[BLOCK // 3 :: 10_007] = 1e-40
    return x.astype(np.float32)


def chain():
    nodes = [vo.DCBlock(), vo.HighPass(80), vo.Gate(-50), vo.Compressor(-20, ratio=3)]
    return vo.Chain([*nodes, vo.Limiter(-1)])


def filters():
    sections = [[0.2, 0.4, 0.2, 1, -0.5, 0.3]]
    nodes = [vo.LowPass(7000, order=4), vo.BandPass(1000, q=0.7), vo.Notch(50), vo.Peaking(900, 6)]
    nodes += [vo.LowShelf(100, 3), vo.HighShelf(4000, -3), vo.Sos(sections)]
    return vo.Chain([*nodes, vo.Fir(np.hanning(65) / 32), vo.Meter()])


def through_chain(made):
    return lambda x: made.process(x, rate=RATE)


def there_and_back():
    stft, istft = vo.Stft(960, 480, window="vorbis"), vo.Istft(960, 480, window="vorbis")
    return lambda x: istft.process(stft.process(x))


STREAMS = {
    "filters": lambda: through_chain(filters()),
    "dynamics": lambda: through_chain(chain()),
    "resampler": lambda: vo.Resampler(RATE, 11_025).process,
    "transforms": there_and_back,
    "mel": lambda: vo.MelSpectrogram(RATE, n_fft=1024, hop=512).process,
}


@pytest.mark.parametrize("name", STREAMS)
def test_a_stream_keeps_nothing(name):  # C10 D5
    process, x = STREAMS[name](), noise()
    for _ in range(20):
        process(x)
    before = resident()
    for _ in range(int(HOURS * 3600) * RATE // BLOCK):
        y = process(x)
    assert np.isfinite(y).all()
    assert resident() - before < 5e6


def test_what_is_kept_would_be_seen():
    """The control: half an hour's blocks, more than what earlier tests have freed could hold."""
    process, x, kept = through_chain(chain()), noise(), []
    before = resident()
    for _ in range(60):
        kept.append(process(x))
    assert resident() - before > 5e6


def test_a_capture_keeps_nothing():  # C10
    frames, before = 0, 0
    device = SimulatedDevice(pace="lockstep", block_frames=4096, seconds=HOURS * 3600)
    run, analyzers = chain(), [vo.Levels(), vo.Spectrum(), vo.Loudness()]
    with vo.Capture(device, rate=RATE, chain=run, analyzers=analyzers, block_ms=1000) as mic:
        for block in mic:
            frames += len(block)
            if not before and frames >= 600 * RATE:
                before = resident()
            run["HighPass"].cutoff_hz = 80 + block.frame % 40
        assert (mic.stats.dropped, frames) == (0, HOURS * 3600 * RATE)
    assert resident() - before < 5e6
