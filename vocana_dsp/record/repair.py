"""One WAV file of a recording: what is in it, and its head put right.

In place only a head is changed, and the part of a frame at the end cut off. What else there is to
do goes to new files.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass, replace
from pathlib import Path

from .._native import wav as _wav
from .._native.sidecar import SidecarData
from .._native.wav import HEAD_BYTES, WavInfo
from ..errors import FormatError, VocanaError
from .copying import new_file, put
from .joined import account_of, is_joined
from .locked import PART_BYTES, LockedFile
from .recovered import RecoveredFile
from .sidecars import crc_frames, read_sidecar, sidecar_path

MOST_HEAD_BYTES = 16 << 20  # audio that begins later is not looked for
SUFFIXES = (".wav", ".wave")
UNKNOWN = 0xFFFFFFFF
RIFF_MOST_BYTES = 0xFFFFFFFE
DS64_BYTES = 28
_MOST_FRAMES = 1 << 40  # a sidecar may say any number
_ZEROS = bytes(PART_BYTES)

Form = tuple[int, int, str]  # rate, channels and subtype, of which a head is made
_SUBTYPES = {(32, True): "float32", (24, False): "pcm24", (16, False): "pcm16"}


# --- What a file holds ----------------------------------------------------------------------------


def _by_head(file: LockedFile) -> WavInfo:
    n = 16 * HEAD_BYTES
    while True:
        try:
            return _wav.parse(file.read(0, n), file.size)
        except FormatError as error:
            if error.code != "long_head" or n >= MOST_HEAD_BYTES:
                raise
            n *= 4


def _by_sidecar(sidecar: SidecarData, size: int) -> WavInfo:
    """Return what the file holds when its head is the one that its sidecar tells of."""
    head = _wav.head(sidecar.rate, sidecar.channels, sidecar.subtype)
    return _wav.parse(head, max(size, HEAD_BYTES))


def _layout(info: WavInfo) -> tuple[int, ...]:
    return info.rate, info.channels, info.bits, info.floating, info.data_at


def _subtype(info: WavInfo) -> str:
    return _SUBTYPES.get((info.bits, info.floating), "")


def _format(info: WavInfo) -> Form:
    """Return what a head of ours is made from."""
    return info.rate, info.channels, _subtype(info)


def _frame_bytes(info: WavInfo) -> int:
    return info.channels * info.bits // 8


@dataclass(frozen=True, slots=True)
class _Seconds:
    """How the seconds of a file compare with what was written, and the rest, as one more."""

    frames: int = 0  # that were compared
    proven: int = 0
    damaged: tuple[int, ...] = ()
    never_written: tuple[int, ...] = ()


def _compare(file: LockedFile, info: WavInfo, sidecar: SidecarData) -> _Seconds:
    frame, at = _frame_bytes(info), HEAD_BYTES
    spans = [(info.rate, crc) for crc in sidecar.seconds]
    if sidecar.rest_frames:
        spans.append((sidecar.rest_frames, sidecar.rest_crc32))
    proven, damaged, zeros = 0, [], []
    for i, (frames, expected) in enumerate(spans):
        end = at + frames * frame
        if end > file.size:
            break
        crc, zero = 0, True
        for part in file.parts(at, end):
            crc = zlib.crc32(part, crc)
            zero = zero and part == _ZEROS[: len(part)]
        if crc == expected:
            proven += 1
        else:
            damaged.append(i)
            zeros += [i] * zero
        at = end
    return _Seconds((at - HEAD_BYTES) // frame, proven, tuple(damaged), tuple(zeros))


def _zero_tail(file: LockedFile, info: WavInfo, sidecar: SidecarData) -> int:
    """Count the frames of zeros at the end, beyond all that was durable or has a CRC."""
    frame = _frame_bytes(info)
    proven = max(sidecar.durable_frames, crc_frames(sidecar))
    at, end = info.data_at + proven * frame, info.data_at + info.frames * frame
    sound_to = at
    for part in file.parts(at, end):
        held = len(part.rstrip(b"\0"))
        sound_to = at + held if held else sound_to
        at += len(part)
    return max(0, end - sound_to) // frame


# --- What is done ---------------------------------------------------------------------------------


def _write_head(file: LockedFile, info: WavInfo) -> None:
    form = _format(info)
    file.change({0: _wav.head(*form, info.frames)}, _wav.file_bytes(*form, info.frames))


def _is_own(file: LockedFile, info: WavInfo) -> bool:
    """Whether the head is one of ours, which can be written anew as a whole."""
    if info.data_at != HEAD_BYTES or not _subtype(info):
        return False
    stated = None if info.open else info.stated_frames
    return file.read(0, HEAD_BYTES) == _wav.head(*_format(info), stated)


def _sizes(file: LockedFile, info: WavInfo, end: int) -> dict[int, bytes]:
    """Return the sizes in the head of another program, as bytes by place; none without room."""
    riff, data = end + end % 2 - 8, end - info.data_at
    if not info.rf64 and riff <= RIFF_MOST_BYTES:
        return {4: struct.pack("<I", riff), info.data_at - 4: struct.pack("<I", data)}
    room = file.read(12, 8)
    if room[:4] not in (b"ds64", b"JUNK") or struct.unpack("<I", room[4:])[0] < DS64_BYTES:
        return {}
    sizes = struct.pack("<QQQ", riff, data, data // _frame_bytes(info))
    unknown = struct.pack("<I", UNKNOWN)
    return {0: b"RF64" + unknown, 12: b"ds64", 20: sizes, info.data_at - 4: unknown}


def _put_sizes_right(file: LockedFile, info: WavInfo) -> tuple[str, str]:
    """Make a head tell the truth; return the outcome, and what there is to say."""
    if not info.open and info.stated_frames == info.frames:
        return "good", ""
    if _is_own(file, info):
        _write_head(file, info)
        return "repaired", ""
    end = info.data_at + info.frames * _frame_bytes(info)
    sizes = _sizes(file, info, end)
    if not sizes:
        return "good", "beyond 4 GiB, and its head has no room to say so: --join writes it anew"
    file.change(sizes, end + end % 2)
    return "repaired", ""


def _may_rebuild(file: LockedFile, info: WavInfo, sidecar: SidecarData) -> bool:
    """Whether there is nothing to be lost: the head is empty, or a part of the one it was."""
    head = file.read(0, HEAD_BYTES)
    durable = min(sidecar.durable_frames, _MOST_FRAMES)
    own = [_wav.head(*_format(info)), _wav.head(*_format(info), durable)]
    return not head.strip(b"\0") or any(one.startswith(head) for one in own)


def _rebuild(file: LockedFile, info: WavInfo, proven: bool) -> tuple[Path, str]:
    """Give a file the head that its sidecar tells of; return where, and the outcome.

    In place only when the audio behind it is proven, or when there is nothing to be lost.
    """
    if proven:
        _write_head(file, info)
        return file.path, "rebuilt"
    path = file.path.with_name(f"{file.path.stem}.recovered{file.path.suffix}")
    end = HEAD_BYTES + info.frames * _frame_bytes(info)
    with new_file(path) as fd:
        put(fd, _wav.head(*_format(info), info.frames))
        for part in file.parts(HEAD_BYTES, end):
            put(fd, part)
        put(fd, bytes(end % 2))
    return path, "copied"


def _with_sidecar(file: LockedFile, sidecar: SidecarData) -> RecoveredFile:
    told = _by_sidecar(sidecar, file.size)
    try:
        info: WavInfo | None = _by_head(file)
    except FormatError:
        info = None
    seconds = _compare(file, told, sidecar)
    path, note = file.path, ""
    if info is not None and _layout(info) == _layout(told):
        outcome, note = _put_sizes_right(file, info)
    elif info is not None and not seconds.proven:
        return replace(_without_sidecar(file), note="its sidecar tells of another format")
    else:
        info = told
        proven = bool(seconds.proven) or _may_rebuild(file, info, sidecar)
        path, outcome = _rebuild(file, info, proven)
    if seconds.damaged and path == file.path:
        outcome = "damaged"
    return RecoveredFile(
        path,
        outcome,
        info.rate,
        info.channels,
        sidecar.subtype,
        info.data_at,
        info.frames,
        sidecar,
        seconds.damaged,
        seconds.never_written,
        max(0, sidecar.durable_frames - info.frames),
        seconds.frames,
        _zero_tail(file, info, sidecar),
        note,
    )


def _without_sidecar(file: LockedFile) -> RecoveredFile:
    info = _by_head(file)
    outcome, note = _put_sizes_right(file, info)
    account = None
    if is_joined(file.read(0, HEAD_BYTES)):
        end = info.data_at + info.stated_frames * _frame_bytes(info)
        outcome, account = "joined", account_of(file, info.data_at, end)
    return RecoveredFile(
        file.path,
        outcome,
        info.rate,
        info.channels,
        _subtype(info),
        info.data_at,
        info.frames,
        lost_frames=0 if info.open else info.stated_frames - info.frames,
        note=note,
        joined=account,
    )


def _as_told(file: LockedFile, form: Form) -> RecoveredFile:
    """Copy what stands where audio does; what it is, nothing proves."""
    info = _wav.parse(_wav.head(*form), max(file.size, HEAD_BYTES))
    path, outcome = _rebuild(file, info, proven=False)
    return RecoveredFile(path, outcome, *form, HEAD_BYTES, info.frames, note="as it was told to be")


def recover_file(path: Path, form: Form | None = None) -> RecoveredFile:
    """Put one file right, and say what it holds.

    Args:
        path: where it is.
        form: its rate, channels and subtype, for one that has lost both head and sidecar.

    Raises:
        ResourceBusy: its writer is alive.
        FormatError: it is no WAV file, and no sidecar tells what it was.
        RecordError: it cannot be opened or changed.
    """
    note = ""
    with LockedFile(path) as file:
        try:
            joined = is_joined(file.read(0, HEAD_BYTES))  # what is beside it is of another
            sidecar = None if joined else read_sidecar(sidecar_path(path))
        except FormatError:
            sidecar, note = None, "its sidecar is broken"
        except VocanaError:
            sidecar, note = None, "its sidecar cannot be read"
        try:
            found = _without_sidecar(file) if sidecar is None else _with_sidecar(file, sidecar)
        except FormatError as error:
            if error.code not in ("bad_wav", "long_head"):
                raise
            if form is None:
                if path.suffix.lower() not in SUFFIXES:
                    raise FormatError(
                        f"{path} is no WAV file",
                        code=error.code,
                        hint="name a recording, whose name ends in .wav, or a folder of them",
                    ) from error
                raise FormatError(
                    f"{path} is no WAV file that can be read, and no sidecar tells what it was",
                    code=error.code,
                    hint=f"put its sidecar, {path.name}.json, beside it, or tell its rate, "
                    "channels and subtype",
                ) from error
            found = _as_told(file, form)
    return replace(found, note=note) if note else found
