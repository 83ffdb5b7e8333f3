"""Recovery of what is lost or damaged: heads from sidecars, seconds by their CRC."""

import json
import os
import struct
import tracemalloc

import numpy as np
import pytest
from click.testing import CliRunner
from recordings import HEAD, NO_REST, RATE, SAMPLE_BYTES, heard, only, put_sidecar, record, sound

import vocana_dsp as vo
from vocana_dsp._native import wav
from vocana_dsp.cli import main
from vocana_dsp.record import RecordError
from vocana_dsp.record.sidecars import MOST_BYTES

# --- lost heads ----------------------------------------------------------------


@pytest.mark.fault(27, "the first 4 KiB become zeros, or noise")
def test_a_lost_head_comes_back(tmp_path, seen):
    audio = sound(3 * RATE + 17)
    for subtype in SAMPLE_BYTES:
        for i, lost in enumerate((bytes(HEAD), os.urandom(HEAD))):
            path = tmp_path / f"{subtype}{i}.wav"
            path.write_bytes(lost + record(path, audio, subtype, recording=path.name))
            file = only(path)
            assert (file.outcome, file.frames, file.damaged) == ("rebuilt", len(audio), ())
            assert np.array_equal(heard(path), audio)
            assert only(path).outcome == "good"
    seen(f"{len(audio):,} of {len(audio):,} frames in 6 of 6 files")


def test_a_wrong_head_gives_way_to_a_proven_sidecar(tmp_path):
    path, audio = tmp_path / "a.wav", sound(2 * RATE)
    data = record(path, audio)
    path.write_bytes(wav.head(RATE, 4, "pcm16") + data)
    assert only(path).outcome == "rebuilt"
    assert np.array_equal(heard(path), audio)


