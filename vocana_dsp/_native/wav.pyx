"""vo_wav: heads of WAV and RF64 files, written before the length is known, read without trust."""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize
from libc.stdint cimport UINT32_MAX, UINT64_MAX, uint8_t, uint32_t, uint64_t

from vocana_dsp._native.block cimport whole
from vocana_dsp._native.libvocana cimport *
from vocana_dsp._native.status cimport check

from typing import NamedTuple

from vocana_dsp.errors import ConfigError, FormatError

HEAD_BYTES = VO_WAV_HEAD_BYTES
SUBTYPES = ("float32", "pcm24", "pcm16")


class WavInfo(NamedTuple):
    """What a file holds, as far as its head can be believed."""

    rate: int
    channels: int
    bits: int
    floating: bool
    open: bool
    rf64: bool
    data_at: int
    frames: int
    stated_frames: int


cdef vo_wav_format format_of(rate, channels, subtype) except *:
    if subtype not in SUBTYPES:
        raise ConfigError(
            f"subtype is {subtype!r}, expected one of {', '.join(SUBTYPES)}",
            hint="pass the name of a subtype",
        )
    cdef vo_wav_format format
    format.rate = <uint32_t>whole("rate", rate, 1, UINT32_MAX)
    format.channels = <uint32_t>whole("channels", channels, 1, UINT32_MAX)
    format.subtype = <vo_wav_subtype><int>SUBTYPES.index(subtype)
    if not vo_wav_frame_bytes(&format):
        raise ConfigError(
            f"a WAV file cannot state {channels} channels of {subtype} at {rate} Hz",
            hint="pass fewer channels, or a lower rate",
        )
    return format


def frame_bytes(rate, channels, subtype):
    """Return the bytes of a frame; ConfigError when no WAV file can state the format."""
    cdef vo_wav_format format = format_of(rate, channels, subtype)
    return vo_wav_frame_bytes(&format)


def head(rate, channels, subtype, frames=None):
    """Return the 4096 bytes before the audio; frames is None while the length is not known."""
    cdef vo_wav_format format = format_of(rate, channels, subtype)
    cdef uint64_t n = VO_WAV_OPEN if frames is None else whole("frames", frames, 0, UINT64_MAX - 1)
    cdef bytes out = PyBytes_FromStringAndSize(NULL, VO_WAV_HEAD_BYTES)
    check(vo_wav_head(<uint8_t *>PyBytes_AS_STRING(out), &format, n), f"{frames} frames")
    return out


def file_bytes(rate, channels, subtype, frames):
    """Return the size of a finished file; ConfigError when no file can be so large."""
    cdef vo_wav_format format = format_of(rate, channels, subtype)
    cdef uint64_t size = vo_wav_file_bytes(&format, whole("frames", frames, 0, UINT64_MAX))
    check(VO_OK if size else VO_TOO_BIG, f"{frames} frames")
    return size


def parse(const uint8_t[::1] head not None, uint64_t file_bytes):
    """Return what the first bytes of a file of that size say, a WavInfo.

    Raises FormatError, code "bad_wav" when they are no head that makes sense, "long_head" when the
    audio begins beyond them.
    """
    cdef vo_wav_info info
    cdef uint64_t n = <uint64_t>head.shape[0]
    cdef vo_status status = vo_wav_parse(&info, &head[0] if n else NULL, n, file_bytes)
    if status == VO_TOO_BIG:
        raise FormatError(f"the audio begins beyond the first {n} bytes", code="long_head")
    if status != VO_OK:
        raise FormatError("it has no head of a WAV file that makes sense", code="bad_wav")
    return WavInfo(
        info.rate, info.channels, info.bits, info.floating, info.open, info.rf64, info.data_at,
        info.frames, info.stated_frames,
    )
