"""The simple nodes: level, silence, time."""

from __future__ import annotations

from typing import ClassVar

from .node import Node
from .param import Param, Switch


class Gain(Node):
    """A volume in dB.

    Args:
        gain_db: -100 to 24. 0 passes every bit, -100 is silence. A change is one sin^2 ramp of 5
            ms; what is set during a ramp is heard after it.
        name: what the chain calls it.

    Raises ConfigError for what is out of range. Any thread; see `Node`.

    >>> Gain(-6).gain_db
    -6.0
    """

    kind: ClassVar[str | None] = "Gain"
    gain_db = Param()

    def __init__(self, gain_db: float = 0.0, *, name: str | None = None) -> None:
        super().__init__(name=name, gain_db=gain_db)


class Mute(Node):
    """Silence that can be switched on and off.

    Args:
        muted: whether it is silent. A change is one sin^2 ramp of 5 ms.
        name: what the chain calls it.

    Raises ConfigError for what is out of range. Any thread; see `Node`.

    >>> mute = Mute()
    >>> mute.muted = False
    """

    kind: ClassVar[str | None] = "Mute"
    muted = Switch()

    def __init__(self, muted: bool = True, *, name: str | None = None) -> None:
        super().__init__(name=name, muted=muted)


class Delay(Node):
    """The same sound later.

    Args:
        delay_ms: 0 to 60000, rounded to whole frames. Fixed while the node works.
        name: what the chain calls it.

    Raises ConfigError for what is out of range. Any thread; see `Node`.

    >>> Delay(20).delay_ms
    20.0
    """

    kind: ClassVar[str | None] = "Delay"
    delay_ms = Param()

    def __init__(self, delay_ms: float, *, name: str | None = None) -> None:
        super().__init__(name=name, delay_ms=delay_ms)


class Fade(Node):
    """In from silence at the beginning, and out when it is told to.

    Args:
        fade_in_ms: 0 to 60000, length of the fade from the first frame; 0 begins at once. Fixed
            while the node works.
        fade_out_ms: 0 to 60000, length of the fade when `faded_out` is set. Fixed while the node
            works.
        faded_out: whether the sound is faded out; cleared again, it fades in.
        name: what the chain calls it.

    Raises ConfigError for what is out of range. Any thread; see `Node`.

    Both fades follow sin^2. One that has begun runs to its end; what is set meanwhile takes 5 ms
    at least.

    >>> fade = Fade(fade_in_ms=10, fade_out_ms=500)
    >>> fade.faded_out = True
    """

    kind: ClassVar[str | None] = "Fade"
    fade_in_ms = Param()
    fade_out_ms = Param()
    faded_out = Switch()

    def __init__(
        self,
        fade_in_ms: float = 5.0,
        fade_out_ms: float = 5.0,
        *,
        faded_out: bool = False,
        name: str | None = None,
    ) -> None:
        super().__init__(
            name=name, fade_in_ms=fade_in_ms, fade_out_ms=fade_out_ms, faded_out=faded_out
        )
