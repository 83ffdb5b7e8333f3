"""Tells when input devices come and go."""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..config import function_of, positive
from ..errors import StreamClosed
from .choice import DeviceInfo
from .lifetime import Closed
from .probe import SLICE_S, Prober

ERRORS_KEPT = 10


@dataclass(frozen=True, slots=True)
class DevicesChanged:
    """What one look found to be different from the one before.

    Attributes:
        added: devices that were not there.
        removed: devices that are no longer there.
        default: the default device, None when there is none.
        default_changed: whether that is another one.
    """

    added: tuple[DeviceInfo, ...]
    removed: tuple[DeviceInfo, ...]
    default: DeviceInfo | None
    default_changed: bool


class DeviceWatcher(Closed):
    """Looks for input devices every few seconds, and calls when they have changed.

    It looks in a child process that it keeps, so no stream of this one is touched. It starts with
    ``with`` or `start`; the first look only learns what there is.

    Args:
        on_change: called with a `DevicesChanged` at most once a look, in the watcher's thread. What
            it raises is kept in `errors`, and the watcher goes on.
        every_s: seconds from one look to the next.
        look: returns the devices that there are now; a DeviceError of it is kept in `errors`.

    >>> here = [DeviceInfo(0, "Built-in", "ALSA", 2, 48000, 8.0, True)]
    >>> watcher = DeviceWatcher(print, look=lambda: list(here))
    >>> watcher.check()
    >>> here.append(DeviceInfo(1, "USB mic", "ALSA", 1, 48000, 8.0, False))
    >>> [device.name for device in watcher.check().added]
    ['USB mic']
    """

    def __init__(
        self,
        on_change: Callable[[DevicesChanged], object],
        *,
        every_s: float = 5.0,
        look: Callable[[], Sequence[DeviceInfo]] | None = None,
    ) -> None:
        self.every_s = positive("every_s", every_s, "s")
        function_of("on_change", on_change)
        function_of("look", look, optional=True)
        self.errors: deque[Exception] = deque(maxlen=ERRORS_KEPT)
        self._on_change = on_change
        self._prober = Prober()
        self._look = look or self._prober.look
        self._known: Sequence[DeviceInfo] | None = None
        self._over = threading.Event()
        self._thread: threading.Thread | None = None

    def check(self) -> DevicesChanged | None:
        """Look once: what has changed since the last look, None when nothing has. Calls nobody."""
        now = list(self._look())
        before, self._known = self._known, now
        if before is None:
            return None
        default = next((d for d in now if d.is_default), None)
        was_default = next((d for d in before if d.is_default), None)
        change = DevicesChanged(
            added=_beyond(now, before),
            removed=_beyond(before, now),
            default=default,
            default_changed=(default and _key(default)) != (was_default and _key(was_default)),
        )
        return change if change.added or change.removed or change.default_changed else None

    def start(self) -> None:
        """Begin to look. Does nothing when it has begun; StreamClosed when it is closed."""
        if self._over.is_set():
            raise StreamClosed("the watcher is closed", hint="make a new DeviceWatcher")
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="vocana-devices", daemon=True)
            self._thread.start()

    def close(self) -> None:
        """Look no more, and end the child process. May be called again, by `on_change` too."""
        self._over.set()
        thread = self._thread
        self._prober.close()  # and whoever waits for it
        while thread and thread.is_alive() and thread is not threading.current_thread():
            thread.join(SLICE_S)
            self._prober.close()  # of a look that had just begun

    def _run(self) -> None:
        while not self._over.is_set():
            try:
                change = self.check()
                if change is not None and not self._over.is_set():
                    self._on_change(change)
            except Exception as error:
                if not self._over.is_set():
                    self.errors.append(error)
            self._over.wait(self.every_s)


def _key(device: DeviceInfo) -> tuple[str, str]:
    """Return what makes a device the same one at another time: not its number."""
    return device.host_api, device.name


def _beyond(some: Sequence[DeviceInfo], others: Sequence[DeviceInfo]) -> tuple[DeviceInfo, ...]:
    """Those of `some` that `others` has not, or has fewer times."""
    left = Counter(map(_key, others))
    found = []
    for device in some:
        left[_key(device)] -= 1
        if left[_key(device)] < 0:
            found.append(device)
    return tuple(found)
