"""What a capture gives: the same blocks in an iteration and in reads, to any readers."""

import threading

import numpy as np
import pytest
from hand_device import HandDevice
from played import counter, simulated

import vocana_dsp as vo


@pytest.mark.parametrize("channels", [1, 2, 7])
def test_iteration_and_read_give_the_same_data(channels):  # I1
    with vo.Capture(simulated(channels=channels)) as mic:
        iterated = list(mic)
    with vo.Capture(simulated(channels=channels)) as mic:
        read = []
        while len(block := mic.read(960)):
            read.append(block)
    assert [(b.frame, b.time, b.gap, b.cause) for b in iterated] == [
        (b.frame, b.time, b.gap, b.cause) for b in read
    ]
    for ours, theirs in zip(iterated, read, strict=True):
        np.testing.assert_array_equal(ours.data, theirs.data)
    np.testing.assert_array_equal(
        np.concatenate([b.data for b in iterated]), counter(0, 24_000, channels)
    )


def test_a_block_is_float32_frames_by_channels_owned_by_the_caller():
    with vo.Capture(simulated(channels=2), block_ms=10) as mic:
        blocks = list(mic)
    for number, block in enumerate(blocks):
        assert block.data.dtype == np.float32
        assert block.data.shape == (480, 2)
        assert block.data.flags.c_contiguous
        assert block.data.flags.writeable
        assert (block.frame, block.time) == (number * 480, number * 480 / 48_000)
        assert (block.gap, block.cause, len(block)) == (0, None, 480)
    assert not np.shares_memory(blocks[0].data, blocks[1].data)


def test_a_channel_is_a_view_with_a_stride():  # I13
    with vo.Capture(simulated(channels=2)) as mic:
        block = mic.read(100)
    left = block.data[:, 0]
    assert np.shares_memory(left, block.data)
    assert left.strides == (8,)
    left[3] = -1
    assert block.data[3, 0] == -1
    assert block.data[3, 1] == 3


@pytest.mark.parametrize("frames", [1, 127, 960, 4800, 10_000, 23_999])
def test_a_read_of_any_length_is_exact(frames):
    """Also beyond what the ring holds, on a device that waits for room."""
    with vo.Capture(simulated(block_frames=128), ring_ms=100) as mic:
        block = mic.read(frames, timeout=10)
        rest = mic.read(24_000 - frames, timeout=10)
    np.testing.assert_array_equal(block.data, counter(0, frames))
    np.testing.assert_array_equal(rest.data, counter(frames, 24_000 - frames))


def test_a_read_longer_than_the_source_gives_all_of_it():
    with vo.Capture(simulated()) as mic:
        assert len(mic.read(1_000_000)) == 24_000


def iterate_in_thread(mic):
    """All blocks of an iteration that may hang."""
    blocks = []
    thread = threading.Thread(target=lambda: blocks.extend(mic), daemon=True)
    thread.start()
    thread.join(10)
    finished = not thread.is_alive()
    mic.close()
    thread.join(10)
    assert finished, "the iteration hangs"
    return blocks


@pytest.mark.parametrize("block_frames", [128, 700, 960, 1000, 5000])
def test_a_ring_of_one_block_loses_nothing_on_a_device_that_waits_for_room(block_frames):
    device = simulated(block_frames=block_frames)
    mic = vo.Capture(device, block_ms=20, ring_ms=20)
    blocks = iterate_in_thread(mic)
    assert mic.stats.dropped == 0
    np.testing.assert_array_equal(np.concatenate([b.data for b in blocks]), counter(0, 24_000))


def test_reading_starts_the_capture():
    mic = vo.Capture(simulated())
    assert mic.state == "open"
    assert len(mic.read(10)) == 10
    mic.close()


def test_a_timeout_gives_what_there_is():
    device = HandDevice()
    with vo.Capture(device) as mic:
        empty = mic.read(100, timeout=0.01)
        assert (len(empty), empty.frame, empty.data.shape) == (0, 0, (0, 1))
        device.play(60)
        assert len(mic.read(100, timeout=0.01)) == 60
        assert len(mic.read(100, timeout=0)) == 0
        assert mic.read(100, timeout=0).frame == 60
        device.play(60)
        assert len(mic.read(100, timeout=-1)) == 60


def test_a_waiting_read_gets_what_comes_meanwhile():
    device = HandDevice()
    with vo.Capture(device) as mic:
        got = []
        reader = threading.Thread(target=lambda: got.append(mic.read(960)))
        reader.start()
        for _ in range(8):
            device.play(120)
        reader.join(60)
        np.testing.assert_array_equal(got[0].data, counter(0, 960))


@pytest.mark.parametrize("readers", [2, 3])
def test_several_readers_share_the_blocks_and_each_block_is_whole(readers):
    """Every method may be called from any thread."""
    found = []

    def read(mic):
        for block in mic:
            found.append(np.array_equal(block.data, counter(block.frame, len(block))))
            frames.extend(range(block.frame, block.frame + len(block), 48))

    frames = []
    with vo.Capture(simulated(seconds=4, block_frames=96), block_ms=10, ring_ms=25) as mic:
        threads = [threading.Thread(target=read, args=[mic]) for _ in range(readers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert mic.stats.delivered == mic.stats.captured == 192_000
    assert all(found)
    assert sorted(frames) == list(range(0, 192_000, 48))


def test_a_read_in_parts_is_whole_beside_another_reader():
    """Longer than the ring holds, so that each read takes its frames in several goes."""
    found, wrong = [], []

    def read(mic):
        while len(block := mic.read(9000)):
            found.append(len(block))
            wrong.append(not np.array_equal(block.data, counter(block.frame, len(block))))

    with vo.Capture(simulated(seconds=3, block_frames=96), ring_ms=100) as mic:
        threads = [threading.Thread(target=read, args=[mic]) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
    assert sum(found) == 144_000
    assert not any(wrong)
