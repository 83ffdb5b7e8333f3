"""What is said of a second thread on a side that belongs to one."""

from cpython.pythread cimport PyThread_get_thread_ident

from vocana_dsp.errors import VocanaError


cdef int compare(unsigned long *owner, str side) except -1:
    cdef unsigned long me = <unsigned long>PyThread_get_thread_ident()
    if not owner[0]:
        owner[0] = me
    if owner[0] != me:
        raise VocanaError(
            f"a second {side}: thread {me} came after thread {owner[0]}, expected one {side}",
            code=f"second_{side}",
            hint=f"give each {side} a ring of its own",
        )
    return 0
