"""vo_sidecar: the JSON beside a recording, read without trust."""

from libc.stdint cimport uint8_t, uint32_t, uint64_t

from vocana_dsp._native.libvocana cimport *
from vocana_dsp._native.status cimport check

import os
from typing import NamedTuple

from vocana_dsp.errors import FormatError

cdef tuple SUBTYPES = ("float32", "pcm24", "pcm16")
cdef tuple ENDS = ("open", "closed", "rolled", "sealed")


class SidecarData(NamedTuple):
    """What a sidecar says; names are data, and no part of the package opens them as they are."""

    rate: int
    channels: int
    subtype: str
    recording: str
    segment: int
    previous: str
    first_frame: int
    capture_frame: int
    started_wall_ns: int
    started_ns: int
    durable_frames: int
    end: str
    gaps: tuple[tuple[int, int, str], ...]  # frame in the file, frames, cause
    seconds: tuple[int, ...]  # CRC-32 of each whole second of bytes of audio
    spool: str = ""  # folder where the recording goes on when a disk fails
    rest_frames: int = 0  # after those seconds, fewer than one more
    rest_crc32: int = 0


cdef tuple gaps_of(const vo_sidecar *sidecar):
    cdef uint64_t n, i
    cdef const vo_sidecar_gap *gaps = vo_sidecar_gaps(sidecar, &n)
    return tuple([
        (gaps[i].frame, gaps[i].frames, vo_cause_text(gaps[i].cause).decode()) for i in range(n)
    ])


cdef tuple seconds_of(const vo_sidecar *sidecar):
    cdef uint64_t n, i
    cdef const uint32_t *seconds = vo_sidecar_seconds(sidecar, &n)
    return tuple([seconds[i] for i in range(n)])


cdef data_of(const vo_sidecar *sidecar):
    cdef const vo_sidecar_head *head = vo_sidecar_head_of(sidecar)
    cdef uint32_t rest_crc32
    cdef uint64_t rest_frames = vo_sidecar_rest(sidecar, &rest_crc32)
    return SidecarData(
        head.format.rate,
        head.format.channels,
        SUBTYPES[head.format.subtype],
        os.fsdecode(<bytes>head.recording),
        head.segment,
        os.fsdecode(<bytes>head.previous),
        head.first_frame,
        head.capture_frame,
        head.started_wall_ns,
        head.started_ns,
        vo_sidecar_durable(sidecar),
        ENDS[vo_sidecar_end_of(sidecar)],
        gaps_of(sidecar),
        seconds_of(sidecar),
        os.fsdecode(<bytes>head.spool),
        rest_frames,
        rest_crc32,
    )


def parse(const uint8_t[::1] text not None):
    """Return a SidecarData; FormatError, code "bad_sidecar", for what is no sidecar."""
    cdef uint64_t n = <uint64_t>text.shape[0]
    cdef vo_sidecar *sidecar
    cdef vo_status status = VO_BAD_ARG
    if n:
        with nogil:
            status = vo_sidecar_parse(&sidecar, <const char *>&text[0], n, NULL)
    if status == VO_BAD_ARG:
        raise FormatError(
            "it is no sidecar of a recording", code="bad_sidecar",
            hint="a recording writes one beside its file: keep the two together",
        )
    check(status, "a sidecar")
    try:
        return data_of(sidecar)
    finally:
        vo_sidecar_free(sidecar)
