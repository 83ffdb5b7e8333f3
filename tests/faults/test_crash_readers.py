"""What a power cut leaves of a recording, read by programs that know nothing of it."""

import subprocess
import warnings
import wave

import numpy as np
import pytest
import scipy.io.wavfile
import soundfile
from test_c_programs import line_of

IMAGES = 25
CHANNELS, SEGMENT = 4, 15_000  # of csrc/test/test_crash_images.c


def by_libsndfile(path):
    return soundfile.read(path, dtype="int16", always_2d=True)[0]


def by_wave(path):
    with wave.open(str(path)) as reader:
        return np.frombuffer(reader.readframes(reader.getnframes()), "<i2").reshape(-1, CHANNELS)


def by_scipy(path):
    with warnings.catch_warnings():  # it says that an unfinished file is unfinished
        warnings.simplefilter("ignore", scipy.io.wavfile.WavFileWarning)
        return scipy.io.wavfile.read(path)[1]


def by_program(*command):
    done = subprocess.run(command, capture_output=True, timeout=60, check=True)
    return np.frombuffer(done.stdout, "<i2").reshape(-1, CHANNELS)


def by_ffmpeg(path):
    return by_program("ffmpeg", "-v", "error", "-i", path, "-f", "s16le", "-")


def by_sox(path):
    return by_program("sox", "-V1", path, "-t", "s16", "-")


READERS = (by_libsndfile, by_wave, by_scipy, by_ffmpeg, by_sox)


def wrong(path, first, least):
    """What a reader misses of a file's frames, of which so many were said to be durable."""
    found = []
    for reader in READERS:
        try:
            audio = reader(path)[:least].astype(int)
        except Exception as error:
            found.append(f"{reader.__name__}: {error!r}")
            continue
        expected = 1 + (first + np.arange(least)) % 30_000
        if len(audio) < least:
            found.append(f"{reader.__name__}: {len(audio)} of {least} frames")
        elif not ((audio == expected[:, None]) | (audio == 0)).all():  # a gap is silent
            found.append(f"{reader.__name__}: other values")
    return found


@pytest.mark.fault(18, f"{IMAGES} power cuts; what they leave is read by five programs")
def test_what_a_power_cut_leaves_opens_everywhere(seen, tmp_path):
    line_of("test_crash_images", str(IMAGES), "1", tmp_path)
    files, frames, faults = 0, 0, []
    for path in sorted(tmp_path.glob("*.wav")):
        _, told, name = path.name.split("-", 2)
        first = SEGMENT * (int(name[8:12]) - 1 if name != "meeting.wav" else 0)
        least = min(SEGMENT, int(told) - first)
        if least > 0:
            files, frames = files + 1, frames + least
            faults += [(path.name, fault) for fault in wrong(path, first, least)]
    seen(
        f"{files} files with {frames:,} frames that were said to be durable; libsndfile, wave, "
        f"SciPy, ffmpeg and SoX miss {len(faults)} times something of them"
    )
    assert faults == []
    assert files > IMAGES

    whole = path.read_bytes()  # the control: fewer frames, other ones, and no head
    path.write_bytes(whole[: 4096 + 8 * (least - 1)])
    assert len(wrong(path, first, least)) == len(READERS)
    path.write_bytes(whole[:4096] + whole[4104:])
    assert len(wrong(path, first, least - 1)) == len(READERS)
    path.write_bytes(bytes(4096) + whole[4096:])
    assert len(wrong(path, first, least)) == len(READERS)
