"""Two threads in one object: an error in the second, and never a torn state."""

from __future__ import annotations

import threading
from functools import partial

import numpy as np
import pytest
from hand_device import HandDevice

import vocana_dsp as vo

RATE = 48_000
X = np.sin(np.arange(400_000) / 7).astype(np.float32)
ROWS = X[: 960 * 400].reshape(-1, 960)
SPECTRA = np.fft.rfft(ROWS).astype(np.complex64)
FRAMES = np.ascontiguousarray(SPECTRA.T)


def bound_beside_rows():
    """A transform whose `Bound` works at once, while its rows take long."""
    fft = vo.Fft(960)
    bound = fft.bind(ROWS[0].copy(), SPECTRA[0].copy())

    def both():
        fft.forward(ROWS)
        bound.forward()

    return both


def spectra_of_odd_rows():
    fft = vo.Fft(953, real=False)
    rows = np.zeros((400, 953), np.complex64)
    return lambda: fft.forward(rows)


# What makes an object and returns a call of it that takes long.
CALLS = {
    "stft": lambda: partial(vo.Stft(960, 480).process, X),
    "stft of two": lambda: partial(vo.Stft(960, 480, channels=2).process, X.reshape(-1, 2)),
    "istft": lambda: partial(vo.Istft(960, 480).process, FRAMES),
    "fft forward": lambda: partial(vo.Fft(960).forward, ROWS),
    "fft inverse": lambda: partial(vo.Fft(960).inverse, SPECTRA),
    "fft bound": bound_beside_rows,
    "fft by pyfftw": spectra_of_odd_rows,
    "resampler": lambda: partial(vo.Resampler(RATE, 16_000).process, X),
    "drift": lambda: partial(vo.DriftResampler().process, X),
    "mel": lambda: partial(vo.MelSpectrogram(RATE).process, X),
    "loudness": lambda: partial(vo.LoudnessMeter(RATE).process, X),
    "levels": lambda: partial(vo.LevelMeter(RATE).process, X),
}


def errors_of_two(call):
    """Errors of two threads that go on until one has failed, a minute at most."""
    errors, done = [], threading.Event()
    over = threading.Timer(60, done.set)
    over.start()

    def run():
        while not done.is_set():
            try:
                call()
            except Exception as error:
                errors.append(error)
                done.set()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    over.cancel()
    return errors


@pytest.mark.parametrize("name", CALLS)
def test_two_threads_at_once_are_an_error(name):  # D3
    call = CALLS[name]()
    error = errors_of_two(call)[0]
    assert isinstance(error, vo.ConfigError)
    assert (error.code, error.retryable) == ("in_use", True)
    assert "in use by another thread" in str(error)
    call()  # the object is free again


def test_two_threads_in_two_objects_are_none():  # the control
    errors = []

    def run():
        call = CALLS["stft"]()
        try:
            for _ in range(20):
                call()
        except vo.ConfigError as error:
            errors.append(error)

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []


@pytest.mark.parametrize("chain", [None, vo.Chain()], ids=["", "chain"])
def test_a_read_while_another_thread_starts_or_stops_takes_no_device_for_lost(chain):
    """Faults 55: one that does not run yet, or no more, because it was told so."""

    class Slow(HandDevice):
        """Asks how its capture is where another thread might: before it runs, and after."""

        def start(self):
            assert mic.read(16, timeout=0.01).data.size == 0
            assert mic.state == "running"
            super().start()

        def stop(self, deadline_s):
            super().stop(deadline_s)
            looks.append(mic._watch.health)
            return True

    looks = []
    device = Slow()
    mic = vo.Capture(device, chain=chain)
    mic.start()
    device.play(480)
    mic.stop()
    assert looks == ["running"]
    assert sum(len(block) for block in mic) == 480
    assert "device_lost" not in [event.kind for event in mic.events()]
    mic.close()
