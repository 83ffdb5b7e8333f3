"""TokenBucket among threads and tasks: who waits, in which order, and who gives up."""

import asyncio
import threading
import time

import pytest

import vocana_dsp as vo
from vocana_dsp.control.bucket import TokenBucket

S = 10**9


class VirtualTime:
    """A clock that a test moves; who waits for it wakes when its time has come."""

    def __init__(self):
        self.now_ns = 0
        self.lock = threading.Lock()
        self.sleepers = {}

    def __call__(self):
        return self.now_ns

    def wait(self, event, timeout_s):
        with self.lock:
            self.sleepers[event] = self.now_ns + round(timeout_s * S)
        assert event.wait(60)
        with self.lock:
            self.sleepers.pop(event, None)

    def advance(self, s):
        with self.lock:
            self.now_ns += round(s * S)
            for event, due_ns in self.sleepers.items():
                if due_ns <= self.now_ns:
                    event.set()

    def until_asleep(self, n):
        while sum(not event.is_set() for event in list(self.sleepers)) != n:
            time.sleep(0.001)


class Line:
    """Threads that wait for a bucket one after the other, and in which order they were served."""

    def __init__(self, bucket, clock):
        self.bucket, self.clock = bucket, clock
        self.served, self.threads = [], []

    def join(self, name, cost=1, timeout_s=None):
        def wait():
            try:
                self.bucket.acquire(cost, timeout_s)
                self.served.append((name, self.clock.now_ns / S))
            except vo.TimedOut:
                self.served.append((name, "timed out"))

        self.threads.append(threading.Thread(target=wait))
        self.threads[-1].start()
        self.clock.until_asleep(len(self.threads))

    def served_in(self, n):
        while len(self.served) < n:
            time.sleep(0.001)
        return self.served

    def end(self):
        for thread in self.threads:
            thread.join(60)
            assert not thread.is_alive()


@pytest.fixture
def clock():
    return VirtualTime()


def bucket_of(clock, rate=1, burst=5):
    return TokenBucket(rate, burst, initial=0, clock=clock, wait=clock.wait)


def test_waiters_are_served_in_their_order(clock):  # N6
    """The second wants less and could be served first; it is not."""
    bucket = bucket_of(clock)
    line = Line(bucket, clock)
    line.join("first", cost=3)
    line.join("second", cost=1)
    line.join("third", cost=2)
    assert (bucket.waiting, bucket.time_until(1)) == (3, 7 * S)
    clock.advance(2)
    assert not bucket.try_acquire(1), "nobody passes those who wait"
    clock.until_asleep(3)
    assert line.served == []
    clock.advance(1)
    assert line.served_in(1) == [("first", 3.0)]
    clock.until_asleep(2)
    clock.advance(1)
    assert line.served_in(2)[1:] == [("second", 4.0)]
    clock.until_asleep(1)
    clock.advance(2)
    assert line.served_in(3)[2:] == [("third", 6.0)]
    line.end()
    assert (bucket.waiting, bucket.tokens, clock.sleepers) == (0, 0, {})


def test_one_who_gives_up_leaves_nothing_behind(clock):  # N6
    bucket = bucket_of(clock)
    line = Line(bucket, clock)
    line.join("first", cost=5)
    line.join("second", cost=4, timeout_s=4.5)
    line.join("third", cost=1)
    clock.advance(4.5)
    assert line.served_in(1) == [("second", "timed out")]
    clock.until_asleep(2)
    assert (bucket.waiting, bucket.time_until(1)) == (2, 2.5 * S)
    clock.advance(0.5)
    assert line.served_in(2)[1:] == [("first", 5.0)]
    clock.until_asleep(1)
    clock.advance(1)
    assert line.served_in(3)[2:] == [("third", 6.0)]
    line.end()
    assert (bucket.waiting, bucket.tokens) == (0, 0)


