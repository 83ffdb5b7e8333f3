"""A float32 WAV file that every reader opens, even when its writer was killed.

The header fills the first 4096 bytes: audio begins on a page and the header is patched in place::

    RIFF ffffffff WAVE  JUNK(28)  fmt  fact ffffffff  JUNK(pad)  data ffffffff | frames ...

Sizes stay 0xFFFFFFFF ("until the end of the file") until a clean close writes the true ones. A file
beyond 4 GiB becomes RF64 at its close: the first JUNK turns into the ds64 chunk that it reserved.
"""

from __future__ import annotations

import os
import stat
import struct
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from ..errors import ConfigError
from .errors import RecordError

DATA_START_BYTES = 4096
SAMPLE_BYTES = 4
UNKNOWN = 0xFFFFFFFF  # a size that is not known yet
RIFF_MAX_BYTES = 0xFFFFFFFE  # the largest size that a RIFF header can state
DS64_BYTES = 28
SILENCE_BYTES = 1 << 16  # write_silence writes this much at a time

_FLOAT = 3  # WAVE_FORMAT_IEEE_FLOAT
_EXTENSIBLE = 0xFFFE
_FLOAT_GUID = struct.pack("<IHH8s", _FLOAT, 0, 16, bytes.fromhex("800000aa00389b71"))
_MAX_CHANNELS = 0xFFFF // SAMPLE_BYTES  # nBlockAlign is 16 bits wide


def _chunk(name: bytes, body: bytes) -> bytes:
    return name + struct.pack("<I", len(body)) + body


def _format(rate: int, channels: int) -> bytes:
    """Build the fmt chunk's body; beyond two channels it says that no loudspeakers are meant."""
    frame = channels * SAMPLE_BYTES
    tag, extra = _FLOAT, b""
    if channels > 2:
        tag, extra = _EXTENSIBLE, struct.pack("<HI", SAMPLE_BYTES * 8, 0) + _FLOAT_GUID
    plain = struct.pack("<HHIIHH", tag, channels, rate, rate * frame, frame, SAMPLE_BYTES * 8)
    return plain + struct.pack("<H", len(extra)) + extra


def wav_header(rate: int, channels: int, frames: int | None) -> bytes:
    """Return the 4096 bytes before the audio.

    `frames` is the length of a finished file, or None while it is not known; `rate` is in Hz.
    """
    data = UNKNOWN if frames is None else frames * channels * SAMPLE_BYTES
    riff = UNKNOWN if frames is None else data + DATA_START_BYTES - 8
    fact = UNKNOWN if frames is None else min(frames, UNKNOWN)
    form, reserve = b"RIFF", _chunk(b"JUNK", bytes(DS64_BYTES))
    if frames is not None and riff > RIFF_MAX_BYTES:
        form, reserve = b"RF64", _chunk(b"ds64", struct.pack("<QQQI", riff, data, frames, 0))
        riff = data = UNKNOWN
    head = form + struct.pack("<I", riff) + b"WAVE" + reserve
    head += _chunk(b"fmt ", _format(rate, channels)) + _chunk(b"fact", struct.pack("<I", fact))
    pad = DATA_START_BYTES - len(head) - 16
    return head + _chunk(b"JUNK", bytes(pad)) + b"data" + struct.pack("<I", data)


def _open_new(path: Path, overwrite: bool) -> int:
    """Make a file that was not there; never through a symbolic link, never by truncating."""
    if overwrite:
        try:
            if stat.S_ISREG(path.lstat().st_mode):
                path.unlink()
        except FileNotFoundError:
            pass
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    return os.open(path, flags, 0o666)  # less the umask, as every recorder does


