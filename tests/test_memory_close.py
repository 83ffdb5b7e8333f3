"""How MemoryPressure ends: everything is undone, whatever was being done just then."""

import threading

import pytest
from child import run_ok
from memory_machine import Machine, Part

import vocana_dsp as vo


@pytest.fixture
def machine():
    return Machine()


def test_close_undoes_everything(machine):
    class Stubborn(Part):
        def suspend(self):
            raise RuntimeError("it cannot")

    parts = [Part("mood"), Stubborn("voice"), Part("words")]
    with vo.BufferPool(64) as pool:
        pressure = machine.pressure(stages=parts, pools=[pool])
        pressure.start()
        pressure.start()
        machine.ratio = 0.99
        machine.wait(5)
        assert [part.suspended for part in parts] == [True, False, True]
        assert pool.stats.maximum == 1
        pressure.close()
        pressure.close()
        assert not any(part.suspended for part in parts)
        assert pool.stats.maximum == 50
    assert machine.maintenance.step() is None


def test_a_look_that_is_due_when_it_is_closed_is_not_taken(machine):
    part = Part("mood")
    pressure = machine.pressure(stages=[part])
    machine.maintenance.every(0.25, pressure.close)  # due first
    pressure.start()
    machine.ratio = 0.99
    machine.wait(1)
    assert not part.suspended
    pressure._job()  # as one that waited for close to end
    assert not part.suspended
    assert pressure.step() == "critical"  # by hand it can be used as before
    assert part.suspended
    pressure.close()


def test_close_does_not_wait_for_a_stage_that_hangs(machine, monkeypatch):
    monkeypatch.setattr("vocana_dsp.memory.watch._CLOSE_S", 0.01)
    hangs, inside = threading.Event(), threading.Event()

    class Stuck(Part):
        def suspend(self):
            inside.set()
            hangs.wait()
            super().suspend()

    stuck = Stuck("stuck")
    with vo.BufferPool(64) as pool:
        pressure = machine.pressure(stages=[stuck], pools=[pool])
        machine.ratio = 0.99
        thread = threading.Thread(target=pressure.step)
        thread.start()
        assert inside.wait(30)
        pressure.close()
        assert thread.is_alive()
        hangs.set()
        thread.join(30)
        assert not stuck.suspended  # nobody else is left to undo it
        assert pool.stats.maximum == 50


def test_a_child_of_a_fork_may_look_though_its_parent_was_looking():  # faults 41
    told = run_ok("""
        import os, signal, threading, warnings
        import vocana_dsp as vo
        warnings.simplefilter("ignore")
        parent, looking, on = os.getpid(), threading.Event(), threading.Event()

        def read():
            if os.getpid() == parent:
                looking.set()
                on.wait()
            return vo.memory.MemoryUse(1, 100, None, "planted")

        pressure = vo.MemoryPressure(read=read)
        thread = threading.Thread(target=pressure.step)
        thread.start()
        looking.wait()
        child = os.fork()
        if not child:
            signal.alarm(60)  # else it would wait for ever
            pressure.step()
            pressure.close()
            os._exit(7)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
        on.set()
        thread.join()
    """)
    assert told == "7\n"
