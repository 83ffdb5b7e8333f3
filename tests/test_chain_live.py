"""A chain while it works: bypass, threads, hours."""

import contextlib
import ctypes
import gc
import os
import threading
import time

import numpy as np
import pytest
from click_metric import CONTEXT, MARGIN, Segments, score
from hypothesis import given, settings
from hypothesis import strategies as st

import vocana_dsp as vo

RATE = 48_000


def noise(frames):
    return np.random.default_rng(0).uniform(-1, 1, frames).astype(np.float32)


# --- Bypass ---------------------------------------------------------------


@settings(max_examples=30, deadline=None)
@given(delay_ms=st.floats(0, 30), blocks=st.lists(st.tuples(st.integers(1, 900), st.booleans())))
def test_a_switch_neither_repeats_nor_loses_a_frame(delay_ms, blocks):  # B13
    chain = vo.Chain([vo.Delay(delay_ms)])
    x = noise(sum(n for n, _ in blocks) + 4000)
    at, heard = 0, []
    for n, bypass in [*blocks, (4000, True)]:
        chain[0].bypass = bypass
        heard.append(chain.process(x[at : at + n], rate=RATE))
        at += n
    y, lag = np.concatenate(heard), chain.latency_frames
    assert len(y) == len(x)
    assert lag == round(delay_ms * RATE / 1000)
    likeness = np.correlate(x[-3500:], y[-2000:], mode="valid")  # at 1500 - lag both are the same
    assert 1500 - np.argmax(likeness) == lag
    np.testing.assert_array_equal(y[lag:], x[: len(x) - lag])


def switched(hertz, node, hard):
    """A tone that a bypass is switched in, its join where Segments want it."""
    before, length = CONTEXT + MARGIN, RATE * 5 // 1000
    x = np.sin(2 * np.pi * hertz / RATE * np.arange(2 * before + length))
    chain = vo.Chain([node])
    first = chain.process(x[:before], rate=RATE)
    chain[0].bypass = True
    y = np.concatenate([first, x[before:] if hard else chain.process(x[before:], rate=RATE)])
    return Segments(y[None, :].astype(np.float64), length)


@pytest.mark.parametrize("hertz", [100, 440, 1000])
def test_a_switch_makes_no_click(hertz):  # B13
    soft = score(switched(hertz, vo.Gain(-6), hard=False))
    assert soft.d2[0] <= 3
    assert soft.hf[0] <= 10
    hard = score(switched(hertz, vo.Gain(-6), hard=True))
    assert hard.hf[0] > soft.hf[0] + 20


def test_a_bypass_set_before_has_no_fade():
    gain = vo.Gain(-20)
    gain.bypass = True
    x = noise(1000)
    np.testing.assert_array_equal(vo.Chain([gain]).process(x, rate=RATE), x)


# --- Threads --------------------------------------------------------------


def test_one_user_at_a_time():
    chain = vo.Chain([vo.Gain(-6)])
    native = chain.prepare(RATE, 1)
    native.claim("a capture")
    for use in (
        lambda: chain.process([1.0], rate=RATE),
        lambda: chain.prepare(RATE, 1),
        lambda: native.claim("another capture"),
    ):
        with pytest.raises(vo.ConfigError, match="in use by a capture") as error:
            use()
        assert (error.value.code, error.value.retryable) == ("in_use", True)
    chain.reset()  # asks the capture's own thread for it
    chain["Gain"].gain_db = 0
    chain["Gain"].bypass = True
    native.release()
    assert chain.process([1.0], rate=RATE) == [1.0]


def test_two_threads_at_once_are_an_error():
    chain = vo.Chain([vo.Gain(-6)])
    x, errors, done = noise(1_000_000), [], threading.Event()

    def run():
        while not done.is_set():
            try:
                chain.process(x, rate=RATE)
            except vo.ConfigError as error:
                errors.append(error)
                done.set()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert "in use by another call of process" in str(errors[0])
    assert len(chain.process(x, rate=RATE)) == len(x)


def waited(call):
    """How much of a call passed until another thread could run, 0..1."""
    asked, woke = threading.Event(), []
    thread = threading.Thread(target=lambda: (asked.wait(), woke.append(time.perf_counter())))
    thread.start()
    began = time.perf_counter()
    asked.set()
    call()
    ended = time.perf_counter()
    thread.join()
    return (woke[0] - began) / (ended - began)


def test_other_threads_run_during_a_long_call():  # O5
    chain = vo.Chain([vo.Gain(-1, name=f"gain{i}") for i in range(200)])
    x = noise(1_000_000)
    chain.process(x[:10], rate=RATE)
    assert any(waited(lambda: chain.process(x, rate=RATE)) < 0.5 for _ in range(20))
    usleep = ctypes.PyDLL(None).usleep  # a call that keeps the GIL
    assert waited(lambda: usleep(100_000)) > 0.9


def test_parameters_may_be_set_while_another_thread_processes():
    chain = vo.Chain([vo.Gain(0), vo.Mute(False)])
    chain.prepare(RATE, 1)
    done = threading.Event()

    def turn():
        number = 0
        while not done.is_set():
            number += 1
            chain["Gain"].gain_db = -(number % 20)
            chain["Mute"].bypass = number % 2 == 0
            chain["Gain"].reset()

    thread = threading.Thread(target=turn)
    thread.start()
    with contextlib.ExitStack() as stack:
        stack.callback(thread.join)
        stack.callback(done.set)
        for _ in range(200):
            y = chain.process(np.ones(4800, np.float32), rate=RATE)
            assert 0.1 <= y.min() <= y.max() <= 1


# --- Hours ----------------------------------------------------------------


@pytest.mark.long
def test_ten_hours_leave_no_memory_behind():  # C10
    def resident():
        gc.collect()
        with open("/proc/self/statm") as file:  # noqa: PTH123
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    rate, block = 16_000, noise(800_000)
    chain = vo.Chain([vo.Gain(-6), vo.Delay(10), vo.Fade(1000), vo.Mute(False), vo.Meter()])
    for _ in range(20):
        chain.process(block, rate=rate)
    before = resident()
    for number in range(10 * 3600 * rate // len(block)):
        chain["Gain"].gain_db = -(number % 20)
        chain["Delay"].bypass = number % 3 == 0
        chain.process(block, rate=rate)
        chain["Meter"].snapshot()
    assert chain["Meter"].snapshot().frame >= 10 * 3600 * rate
    assert resident() - before < 5e6