def test_the_next_in_line_is_woken_by_who_leaves_it(clock):  # N6
    """The first is interrupted; the second can be served at once, and is."""

    class Interrupt(BaseException):
        pass

    interrupt = threading.Event()

    def wait(event, timeout_s):
        clock.wait(event, timeout_s)
        if interrupt.is_set() and threading.current_thread().name == "interrupted":
            raise Interrupt

    bucket = TokenBucket(1, 5, initial=1, clock=clock, wait=wait)
    ends = []

    def interrupted():
        with pytest.raises(Interrupt):
            bucket.acquire(5)
        ends.append("interrupted")

    first = threading.Thread(target=interrupted, name="interrupted")
    first.start()
    clock.until_asleep(1)
    line = Line(bucket, clock)
    line.threads.append(first)
    line.join("second")
    interrupt.set()
    bucket._waiters[0].turn.set()
    assert line.served_in(1) == [("second", 0.0)]
    line.end()
    assert ends == ["interrupted"]
    assert (bucket.waiting, bucket.tokens) == (0, 0)


def test_a_wait_that_must_fail_fails_at_once(clock):  # N6
    bucket = bucket_of(clock)
    with pytest.raises(vo.TimedOut, match="3 tokens are 3 s or more away, expected them within 2"):
        bucket.acquire(3, timeout_s=2)
    assert (bucket.waiting, clock.now_ns) == (0, 0)
    with pytest.raises(vo.TimedOut):
        bucket.acquire(timeout_s=0)
    clock.advance(1)
    bucket.acquire(timeout_s=0)
    assert bucket.tokens == 0


def test_threads_get_what_comes_in_real_time():  # N5
    bucket = TokenBucket(2000, burst=10)
    began = time.monotonic()
    granted = []

    def work():
        for _ in range(40):
            bucket.acquire()
            granted.append(1)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(granted) == 320
    assert time.monotonic() - began >= 310 / 2000
    assert bucket.waiting == 0


def test_tasks_wait_in_their_order_and_a_cancel_takes_nothing():  # N6
    async def main():
        bucket = TokenBucket(200, burst=4, initial=0)
        served = []

        async def ask(name, cost):
            await bucket.acquire_async(cost)
            served.append(name)

        tasks = []
        for name, cost in (("first", 4), ("cancelled", 4), ("third", 1), ("fourth", 2)):
            tasks.append(asyncio.create_task(ask(name, cost)))
            await asyncio.sleep(0)
        assert bucket.waiting == 4
        tasks[1].cancel()
        done = await asyncio.gather(*tasks, return_exceptions=True)
        assert isinstance(done[1], asyncio.CancelledError)
        assert served == ["first", "third", "fourth"]
        assert bucket.waiting == 0
        with pytest.raises(vo.TimedOut):
            await TokenBucket(1, initial=0).acquire_async(timeout_s=0.5)

    asyncio.run(main())


def test_threads_and_tasks_stand_in_one_line():  # N6
    bucket = TokenBucket(100, initial=0)
    served = []

    async def main():
        task = asyncio.create_task(bucket.acquire_async())
        await asyncio.sleep(0)
        thread.start()
        await task
        served.append("task")

    thread = threading.Thread(target=lambda: (bucket.acquire(), served.append("thread")))
    asyncio.run(main())
    thread.join(60)
    assert served == ["task", "thread"]


@pytest.fixture
def left_behind():
    """Makes a task wait for a bucket and closes its loop over it; what is left of it."""
    tasks = []

    def leave(bucket, cost=1, meanwhile=lambda: None):
        loop = asyncio.new_event_loop()
        loop.set_exception_handler(lambda loop, context: None)
        tasks.append(loop.create_task(bucket.acquire_async(cost)))
        loop.run_until_complete(asyncio.sleep(0))
        meanwhile()
        loop.close()
        assert not tasks[-1].done()

    return leave


def test_a_task_whose_loop_is_closed_holds_nobody_up(left_behind):  # N6
    bucket = TokenBucket(1000, initial=0)
    left_behind(bucket)
    bucket.acquire(timeout_s=30)
    assert bucket.waiting == 0


def test_who_does_not_wait_is_not_held_up_either(left_behind, clock):  # N6
    bucket = bucket_of(clock)
    left_behind(bucket, cost=5)
    assert bucket.time_until(1) == S
    clock.advance(1)
    assert bucket.try_acquire()
    left_behind(bucket, cost=5)
    assert bucket.waiting == 0


def test_who_already_waits_behind_it_is_served_in_time(left_behind, clock):  # N6
    bucket = bucket_of(clock)
    line = Line(bucket, clock)
    left_behind(bucket, cost=3, meanwhile=lambda: line.join("thread", cost=2))
    clock.advance(5)
    assert line.served_in(1) == [("thread", 5.0)]
    line.end()
    assert (bucket.waiting, bucket.tokens) == (0, 3)
