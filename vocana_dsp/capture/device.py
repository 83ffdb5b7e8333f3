"""A PortAudio device as a player of a capture."""

from __future__ import annotations

from .._native.capture import CaptureEngine
from . import portaudio
from .choice import Wanted
from .sources import Player


class DevicePlayer:
    """An input device whose stream calls the engine's C callback."""

    def __init__(
        self, device: portaudio.DeviceInfo, rate: int, channels: int, block_frames: int
    ) -> None:
        self.name = device.name
        self.rate = rate
        self.channels = channels
        self.realtime = True
        self.waits = False
        self._device = device
        self._block_frames = block_frames
        self._engine: CaptureEngine | None = None
        self._stream: portaudio.Stream | None = None

    def connect(self, engine: CaptureEngine) -> None:
        """Open the stream with the engine as its callback, kept while it may be called."""
        self._engine = engine
        self._stream = portaudio.Stream(
            self._device,
            self.rate,
            self.channels,
            self._block_frames,
            engine.callback_address,
            engine.user_address,
            owner=engine,
        )

    def start(self) -> None:
        """Start the stream."""
        assert self._stream is not None
        self._stream.start()

    @property
    def active(self) -> bool:
        """Whether PortAudio says that the stream runs."""
        return self._stream is not None and self._stream.active

    def stop(self, deadline_s: float) -> bool:
        """Stop and close the stream; False when it hangs."""
        return self._stream is None or self._stream.close(deadline_s)

    def abandon(self) -> None:
        """Never touch the stream again."""
        if self._stream is not None:
            self._stream.abandon()


def open_player(
    name_or_index: Wanted, rate: int | None, channels: int | None, block_frames: int
) -> Player:
    """Find the device, and settle rate and channels."""
    device = portaudio.find(name_or_index)
    return DevicePlayer(
        device, rate or device.default_rate, channels or min(2, device.input_channels), block_frames
    )
