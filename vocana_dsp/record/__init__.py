"""Recording: a capture becomes files that survive."""

from .errors import RecordError, refuse_existing

__all__ = ["RecordError", "refuse_existing"]
