"""vo.Recorder: what is in its files, and what is refused before anything starts."""

import errno
import pickle
import resource
import stat
import wave

import numpy as np
import pytest
import soundfile
from recorded import RATE, audio, record, sidecar

import vocana_dsp as vo
from vocana_dsp import ConfigError, RecordError
from vocana_dsp.testing import SimulatedDevice, Stall

# --- What is recorded -----------------------------------------------------------


def test_every_frame_is_there(tmp_path):
    recorder = record(tmp_path / "a.wav")
    assert recorder.files == [tmp_path / "a.wav"]
    np.testing.assert_array_equal(audio(*recorder.files), np.arange(RATE))
    stats = recorder.stats
    assert (stats.frames, stats.frames_durable, stats.frames_waiting) == (RATE, RATE, 0)
    assert (stats.failures, stats.dropped_frames, stats.segments) == (0, 0, 1)
    assert stats.bytes == 4 * RATE
    assert stats.write_ms.max >= stats.write_ms.p99 >= stats.write_ms.p50 > 0
    assert stats.minutes_left > 1
    assert (recorder.error, stats.place) == (None, "main")
    assert stat.S_IMODE(recorder.path.stat().st_mode) == 0o600  # faults 49
    assert [event.kind for event in recorder.events()] == ["file_opened"]


@pytest.mark.parametrize(("subtype", "name"), [("pcm16", "PCM_16"), ("pcm24", "PCM_24")])
def test_integers(tmp_path, subtype, name):
    signal = np.random.default_rng(1).uniform(-1, 1, (4_000, 3)).astype(np.float32)
    record(tmp_path / "a.wav", SimulatedDevice(signal, pace="lockstep"), subtype=subtype)
    assert soundfile.info(tmp_path / "a.wav").subtype == name
    step = 2.0 ** (1 - int(subtype[3:]))
    assert np.abs(audio(tmp_path / "a.wav") - signal).max() <= step
    with wave.open(str(tmp_path / "a.wav")) as reader:
        assert reader.getnframes() == 4_000


def test_lost_frames_are_silence_of_their_length(tmp_path):  # faults 2
    ones = np.ones((RATE, 1), np.float32)
    stalls = [Stall(frame=4_800, ms=50), Stall(frame=24_000, ms=10)]
    device = SimulatedDevice(ones, pace="lockstep", script=stalls, block_frames=480)
    recorder = record(tmp_path / "a.wav", device)
    silent = np.flatnonzero(audio(tmp_path / "a.wav") == 0)
    assert list(silent) == [*range(4_800, 7_200), *range(24_000, 24_480)]
    assert (recorder.stats.gaps, recorder.stats.silence_frames) == (2, 2_880)
    assert sidecar(tmp_path / "a.wav")["gaps"] == [
        {"frame": 4_800, "frames": 2_400, "cause": "device"},
        {"frame": 24_000, "frames": 480, "cause": "device"},
    ]


def test_segments(tmp_path):
    device = SimulatedDevice(seconds=4, pace="lockstep")
    recorder = record(tmp_path / "a.wav", device, segment_minutes=1 / 60)
    names = ["a.wav", "a-0002.wav", "a-0003.wav", "a-0004.wav"]
    assert [path.name for path in recorder.files] == names
    assert {soundfile.info(path).frames for path in recorder.files} == {RATE}
    np.testing.assert_array_equal(audio(*recorder.files), np.arange(4 * RATE))
    assert sidecar(recorder.files[2])["previous"] == str(recorder.files[1])


def test_events_that_nobody_takes_are_counted(tmp_path):  # B15
    device = SimulatedDevice(rate=1000, seconds=520, pace="lockstep", block_frames=500)
    recorder = record(tmp_path / "a.wav", device, segment_minutes=1 / 60, flush_s=60)
    dropped = recorder.stats.events_dropped
    assert dropped > 0
    assert len(recorder.events()) + dropped == 2 * recorder.stats.segments - 1  # opened, rolled


def test_it_can_begin_late_and_end_early(tmp_path):
    with vo.Capture(SimulatedDevice()) as mic:
        first = mic.read(4_800)
        with vo.Recorder(tmp_path / "a.wav", mic, frames=5_001) as recorder:
            assert recorder.wait(60)
        assert len(mic.read(480)) == 480
    sound = audio(tmp_path / "a.wav")
    start = sidecar(tmp_path / "a.wav")["capture_frame"]
    assert start >= len(first)
    np.testing.assert_array_equal(sound, np.arange(start, start + 5_001))


# --- What is refused, before anything starts ----------------------------------------


def test_one_more_than_a_stream_can_feed_is_refused_and_starts_later(tmp_path):
    mic = vo.Capture(SimulatedDevice(seconds=0.1, pace="lockstep"))
    recorders = [vo.Recorder(tmp_path / f"{n}.wav", mic) for n in range(8)]
    for recorder in recorders[:7]:  # the capture itself is the eighth
        recorder.start()
    for _ in range(2):
        with pytest.raises(vo.PoolExhausted, match=r"one more consumer.*close another"):
            recorders[7].start()
    recorders[0].close()
    with recorders[7], mic:
        assert recorders[7].wait(60)
    assert recorders[7].stats.frames == 4800
    for recorder in recorders:
        recorder.close()