class WavWriter:
    """Append float32 frames to a new WAV file. One thread at a time.

    An existing file is refused (`RecordError`, code ``"file_exists"``) unless `overwrite` is true;
    then a regular file is replaced by a new one, and anything else (a link, a folder, a device) is
    still refused. What `write` has taken outlives the process, even one that is killed; it outlives
    the machine's power only once `close` has returned.

    A failed write (full disk, broken disk, file size limit) raises `RecordError`, which is an
    OSError too, and says how many frames are safe. Later writes raise it again; `close` leaves a
    complete file with what was saved.

    Attributes:
        path: the file.
        rate: frames per second.
        channels: samples per frame.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        rate: int,
        channels: int,
        *,
        overwrite: bool = False,
    ) -> None:
        if not 1 <= channels <= _MAX_CHANNELS:
            raise ConfigError(
                f"channels is {channels}, expected 1 to {_MAX_CHANNELS}",
                hint="a WAV file has no room for more",
            )
        if not 1 <= rate <= UNKNOWN // (channels * SAMPLE_BYTES):
            raise ConfigError(
                f"rate is {rate} Hz, which a WAV file of {channels} channels cannot state",
                hint="pass the device's rate, such as 48000",
            )
        self.path = Path(path)
        self.rate = rate
        self.channels = channels
        self._frame_bytes = channels * SAMPLE_BYTES
        self._end = DATA_START_BYTES  # bytes that are in the file for good
        self._failure: RecordError | None = None
        self._owner = os.getpid()
        try:
            self._fd = _open_new(self.path, overwrite)
        except (OSError, ValueError) as cause:
            raise RecordError.opening(self.path, cause) from cause
        try:
            self._put(wav_header(rate, channels, None), 0)
        except OSError as cause:
            os.close(self._fd)
            self.path.unlink(missing_ok=True)
            raise RecordError.writing(self.path, cause, 0, rate) from cause

    @property
    def frames_written(self) -> int:
        """Whole frames in the file."""
        return (self._end - DATA_START_BYTES) // self._frame_bytes

    @property
    def closed(self) -> bool:
        """Whether ``close`` has been called."""
        return self._fd < 0

    def write(self, block: npt.NDArray[np.float32]) -> None:
        """Append a block of shape (frames, channels), float32; it is copied if not contiguous."""
        if block.ndim != 2 or block.shape[1] != self.channels or block.dtype != np.float32:
            raise ConfigError(
                f"block is {block.dtype} of shape {block.shape}, "
                f"expected float32 of shape (frames, {self.channels})",
                hint="pass the data of a Block as it is",
            )
        if not block.size:
            return
        self._append(np.ascontiguousarray(block, dtype="<f4").data.cast("B"))

    def write_silence(self, frames: int) -> None:
        """Append `frames` frames of zeros."""
        zeros = memoryview(bytes(SILENCE_BYTES))
        left = frames * self._frame_bytes
        while left > 0:
            part = zeros[: min(left, len(zeros))]
            self._append(part)
            left -= len(part)

    def close(self) -> None:
        """Write the true sizes and bring the file to the disk. Again: nothing, silently.

        In a child made by fork, only the child's descriptor goes; the file stays its parent's.
        """
        if self.closed:
            return
        fd, self._fd = self._fd, -1
        try:
            if os.getpid() == self._owner:
                self._finish(fd)
        except OSError as cause:
            if self._failure is None:  # else the user knows already
                raise RecordError.writing(
                    self.path, cause, self.frames_written, self.rate
                ) from cause
        finally:
            os.close(fd)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _append(self, data: memoryview) -> None:
        if self._failure is not None:
            raise self._failure
        if self.closed:
            raise RecordError.closed(self.path)
        try:
            self._end = self._put(data, self._end)
        except OSError as cause:
            self._failure = RecordError.writing(self.path, cause, self.frames_written, self.rate)
            raise self._failure from cause

    def _put(self, data: memoryview | bytes, at: int) -> int:
        """Write all of data at a byte position; return where it ends."""
        view: memoryview[Any] = memoryview(data)
        while view:
            try:
                done = os.pwrite(self._fd, view, at)
            except OSError:
                if at > self._end:  # whole frames that came before the failure count
                    self._end = at - (at - DATA_START_BYTES) % self._frame_bytes
                raise
            at += done
            view = view[done:]
        return at

    def _finish(self, fd: int) -> None:
        os.ftruncate(fd, DATA_START_BYTES + self.frames_written * self._frame_bytes)
        os.pwrite(fd, wav_header(self.rate, self.channels, self.frames_written), 0)
        os.fsync(fd)
        folder = os.open(self.path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
