"""A fork leaves a capture to the parent."""

import numpy as np
import soundfile
from child import run_ok

FORK = """
    import os, sys, warnings
    import numpy as np
    import vocana_dsp as vo
    from vocana_dsp.testing import SimulatedDevice
    warnings.simplefilter("ignore")  # 3.12 and later warn of every fork beside a thread

    mic = vo.Capture(SimulatedDevice())
    idle = vo.Capture(SimulatedDevice())
    first = mic.read(960)
    blocks = iter(mic)
    next(blocks)
    child = os.fork()
    if not child:
        told = 0
        for use in (lambda: mic.read(1), lambda: iter(mic), mic.start, lambda: idle.read(1)):
            try:
                use()
            except vo.StreamClosed as error:
                told += "parent" in str(error)
        list(blocks)
        mic.stop(), mic.close(), idle.close()
        stats, gaps, events = mic.stats, mic.gaps, mic.events()
        new = vo.Capture(SimulatedDevice(seconds=0.02))
        frames = sum(len(block) for block in new)
        del mic, idle, blocks
        sys.exit(7 if (told, frames) == (4, 960) else 8)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 7, status
    after = mic.read(4800)
    assert mic.state == "running" and mic.stats.dropped == 0
    np.testing.assert_array_equal(after.data[:, 0], np.arange(1920, 6720))
    assert len(idle.read(10)) == 10
    print("done")
"""


def test_a_fork_leaves_the_capture_to_the_parent():  # faults 41
    assert run_ok(FORK) == "done\n"


def test_a_fork_through_multiprocessing_ends_by_itself():  # faults 41
    told = run_ok("""
        import multiprocessing, warnings
        import vocana_dsp as vo
        from vocana_dsp.testing import SimulatedDevice
        warnings.simplefilter("ignore")
        mic = vo.Capture(SimulatedDevice())
        mic.read(960)

        def work(queue):
            try:
                mic.read(1)
            except vo.StreamClosed:
                queue.put("closed")

        context = multiprocessing.get_context("fork")
        queue = context.Queue()
        children = [context.Process(target=work, args=[queue]) for _ in range(3)]
        for child in children:
            child.start()
        print(*(queue.get(timeout=60) for _ in children))
        for child in children:
            child.join()
            assert child.exitcode == 0
        assert len(mic.read(960)) == 960
    """)
    assert told == "closed closed closed\n"


def test_a_fork_leaves_a_recording_to_the_parent(tmp_path):  # faults 41
    told = run_ok(
        """
        import os, signal, sys, warnings
        import vocana_dsp as vo
        from vocana_dsp.testing import SimulatedDevice
        warnings.simplefilter("ignore")
        mic = vo.Capture(SimulatedDevice())
        recorder = vo.Recorder(sys.argv[1], mic, flush_s=0.05)
        recorder.start()
        mic.read(9600)
        children = []
        for end in ("close", "collected", "left to the exit"):
            child = os.fork()
            if not child:
                signal.alarm(5)  # of one that waits for a thread which it has not
                held = [os.path.realpath(entry) for entry in os.scandir("/proc/self/fd")]
                let_go = recorder.ended and sys.argv[1] not in held
                if end == "close":
                    recorder.close(), mic.close()
                elif end == "collected":
                    del recorder, mic
                sys.exit(7 if let_go else 8)
            children.append(child)
        codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
        mic.read(9600)
        mic.stop()
        recorder.wait(), recorder.close()
        print(codes, recorder.stats.frames_durable == mic.stats.captured, recorder.error)
        """,
        tmp_path / "a.wav",
    )
    assert told == "[7, 7, 7] True None\n"
    audio, _ = soundfile.read(tmp_path / "a.wav", dtype="float32")
    assert len(audio) >= 19_200
    np.testing.assert_array_equal(audio, np.arange(len(audio)))
