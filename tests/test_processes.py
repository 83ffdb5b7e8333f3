"""What this process holds, by count."""

import os
import threading

import numpy as np

from vocana_dsp.system.processes import descriptors, rss_bytes, threads


def test_memory_that_is_touched_is_seen():
    before = rss_bytes()
    held = np.ones(4_000_000)
    assert 30e6 < rss_bytes() - before < 64e6
    del held


def test_descriptors_and_threads_are_counted():
    fds, running = descriptors(), threads()
    more = [os.dup(2) for _ in range(5)]
    wait = threading.Event()
    thread = threading.Thread(target=wait.wait)
    thread.start()
    assert (descriptors(), threads()) == (fds + 5, running + 1)
    wait.set()
    thread.join()
    for fd in more:
        os.close(fd)
    assert descriptors() == fds
