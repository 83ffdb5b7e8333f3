"""The only place where a vo_status becomes an exception."""

from vocana_dsp._native.libvocana cimport *

from vocana_dsp.errors import ConfigError, PoolError, PoolExhausted, TimedOut, VocanaError

# status: (exception, its code); None for what the exception's class says itself
cdef dict EXCEPTIONS = {
    VO_BAD_ARG: (ConfigError, None),
    VO_TOO_BIG: (ConfigError, "too_big"),
    VO_EMPTY: (PoolExhausted, None),
    VO_BAD_HANDLE: (PoolError, None),
    VO_TIMED_OUT: (TimedOut, None),
    VO_INTERRUPTED: (VocanaError, "interrupted"),
    VO_SYSTEM: (VocanaError, "system"),
}
cdef tuple RETRYABLE = (VO_EMPTY, VO_TIMED_OUT, VO_INTERRUPTED)


cpdef int check(vo_status status, str what, str expected=None, str hint=None) except -1:
    """Return 0 when status is VO_OK, else raise what it means.

    what names the thing that failed, expected what would have been right, hint what to do.
    Any thread that holds the GIL.
    """
    if status == VO_OK:
        return 0
    text = vo_status_text(status).decode()
    message = f"{what}: {text}, expected {expected}" if expected else f"{what}: {text}"
    if status == VO_NO_MEM:
        raise MemoryError(message)
    kind, code = EXCEPTIONS.get(status, (VocanaError, None))
    raise kind(message, code=code, hint=hint, retryable=status in RETRYABLE)
