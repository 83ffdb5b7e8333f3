"""What is known of an input device, and which one a name means."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, TypeAlias

from ..errors import DeviceError, FormatError

# All of its devices are one client of one server: when one hangs, all do.
ONE_CLIENT = "JACK Audio Connection Kit"

NEAR = 0.4  # similarity, from 0 to 1, from which a name counts as near

#: A part of a name, a pattern that is searched for in names, an index, or None for the default.
Wanted: TypeAlias = str | re.Pattern[str] | int | None


@dataclass(frozen=True, slots=True)
class DeviceInfo:
    """An input device.

    Attributes:
        index: number to open it with; valid in this process.
        name: what the host API calls it.
        host_api: for example ``"ALSA"``, ``"JACK Audio Connection Kit"`` or ``"Core Audio"``.
        input_channels: most channels that it opens with.
        default_rate: its own rate, in Hz.
        latency_ms: what it says about its latency; some host APIs say 0.
        is_default: whether it is the one that None opens.
    """

    index: int
    name: str
    host_api: str
    input_channels: int
    default_rate: int
    latency_ms: float
    is_default: bool

    def __str__(self) -> str:
        return f"{self.index}: {self.name!r} ({self.host_api})"

    def check_channels(self, channels: int) -> None:
        """Raise DeviceError unless it opens with that many."""
        if not 1 <= channels <= self.input_channels:
            plural = "" if self.input_channels == 1 else "s"
            raise DeviceError(
                f"{self.name!r} has {self.input_channels} input channel{plural}, not {channels}",
                code="bad_channels",
                hint=f"pass channels from 1 to {self.input_channels}, or none",
                retryable=False,
            )

    def check_hope(self, hanging: Sequence[DeviceInfo]) -> None:
        """Raise DeviceError when one of those devices, which hang, lets this one hang too."""
        for stuck in hanging:
            if stuck.index == self.index or stuck.host_api == self.host_api == ONE_CLIENT:
                raise DeviceError(
                    f"{self.name!r} cannot be opened: an earlier stream of {stuck.host_api} hangs",
                    code="device_hangs",
                    hint="start this program again, once the sound server runs",
                    retryable=False,
                )

    def refusal(
        self, reason: object, rate: int, open_rates: Sequence[int] | None
    ) -> DeviceError | FormatError:
        """Return the error that says why it does not open.

        Args:
            reason: what the host API says.
            rate: what it was opened with, in Hz.
            open_rates: the rates that it opens at, in Hz, when the rate is the reason; else None.
        """
        if open_rates is not None:
            rates = ", ".join(map(str, open_rates)) or "none of the usual ones"
            return FormatError(
                f"{self.name!r} does not open at {rate} Hz; it opens at {rates}",
                code="unsupported_rate",
                hint="pass one of these rates, or none to take the device's own",
            )
        return DeviceError(
            f"{self.name!r} does not open: {reason}",
            code="open_failed",
            hint="another program may hold it, or its server is gone; `vocana doctor` checks it",
        )


def choose(wanted: Wanted, found: Sequence[DeviceInfo]) -> DeviceInfo:
    """Return the device of `found` that is meant.

    Args:
        wanted: None for the default device; an index; a name or a part of one, upper or lower
            case, of which a name that matches entirely wins over parts; a compiled regular
            expression, which is searched for in each name.
        found: what there is to choose from.

    Raises:
        DeviceError: there is none (``no_device``, ``device_not_found``), or more than one
            (``device_ambiguous``).
    """
    if not found:
        raise DeviceError(
            "this machine has no input device",
            code="no_device",
            hint="plug in a microphone or start the sound server, then start this program again; "
            "vo.Tone(440) works without one",
        )
    if wanted is None:
        return next((d for d in found if d.is_default), found[0])
    matches = _matches(wanted, found)
    if len(matches) > 1:
        raise DeviceError(
            f"{wanted!r} means more than one device: {_listed(matches)}",
            code="device_ambiguous",
            hint="pass more of the name, or the number",
            retryable=False,
        )
    if not matches:
        raise _not_found(wanted, found)
    return matches[0]


def _matches(wanted: str | re.Pattern[str] | int, found: Sequence[DeviceInfo]) -> list[DeviceInfo]:
    if isinstance(wanted, int):
        return [d for d in found if d.index == wanted]
    if isinstance(wanted, re.Pattern):
        return [d for d in found if wanted.search(d.name)]
    folded = wanted.casefold()
    entire = [d for d in found if d.name.casefold() == folded]
    return entire or [d for d in found if folded in d.name.casefold()]


def _not_found(wanted: str | re.Pattern[str] | int, found: Sequence[DeviceInfo]) -> DeviceError:
    folded = str(wanted.pattern if isinstance(wanted, re.Pattern) else wanted).casefold()
    near = [d for d in found if get_close_matches(folded, [d.name.casefold()], 1, NEAR)]
    listed = f"near: {_listed(near)}" if near else f"there are: {_listed(found)}"
    return DeviceError(
        f"there is no input device {wanted!r}; {listed}",
        code="device_not_found",
        hint="run `vocana devices` for the whole list; Device(..., isolate=True) finds what was "
        "plugged in after the program started",
    )


def _listed(found: Sequence[DeviceInfo]) -> str:
    return ", ".join(map(str, found))


# --- For another process --------------------------------------------------------------------------


def as_json(wanted: Wanted) -> Any:
    """Return what JSON can say of it."""
    return [wanted.pattern, wanted.flags] if isinstance(wanted, re.Pattern) else wanted


def from_json(said: Any) -> Wanted:
    """Return what was meant.

    >>> from_json(as_json(re.compile("usb", re.I))), from_json(as_json("usb"))
    (re.compile('usb', re.IGNORECASE), 'usb')
    """
    wanted: Wanted = re.compile(*said) if isinstance(said, list) else said
    return wanted
