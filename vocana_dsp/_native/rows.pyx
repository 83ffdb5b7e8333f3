"""What is said of a second thread that uses a meter while a call of the first one runs."""

from vocana_dsp.errors import VocanaError


cdef int refuse_second() except -1:
    raise VocanaError(
        "two threads use a meter at once, expected one at a time",
        code="second_thread",
        hint="give each thread a meter of its own",
    )
