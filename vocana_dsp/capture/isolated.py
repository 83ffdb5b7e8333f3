"""The program of a child process: it opens a device, or looks for devices, for its parent.

Its argument is a request in JSON. It answers on standard output, a line of JSON each, obeys "start"
and "stop" on standard input, and ends when that ends. Whatever else is printed by libraries goes
to standard error. It never leaves through the interpreter's end: what a device's library does there
may hang, and nobody needs it.
"""

from __future__ import annotations

import json
import os
import queue
import sys
import threading
from dataclasses import asdict
from typing import Any, NoReturn

from .._native.link import LinkSender
from . import portaudio
from .child import told
from .choice import from_json

LOOK_S = 0.05  # how often it looks whether the device still works
CLOSE_S = 0.3
DRAIN_S = 0.2


class Parent:
    """The process that started this one."""

    def __init__(self) -> None:
        self._out = os.dup(1)
        os.dup2(2, 1)
        self.orders: queue.SimpleQueue[str] = queue.SimpleQueue()
        threading.Thread(target=self._listen, name="vocana-parent", daemon=True).start()

    def _listen(self) -> None:
        """Hand orders on; the end of them is the end of this process, whatever it is doing."""
        for line in sys.stdin:
            self.orders.put(line.strip())
        os._exit(0)

    def tell(self, answer: dict[str, Any]) -> None:
        """Send one answer."""
        try:
            os.write(self._out, json.dumps(answer).encode() + b"\n")
        except OSError:  # nobody listens any more
            os._exit(1)


def _look(parent: Parent) -> None:
    """Tell which devices there are, each time anew."""
    while parent.orders.get() == "look":
        found = portaudio.devices(refresh=True)
        parent.tell({"devices": [asdict(device) for device in found]})


def _play(parent: Parent, request: dict[str, Any]) -> None:
    """Open a device and send what it gives, until told to stop or the device is lost."""
    device = portaudio.find(from_json(request["name_or_index"]))
    rate = request["rate"] or device.default_rate
    channels = request["channels"] or min(2, device.input_channels)
    device.check_channels(channels)
    sender = LinkSender(request["descriptor"], channels, round(request["queue_s"] * rate))
    stream = portaudio.Stream(
        device,
        rate,
        channels,
        request["block_frames"],
        sender.callback_address,
        sender.user_address,
        owner=sender,
    )
    sender.start()
    parent.tell({"rate": rate, "channels": channels, "name": device.name})
    if parent.orders.get() != "start":
        return
    stream.start()
    parent.tell({"started": True})
    while stream.active and sender.state == "running":
        try:
            parent.orders.get(timeout=LOOK_S)
        except queue.Empty:
            continue
        if stream.close(CLOSE_S):  # no callback runs any more
            sender.stop(DRAIN_S)
        return


def main() -> NoReturn:
    """Do what the request says; then end, at once."""
    request = json.loads(sys.argv[1])
    parent = Parent()
    try:
        if "descriptor" in request:
            _play(parent, request)
        else:
            _look(parent)
    except Exception as error:
        answer = told(error)
        if answer["error"]["code"] == "device_hangs":  # this process takes it along when it ends
            answer["error"].update(
                retryable=True,
                hint="its sound server or driver is stuck: restart that, and try again",
            )
        parent.tell(answer)
    os._exit(0)


if __name__ == "__main__":
    main()
