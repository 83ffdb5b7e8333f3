"""What a second thread is told while a call of the first one runs."""

from vocana_dsp.errors import ConfigError


cdef int refuse() except -1:
    raise ConfigError(
        "the object is in use by another thread, expected one at a time",
        code="in_use",
        hint="give each thread an object of its own",
        retryable=True,
    )


cdef class Turn:
    """The same for an object that is made in Python: ``with turn:`` around each call."""

    def __enter__(self):
        enter(&self.busy)

    def __exit__(self, *error):
        self.busy = False
