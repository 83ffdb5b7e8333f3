"""One tree of exceptions: each says what was wrong, what was expected and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar


class VocanaError(Exception):
    """Base of everything that this package raises on purpose.

    A class gives the usual `code`, `hint` and `retryable`; an instance may say something closer.
    Safe to pickle and to raise in any thread.

    Attributes:
        code: short name in snake_case that a program can compare, stable between versions.
        hint: what to do about it; part of ``str(error)``.
        retryable: whether the same call may succeed later without any change.

    >>> error = ConfigError("channels is 0, expected 1 or more", hint="pass channels=1")
    >>> print(error)
    channels is 0, expected 1 or more (hint: pass channels=1)
    >>> error.code, error.retryable, isinstance(error, ValueError)
    ('bad_config', False, True)
    """

    default_code: ClassVar[str] = "vocana"
    default_hint: ClassVar[str] = "run `vocana doctor` to check this machine"
    default_retryable: ClassVar[bool] = False

    code: str
    hint: str
    retryable: bool

    def __init__(
        self,
        message: str = "",
        *,
        code: str | None = None,
        hint: str | None = None,
        retryable: bool | None = None,
    ) -> None:
        super().__init__(message)
        self.code = self.default_code if code is None else code
        self.hint = self.default_hint if hint is None else hint
        self.retryable = self.default_retryable if retryable is None else retryable

    def __str__(self) -> str:
        message = str(self.args[0]) if self.args else ""
        return f"{message} (hint: {self.hint})" if self.hint else message


class DeviceError(VocanaError):
    """A device is missing, refuses what it was asked for, or was lost."""

    default_code = "device"
    default_hint = "run `vocana devices` to see what can be opened"
    default_retryable = True


class FormatError(VocanaError):
    """A file or a signal is not what it has to be."""

    default_code = "bad_format"
    default_hint = "pass a sound file that libsndfile reads, such as WAV or FLAC"


class ConfigError(VocanaError, ValueError):
    """An argument is out of range or does not fit the others; nothing has been changed."""

    default_code = "bad_config"
    default_hint = "correct the value that the message names"


class RingOverflow(VocanaError):  # noqa: N818 - a public name
    """Frames were lost because a ring was full, and the policy is to fail."""

    default_code = "ring_overflow"
    default_hint = "read faster, or make the ring longer; reading may go on after the loss"
    default_retryable = True


class PoolError(VocanaError):
    """A pool was handed a buffer that is not out: stale, of another pool or already released."""

    default_code = "bad_handle"
    default_hint = "release a buffer once, to the pool that it came from"


class PoolExhausted(PoolError):  # noqa: N818 - a public name
    """Every buffer that the pool may have is handed out."""

    default_code = "pool_exhausted"
    default_hint = "release buffers sooner, raise maximum, or pass a timeout to acquire"
    default_retryable = True


class StreamClosed(VocanaError):  # noqa: N818 - a public name
    """The object has been closed and cannot be used again."""

    default_code = "closed"
    default_hint = "make a new one"


class StateError(VocanaError):
    """A change of state that is not allowed; nothing has been changed.

    Attributes:
        state: the state that it is in.
        asked: the state that was asked for.
        allowed: the states that may follow the present one, none while a change is being made.
    """

    default_code = "bad_state"
    default_hint = "look at the state first: another thread may have changed it"

    def __init__(
        self,
        message: str = "",
        *,
        state: str = "",
        asked: str = "",
        allowed: Iterable[str] = (),
        code: str | None = None,
        hint: str | None = None,
        retryable: bool | None = None,
    ) -> None:
        super().__init__(message, code=code, hint=hint, retryable=retryable)
        self.state = state
        self.asked = asked
        self.allowed = frozenset(allowed)


class ResourceBusy(VocanaError):  # noqa: N818 - a public name
    """Somebody else uses it, or it rests after failures; nothing has been done."""

    default_code = "busy"
    default_hint = "try again later"
    default_retryable = True


class TimedOut(VocanaError):  # noqa: N818 - a public name
    """It did not happen within the time that was given."""

    default_code = "timed_out"
    default_hint = "give it more time, or try again later"
    default_retryable = True


class Cancelled(VocanaError):  # noqa: N818 - a public name
    """It was called off before it was done."""

    default_code = "cancelled"
    default_hint = "nothing to do: somebody asked for it"
