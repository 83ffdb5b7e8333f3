"""The tree of exceptions, and the one table from a C status to one of them."""

import pickle
import re
from pathlib import Path

import pytest

import vocana_dsp as vo
from vocana_dsp._native.status import check

TREE = {
    vo.DeviceError: vo.VocanaError,
    vo.FormatError: vo.VocanaError,
    vo.ConfigError: vo.VocanaError,
    vo.RingOverflow: vo.VocanaError,
    vo.PoolError: vo.VocanaError,
    vo.PoolExhausted: vo.PoolError,
    vo.StreamClosed: vo.VocanaError,
    vo.StateError: vo.VocanaError,
    vo.ResourceBusy: vo.VocanaError,
    vo.TimedOut: vo.VocanaError,
    vo.Cancelled: vo.VocanaError,
}


@pytest.mark.parametrize("kind", [vo.VocanaError, *TREE])
def test_every_error_says_what_to_do(kind: type[vo.VocanaError]) -> None:
    error = kind("the message")
    assert issubclass(kind, TREE.get(kind, Exception))
    assert str(error) == f"the message (hint: {error.hint})"
    assert re.fullmatch(r"[a-z]+(_[a-z]+)*", error.code)
    assert error.hint
    assert isinstance(error.retryable, bool)
    assert not isinstance(error, OSError)


def test_codes_tell_the_classes_apart() -> None:
    assert len({kind("").code for kind in TREE}) == len(TREE)


def test_an_instance_may_say_something_closer() -> None:
    error = vo.DeviceError("gone", code="unplugged", hint="plug it in", retryable=False)
    assert (error.code, error.hint, error.retryable) == ("unplugged", "plug it in", False)
    assert str(error) == "gone (hint: plug it in)"
    assert str(vo.DeviceError("gone", hint="")) == "gone"


def test_a_config_error_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="rate is 0"):
        raise vo.ConfigError("rate is 0, expected more than 0")


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("kind", [vo.VocanaError, *TREE])
def test_errors_survive_pickling(kind: type[vo.VocanaError], protocol: int) -> None:
    error = kind("the message", code="special", hint="a hint", retryable=True)
    copy = pickle.loads(pickle.dumps(error, protocol))
    assert type(copy) is kind
    assert (str(copy), copy.code, copy.hint, copy.retryable) == (
        str(error),
        "special",
        "a hint",
        True,
    )


STATUSES = {
    -1: (MemoryError, None, None),
    -2: (vo.ConfigError, "bad_config", False),
    -3: (vo.ConfigError, "too_big", False),
    -4: (vo.PoolExhausted, "pool_exhausted", True),
    -5: (vo.PoolError, "bad_handle", False),
    -6: (vo.TimedOut, "timed_out", True),
    -7: (vo.VocanaError, "interrupted", True),
    -8: (vo.VocanaError, "system", False),
}


@pytest.mark.parametrize("status", STATUSES)
def test_a_status_becomes_its_exception(status: int) -> None:
    kind, code, retryable = STATUSES[status]
    with pytest.raises(kind, match=r"a thing of 7: .+, expected at least 8") as caught:
        check(status, "a thing of 7", "at least 8")
    assert type(caught.value) is kind
    assert getattr(caught.value, "code", None) == code
    assert getattr(caught.value, "retryable", None) == retryable


def test_ok_raises_nothing_and_an_unknown_status_something() -> None:
    assert check(0, "a thing") == 0
    with pytest.raises(vo.VocanaError, match="a thing: unknown status"):
        check(-1000, "a thing")


def test_the_table_holds_every_status_of_the_header() -> None:
    header = Path(vo.get_include(), "vocana", "status.h").read_text()
    values = [int(v) for v in re.findall(r"X\([A-Z_]+, (-?\d+), ", header)]
    assert sorted(values) == sorted([0, *STATUSES])
