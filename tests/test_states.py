"""StateMachine: what its table allows and nothing else, one change at a time, and its hooks."""

import contextlib
import itertools
import threading

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

import vocana_dsp as vo
from vocana_dsp.control.states import STREAM, StateMachine, Transition

PATHS = {  # how to come to each state of a stream
    "closed": [],
    "opening": ["opening"],
    "running": ["opening", "running"],
    "degraded": ["opening", "running", "degraded"],
    "recovering": ["opening", "running", "recovering"],
    "failed": ["opening", "failed"],
    "stopping": ["opening", "stopping"],
}


def stream(state="closed", **hooks):
    machine = StateMachine(STREAM, "closed", **hooks)
    for step in PATHS[state]:
        machine.to(step)
    return machine


@pytest.mark.parametrize(("source", "target"), list(itertools.product(STREAM, STREAM)))
def test_a_stream_changes_as_its_table_says_and_not_otherwise(source, target):  # L4, fault 35
    machine = stream(source)
    before = machine.history
    if target in STREAM[source]:
        change = machine.to(target, reason="asked")
        assert (change.source, change.target, change.reason) == (source, target, "asked")
        assert machine.state == target
        assert machine.history == [*before, change]
    else:
        with pytest.raises(vo.StateError, match=f"{source!r} cannot become {target!r}") as caught:
            machine.to(target)
        error = caught.value
        assert (error.state, error.asked, error.allowed) == (
            source,
            target,
            frozenset(STREAM[source]),
        )
        assert all(repr(state) in str(error) for state in STREAM[source])
        assert (machine.state, machine.history) == (source, before)


def test_a_stream_can_always_be_stopped_and_a_stop_ends_it():  # L4, L8
    for state, after in STREAM.items():
        assert "stopping" in after or state in ("closed", "stopping")
    assert STREAM["stopping"] == ("closed",)


def test_the_last_state_says_so():
    machine = StateMachine({"on": ["off"], "off": []}, "on")
    machine.to("off")
    with pytest.raises(vo.StateError, match="expected nothing: it is the last state"):
        machine.to("on")


def test_a_table_must_have_a_row_for_every_state():
    with pytest.raises(vo.ConfigError, match=r"'off' has no row in the table, expected one of 'on"):
        StateMachine({"on": ["off"]}, "on")
    with pytest.raises(vo.ConfigError, match="'off' has no row"):
        StateMachine({"on": []}, "off")


def test_the_table_cannot_be_changed_from_outside():
    table = {"on": ["off"], "off": []}
    machine = StateMachine(table, "on")
    table["on"].append("on")
    assert machine.allowed == {"off"}
    with pytest.raises(TypeError):
        machine.table["off"] = frozenset(["on"])


def test_the_history_is_a_ring_with_times_of_the_clock():  # L4
    now_s = itertools.count(10)
    machine = StateMachine(
        {"a": ["b"], "b": ["a"]}, "a", history=4, clock=lambda: float(next(now_s))
    )
    for n in range(5):
        machine.to("b", reason=f"{n}")
        machine.to("a")
    kept = machine.history
    assert [change.time_s for change in kept] == [16.0, 17.0, 18.0, 19.0]
    assert kept[-2] == Transition("a", "b", "4", 18.0)
    assert len(StateMachine({"a": []}, "a")._history) == 0
    assert StateMachine({"a": []}, "a")._history.maxlen == 256


def test_a_change_that_fails_is_rolled_back_and_tells_why():  # L4
    told = []

    def refuse(change):
        told.append(("before", change.target))
        if change.target == "running":
            raise vo.DeviceError("gone")

    machine = stream(
        before=refuse,
        rollback=lambda change, error: told.append(("rollback", change.target, str(error.args[0]))),
        after=lambda change: told.append(("after", change.target)),
    )
    machine.to("opening")
    with pytest.raises(vo.DeviceError, match="gone") as caught:
        machine.to("running")
    assert caught.value.__notes__ == ["so 'opening' did not become 'running'"]
    assert told == [
        ("before", "opening"),
        ("after", "opening"),
        ("before", "running"),
        ("rollback", "running", "gone"),
    ]
    assert [change.target for change in machine.history] == ["opening"]
    machine.to("failed")
    assert machine.state == "failed"


def test_a_change_may_fail_with_nothing_to_undo():
    def refuse(change):
        raise ValueError("not now")

    machine = stream(before=refuse)
    with pytest.raises(ValueError, match="not now"):
        machine.to("opening")
    assert (machine.state, machine.history) == ("closed", [])


