"""Captures in an event loop: same blocks, and the loop goes on turning."""

import asyncio
import gc
from pathlib import Path

import numpy as np
import pytest
from hand_device import HandDevice

import vocana_dsp as vo
from vocana_dsp.testing import SimulatedDevice, Stall, Unplug


def simulated(**options):
    options.setdefault("seconds", 0.3)
    options.setdefault("pace", "lockstep")
    return SimulatedDevice(**options)


async def collect(mic):
    return [block async for block in mic]


async def count(mic, frames):
    """Add the frames of each block to frames[0]."""
    async for block in mic:
        frames[0] += len(block)


def descriptors():
    return len(list(Path("/proc/self/fd").iterdir()))


def test_async_iteration_gives_the_same_blocks():  # I1
    script = [Stall(1000, ms=20), Stall(5000, ms=1)]
    with vo.Capture(simulated(script=script)) as mic:
        expected = list(mic)
    with vo.Capture(simulated(script=script)) as mic:
        found = asyncio.run(collect(mic))
    assert [(b.frame, b.time, b.gap, b.cause) for b in found] == [
        (b.frame, b.time, b.gap, b.cause) for b in expected
    ]
    for ours, theirs in zip(found, expected, strict=True):
        np.testing.assert_array_equal(ours.data, theirs.data)


def test_it_starts_a_capture_that_nobody_started():
    mic = vo.Capture(simulated())
    assert sum(len(block) for block in asyncio.run(collect(mic))) == 14_400
    mic.close()


def test_a_ring_of_one_block_goes_on_on_a_device_that_waits_for_room():
    async def run():
        with vo.Capture(simulated(), block_ms=20, ring_ms=20) as mic:
            return await asyncio.wait_for(collect(mic), 20)

    assert sum(len(block) for block in asyncio.run(run())) == 14_400


def test_the_loop_turns_while_a_capture_waits():
    async def run():
        turns, done = 0, False

        async def tick():
            nonlocal turns
            while not done:
                turns += 1
                await asyncio.sleep(0.001)

        ticker = asyncio.create_task(tick())
        turns_at_block = []
        with vo.Capture(SimulatedDevice(seconds=0.5), block_ms=50) as mic:
            async for _ in mic:
                turns_at_block.append(turns)
        done = True
        await ticker
        return np.diff(turns_at_block)

    turned = asyncio.run(run())
    assert len(turned) == 9
    assert turned.sum() >= 5, "a ticker runs between blocks"


def test_several_captures_in_one_loop():
    async def run():
        mics = [vo.Capture(simulated(block_frames=n)) for n in (32, 100, 128, 700)]
        found = await asyncio.gather(*map(collect, mics))
        for mic in mics:
            mic.close()
        return found

    for blocks in asyncio.run(run()):
        data = np.concatenate([block.data[:, 0] for block in blocks])
        np.testing.assert_array_equal(data, np.arange(14_400))


def test_cancelling_loses_nothing_and_leaves_no_reader_in_the_loop():
    async def run():
        device = HandDevice()
        with vo.Capture(device) as mic:
            blocks = []

            async def consume():
                async for block in mic:
                    blocks.append(block)

            for turn in range(3):
                task = asyncio.create_task(consume())
                device.play(1000)
                while len(blocks) < turn + 1:
                    await asyncio.sleep(0)
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task
            assert asyncio.get_running_loop().remove_reader(mic._tap.descriptor) is False
            device.end()
            blocks += await collect(mic)
            assert mic.stats.delivered == 3000
            return np.concatenate([block.data[:, 0] for block in blocks])

    np.testing.assert_array_equal(asyncio.run(run()), np.arange(3000))


def test_breaking_out_and_going_on():
    async def run():
        with vo.Capture(simulated()) as mic:
            first = None
            async for block in mic:
                first = block
                break
            rest = await collect(mic)
            return [first, *rest]

    data = np.concatenate([block.data[:, 0] for block in asyncio.run(run())])
    np.testing.assert_array_equal(data, np.arange(14_400))


def test_a_timeout_around_a_block():
    async def run():
        device = HandDevice()
        with vo.Capture(device) as mic:
            blocks = mic.__aiter__()
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(blocks.__anext__(), 0.02)
            device.play(960)
            return len(await mic.__aiter__().__anext__())

    assert asyncio.run(run()) == 960


def test_loss_of_the_device_raises_after_what_was_queued():
    async def run():
        frames = [0]
        with vo.Capture(simulated(script=[Unplug(1000)])) as mic:
            with pytest.raises(vo.DeviceError) as told:
                await count(mic, frames)
            assert told.value.code == "device_lost"
        return frames[0]

    assert asyncio.run(run()) == 1000


def test_a_stall_raises_after_what_was_queued():
    async def run():
        frames = [0]
        with vo.Capture(SimulatedDevice(script=[Stall(1000, ms=60_000)])) as mic:
            with pytest.raises(vo.DeviceError) as told:
                await asyncio.wait_for(count(mic, frames), 20)
            assert told.value.code == "device_stalled"
        return frames[0]

    assert asyncio.run(run()) == 1000


def test_an_overflow_under_the_fail_policy_raises():
    async def run():
        device = HandDevice()
        with vo.Capture(device, ring_ms=50, overflow=vo.Overflow("fail")) as mic:
            device.play(2401)
            device.end()
            with pytest.raises(vo.RingOverflow):
                await collect(mic)
            return sum(len(block) for block in await collect(mic))

    assert asyncio.run(run()) == 2400


def test_stop_and_close_from_the_loop_end_the_iteration():
    async def run(end):
        with vo.Capture(SimulatedDevice()) as mic:
            task = asyncio.create_task(collect(mic))
            while mic.stats.delivered < 960:
                await asyncio.sleep(0.001)
            end(mic)
            return len(await asyncio.wait_for(task, 20))

    assert asyncio.run(run(lambda mic: mic.stop())) >= 1
    assert asyncio.run(run(lambda mic: mic.close())) >= 1


def test_many_async_captures_leak_no_descriptor():
    async def run():
        for _ in range(50):
            with vo.Capture(simulated(seconds=0.02)) as mic:
                await collect(mic)

    asyncio.run(run())
    gc.collect()
    before = descriptors()
    asyncio.run(run())
    assert descriptors() == before
