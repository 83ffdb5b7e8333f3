"""Where audio comes from: tones, silence, files good and bad, and the simulated device."""

import numpy as np
import pytest
import soundfile

import vocana_dsp as vo
from vocana_dsp.testing import (
    BlockSizes,
    Jitter,
    RateDrift,
    SilenceFrom,
    SimulatedDevice,
    Stall,
    Unplug,
)


def everything(source, **options):
    with vo.Capture(source, **options) as mic:
        blocks = list(mic)
        assert mic.stats.dropped == 0
        return np.concatenate([np.empty((0, mic.channels), np.float32), *(b.data for b in blocks)])


# --- Tone and silence -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hz", "level_db", "rate", "channels"),
    [(440, -20.0, 48_000, 1), (1000, 0.0, 16_000, 2), (8000, -6.0, 16_000, 1)],
)
def test_a_tone_has_its_frequency_and_level(hz, level_db, rate, channels):
    with vo.Capture(vo.Tone(hz, level_db, rate, channels)) as mic:
        assert (mic.rate, mic.channels) == (rate, channels)
        tone = mic.read(rate // 5).data
    cycles = np.arange(rate // 5) * (hz / rate)
    expected = 10 ** (level_db / 20) * np.sin(2 * np.pi * (cycles % 1))
    np.testing.assert_allclose(tone, np.repeat(expected[:, None], channels, 1), atol=1e-6)
    if hz < rate / 2:
        assert vo.levels(tone)[0].peak_db == pytest.approx(level_db, abs=0.1)


def test_silence_is_zeros():
    with vo.Capture(vo.Silence(channels=2)) as mic:
        block = mic.read(4800)
        assert block.data.shape == (4800, 2)
        assert not block.data.any()
        assert mic.state == "running"  # I12: silence is no failure
        assert mic.stats.input.silent_frames >= 4800


@pytest.mark.parametrize(
    "make",
    [
        lambda: vo.Tone(0),
        lambda: vo.Tone(-440),
        lambda: vo.Tone(24_001),
        lambda: vo.Tone(float("nan")),
        lambda: vo.Tone("440"),
        lambda: vo.Tone(True),
        lambda: vo.Tone(440, float("inf")),
        lambda: vo.Tone(440, None),
        lambda: vo.Capture(vo.Tone(440, 1e6)),
        lambda: vo.Tone(440, rate=0),
        lambda: vo.Tone(440, rate=48_000.5),
        lambda: vo.Tone(440, channels=0),
        lambda: vo.Silence(rate=-1),
        lambda: vo.Silence(channels=2**40),
        lambda: vo.Capture(vo.Silence(channels=2), channels=1),
        lambda: vo.Capture(vo.Tone(440), channels=3),
        lambda: vo.Device(rate=0),
        lambda: vo.Device(block_frames=-1),
    ],
)
def test_senseless_sources_are_refused(make):
    with pytest.raises(vo.ConfigError) as told:
        make()
    assert told.value.hint


# --- Files ----------------------------------------------------------------------------------------


def noise(frames, channels, seed=1):
    generator = np.random.default_rng(seed)
    return generator.uniform(-0.9, 0.9, (frames, channels)).astype(np.float32)


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("rate", [16_000, 48_000])
def test_a_float_wav_comes_through_bit_for_bit(tmp_path, channels, rate):
    audio = noise(2001, channels)
    path = tmp_path / "talk.wav"
    soundfile.write(path, audio, rate, subtype="FLOAT")
    with vo.Capture(vo.File(path)) as mic:
        assert (mic.rate, mic.channels) == (rate, channels)
    assert everything(vo.File(str(path))).tobytes() == audio.tobytes()


@pytest.mark.parametrize(
    ("name", "subtype", "error"),
    [
        ("a.wav", "PCM_16", 2**-15),
        ("a.wav", "PCM_24", 2**-23),
        ("a.flac", "PCM_16", 2**-15),
        ("a.aiff", "PCM_16", 2**-15),
        ("a.ogg", "VORBIS", 0.2),
    ],
)
def test_other_formats(tmp_path, name, subtype, error):
    audio = (0.5 * np.sin(2 * np.pi * 300 / 48_000 * np.arange(4800)))[:, None]
    audio = np.hstack([audio, -audio]).astype(np.float32)
    soundfile.write(tmp_path / name, audio, 48_000, subtype=subtype)
    found = everything(vo.File(tmp_path / name))
    assert found.shape == audio.shape
    assert np.abs(found - audio).max() <= error
    reference, _ = soundfile.read(tmp_path / name, dtype="float32", always_2d=True)
    np.testing.assert_array_equal(found, reference)


def test_a_file_is_paced_in_real_time(tmp_path):
    soundfile.write(tmp_path / "a.wav", noise(48_000 * 30, 1), 48_000, subtype="PCM_16")
    with vo.Capture(vo.File(tmp_path / "a.wav"), ring_ms=60_000) as mic:
        mic.read(4800)
        assert mic.stats.captured < 48_000 * 30
        assert mic.state == "running"


@pytest.mark.parametrize("frames", [1, 479, 480, 1000])
def test_a_file_in_a_loop_begins_again(tmp_path, frames):
    audio = noise(frames, 2)
    soundfile.write(tmp_path / "a.wav", audio, 48_000, subtype="FLOAT")
    with vo.Capture(vo.File(tmp_path / "a.wav", loop=True)) as mic:
        found = mic.read(3333).data
        assert mic.state == "running"
    np.testing.assert_array_equal(found, np.resize(audio, (3333, 2)))


def test_a_file_without_audio_ends_at_once(tmp_path):
    soundfile.write(tmp_path / "a.wav", np.empty((0, 1)), 48_000)
    assert everything(vo.File(tmp_path / "a.wav")).shape == (0, 1)
    with pytest.raises(vo.ConfigError, match="loop"):
        vo.Capture(vo.File(tmp_path / "a.wav", loop=True))


def test_a_file_whose_writer_was_killed_gives_what_is_there(tmp_path):
    audio = noise(1000, 1)
    soundfile.write(tmp_path / "whole.wav", audio, 48_000, subtype="FLOAT")
    data = (tmp_path / "whole.wav").read_bytes()
    (tmp_path / "cut.wav").write_bytes(data[: len(data) - 1200])
    found = everything(vo.File(tmp_path / "cut.wav"))
    assert len(found) == 700
    np.testing.assert_array_equal(found, audio[:700])


def test_a_file_has_the_channels_that_it_has(tmp_path):
    soundfile.write(tmp_path / "a.wav", noise(10, 2), 48_000)
    with pytest.raises(vo.ConfigError, match="2 channels, expected 1"):
        vo.Capture(vo.File(tmp_path / "a.wav"), channels=1)
    with vo.Capture(vo.File(tmp_path / "a.wav"), channels=2) as mic:
        assert mic.channels == 2


NOT_AUDIO = {
    "text.wav": b"This is not audio, it only says so.\n" * 100,
    "page.wav": b"<!DOCTYPE html><html><body>404 Not Found</body></html>\n" * 50,
    "page.flac": b"<html></html>",
    "empty.wav": b"",
    "magic.wav": b"RIFF",
    "header.wav": b"RIFF\x24\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00",
    "zeros.ogg": bytes(4096),
    "noise.mp3": bytes(range(256)) * 40,
}


@pytest.mark.parametrize("name", NOT_AUDIO)
def test_what_is_not_audio_is_refused_before_anything_is_captured(tmp_path, name):  # N17
    path = tmp_path / name
    path.write_bytes(NOT_AUDIO[name])
    with pytest.raises(vo.FormatError, match=name) as told:
        vo.Capture(vo.File(path))
    assert told.value.code == "bad_format"
    assert told.value.hint
    assert not told.value.retryable


def test_a_directory_and_nothing_are_no_files(tmp_path):
    with pytest.raises(vo.FormatError, match="directory"):
        vo.Capture(vo.File(tmp_path))
    with pytest.raises(vo.FormatError, match="does not exist") as told:
        vo.Capture(vo.File(tmp_path / "gone.wav"))
    assert told.value.code == "file_not_found"


def test_a_wav_with_an_impossible_header_is_refused(tmp_path):
    audio = noise(100, 1)
    soundfile.write(tmp_path / "a.wav", audio, 48_000, subtype="PCM_16")
    good = (tmp_path / "a.wav").read_bytes()
    for place, value in ((22, b"\x00\x00"), (24, b"\x00\x00\x00\x00"), (20, b"\x77\x77")):
        broken = good[:place] + value + good[place + len(value) :]
        (tmp_path / "a.wav").write_bytes(broken)
        with pytest.raises(vo.FormatError):
            vo.Capture(vo.File(tmp_path / "a.wav"))


def test_nan_in_a_file_is_counted_and_cleaned(tmp_path):  # faults 30
    audio = noise(1000, 2)
    audio[500, 1] = np.nan
    audio[501, 0] = np.inf
    soundfile.write(tmp_path / "a.wav", audio, 48_000, subtype="FLOAT")
    with vo.Capture(vo.File(tmp_path / "a.wav")) as mic:
        found = np.concatenate([block.data for block in mic])
        assert (mic.stats.input.nan, mic.stats.input.infinite) == (1, 1)
    audio[500, 1], audio[501, 0] = 0.0, 2.0
    np.testing.assert_array_equal(found, audio)


@pytest.mark.parametrize("path", [5, None, "a\0b"])
def test_a_path_that_is_none_is_refused(path):
    with pytest.raises((vo.FormatError, vo.ConfigError)):
        vo.Capture(vo.File(path))


@pytest.mark.parametrize("source", ["USB", 3, vo.Tone, object()])
def test_a_source_that_is_none_is_refused_with_what_to_do(source):
    with pytest.raises(vo.ConfigError, match="source") as told:
        vo.Capture(source)
    assert "Device" in told.value.hint


# --- The simulated device -------------------------------------------------------------------------


def simulated(script=(), seconds=0.1, **options):
    return SimulatedDevice(seconds=seconds, pace="lockstep", script=script, **options)


def counter(first, n):
    return np.arange(first, first + n, dtype=np.float32)[:, None]


def test_the_counter_is_exact_beyond_two_to_the_24():
    with vo.Capture(simulated([Stall(0, ms=(2**24 - 100) / 48)], seconds=400)) as mic:
        block = mic.read(200)
    assert block.frame == 2**24 - 100
    np.testing.assert_array_equal(block.data[:, 0], [*range(2**24 - 100, 2**24), *range(100)])


@pytest.mark.parametrize("shape", [(1000,), (1000, 1), (1000, 3)])
def test_an_array_is_played_once(shape):
    audio = noise(3000, 1).ravel()[: int(np.prod(shape))].reshape(shape)
    found = everything(SimulatedDevice(audio, pace="lockstep"))
    np.testing.assert_array_equal(found, audio.reshape(1000, -1))


def test_a_mono_array_goes_to_every_channel_and_seconds_cut_it():
    audio = noise(1000, 1)[:, 0]
    found = everything(SimulatedDevice(audio, channels=2, seconds=0.01, pace="lockstep"))
    np.testing.assert_array_equal(found, np.repeat(audio[:480, None], 2, axis=1))


def test_changing_the_array_later_changes_nothing():
    audio = noise(1000, 1)
    device = SimulatedDevice(audio, pace="lockstep")
    before = audio.copy()
    audio[:] = 0
    np.testing.assert_array_equal(everything(device), before)


@pytest.mark.parametrize("frame", [0, 1, 127, 128, 1000, 4799])
def test_each_fault_acts_on_its_frame(frame):
    with vo.Capture(simulated([Unplug(frame)])) as mic:
        with pytest.raises(vo.DeviceError):
            list(mic)
        assert mic.stats.captured == frame
    with vo.Capture(simulated([Stall(frame, ms=1)], seconds=0.2)) as mic:
        assert sum(len(block) for block in mic) == 9600 - 48
        assert mic.gaps == [vo.Gap(frame, 48, "device")]
    found = everything(simulated([SilenceFrom(frame)], seconds=0.2))
    np.testing.assert_array_equal(found[:frame], counter(0, frame))
    assert not found[frame:].any()


@pytest.mark.parametrize("ms", [1, 10])
def test_silence_for_a_while_ends_on_its_frame(ms):
    found = everything(simulated([SilenceFrom(1000, ms=ms)]))
    expected = counter(0, 4800)
    expected[1000 : 1000 + 48 * ms] = 0
    np.testing.assert_array_equal(found, expected)


def test_a_stall_that_is_not_lost_comes_late():
    assert len(everything(simulated([Stall(1000, ms=20, lost=False)]))) == 4800
    device = SimulatedDevice(seconds=0.1, script=[Stall(1000, ms=50, lost=False)])
    np.testing.assert_array_equal(everything(device), counter(0, 4800))


def test_jitter_loses_nothing():
    device = SimulatedDevice(seconds=0.1, script=[Jitter(480, max_ms=10)], seed=7)
    np.testing.assert_array_equal(everything(device), counter(0, 4800))


def test_block_sizes_come_in_turn():
    script = [BlockSizes(256, (64, 200)), BlockSizes(256 + 3 * 264, [480])]
    with vo.Capture(simulated(script, block_frames=128)) as mic:
        total = sum(len(block) for block in mic)
        assert total == 4800
        rest = 4800 - 256 - 3 * 264
        assert mic.stats.callbacks == 2 + 6 + -(-rest // 480)
        assert mic.stats.latency_frames == rest % 480


def test_a_fast_clock_runs_ahead_of_a_slow_one():
    fast = SimulatedDevice(script=[RateDrift(0, 500_000)])
    slow = SimulatedDevice(script=[RateDrift(0, -500_000)])
    with vo.Capture(slow) as slowly, vo.Capture(fast) as quickly:
        quickly.read(24_000)
        assert slowly.stats.captured < 24_000


def test_faults_in_any_order_act_in_the_order_of_their_frames():
    script = [Stall(2000, ms=1), Stall(1000, ms=1)]
    with vo.Capture(simulated(script)) as mic:
        list(mic)
        assert mic.gaps == [vo.Gap(1000, 48, "device"), vo.Gap(2000, 48, "device")]


def test_a_stall_that_outlasts_the_source_is_lost_too():
    with vo.Capture(simulated([Stall(1000, ms=200)])) as mic:
        list(mic)
        assert mic.gaps == [vo.Gap(1000, 3800, "device")]
        assert (mic.stats.captured, mic.stats.dropped) == (4800, 3800)


def test_flatout_waits_for_nobody_and_every_loss_is_counted():
    with vo.Capture(SimulatedDevice(seconds=10, pace="flatout"), ring_ms=100) as mic:
        while mic.state == "running":
            pass
        assert (mic.stats.captured, mic.stats.queued) == (480_000, 4800)
        assert mic.stats.dropped == 475_200


def test_two_captures_of_one_description_are_two_devices():
    device = simulated()
    np.testing.assert_array_equal(everything(device), everything(device))


@pytest.mark.parametrize(
    "make",
    [
        lambda: SimulatedDevice("noise"),
        lambda: SimulatedDevice(rate=0),
        lambda: SimulatedDevice(channels=0),
        lambda: SimulatedDevice(block_frames=0),
        lambda: SimulatedDevice(block_frames=2**17),
        lambda: SimulatedDevice(pace="fast"),
        lambda: SimulatedDevice(seconds=0),
        lambda: SimulatedDevice(seconds=-1),
        lambda: vo.Capture(SimulatedDevice(seconds=1e300)),
        lambda: SimulatedDevice(script=["stall"]),
        lambda: SimulatedDevice(script=5),
        lambda: SimulatedDevice(seed=-1),
        lambda: SimulatedDevice(np.zeros((10, 2), np.float32), channels=3),
        lambda: SimulatedDevice(np.zeros((10, 0), np.float32)),
        lambda: Jitter(-1, 5),
        lambda: Jitter(0, 0),
        lambda: Stall(0, -5),
        lambda: vo.Capture(SimulatedDevice(script=[Stall(0, 1e300)])),
        lambda: Unplug(1.5),
        lambda: SilenceFrom(0, ms=0),
        lambda: RateDrift(0, 600_000),
        lambda: RateDrift(0, float("nan")),
        lambda: BlockSizes(0, ()),
        lambda: BlockSizes(0, [0]),
        lambda: BlockSizes(0, [1] * 17),
    ],
)
def test_senseless_devices_are_refused(make):
    with pytest.raises(vo.ConfigError):
        make()


@pytest.mark.parametrize(
    "signal", [np.zeros(5, np.int16), np.zeros((2, 2, 2), np.float32), 5.0, [1, 2], None]
)
def test_signals_of_another_form_are_refused(signal):
    with pytest.raises(vo.FormatError):
        SimulatedDevice(signal)