def test_a_rollback_that_fails_hides_nothing():
    def refuse(change):
        raise KeyboardInterrupt

    def worse(change, error):
        raise ValueError("cannot undo")

    machine = stream(before=refuse, rollback=worse)
    with pytest.raises(KeyboardInterrupt) as caught:
        machine.to("opening")
    assert "cannot undo" in caught.value.__notes__[1]
    assert machine.state == "closed"


def test_an_observer_that_raises_breaks_nothing_and_is_remembered():  # fault 33
    def fail(change):
        raise ValueError(change.target)

    machine = StateMachine({"a": ["b"], "b": ["a"]}, "a", after=fail)
    for _ in range(8):
        machine.to("b")
        machine.to("a")
    assert machine.state == "a"
    assert len(machine.errors) == 10
    change, error = machine.errors[-1]
    assert (change.target, str(error)) == ("a", "a")


@pytest.mark.parametrize("hook", ["before", "after"])
def test_a_hook_may_not_ask_for_a_change(hook):
    refused = []

    def ask(change):
        try:
            machine.to("stopping")
        except vo.StateError as error:
            refused.append(str(error))

    machine = stream(**{hook: ask})
    machine.to("opening")
    assert machine.state == "opening"
    assert "a hook asked for 'stopping'" in refused[0]
    assert machine.to("running").source == "opening", "and the next one is free to ask"


def test_a_hook_may_look_at_the_machine():
    seen = []
    machine = stream(
        before=lambda change: seen.append((machine.state, len(machine.history))),
        after=lambda change: seen.append((machine.state, len(machine.history))),
    )
    machine.to("opening")
    assert seen == [("closed", 0), ("opening", 1)]


def test_a_request_waits_for_the_change_of_another_thread_so_long():  # G12
    inside, go_on = threading.Event(), threading.Event()

    def block(change):
        inside.set()
        assert go_on.wait(30)

    machine = stream(before=block)
    opener = threading.Thread(target=machine.to, args=("opening",))
    opener.start()
    assert inside.wait(30)
    with pytest.raises(vo.ResourceBusy, match=r"from 'closed' took longer than 0.01 s") as caught:
        machine.to("opening", timeout_s=0.01)
    assert (caught.value.code, caught.value.retryable) == ("busy", True)
    assert machine.state == "closed"
    go_on.set()
    assert machine.to("running", timeout_s=30).source == "opening", "it waited for its turn"
    opener.join()


def test_of_many_threads_one_makes_each_change():  # L4
    """32 threads race round a ring; every change is made once and seen in order."""
    order = ["a", "b", "c"]
    seen = []
    machine = StateMachine(
        {"a": ["b"], "b": ["c"], "c": ["a"]}, "a", history=100_000, after=seen.append
    )
    made = []
    start = threading.Barrier(32)

    def race():
        start.wait()
        for n in range(60):
            with contextlib.suppress(vo.StateError):
                made.append(machine.to(order[n % 3]))

    threads = [threading.Thread(target=race) for _ in range(32)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    history = machine.history
    assert history == seen
    assert len(history) == len(made) > 0
    assert all(a.target == b.source for a, b in itertools.pairwise(history))
    assert all(a.time_s <= b.time_s for a, b in itertools.pairwise(history))
    assert machine.errors == []


class AgainstAModel(RuleBasedStateMachine):
    """Any requests to any hooks: state and history are what a list says."""

    def __init__(self):
        super().__init__()
        self.fails = False
        self.undone = []
        self.model = []
        self.machine = stream(
            history=8, before=self.before, rollback=lambda change, error: self.undone.append(change)
        )

    def before(self, change):
        if self.fails:
            raise vo.DeviceError("planted")

    @property
    def state(self):
        return self.model[-1] if self.model else "closed"

    @rule(asked=st.sampled_from(list(STREAM)), fails=st.booleans())
    def ask(self, asked, fails):
        self.fails = fails
        allowed = asked in STREAM[self.state]
        undone = len(self.undone)
        try:
            self.machine.to(asked)
        except vo.StateError:
            assert not allowed
        except vo.DeviceError:
            assert allowed
            assert fails
            assert len(self.undone) == undone + 1
        else:
            assert allowed
            assert not fails
            self.model.append(asked)

    @precondition(lambda self: self.model)
    @rule()
    def stop(self):
        self.fails = False
        for target in ("stopping", "closed"):
            if target in self.machine.allowed:
                self.machine.to(target)
                self.model.append(target)
        assert self.machine.state in ("closed", "opening")

    @invariant()
    def agrees(self):
        assert self.machine.state == self.state
        assert [change.target for change in self.machine.history] == self.model[-8:]


TestAgainstAModel = AgainstAModel.TestCase
