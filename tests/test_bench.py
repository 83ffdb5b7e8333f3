"""What `vocana bench` says is measured, and it can say no."""

import json
import math
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

import vocana_dsp
from vocana_dsp import bench
from vocana_dsp._native.bench import BenchError, Queue, bounce, malloc, pool, two_memcpy
from vocana_dsp.bench import Figure, Report, Target, blocked_disk, memory, peers, ring, ring_calls
from vocana_dsp.bench.pairs import Runs, in_turn
from vocana_dsp.cli import main
from vocana_dsp.errors import ConfigError

SHAPE = (4096, 2, 64, 0)
FREE = (-1, -1)  # processors: wherever the system puts the threads


# --- Targets ----------------------------------------------------------------------------------


# A5: 10.667 is not below 10.
@pytest.mark.parametrize(
    ("sense", "number", "met"),
    [
        ("<", 10.667, False),
        ("<", 10.0, False),
        ("<", 9.999, True),
        ("<=", 10.0, True),
        ("<=", math.nextafter(10.0, math.inf), False),
        (">=", 10.0, True),
        (">=", math.nextafter(10.0, 0.0), False),
        ("<", math.nan, False),
        ("<=", math.nan, False),
        (">=", math.nan, False),
    ],
)
def test_a_bound_is_compared_without_rounding(sense, number, met):
    assert Target("value", sense, 10.0).met(number) is met
    assert Figure("x", number, "ns", target=Target("value", sense, 10.0)).passed is met


def test_a_missed_target_fails_the_report():
    good = Figure("good", 1.0, "ns", "peer", 2.0, 0.5, Target("ratio", "<=", 1.0))
    free = Figure("free", 9.0, "ns")
    impossible = Figure("impossible", 1.0, "ns", "peer", 2.0, 0.5, Target("ratio", "<=", 0.0))
    assert Report([good, free]).passed
    assert not Report([good, free, impossible]).passed


def test_an_absent_peer_is_neither_passed_nor_missed_but_named():
    absent = Figure("x", 1.0, "ns", "peer", target=Target("ratio", "<=", 1.0), note="peer absent")
    assert absent.passed is None
    report = Report([absent])
    assert report.passed
    assert report.unmeasured == ["x"]
    assert json.loads(json.dumps(report.to_dict()))["figures"][0]["passed"] is None


@pytest.mark.parametrize(("bound", "code"), [(1.0, 0), (0.0, 1)])
def test_the_command_exits_1_when_a_target_is_missed(monkeypatch, bound, code):
    figure = Figure("x", 1.0, "ns", "peer", 2.0, 0.5, Target("ratio", "<=", bound))
    monkeypatch.setattr(bench, "run", lambda group=None: Report([figure], {"python": "3"}))
    plain = CliRunner().invoke(main, ["bench"])
    as_json = CliRunner().invoke(main, ["bench", "--json"])
    assert (plain.exit_code, as_json.exit_code) == (code, code)
    said = json.loads(as_json.output)
    assert said["passed"] is (code == 0)
    assert said["figures"][0]["target"] == f"ratio <= {bound:g}"


def test_an_unknown_group_is_refused_with_the_known_ones():
    with pytest.raises(ConfigError, match="'ring', 'pool', 'capture', 'import'"):
        bench.run("rings")


# --- Runs -------------------------------------------------------------------------------------


def test_contenders_run_in_turn_and_take_turns_at_being_first():
    seen = []

    def contender(name):
        def run(number):
            seen.append((number, name))
            return float(number + 1)

        return run

    runs = in_turn({name: contender(name) for name in "abc"}, 3)
    assert [name for _, name in seen] == list("abcbcacab")
    assert runs.scores == {name: [1.0, 2.0, 3.0] for name in "abc"}


def test_a_ratio_is_of_pairs_not_of_medians():
    runs = Runs({"ours": [1.0, 20.0, 3.0], "peer": [1.0, 10.0, 1.0]})
    assert runs.ratio("ours", "peer") == 2.0
    assert runs.median("ours") / runs.median("peer") == 3.0


