"""JACK servers, sound cards and the processes that use them."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pytest
from server import HERE, JackServer, SoundCard, build, die_with_parent

CHILD_S = 120.0


@dataclass(frozen=True)
class Tools:
    """What is compiled for these tests."""

    sound_card: Path
    probe: Path


class Child:
    """A Python process that uses a server's devices; it and the test take turns."""

    def __init__(self, server: JackServer, tools: Tools, script: str) -> None:
        paths = {
            "PYTHONPATH": f"{HERE}:{HERE.parent.parent}",
            "VOCANA_TEST_PROBE": str(tools.probe),
        }
        self._process = subprocess.Popen(
            [sys.executable, "-c", f"from probe import *\n{script}"],
            env=server.environment | paths,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            preexec_fn=die_with_parent,
        )

    def hear(self) -> dict[str, Any]:
        """Return its next message; a child that has none in time is killed."""
        assert self._process.stdout is not None
        late = threading.Timer(CHILD_S, self._process.kill)
        late.start()
        line = self._process.stdout.readline()
        late.cancel()
        assert line, f"the child ended with {self._process.wait(CHILD_S)}"
        message: dict[str, Any] = json.loads(line)
        return message

    def go(self) -> None:
        """Let it go on, if it has not ended: its status tells that."""
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write("\n")
            self._process.stdin.flush()

    def end(self, deadline_s: float = CHILD_S) -> int:
        """Return its exit status; TimeoutExpired when it does not exit by itself."""
        return self._process.wait(deadline_s)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End it, however it is."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            with contextlib.suppress(BrokenPipeError):  # what was written to a child that had ended
                pipe.close()


@dataclass(frozen=True)
class Studio:
    """A server with its first sound card, of two channels."""

    server: JackServer
    card: SoundCard
    tools: Tools

    def child(self, script: str) -> Child:
        """Start a Python process; the names of probe.py are at hand in its script."""
        return Child(self.server, self.tools, script)

    def ask(self, script: str) -> dict[str, Any]:
        """Run a script that sends one message and exits cleanly; return the message."""
        with self.child(script) as child:
            message = child.hear()
            assert child.end() == 0
            return message


@pytest.fixture(scope="session")
def tools(tmp_path_factory: pytest.TempPathFactory) -> Tools:
    """Compile the sound card and the probe."""
    directory = tmp_path_factory.mktemp("jack")
    return Tools(build(directory, "sound_card"), build(directory, "callback_probe"))


def _studio(tools: Tools) -> Iterator[Studio]:
    with JackServer(tools.sound_card) as server:
        yield Studio(server, server.card("VocanaCard", 2), tools)


@pytest.fixture(scope="module")
def shared_studio(tools: Tools) -> Iterator[Studio]:
    """A studio for tests that leave it as they find it."""
    yield from _studio(tools)


@pytest.fixture
def studio(tools: Tools) -> Iterator[Studio]:
    """A studio that a test may wreck."""
    yield from _studio(tools)
