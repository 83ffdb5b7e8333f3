"""The one thread that may use a side of an object, checked in Python's development mode."""

cdef int compare(unsigned long *owner, str side) except -1


cdef inline int claim(bint guarded, unsigned long *owner, str side) except -1:
    """Make the calling thread the owner when there is none yet; raise when another one is."""
    return compare(owner, side) if guarded else 0
