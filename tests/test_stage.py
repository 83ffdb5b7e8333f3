"""Stage: loading beside the caller, a cancel that leaves nothing, and a failure that is said."""

import re
import threading
from pathlib import Path

import pytest

import vocana_dsp as vo
from vocana_dsp.control.stage import Stage


class Loader:
    """A load that waits to be let go, and counts what it made and what came back."""

    def __init__(self, error=None):
        self.error = error
        self.began, self.go_on = threading.Event(), threading.Event()
        self.made, self.released = [], []
        self.ended = threading.Event()

    def __call__(self, cancel):
        self.began.set()
        assert self.go_on.wait(60)
        if self.error:
            raise self.error
        self.made.append(f"model {len(self.made)}")
        return self.made[-1]

    def release(self, thing):
        self.released.append(thing)
        self.ended.set()


def test_opening_returns_at_once_and_the_bypass_is_in_use_until_it_is_ready():  # C6
    loader, told = Loader(), threading.Event()
    stage = Stage(loader, bypass="dry", told=lambda stage: told.set())
    assert (stage.state, stage.current) == ("closed", "dry")
    stage.open()
    assert loader.began.wait(60)
    assert (stage.state, stage.current, told.is_set()) == ("loading", "dry", False)
    loader.go_on.set()
    assert stage.wait(timeout_s=60) == "model 0"
    assert (stage.state, stage.current, stage.error) == ("ready", "model 0", None)
    assert told.wait(60)
    stage.close()


def test_a_close_while_it_loads_leaves_nothing():  # C6
    loader = Loader()
    stage = Stage(loader, bypass="dry", release=loader.release, told=lambda stage: 1 / 0)
    stage.open()
    assert loader.began.wait(60)
    stage.close()
    assert (stage.state, stage.current) == ("closed", "dry")
    loader.go_on.set()
    assert loader.ended.wait(60)
    assert loader.released == loader.made == ["model 0"]
    for thread in threading.enumerate():
        if thread.name == "vocana-stage":
            thread.join(60)
            assert not thread.is_alive()
    assert stage.state == "closed"


def test_a_load_may_look_whether_it_is_still_wanted():  # C6
    looked = threading.Event()

    def load(cancel):
        assert cancel.wait(60)
        looked.set()

    with Stage(load, bypass=None):
        pass
    assert looked.wait(60)


def test_a_second_load_is_not_taken_for_the_first():  # C6
    first, stage = Loader(), None
    loaders = [first, second := Loader()]
    stage = Stage(lambda cancel: loaders.pop(0)(cancel), bypass="dry", release=first.release)
    stage.open()
    assert first.began.wait(60)
    stage.close()
    stage.open()
    assert second.began.wait(60)
    first.go_on.set()
    assert first.ended.wait(60)
    assert (stage.state, stage.current) == ("loading", "dry")
    second.made.append("of the second")
    second.go_on.set()
    assert stage.wait(60) == "model 1"
    stage.close()


def test_a_failure_is_said_and_the_bypass_is_used():  # C7
    loader = Loader(FileNotFoundError("model.onnx is missing"))
    loader.go_on.set()
    heard = []
    told = threading.Event()

    def tell(stage):
        heard.append((stage.state, str(stage.error), stage.current))
        told.set()

    stage = Stage(loader, bypass="dry", told=tell)
    stage.open()
    with pytest.raises(vo.VocanaError, match=r"not be loaded: model\.onnx is missing") as caught:
        stage.wait(60)
    assert caught.value.code == "load_failed"
    assert isinstance(caught.value.__cause__, FileNotFoundError)
    assert told.wait(60)
    assert heard == [("failed", "model.onnx is missing", "dry")]
    with pytest.raises(vo.StateError, match="'failed' cannot become 'loading'"):
        stage.open()
    stage.close()
    assert (stage.state, stage.error) == ("closed", None)


def test_no_thread_is_a_failure_like_any_other(monkeypatch):  # C7
    def start(self):
        raise RuntimeError("can't start new thread")

    stage = Stage(lambda cancel: "model", bypass="dry")
    monkeypatch.setattr(threading.Thread, "start", start)
    stage.open()
    assert (stage.state, stage.current, str(stage.error)) == (
        "failed",
        "dry",
        "can't start new thread",
    )


def test_what_was_ready_is_released_once():
    loader = Loader()
    loader.go_on.set()
    with Stage(loader, bypass="dry", release=loader.release) as stage:
        stage.wait(60)
    stage.close()
    assert loader.released == ["model 0"]


@pytest.mark.parametrize("timeout_s", [float("inf"), 1e12])
def test_a_wait_may_be_for_ever(timeout_s):
    go_on = threading.Event()
    with Stage(lambda cancel: go_on.wait(60), bypass="dry") as stage:
        threading.Timer(0.01, go_on.set).start()
        assert stage.wait(timeout_s=timeout_s) is True


def test_a_wait_ends_with_its_time_or_with_a_close():
    loader, ends = Loader(), []
    stage = Stage(loader, bypass="dry")
    with pytest.raises(vo.Cancelled, match="it is closed"):
        stage.wait()
    stage.open()
    with pytest.raises(vo.TimedOut, match=r"still loads after 0\.01 s"):
        stage.wait(timeout_s=0.01)

    def wait():
        try:
            stage.wait()
        except vo.Cancelled as error:
            ends.append(error)

    waiter = threading.Thread(target=wait)
    waiter.start()
    stage.close()
    waiter.join(60)
    loader.go_on.set()
    assert len(ends) == 1


def test_a_stage_may_be_closed_by_who_is_told():
    closed = threading.Event()

    def tell(stage):
        stage.close()
        closed.set()

    stage = Stage(lambda cancel: None, bypass=None, told=tell)
    stage.open()
    assert closed.wait(60)
    assert stage.state == "closed"


def stand_ins(text):
    """Lines that speak of something that only pretends."""
    return [line for line in text.splitlines() if re.search(r"mock|fake|dummy", line, re.I)]


def test_the_package_holds_nothing_that_pretends():  # C7
    package = Path(vo.__file__).parent
    files = [path for path in package.rglob("*") if path.suffix in (".py", ".pyx", ".pyi", ".pxd")]
    assert len(files) > 100
    assert {
        path: stand_ins(path.read_text()) for path in files if stand_ins(path.read_text())
    } == {}
    assert stand_ins("class MockSession:\n    pass") == ["class MockSession:"]
