"""What a power cut leaves of a recording, read by programs that know nothing of it."""

import os
import subprocess
import warnings
import wave

import numpy as np
import pytest
import scipy.io.wavfile
import soundfile
from test_c_programs import line_of

IMAGES = int(float(os.environ.get("VOCANA_CRASH_IMAGES", "1e3")))
AT_ONCE = 100
CHANNELS, SEGMENT = 4, 15_000  # of csrc/test/test_crash_images.c


def by_libsndfile(paths):
    return [soundfile.read(path, dtype="int16", always_2d=True)[0] for path in paths]


def by_wave(paths):
    return [_by_wave(path) for path in paths]


def _by_wave(path):
    with wave.open(str(path)) as reader:
        return np.frombuffer(reader.readframes(reader.getnframes()), "<i2").reshape(-1, CHANNELS)


def by_scipy(paths):
    with warnings.catch_warnings():  # it says that an unfinished file is unfinished
        warnings.simplefilter("ignore", scipy.io.wavfile.WavFileWarning)
        return [scipy.io.wavfile.read(path)[1] for path in paths]


def by_ffmpeg(paths):
    listed = paths[0].with_name("files.txt")
    listed.write_text("".join(f"file '{path}'\n" for path in paths))
    return _end_to_end(paths, "ffmpeg -v error -f concat -safe 0 -i", listed, "-f s16le -")


def by_sox(paths):
    return _end_to_end(paths, "sox -V1", *paths, "-t s16 -")


def _end_to_end(paths, *command):
    """Let a program read all files as one sound, and cut that where the files end."""
    words = [word for part in command for word in ([part] if part in paths else str(part).split())]
    done = subprocess.run(words, capture_output=True, timeout=300, check=True)
    sound = np.frombuffer(done.stdout, "<i2").reshape(-1, CHANNELS)
    ends = np.cumsum([len(audio) for audio in by_libsndfile(paths)])
    assert len(sound) == ends[-1], f"{len(sound)} of {ends[-1]} frames"
    return np.split(sound, ends[:-1])


READERS = (by_libsndfile, by_wave, by_scipy, by_ffmpeg, by_sox)


def wrong(files):
    """What readers miss of files, each a path, its first frame and how many are durable."""
    found = []
    for reader in READERS:
        try:
            sounds = reader([path for path, _, _ in files])
        except Exception as error:
            found.append(f"{reader.__name__}: {error!r}")
            continue
        for (path, first, least), sound in zip(files, sounds, strict=True):
            audio = sound[:least].astype(int)
            expected = 1 + (first + np.arange(least)) % 30_000
            if len(audio) < least:
                found.append(f"{reader.__name__}, {path.name}: {len(audio)} of {least} frames")
            elif not ((audio == expected[:, None]) | (audio == 0)).all():  # a gap is silent
                found.append(f"{reader.__name__}, {path.name}: other values")
    return found


def durable(folder):
    """Yield files that hold frames said to be durable: path, first of them, and how many."""
    for path in sorted(folder.glob("[0-9]*.wav")):
        _, told, name = path.name.split("-", 2)
        first = SEGMENT * (int(name[8:12]) - 1 if name != "meeting.wav" else 0)
        least = min(SEGMENT, int(told) - first)
        if least > 0:
            yield path, first, least


@pytest.mark.fault(18, f"{IMAGES:,} power cuts; what they leave is read by five programs")
def test_what_a_power_cut_leaves_opens_everywhere(seen, tmp_path):
    told = line_of("test_crash_images", str(IMAGES), "1", tmp_path)
    files, faults = list(durable(tmp_path)), []
    for start in range(0, len(files), AT_ONCE):
        faults += wrong(files[start : start + AT_ONCE])
    seen(
        f"{told}; {len(files):,} of these have frames that were said to be durable; libsndfile, "
        f"wave, SciPy, ffmpeg and SoX miss {len(faults)} times something of them"
    )
    assert faults == []
    assert int(told.split()[0]) > IMAGES


def test_readers_miss_what_is_taken_away(tmp_path):
    """The control: fewer frames, other ones, and no head, in a file among others and alone."""
    line_of("test_crash_images", "10", "1", tmp_path)
    files = list(durable(tmp_path))
    path, first, least = files[-1]
    whole = path.read_bytes()
    path.write_bytes(whole[: 4096 + 8 * (least - 1)])
    assert len(wrong(files[-1:])) == len(wrong(files)) == len(READERS)
    path.write_bytes(whole[:4096] + whole[4104:])
    assert len(wrong([(path, first, least - 1)])) == len(READERS)
    path.write_bytes(bytes(4096) + whole[4096:])
    assert len(wrong(files[-1:])) == len(READERS)