def test_every_run_gives_a_time():
    assert two_memcpy(SHAPE, 100) > 0
    assert bounce(FREE, 100) > 0
    assert malloc(4096, 100) > 0
    for shared in (False, True):
        assert pool(480, 2, shared, 100) > 0
    for queue in (Queue.ours(), Queue.halves()):
        assert queue.bulk(SHAPE, FREE, 1000) > 0
    assert Queue.ours().one_thread(SHAPE, 1000) > 0
    assert Queue.ours().ping_pong(SHAPE, FREE, 100) > 0
    with pytest.raises(ValueError, match="no ping-pong"):
        Queue.halves().ping_pong(SHAPE, FREE, 1)


# A queue that damages one sample must not get a time: the runs check what they carry.
def test_a_damaged_queue_is_reported_by_every_run():
    for run in (
        lambda queue: queue.one_thread(SHAPE, 1500),
        lambda queue: queue.bulk(SHAPE, FREE, 1500),
        lambda queue: queue.ping_pong(SHAPE, FREE, 1500),
    ):
        with pytest.raises(BenchError, match="other than it went in"):
            run(Queue.damaged())


def test_a_python_queue_that_damages_a_block_is_reported(monkeypatch):
    class Damaged(vocana_dsp.RingBuffer):
        def read_into(self, out):
            got = super().read_into(out)
            out[0, 0] += 1
            return got

    monkeypatch.setattr(ring_calls, "RingBuffer", Damaged)
    with pytest.raises(BenchError, match="vocana: the block that came out"):
        ring_calls._calls(64)


# --- Peers and children -----------------------------------------------------------------------


@pytest.mark.figures
def test_without_a_compiler_boost_is_absent_and_said_so(monkeypatch):
    monkeypatch.setattr(peers.shutil, "which", lambda name: None)
    with pytest.raises(peers.PeerAbsentError, match="install libboost-dev and g\\+\\+"):
        peers.boost().__enter__()
    monkeypatch.setattr(ring, "two_processors", lambda: None)
    missing = [figure for figure in ring.figures() if figure.value is None]
    assert missing
    assert all(figure.passed is None and figure.note for figure in missing)


def test_the_counter_of_allocations_counts_those_of_the_engine_and_no_others():
    code = (
        "import ctypes, numpy, vocana_dsp as vo\n"
        "calls = ctypes.CDLL(None).vocana_bench_allocations\n"
        "counts = [calls()]\n"
        "arrays = [numpy.empty(n) for n in range(5000)]\n"
        "counts.append(calls())\n"
        "rings = [vo.RingBuffer(64) for _ in range(10)]\n"
        "counts.append(calls())\n"
        "print(counts[1] - counts[0], counts[2] - counts[1])\n"
    )
    native = str(Path(vocana_dsp.__file__).resolve().parent / "_native") + "/"
    with peers.preload("count_allocations.c") as counter:
        said = memory.run_python(code, LD_PRELOAD=counter, VOCANA_BENCH_CODE=native)
    assert said == "0 20"  # a ring is two allocations: itself and its frames


@pytest.mark.figures  # 14 s
def test_a_disk_that_blocks_takes_frames_from_a_python_thread_alone():
    [figure] = blocked_disk.figures()
    assert figure.value == 0
    assert figure.peer_value > blocked_disk.RATE


def test_growth_in_python_is_seen_when_blocks_are_kept(monkeypatch):
    keeping = memory._STEADY.replace("mic.read(960)", "kept_blocks.append(mic.read(960))")
    keeping = keeping.replace("blocks = 2000", "blocks = 200\nkept_blocks = []")
    monkeypatch.setattr(memory, "_STEADY", keeping)
    figure = memory._growth()
    assert figure.value > 960 * 2 * 4
    assert figure.passed is False


def test_a_child_that_fails_is_an_error_with_its_last_line():
    with pytest.raises(BenchError, match="ValueError: planted"):
        memory.run_python("raise ValueError('planted')")


# O1: a benchmark that draws numbers could print any.
def test_no_figure_comes_from_a_random_number():
    here = Path(bench.__file__).parent
    for source in here.glob("*.py"):
        text = source.read_text(encoding="utf-8")
        assert "random" not in text, source
        assert "np.random" not in text, source


def test_the_bench_is_not_imported_with_the_package():
    code = "import sys, vocana_dsp; print('vocana_dsp.bench' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
