"""No test may hang: after WATCHDOG_S the process shows where every thread is, and ends."""

import faulthandler
import os
import signal

import pytest

WATCHDOG_S = 900
_stderr = pytest.StashKey[int]()


def pytest_configure(config):
    # What a shell in the background, or nohup, ignores, all that the tests start would ignore too;
    # what is handled here is not.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
        signal.signal(signal.SIGHUP, lambda *_: None)
    config.stash[_stderr] = os.dup(2)  # the real one: a test's own is captured


@pytest.fixture(autouse=True)
def watchdog(request):
    faulthandler.dump_traceback_later(WATCHDOG_S, exit=True, file=request.config.stash[_stderr])
    yield
    faulthandler.cancel_dump_traceback_later()


@pytest.fixture
def seen(record_property):
    """Tell what a fault came to, in words and figures, for the table of `make faults`."""
    return lambda words: record_property("seen", words)
