"""The ring in C: beside what memory allows and beside boost::lockfree::spsc_queue."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack

from .._native.bench import Queue, bounce, two_memcpy
from .figure import Figure, Target
from .machine import on_one_processor, two_processors
from .pairs import OURS, in_turn
from .peers import PeerAbsentError, boost

Cpus = tuple[int, int]  # processors of the two threads

BLOCKS = (64, 256, 1024)  # frames
CAPACITY = 4096  # frames; 32 KiB of stereo
CHANNELS = 2
ROUNDS = 41
FRAMES_A_RUN = 1 << 20  # one thread
FRAMES_A_RACE = 1 << 22  # two threads: some ms, long beside the start of a thread
TRIPS = 4000

TARGET_BLOCK = 256
ONE_THREAD = Target("ratio", "<=", 1.1)
BULK = Target("ratio", ">=", 1.0)
PING_PONG = Target("ratio", "<=", 1.0)

MEMCPY = "two memcpy (limit)"
HALVES = "double buffer"
BOOST = "boost::lockfree::spsc_queue"
BOUNCE = "cache-line bounce"


def figures() -> list[Figure]:
    """Measure the ring in C with one and with two threads."""
    with ExitStack() as stack:
        peers: dict[str, Queue] = {}
        absent = ""
        try:
            peers[BOOST] = stack.enter_context(boost())
        except PeerAbsentError as error:
            absent = f"peer absent: {error}"
        with on_one_processor():
            found = [figure for block in BLOCKS for figure in _one_thread(block, peers)]
        cpus = two_processors()
        if cpus is None:
            return [*found, *_unmeasured("not measured: it takes two processors")]
        for block in BLOCKS:
            found += _two_threads(block, peers, cpus)
        found += _round_trip(peers, cpus)
        return [*found, *(_unmeasured(absent) if absent else [])]


def _shape(block: int, layout: int) -> tuple[int, int, int, int]:
    return (CAPACITY, CHANNELS, block, layout)


def _one_thread(block: int, peers: dict[str, Queue]) -> list[Figure]:
    rounds = FRAMES_A_RUN // max(block, TARGET_BLOCK)

    def timed(queue: Queue) -> Callable[[int], float]:
        return lambda layout: queue.one_thread(_shape(block, layout), rounds)

    runs = in_turn(
        {
            OURS: timed(Queue.ours()),
            MEMCPY: lambda layout: two_memcpy(_shape(block, layout), rounds),
            **{name: timed(queue) for name, queue in peers.items()},
        },
        ROUNDS,
    )
    name = f"ring in C, one thread, push+pop of {block} frames"
    target = ONE_THREAD if block == TARGET_BLOCK else None
    beside = [runs.figure(name, "ns", peer) for peer in peers]
    return [runs.figure(name, "ns", MEMCPY, target), *beside]


def _two_threads(block: int, peers: dict[str, Queue], cpus: Cpus) -> list[Figure]:
    blocks = FRAMES_A_RACE // block

    def raced(queue: Queue) -> Callable[[int], float]:
        return lambda layout: queue.bulk(_shape(block, layout), cpus, blocks)

    runs = in_turn(
        {
            OURS: raced(Queue.ours()),
            HALVES: raced(Queue.halves()),
            **{name: raced(queue) for name, queue in peers.items()},
            BOUNCE: lambda _: bounce(cpus, TRIPS),
        },
        ROUNDS,
    )
    name = f"ring in C, two threads, blocks of {block} frames"
    note = f"{BOUNCE} meanwhile: {runs.median(BOUNCE):.0f} ns"
    beside = [runs.figure(name, "GB/s", peer, BULK, note) for peer in peers]
    return [*beside, runs.figure(name, "GB/s", HALVES, note=note)]


def _round_trip(peers: dict[str, Queue], cpus: Cpus) -> list[Figure]:
    block = BLOCKS[0]

    def thrown(queue: Queue) -> Callable[[int], float]:
        return lambda layout: queue.ping_pong(_shape(block, layout), cpus, TRIPS)

    runs = in_turn(
        {
            OURS: thrown(Queue.ours()),
            BOUNCE: lambda _: bounce(cpus, TRIPS),
            **{name: thrown(queue) for name, queue in peers.items()},
        },
        ROUNDS,
    )
    name = f"ring in C, two threads, one way of {block} frames"
    beside = [runs.figure(name, "ns", peer, PING_PONG) for peer in peers]
    return [*beside, runs.figure(name, "ns", BOUNCE)]


def _unmeasured(why: str) -> list[Figure]:
    bulk = [
        Figure(f"ring in C, two threads, blocks of {block} frames", None, "GB/s", BOOST,
               target=BULK, note=why)
        for block in BLOCKS
    ]  # fmt: skip
    name = f"ring in C, two threads, one way of {BLOCKS[0]} frames"
    return [*bulk, Figure(name, None, "ns", BOOST, target=PING_PONG, note=why)]
