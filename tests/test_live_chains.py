"""Chains of a capture that runs: turned, exchanged, refused and given back."""

import threading

import numpy as np
import pytest
from played import noise, simulated

import vocana_dsp as vo
from vocana_dsp.testing import SimulatedDevice


def test_a_parameter_is_heard_while_it_runs():
    tone = np.full(48_000, 0.5, np.float32)
    run = vo.Chain([vo.Gain(0)])
    with vo.Capture(SimulatedDevice(tone, pace="lockstep"), ring_ms=50, chain=run) as mic:
        first = mic.read(4800).data
        run["Gain"].gain_db = -100
        rest = np.concatenate([block.data for block in mic])
    assert (first == 0.5).all()
    assert (rest[-4800:] == 0).all()
    assert np.abs(np.diff(rest[:, 0])).max() < 0.5 * np.pi / 2 / 240 * 1.01  # one ramp of 5 ms


def test_another_chain_takes_over_by_a_crossfade():
    tone = np.full(96_000, 0.5, np.float32)
    old, new = vo.Chain([vo.Gain(0), vo.Delay(2)]), vo.Chain([vo.Gain(-100), vo.Delay(2)])
    with vo.Capture(SimulatedDevice(tone, pace="lockstep"), ring_ms=50, chain=old) as mic:
        mic.read(4800)
        mic.chain = new
        assert mic.chain is new
        rest = np.concatenate([block.data for block in mic])[:, 0]
    assert (rest[-4800:] == 0).all()
    assert np.abs(np.diff(rest)).max() < 0.5 * np.pi / 2 / 480 * 1.01
    for chain in (old, new):  # both are free again, for any format
        chain.process(tone[:100], rate=16_000)


def test_chains_can_be_set_faster_than_they_are_taken():
    with vo.Capture(SimulatedDevice(), chain=vo.Chain()) as mic:
        for _ in range(200):
            mic.chain = vo.Chain([vo.Gain(-1)])
        kept = mic.chain
        while (block := mic.read(480)).data[-1, 0] == block.frame + 479:
            pass
        assert mic.chain is kept


UNFIT = {
    "expected Chain": lambda: [vo.Gain(0)],
    "gives 3 channels": lambda: vo.Chain([vo.ChannelMap([[1]] * 3), vo.Delay(2)]),
    r"delays 0 frames.*add vo.Delay\(2\)": lambda: vo.Chain([vo.Gain(-6)]),
    "delays 144 frames, expected 96": lambda: vo.Chain([vo.Delay(3)]),
    "ChannelMap: matrix has 2 columns": lambda: vo.Chain([vo.ChannelMap([[1, 1]])]),
}


@pytest.mark.parametrize("message", UNFIT)
def test_a_chain_that_does_not_fit_leaves_the_old_one_running(message):
    old = vo.Chain([vo.Delay(2)])
    with vo.Capture(simulated(), ring_ms=50, chain=old) as mic:
        other = UNFIT[message]()
        with pytest.raises(vo.ConfigError, match=message):
            mic.chain = other
        assert mic.chain is old
        assert sum(map(len, mic)) == 24_000


def test_a_chain_belongs_to_one_capture():
    run = vo.Chain([vo.Gain(0)])
    with vo.Capture(simulated(), chain=run):
        for rate in (48_000, 16_000):  # of another format, too
            with pytest.raises(vo.ConfigError, match="in use by a capture"):
                run.process(np.zeros(10, np.float32), rate=rate)
        with pytest.raises(vo.ConfigError, match="in use by a capture"):
            vo.Capture(simulated(), chain=run)
    with vo.Capture(simulated(), chain=run) as again:
        assert sum(map(len, again)) == 24_000


@pytest.mark.parametrize(
    "unfit",
    [
        {"overflow": vo.Overflow("skip", target_ms=9000)},
        {"rate": 4000},
        {"channels": 65},
        {"analyzers": [vo.Gain(0)]},
    ],
)
def test_a_capture_that_does_not_open_leaves_its_chain_as_it_was(unfit):
    run = vo.Chain([vo.Delay(1)])
    run.process(np.ones(10, np.float32), rate=2000)
    with pytest.raises(vo.ConfigError):
        vo.Capture(simulated(), chain=run, **unfit)
    assert run.process(np.zeros(3, np.float32), rate=2000).tolist() == [1, 1, 0]  # its state too


def test_a_chain_that_is_refused_stays_as_it_was():
    other = vo.Chain([vo.Delay(1)])
    other.process(np.ones(10, np.float32), rate=2000)
    refused = pytest.raises(vo.ConfigError, match="delays 48 frames")
    with vo.Capture(simulated(), chain=vo.Chain()) as mic, refused:
        mic.chain = other
    assert other.process(np.zeros(3, np.float32), rate=2000).tolist() == [1, 1, 0]


def test_the_same_chain_serves_a_capture_and_arrays():
    run = vo.Chain([vo.DCBlock(), vo.HighPass(80), vo.Gate(-50), vo.Limiter(-1)])
    with vo.Capture(simulated(), rate=16_000, chain=run) as mic:
        run["HighPass"].cutoff_hz = 120
        assert sum(map(len, mic)) == 8000
    assert run["HighPass"].cutoff_hz == 120
    assert len(run.process(np.zeros(100, np.float32), rate=48_000)) == 100


def test_a_capture_without_a_chain_cannot_change_it():
    with vo.Capture(simulated()) as mic:
        with pytest.raises(vo.ConfigError, match="without a chain"):
            mic.chain = vo.Chain()
        with pytest.raises(vo.ConfigError, match="without an analyzer"):
            _ = mic.analyzers


def test_any_thread_may_turn_parameters_while_it_runs():
    run = vo.Chain([vo.Gain(0), vo.Delay(1)])
    done = threading.Event()

    def turn():
        step = 0
        while not done.is_set():
            step += 1
            run["Gain"].gain_db = -(step % 40)
            run["Delay"].bypass = step % 2 == 0

    threads = [threading.Thread(target=turn) for _ in range(2)]
    with vo.Capture(SimulatedDevice(noise(48_000, 1)), rate=16_000, chain=run) as mic:
        for thread in threads:
            thread.start()
        got = sum(map(len, mic))
        done.set()
        for thread in threads:
            thread.join()
        assert (got, mic.stats.dropped) == (16_000, 0)
