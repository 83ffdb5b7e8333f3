"""One thread at a time in an object whose calls let other threads run."""

cdef int refuse() except -1


cdef inline int enter(bint *busy) except -1:
    """Take an object for one call, or raise ConfigError; `busy = False` gives it back.

    Whoever looks at the flag or sets it holds the GIL.
    """
    if busy[0]:
        return refuse()
    busy[0] = True
    return 0


cdef class Turn:
    cdef bint busy
