"""The collector is as it was found, however a policy is left."""

import gc
import itertools
import threading
import weakref

import pytest

import vocana_dsp as vo


@pytest.fixture(autouse=True)
def as_it_was():
    """Each test begins with a collector of its own, and leaves that of the others alone."""
    found = gc.get_threshold(), gc.isenabled()
    gc.unfreeze()
    yield
    gc.set_threshold(*found[0])
    (gc.enable if found[1] else gc.disable)()
    gc.unfreeze()


def state():
    return gc.get_threshold(), gc.isenabled(), gc.get_freeze_count()


WAYS = {
    "the end": None,
    "an error": ValueError,
    "an interrupt": KeyboardInterrupt,
    "exit": SystemExit,
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("enabled", [True, False])
def test_all_is_put_back_on_any_exit(way, enabled):  # I9
    (gc.enable if enabled else gc.disable)()
    gc.set_threshold(701, 11, 12)
    before = state()
    try:
        with vo.gc_policy(disable=True, thresholds=(100_000, 10, 10)):
            assert (gc.get_threshold(), gc.isenabled()) == ((100_000, 10, 10), False)
            assert gc.get_freeze_count() > 1000
            if WAYS[way]:
                raise WAYS[way]
    except (ValueError, KeyboardInterrupt, SystemExit):
        assert WAYS[way]
    assert state() == before


def test_a_policy_that_is_collected_is_left():
    """An iteration that nobody ends: its frame goes, and with it the policy."""

    def blocks():
        with vo.gc_policy(thresholds=(5, 5, 5)):
            yield 1

    before = state()
    run = blocks()
    next(run)
    assert gc.get_threshold() == (5, 5, 5)
    del run
    assert state() == before


def test_what_was_alive_is_not_looked_at_inside_and_is_again_behind():
    class Cycle:
        pass

    cycle = Cycle()
    cycle.own = cycle
    alive = weakref.ref(cycle)
    with vo.gc_policy():
        del cycle
        gc.collect()
        assert alive()
    gc.collect()
    assert not alive()


def test_policies_nest():
    before = state()
    with vo.gc_policy(thresholds=(900, 9, 9)):
        outer = state()
        with vo.gc_policy(disable=True, thresholds=(800, 8, 8)):
            assert (gc.get_threshold(), gc.isenabled()) == ((800, 8, 8), False)
        assert state()[:2] == outer[:2]
        assert gc.get_freeze_count() >= outer[2]  # the outer one still holds
    assert state() == before


def test_threads_that_leave_in_any_order_thaw_once():
    before = gc.get_freeze_count()
    entered, leave = threading.Barrier(2), threading.Event()

    def other():
        with vo.gc_policy():
            entered.wait()
            leave.wait()

    thread = threading.Thread(target=other)
    with vo.gc_policy():
        thread.start()
        entered.wait()
    assert gc.get_freeze_count() > 0  # the other one still holds
    leave.set()
    thread.join()
    assert gc.get_freeze_count() == before


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_policies_left_in_any_order_put_all_back(order):  # I9
    gc.set_threshold(701, 11, 12)
    before = state()
    asked = ({"disable": True}, {"thresholds": (5, 5, 5)}, {"disable": True, "freeze": False})
    policies = [vo.gc_policy(**kwargs) for kwargs in asked]
    for policy in policies:
        policy.__enter__()
    held = {0, 1, 2}
    for number in order:
        assert gc.isenabled() == held.isdisjoint({0, 2})
        assert gc.get_threshold() == ((5, 5, 5) if 1 in held else (701, 11, 12))
        assert (gc.get_freeze_count() > 0) == (not held.isdisjoint({0, 1}))
        policies[number].__exit__(None, None, None)
        held.remove(number)
    assert state() == before


def test_the_later_of_two_thresholds_holds_until_it_is_left():  # I9
    before = state()
    first, second = vo.gc_policy(thresholds=(9, 9, 9)), vo.gc_policy(thresholds=(8, 8, 8))
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert gc.get_threshold() == (8, 8, 8)
    second.__exit__(None, None, None)
    assert state() == before


def test_what_a_program_has_set_inside_is_there_again_behind_a_policy_of_its_own():
    with vo.gc_policy(disable=True):
        gc.enable()
        gc.set_threshold(6, 6, 6)
        with vo.gc_policy(disable=True, thresholds=(5, 5, 5)):
            pass
        assert (gc.get_threshold(), gc.isenabled()) == ((6, 6, 6), True)


def test_what_a_program_has_frozen_stays_so_when_it_is_not_asked():
    gc.freeze()
    frozen = gc.get_freeze_count()
    with vo.gc_policy(freeze=False, thresholds=(900, 9, 9)):
        assert gc.get_freeze_count() == frozen > 0
    assert gc.get_freeze_count() == frozen


def test_nothing_is_asked_and_nothing_is_changed():
    before = state()
    with vo.gc_policy(freeze=False):
        assert state() == before


@pytest.mark.parametrize("thresholds", [(1, 2), 700, (1, 2, -3), (1, 2, "3"), (1, 2, 2**31)])
def test_bad_thresholds_are_refused_and_change_nothing(thresholds):
    before = state()
    with pytest.raises(vo.ConfigError, match="threshold"), vo.gc_policy(thresholds=thresholds):
        pass
    assert state() == before


def test_zero_turns_a_generation_off():
    with vo.gc_policy(freeze=False, thresholds=(0, 0, 0)):
        assert gc.get_threshold()[0] == 0
