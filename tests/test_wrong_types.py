"""Every public function and class, with each argument of a wrong type: one clear error, or none."""

import inspect
import threading
from dataclasses import is_dataclass
from pathlib import Path

import numpy as np
import pytest

import vocana_dsp as vo
from vocana_dsp.control.retry import Retry
from vocana_dsp.memory.maintenance import Maintenance
from vocana_dsp.testing import SimulatedDevice

SOUND = np.zeros(4_800, np.float32)


def call():
    """What can be called, with nothing."""


# Something sensible for each argument that has no default, by its name.
SENSIBLE = {
    **dict.fromkeys(["x", "data", "a", "b", "source"], SOUND),
    **dict.fromkeys(["rate", "from_rate"], 48_000),
    **dict.fromkeys(["load", "on_change", "callback"], call),
    **dict.fromkeys(["cutoff_hz", "center_hz", "frequency_hz", "f_hz"], 100),
    **dict.fromkeys(["delay_ms", "older_than_s", "rate_per_s", "ms", "max_ms", "ppm"], 3),
    **dict.fromkeys(["frames", "hop", "n", "n_fft", "frame"], 256),
    **dict.fromkeys(["width", "newwidth", "lfactor", "rfactor"], 2),
    **dict.fromkeys(["times_s", "values"], np.arange(5.0)),
    "bypass": None,
    "cpus": [0],
    "fragment": b"abcd",
    "from_channels": 1,
    "level": "low",
    "matrix": [[1.0]],
    "nodes": [],
    "path": Path("new.wav"),
    "pattern": "*.bak",
    "rows": [[1.0]],
    "sizes": [1],
    "sos": [[1, 0, 0, 1, 0, 0]],
    "spectra": np.zeros((257, 4), np.complex64),
    "stages": {"one": call},
    "taps": [1.0],
    "thread": threading.get_native_id(),
    "to_rate": 16_000,
}
MADE = {"capture": lambda: vo.Capture(SimulatedDevice()), "device": SimulatedDevice}
WRONG = [object(), 3, -1.5, "x", b"x", None, True, [None], [[[1]]], {"a": 3}, int, 1j,
         np.array(["a"]), 10**30, "\0", "\ud800"]  # fmt: skip
# Made by the package itself, or by nobody; and those that say that they raise TypeError.
OTHERS = {vo.PooledBuffer, vo.memory.Stage, vo.pcm.gain, vo.pcm.mix}


def public():
    for module in (vo, vo.memory, vo.testing, vo.pcm):
        for name in sorted(getattr(module, "__all__", vars(module))):
            found = getattr(module, name)
            own = getattr(found, "__module__", None) or ""
            if not callable(found) or not own.startswith("vocana_dsp") or found in OTHERS:
                continue
            if isinstance(found, type) and issubclass(found, BaseException):
                continue
            if is_dataclass(found) and not hasattr(found, "__post_init__"):
                continue  # plain data, which is given
            if module is vo or not hasattr(vo, name):
                yield pytest.param(found, id=name)


def told(function, name, wrong, others):
    """What was raised that is no error of the package, as text."""
    given = {other: MADE[other]() if other in MADE else SENSIBLE[other] for other in others}
    of_many = inspect.signature(function).parameters[name].kind is inspect.Parameter.VAR_POSITIONAL
    try:
        made = function(wrong) if of_many else function(**given, **{name: wrong})
    except vo.VocanaError:
        pass
    except Exception as error:
        return [f"{name}={wrong!r}: {error!r}"]
    else:
        if hasattr(made, "close"):
            made.close()
    return []


@pytest.mark.parametrize("function", list(public()))
def test_a_wrong_type_is_an_error_of_the_package(function, tmp_path, monkeypatch):  # E9
    monkeypatch.chdir(tmp_path)
    parameters = inspect.signature(function).parameters.values()
    needed = {p.name for p in parameters if p.default is p.empty and p.kind not in (2, 4)}
    found = [
        line
        for p in parameters
        if p.kind is not p.VAR_KEYWORD
        for wrong in WRONG
        for line in told(function, p.name, wrong, needed - {p.name})
    ]
    assert found == []


@pytest.mark.parametrize(
    ("attempt", "expected"),
    [
        (lambda: vo.MemoryPressure(pools=3), "pools is 3, expected a list of BufferPool"),
        (lambda: vo.MemoryPressure(pools=[3]), "pools holds 3, expected a list of BufferPool"),
        (lambda: vo.MemoryPressure(stages=3), "stages is 3, expected a list"),
        (lambda: vo.MemoryPressure(read=3), "read is 3, expected a function"),
        (lambda: vo.MemoryPressure(maintenance=3), r"maintenance is 3, expected Maintenance\("),
        (lambda: vo.quality(SOUND, 48_000, limits=3), r"limits is 3, expected QualityLimits\("),
        (lambda: vo.StallWatch(-1), "stages is -1, expected a function for each name"),
        (lambda: vo.StallWatch({"a": 3}), r"stages\['a'\] is 3, expected a function"),
        (lambda: vo.replace_file("x", 3), "data is 3, expected bytes"),
        (lambda: vo.replace_file("x", "text"), "data is 'text', expected bytes"),
        (lambda: vo.TokenBucket(1, clock=3), "clock is 3, expected a function"),
        (lambda: vo.ErrorLog().on_error(3), "listener is 3, expected a function"),
        (lambda: vo.CircuitBreaker().call(3), "function is 3, expected a function"),
        (lambda: Retry().call(3), "function is 3, expected a function"),
        (lambda: Retry().call(call, when=3), "when is 3, expected a function"),
        (lambda: Maintenance().every(1, 3), "call is 3, expected a function"),
        (lambda: vo.pcm.rms(memoryview(b"abcd")[::2], 1), "the fragment is <memory .*, expected b"),
    ],
)
def test_it_says_what_was_expected(attempt, expected):  # E9
    with pytest.raises(vo.ConfigError, match=f"^{expected}") as caught:
        attempt()
    assert caught.value.hint


def test_bytes_of_other_items_are_bytes(tmp_path):
    samples = np.arange(-3, 3, dtype="<i2")
    assert vo.pcm.max(samples.data, 2) == vo.pcm.max(samples.tobytes(), 2) == 3
    vo.replace_file(tmp_path / "a", samples.data)
    assert (tmp_path / "a").read_bytes() == samples.tobytes()
