"""Sound files block by block: the same samples as at once, and an error for damage."""

import numpy as np
import pytest
import soundfile
from click.testing import CliRunner
from meter_signals import RATE, speech_like, stereo

import vocana_dsp as vo
from vocana_dsp.cli import main
from vocana_dsp.files.soundfiles import AudioReader


@pytest.mark.parametrize("suffix", ["wav", "flac", "ogg", "mp3"])
@pytest.mark.parametrize("frames", [1000, 16_384])
def test_blocks_are_what_is_read_at_once(tmp_path, suffix, frames):
    path = tmp_path / f"a.{suffix}"
    soundfile.write(path, stereo(speech_like(2, RATE)), RATE)
    with AudioReader(path) as reader:
        blocks = list(reader.blocks(frames))
    assert {len(block) for block in blocks[:-1]} == {frames}
    whole = soundfile.read(path, dtype="float32")[0]
    np.testing.assert_array_equal(np.concatenate(blocks), whole)


def test_seeking_would_be_noticed(tmp_path):
    """The negative control: soundfile's own reading by blocks, which seeks, changes an MP3."""
    path = tmp_path / "a.mp3"
    soundfile.write(path, stereo(speech_like(2, RATE)), RATE)
    with soundfile.SoundFile(path) as file:
        blocks = [file.read(1000, dtype="float32") for _ in range(file.frames // 1000)]
    found = np.concatenate(blocks)
    whole = soundfile.read(path, dtype="float32")[0][: len(found)]
    assert np.abs(found - whole).max() > 1e-3


@pytest.mark.parametrize("cut", [0, 1, 4_001])
def test_a_cut_file_is_told(tmp_path, cut):  # N17
    path = tmp_path / "a.wav"
    soundfile.write(path, stereo(speech_like(1, RATE)), RATE, subtype="PCM_16")
    path.write_bytes(path.read_bytes()[: -cut or None])
    with AudioReader(path) as reader:
        assert reader.missing_frames == -(-cut // 4)
    for words in (["analyze", path], ["process", path, tmp_path / "b.wav"]):
        done = CliRunner().invoke(main, [str(word) for word in words])
        assert (done.exit_code, "is cut" in done.stderr) == (0, cut > 0)


def test_only_a_wav_file_can_be_cut(tmp_path):
    soundfile.write(tmp_path / "a.flac", stereo(speech_like(1, RATE)), RATE)
    with AudioReader(tmp_path / "a.flac") as reader:
        assert reader.missing_frames == 0


@pytest.mark.parametrize("hole", [slice(40_000, 43_000), slice(60_000, None)])
def test_a_damaged_file_is_told(tmp_path, hole):
    path = tmp_path / "a.flac"
    soundfile.write(path, np.random.default_rng(1).normal(0, 0.1, RATE), RATE)
    data = bytearray(path.read_bytes())
    data[hole] = bytes(3000) if hole.stop else b""
    path.write_bytes(data)
    with AudioReader(path) as reader, pytest.raises(vo.FormatError, match=r"a.flac is damaged"):
        list(reader.blocks(4096))
