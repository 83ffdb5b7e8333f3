"""Fewer or more channels, where it is clear what that means."""

from __future__ import annotations

from ..errors import ConfigError
from .channel_map import ChannelMap


def mix(has: int, wanted: int) -> ChannelMap | None:
    """Return what makes `wanted` channels of those that a sound has, None when it has as many.

    Several become one as their mean, and one becomes several as copies; ConfigError for the rest.

    >>> mix(2, 2) is None, mix(2, 1)
    (True, ChannelMap())
    """
    if wanted == has:
        return None
    if wanted == 1:
        return ChannelMap.mono()
    if has == 1:
        return ChannelMap.pick(*[0] * wanted)
    raise ConfigError(
        f"channels is {wanted}, expected {has} as the source has, or 1",
        hint=f"leave channels out, or pass channels=1 or {has}; a chain with a ChannelMap makes "
        "any other mix",
    )