def refused(path, **options):
    mic = vo.Capture(SimulatedDevice())
    with pytest.raises(RecordError) as caught:
        vo.Recorder(path, mic, **options)
    mic.close()
    return caught.value


def test_a_file_that_is_there(tmp_path):  # K7
    (tmp_path / "a.wav").write_bytes(b"mine")
    error = refused(tmp_path / "a.wav")
    assert (error.code, error.errno, error.path) == (
        "file_exists",
        errno.EEXIST,
        tmp_path / "a.wav",
    )
    assert (tmp_path / "a.wav").read_bytes() == b"mine"
    (tmp_path / "other").hardlink_to(tmp_path / "a.wav")
    record(tmp_path / "a.wav", overwrite=True)
    assert soundfile.info(tmp_path / "a.wav").frames == RATE
    assert (tmp_path / "other").read_bytes() == b"mine"  # a new file, not the old one cut


def test_a_sidecar_that_is_there(tmp_path):
    (tmp_path / "a.wav.json").write_bytes(b"mine")
    assert refused(tmp_path / "a.wav").code == "file_exists"
    assert sorted(tmp_path.iterdir()) == [tmp_path / "a.wav.json"]


@pytest.mark.parametrize("overwrite", [False, True])
def test_a_link_is_never_followed(tmp_path, overwrite):  # faults 49
    (tmp_path / "target").write_bytes(b"mine")
    (tmp_path / "a.wav").symlink_to(tmp_path / "target")
    assert refused(tmp_path / "a.wav", overwrite=overwrite).code == "not_a_file"
    assert (tmp_path / "target").read_bytes() == b"mine"


def test_folders_that_do_not_take_it(tmp_path):  # K7
    assert refused(tmp_path / "none" / "a.wav").code == "no_folder"
    (tmp_path / "file").touch()
    assert refused(tmp_path / "file" / "a.wav").code == "no_folder"
    assert refused("/proc/a.wav").code in ("no_folder", "no_permission", "read_only")


@pytest.mark.parametrize(
    "path", ["", "a", "a.flac", "a.wav/", "a\0.wav", ".wav", 300 * "a" + ".wav"]
)
def test_names_that_name_no_file(tmp_path, path):  # faults 49
    mic = vo.Capture(SimulatedDevice())
    with pytest.raises(ConfigError):
        vo.Recorder(f"{tmp_path}/{path}" if path else "", mic)
    with pytest.raises(ConfigError, match="path is 7"):
        vo.Recorder(7, mic)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("timeout", [float("nan"), "1"])
def test_a_wait_of_no_time(tmp_path, timeout):
    with vo.Capture(SimulatedDevice()) as mic, vo.Recorder(tmp_path / "a.wav", mic) as recorder:
        with pytest.raises(ConfigError, match="timeout is"):
            recorder.wait(timeout)
        assert not recorder.wait(0)


@pytest.mark.parametrize(
    "options",
    [
        {"flush_s": 0},
        {"flush_s": 1e-12},
        {"flush_s": 1e12},
        {"flush_s": "1"},
        {"segment_minutes": 0},
        {"segment_minutes": 0.99 / 60},
        {"segment_minutes": 1e300},
        {"segment_minutes": float("inf")},
        {"segment_minutes": float("nan")},
        {"subtype": "float"},
        {"spool": "/does/not/exist"},
        {"spool": "x" * 300},
        {"frames": 0},
        {"overwrite": "no"},
        {"spool": 5},
    ],
)
def test_options_out_of_range(tmp_path, options):
    with pytest.raises(ConfigError, match=next(iter(options))):
        vo.Recorder(tmp_path / "a.wav", vo.Capture(SimulatedDevice()), **options)
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_capture(tmp_path):
    with pytest.raises(ConfigError, match="capture is 'mic'"):
        vo.Recorder(tmp_path / "a.wav", "mic")


# --- Faults of the disk ----------------------------------------------------------------


@pytest.fixture
def limited():
    """A largest file of the kernel's own, as a disk that is full at that length."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    yield lambda octets: resource.setrlimit(resource.RLIMIT_FSIZE, (octets, before[1]))
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_file_that_may_not_grow_is_followed_by_another(tmp_path, limited):  # faults 19
    (tmp_path / "spool").mkdir()
    mic = vo.Capture(SimulatedDevice(seconds=5, pace="lockstep"))
    with vo.Recorder(tmp_path / "a.wav", mic, flush_s=0.1, spool=tmp_path / "spool") as recorder:
        limited(600_000)
        with mic:
            for _ in mic:
                pass
            recorder.wait(60)
        limited(resource.RLIM_INFINITY)
    np.testing.assert_array_equal(audio(*recorder.files), np.arange(5 * RATE))
    assert recorder.files[1] == tmp_path / "spool" / "a-0002.wav"
    assert recorder.stats.failures >= 1
    assert recorder.error.code == "file_too_big"
    assert recorder.error.frames_saved == 5 * RATE
    assert "spooling" in [event.kind for event in recorder.events()]


def test_errors_survive_pickle(tmp_path):
    error = RecordError.writing(tmp_path / "a.wav", OSError(errno.ENOSPC, "full"), 480, RATE)
    copy = pickle.loads(pickle.dumps(error))
    assert str(copy) == str(error)
    assert (copy.code, copy.errno, copy.frames_saved, copy.path) == (
        "disk_full", errno.ENOSPC, 480, error.path,
    )  # fmt: skip
