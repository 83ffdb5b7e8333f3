"""Buffers that nobody gives back are found, and the line that acquired them."""

import gc
import inspect

import pytest
from child import run_ok

import vocana_dsp as vo


def careless(pool: vo.BufferPool) -> list[vo.PooledBuffer]:
    return [pool.acquire()]


def line_of_careless() -> int:
    return inspect.getsourcelines(careless)[1] + 1


def careful(pool: vo.BufferPool) -> None:
    with pool.acquire():
        pass


def test_a_planted_leak_is_located() -> None:  # J7
    pool = vo.BufferPool(8, debug=True)
    for _ in range(100):
        careful(pool)
    kept = careless(pool)
    careful(pool)
    (leak,) = pool.leaks()
    file, line = leak.site.removesuffix(" in careless").rsplit(":", 1)
    assert (file, int(line)) == (__file__, line_of_careless())
    assert leak.stack[0] == leak.site
    assert "in test_a_planted_leak_is_located" in leak.stack[1]
    assert not leak.collected
    assert 0 <= leak.age_s < 60
    kept.clear()
    gc.collect()
    assert [(lost.site, lost.collected) for lost in pool.leaks()] == [(leak.site, True)]
    with pytest.warns(ResourceWarning, match=rf"1 collected .* acquired at .*:{line} in careless"):
        pool.close()


def test_a_file_whose_name_begins_as_the_package_s_does_is_no_part_of_it() -> None:  # J7
    file = inspect.getfile(vo.BufferPool).replace("pool.py", "").rstrip("/") + "_of_mine.py"
    pool = vo.BufferPool(8, debug=True)
    names = {"pool": pool}
    exec(compile("held = pool.acquire()", file, "exec"), names)
    assert pool.leaks()[0].site == f"{file}:1 in <module>"
    names["held"].release()  # type: ignore[attr-defined]


def test_a_program_without_a_leak_has_none() -> None:  # J7: the control
    with vo.BufferPool(8, debug=True) as pool:
        for _ in range(100):
            careful(pool)
        assert pool.leaks() == []
    assert pool.leaks() == []


def test_of_many_that_were_collected_the_last_hundred_are_known() -> None:  # J7
    pool = vo.BufferPool(8, debug=True)
    for _ in range(150):
        careless(pool)
    assert len(pool.leaks()) == 100
    assert pool.stats.leaked == 150


def test_only_the_debug_mode_knows() -> None:  # J7
    script = """
        import vocana_dsp as vo
        pool = vo.BufferPool(8)
        held = pool.acquire()
        print(len(pool.leaks()))
        held.release()
    """
    assert run_ok(script) == "0\n"
    assert run_ok(f"import subprocess, sys, textwrap\nprint(subprocess.run([sys.executable, '-X', "
                  f"'dev', '-c', textwrap.dedent({script!r})], capture_output=True, text=True, "
                  "check=True).stdout, end='')") == "1\n"  # fmt: skip
