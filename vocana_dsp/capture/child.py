"""A child process of this package: it answers in lines of JSON, obeys words, and always ends.

It is told to end by its standard input: an order, or the end of it, which comes by itself when this
process ends, however it ends.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .. import errors
from ..errors import DeviceError, StreamClosed

KILL_S = 0.1  # a child that was asked to end is killed after that

MOST_STDERR = 2000  # characters of it that an error quotes


class Child:
    """A process that runs a module of this package, and is over when this object is closed.

    Args:
        module: the name of the module, which is run as a program.
        request: what it is to do; it finds this as JSON in its only argument.
        descriptors: what it inherits besides its standard streams.

    Raises:
        DeviceError: no process can be started (``no_process``).
    """

    def __init__(self, module: str, request: dict[str, Any], descriptors: Sequence[int] = ()):
        self._own_locks()
        self._said = b""
        self._errors, errors_in = os.pipe()
        os.set_blocking(errors_in, False)  # a child that complains without end is not held up
        os.set_blocking(self._errors, False)
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", module, json.dumps(request)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors_in,
                bufsize=0,
                pass_fds=descriptors,
                env=os.environ | {"PYTHONPATH": os.pathsep.join(_search_path())},
                process_group=0,  # a Ctrl-C is meant for this process
            )
        except OSError as error:
            os.close(self._errors)
            raise DeviceError(
                f"no process can be started for a device: {error}",
                code="no_process",
                hint="check the limits of processes and memory, or open it without isolate=True",
            ) from error
        finally:
            os.close(errors_in)
        _children.add(self)

    def _own_locks(self) -> None:
        self._lock = threading.Lock()
        self._reading = threading.Lock()  # held while somebody waits for what the process says

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def answer(self, deadline_s: float, what: str) -> dict[str, Any]:
        """Return its next answer; raise the error that it tells, or says by not answering.

        Args:
            deadline_s: how long to wait.
            what: names what it does, for the error.

        Raises:
            DeviceError, FormatError: what the child raised; ``device_hangs`` when it does not
                answer in time; ``device_crashed`` when it ended instead.
            StreamClosed: `close` was called.
        """
        with self._reading:
            return self._answer(deadline_s, what)

    def _answer(self, deadline_s: float, what: str) -> dict[str, Any]:
        gives_up = time.monotonic() + deadline_s
        while b"\n" not in self._said:
            if not self._readable(gives_up - time.monotonic()):
                raise DeviceError(
                    f"{what} has not returned within {deadline_s:g} s",
                    code="device_hangs",
                    hint="its sound server or driver is stuck: restart that, and try again",
                )
            said = os.read(self._stdout, 65536)
            if not said:
                raise DeviceError(
                    f"{what} has ended the process that did it: {self._last_words()}",
                    code="device_crashed",
                    hint="its driver crashed; try again, or restart its sound server",
                )
            self._said += said
        line, _, self._said = self._said.partition(b"\n")
        try:
            answer: dict[str, Any] = json.loads(line)
        except ValueError as error:
            raise DeviceError(
                f"{what} was answered by {line[:80]!r}, which is no answer",
                code="device_crashed",
                hint="look for what prints when Python starts, such as a sitecustomize",
            ) from error
        if "error" in answer:
            raise _raised(answer["error"])
        return answer

    def order(self, word: str) -> None:
        """Tell it to do something; nothing happens when it has ended."""
        assert self._process.stdin is not None
        with contextlib.suppress(OSError, ValueError):
            self._process.stdin.write(f"{word}\n".encode())

    def kill(self) -> None:
        """Kill it; who waits for its answer learns that it has ended."""
        self._process.kill()

    def close(self, deadline_s: float = KILL_S) -> None:
        """End it: wait for so long, then kill it, and never leave a zombie. May be called again."""
        with self._lock:
            if self._process.returncode is None:
                self._end(deadline_s)
            if self._reading.acquire(timeout=KILL_S):  # the number may be another's once it is free
                self._close_pipes()
                self._reading.release()

    def abandon(self) -> None:
        """Close the pipes alone: for a forked child, which is not its parent."""
        self._own_locks()
        self._process.returncode = 0  # not for this process to wait for
        self._close_pipes()

    def _close_pipes(self) -> None:
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            pipe.close()
        if self._errors >= 0:
            os.close(self._errors)
            self._errors = -1

    def _end(self, deadline_s: float) -> None:
        for wait_s, harder in (
            (deadline_s, self._process.terminate),
            (KILL_S, self._process.kill),
        ):
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(max(0.0, wait_s))
                return
            harder()
        with contextlib.suppress(subprocess.TimeoutExpired):  # a driver holds it in the kernel
            self._process.wait(KILL_S)

    def __del__(self) -> None:
        """End what nobody closed."""
        if hasattr(self, "_process"):
            self.close(0.0)

    @property
    def _stdout(self) -> int:
        assert self._process.stdout is not None
        if self._process.stdout.closed:
            raise StreamClosed("the process of a device has been ended", hint="open it again")
        return self._process.stdout.fileno()

    def _readable(self, timeout_s: float) -> bool:
        """Whether it says something in time; it is not blamed for time in which this is held up."""
        poll = select.poll()
        poll.register(self._stdout, select.POLLIN)
        return bool(poll.poll(max(0.0, timeout_s) * 1000.0) or poll.poll(0))

    def _last_words(self) -> str:
        """How it ended, and what it wrote to its standard error last."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(KILL_S)
        text = b""
        with contextlib.suppress(BlockingIOError):
            while more := os.read(self._errors, 65536):
                text += more
        code = self._process.returncode
        status = f"signal {-code}" if code is not None and code < 0 else f"status {code}"
        words = text.decode(errors="replace").strip()[-MOST_STDERR:]
        return f"{status}, {words}" if words else status


def _search_path() -> list[str]:
    """Where this process finds modules: the child finds the same ones."""
    package = str(Path(__file__).parents[2])
    return [package, *(str(Path(entry).absolute()) for entry in sys.path if entry != package)]


def _raised(told: dict[str, Any]) -> errors.VocanaError:
    """Return the error that a child tells."""
    kind = getattr(errors, told["type"])
    error: errors.VocanaError = kind(
        told["message"], code=told["code"], hint=told["hint"], retryable=told["retryable"]
    )
    return error


_children: weakref.WeakSet[Child] = weakref.WeakSet()


def _in_fork() -> None:
    """Let a forked child hold no pipe of its parent's: the end of one would never come."""
    for child in list(_children):
        child.abandon()


os.register_at_fork(after_in_child=_in_fork)


# --- In the child ---------------------------------------------------------------------------------


def told(error: BaseException) -> dict[str, Any]:
    """Return an error as its parent will raise it."""
    if not isinstance(error, errors.VocanaError):
        error = DeviceError(f"{type(error).__name__}: {error}", code="device_failed")
    return {
        "error": {
            "type": type(error).__name__,
            "message": str(error.args[0]) if error.args else "",
            "code": error.code,
            "hint": error.hint,
            "retryable": error.retryable,
        }
    }
