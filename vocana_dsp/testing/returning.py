"""A simulated device that is opened again, after it was unplugged or given up."""

from __future__ import annotations

from ..capture.sources import Player, SimPlayer
from ..config import frames_of
from ..errors import DeviceError
from .device import SimulatedDevice
from .faults import Unplug


class Returning:
    """The device behind a player that has ended, as a source.

    Its timeline has gone on: in real time by the clock; on a virtual clock by the time for which it
    was unplugged, which it tells as lost.
    """

    def __init__(self, player: SimPlayer) -> None:
        self._player = player
        self._device: SimulatedDevice = player.device

    def open(self, channels: int | None) -> Player:
        """Open it where it has come to; DeviceError while it is away, or refuses."""
        player, device = self._player, self._device
        place = player.place
        unplugs = (fault for fault in device.script if isinstance(fault, Unplug))
        gone = next((fault for fault in unplugs if player.first <= fault.frame <= place), None)
        if gone is None:  # it was given up while it was there
            untold = player.lost if place == player.first else 0  # it never played
            return device.opened(place, untold)
        away = None if gone.ms is None else max(1, frames_of(gone.ms, device.rate))
        if away is None or (player.realtime and place < gone.frame + away):
            raise DeviceError("the simulated device is unplugged", code="device_not_found")
        if player.refused < gone.refusals:
            player.refused += 1
            raise DeviceError("the simulated device refuses to open", code="open_failed")
        rate = gone.rate or device.rate
        returned = SimulatedDevice(
            device.signal,
            rate=rate,
            channels=gone.channels or device.channels,
            block_frames=device.block_frames,
            pace=device.pace,
            seconds=device.seconds,
            script=device.script[device.script.index(gone) + 1 :],
            seed=device.seed,
        )
        if player.realtime:
            return returned.opened(round(place * rate / device.rate), 0)
        lost = max(1, round(away * rate / device.rate))
        return returned.opened(round(place * rate / device.rate) + lost, lost)