def test_an_unproven_sidecar_changes_no_head(tmp_path):
    path, audio = tmp_path / "a.wav", sound(RATE // 2)
    data = record(path, audio, **NO_REST)
    path.write_bytes(wav.head(RATE, 4, "pcm16", RATE // 2) + data)
    file = only(path)
    assert (file.outcome, file.channels, file.note) == (
        "good", 4, "its sidecar tells of another format",
    )  # fmt: skip


def test_what_nothing_proves_goes_into_a_new_file(tmp_path):
    """Less than a second, without a CRC, and no head: it may be anything."""
    path, audio = tmp_path / "a.wav", sound(RATE // 2)
    data = record(path, audio, **NO_REST)
    lost = os.urandom(HEAD) + data
    path.write_bytes(lost)
    file = only(path)
    assert (file.outcome, file.path) == ("copied", tmp_path / "a.recovered.wav")
    assert path.read_bytes() == lost
    assert np.array_equal(heard(file.path), audio)
    assert file.path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(RecordError) as caught:
        vo.recover(path)
    assert caught.value.code == "file_exists"


def test_less_than_a_second_is_proven_too(tmp_path):
    path, audio = tmp_path / "a.wav", sound(RATE // 2)
    path.write_bytes(os.urandom(HEAD) + record(path, audio))
    assert only(path).outcome == "rebuilt"
    assert np.array_equal(heard(path), audio)


@pytest.mark.parametrize("subtype", SAMPLE_BYTES)
def test_who_knows_what_it_was_may_say_so(tmp_path, subtype):
    """Neither head nor sidecar: the audio goes into a new file, and nothing vouches for it."""
    path, audio = tmp_path / "a.wav", sound(RATE // 2)
    lost = bytes(HEAD) + record(path, audio, subtype)
    path.write_bytes(lost)
    (tmp_path / "a.wav.json").unlink()
    with pytest.raises(vo.FormatError, match="tell its rate, channels and subtype"):
        vo.recover(path)
    found = vo.recover(path, rate=RATE, channels=2, subtype=subtype)
    (file,) = found.recordings[0].files
    assert (file.outcome, file.path.name) == ("copied", "a.recovered.wav")
    assert np.array_equal(heard(file.path), audio)
    assert path.read_bytes() == lost
    assert found.unknown == ["a.recovered.wav: no sidecar tells how much it held"]


def test_a_file_that_says_what_it_is_is_believed(tmp_path):
    record(tmp_path / "a.wav", sound(RATE), finished=True)
    found = vo.recover(tmp_path / "a.wav", rate=7, channels=1, subtype="pcm16")
    file = found.recordings[0].files[0]
    assert (file.outcome, file.rate, file.channels) == ("good", RATE, 2)


@pytest.mark.parametrize(
    "told",
    [
        {"rate": RATE}, {"rate": RATE, "channels": 2}, {"subtype": "pcm16"},
        {"rate": 0, "channels": 2, "subtype": "pcm16"},
        {"rate": RATE, "channels": 10**6, "subtype": "pcm16"},
        {"rate": RATE, "channels": 2, "subtype": "mp3"},
        {"rate": "8000", "channels": 2, "subtype": "pcm16"},
    ],
    ids=str,
)  # fmt: skip
def test_what_is_told_has_to_be_a_format(tmp_path, told):
    path = tmp_path / "a.wav"
    path.write_bytes(bytes(HEAD + 8))
    with pytest.raises(vo.ConfigError, match=r"rate|channels|subtype"):
        vo.recover(path, **told)
    with pytest.raises(vo.ConfigError, match="one file"):
        vo.recover(path, path, rate=RATE, channels=2, subtype="pcm16")
    with pytest.raises(vo.ConfigError, match="one file"):
        vo.recover(tmp_path, rate=RATE, channels=2, subtype="pcm16")
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("content", [b"", b"<!doctype html>", b"RIFF", os.urandom(9_000)])
def test_what_was_never_a_recording_is_refused(tmp_path, content):  # fault 28
    path = tmp_path / "a.wav"
    path.write_bytes(content)
    with pytest.raises(vo.FormatError, match="no sidecar tells"):
        vo.recover(path)
    assert path.read_bytes() == content


@pytest.mark.parametrize("text", ["", "{}", "[" * 100_000, '{"vocana_sidecar": 1}', "\0" * 99])
def test_a_broken_sidecar_is_told(tmp_path, text):
    path = tmp_path / "a.wav"
    record(path, sound(100))
    (tmp_path / "a.wav.json").write_text(text)
    file = only(path)
    assert (file.outcome, file.frames, file.note) == ("repaired", 100, "its sidecar is broken")


# --- damage --------------------------------------------------------------------


@pytest.mark.parametrize("subtype", SAMPLE_BYTES)
def test_zeros_of_a_power_cut_are_told_from_silence(tmp_path, subtype):  # faults section 4
    path, audio = tmp_path / "a.wav", sound(6 * RATE)
    audio[RATE : 2 * RATE] = 0  # it was silent
    data = bytearray(record(path, audio, subtype))
    second = len(data) // 6
    data[3 * second : 4 * second] = bytes(second)  # never written
    data[5 * second + 77] ^= 1
    path.write_bytes(wav.head(RATE, 2, subtype) + data)
    found = vo.recover(path)
    file = found.recordings[0].files[0]
    assert (file.damaged, file.never_written) == ((3, 5), (3,))
    assert found.problems == [
        "a.wav: never written to the disk: second 3",
        "a.wav: damaged: second 5",
    ]
    assert not found.complete


@pytest.mark.parametrize("finished", [True, False])
@pytest.mark.parametrize("seconds", [0.9, 3.5])
def test_the_last_part_of_a_second_is_compared(tmp_path, seconds, finished):
    """The end of a file is where a bad copy and a lost page strike most often."""
    path = tmp_path / "a.wav"
    record(path, sound(int(seconds * RATE)), finished=finished)
    assert only(path).compared_frames == seconds * RATE
    whole, last = path.read_bytes(), int(seconds)
    end = (len(whole) - HEAD) // 2 if last == 0 else 8 * RATE // 2
    path.write_bytes(whole[:-end] + bytes(end))
    words = "damaged" if last == 0 else "never written to the disk"
    assert vo.recover(path).problems == [f"a.wav: {words}: second {last}"]
    path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    found = vo.recover(path)
    assert found.problems == [f"a.wav: damaged: second {last}"]
    assert not found.complete


@pytest.mark.parametrize("finished", [True, False])
def test_a_damaged_file_is_called_neither_good_nor_repaired(tmp_path, finished):
    path = tmp_path / "a.wav"
    record(path, sound(2 * RATE), finished=finished)
    data = bytearray(path.read_bytes())
    data[HEAD + 77] ^= 1
    path.write_bytes(data)
    for _ in range(2):  # also when its head has been put right
        assert only(path).outcome == "damaged"
    done = CliRunner().invoke(main, ["recover", str(path)])
    (line,) = (line for line in done.stdout.splitlines() if line.startswith(" a.wav "))
    assert (done.exit_code, line.split()[-1]) == (1, "damaged")
    said = json.loads(CliRunner().invoke(main, ["recover", str(path), "--json"]).stdout)
    assert said["recordings"][0]["files"][0]["outcome"] == "damaged"


@pytest.mark.parametrize(("frames", "durable"), [(RATE + 300, RATE + 300), (RATE, 100)])
def test_zeros_beyond_what_was_durable(tmp_path, frames, durable):
    """What is durable, or has a CRC, was written: silence there is silence."""
    path, audio = tmp_path / "a.wav", sound(frames)
    audio[100:] = 0
    record(path, audio, durable_frames=durable)
    os.truncate(path, path.stat().st_size + 8 * 500 + 3)
    file = only(path)
    assert (file.frames, file.zero_tail_frames, file.problems) == (frames + 500, 500, [])


def test_durable_frames_that_are_gone(tmp_path):
    path = tmp_path / "a.wav"
    record(path, sound(2 * RATE), durable_frames=3 * RATE)
    found = vo.recover(path)
    assert found.problems == ["a.wav: 8,000 frames gone from its end"]
    assert found.recordings[0].files[0].lost_frames == RATE


@pytest.mark.fault(28, "100,000 heads of WAV files with bytes changed at random")
def test_malformed_heads(seen):
    """They are refused, or believed no further than the file goes; see also `make fuzz`."""
    rng = np.random.default_rng(28)
    plain = struct.pack("<HHIIHH", 1, 2, RATE, RATE * 4, 4, 16)
    good = b"RIFF\x64\0\0\0WAVEfmt \x10\0\0\0" + plain + b"data\x40\0\0\0" + bytes(64)
    believed = 0
    for _ in range(100_000):
        head = bytearray(good)
        for at in rng.integers(0, 44, rng.integers(1, 4)):
            head[at] = rng.integers(256)
        try:
            info = wav.parse(head, len(head))
        except vo.FormatError:
            continue
        believed += 1
        assert info.rate > 0
        assert info.channels > 0
        assert info.bits in (8, 16, 24, 32, 64)
        frame = info.channels * info.bits // 8
        assert info.data_at + info.frames * frame <= len(head)
    assert 10_000 < believed < 90_000
    seen(f"{believed:,} believed within the file, {100_000 - believed:,} refused")


@pytest.mark.fault(29, "RF64 of 5 kB promises 2^40 bytes, its sidecar 2^63 frames")
def test_sizes_that_lie(tmp_path, seen):
    path = tmp_path / "a.wav"
    data = record(path, sound(100), durable_frames=2**63)
    head = bytearray(wav.head(RATE, 2, "float32", 2**37))
    path.write_bytes(head + data)
    vo.recover(path)  # what is loaded once is loaded
    path.write_bytes(head + data)
    tracemalloc.start()
    file = only(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (file.outcome, file.frames, heard(path).shape) == ("repaired", 100, (100, 2))
    assert peak < path.stat().st_size + 65_536
    seen(f"100 of 100 frames; {peak:,} bytes of memory")


def test_a_hostile_sidecar_costs_little(tmp_path):  # fault 29
    path = tmp_path / "a.wav"
    record(path, sound(100), durable_frames=2**63, rate_hz=2**28, seconds_crc32="00000000" * 1000)
    assert only(path).note == "its sidecar tells of another format"
    put_sidecar(path, {"vocana_sidecar": 1, "gaps": [{}] * 10_000})
    assert only(path).note == "its sidecar is broken"
    os.truncate(tmp_path / "a.wav.json", MOST_BYTES + 1)
    assert (only(path).note, only(path).sidecar) == ("", None)
