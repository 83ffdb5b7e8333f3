"""A private JACK server for a test, and sound cards on it that count frames.

Every server has a name of its own, every child dies with the test, and what a killed server leaves
in shared memory is removed: of that name, nothing else. The servers of one process of tests keep
those of another waiting: JACK names the sockets of a client after the client alone, and would
connect two of one name that open at once, each to the other's server.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import IO, Self

HERE = Path(__file__).parent
START_S = 60.0
TURN_S = 600.0
HANG_S = 10.0  # deadlines are of a second or two, and a busy machine may be late; what hangs, does
PR_SET_PDEATHSIG = 1

# JACK registers eight servers on a machine, and a killed one keeps its place until a server of the
# same name starts. So names come from a pool.
NAMES = [f"vocana-test-{n}" for n in range(4)]
_free = list(NAMES)
_turn: list[IO[str]] = []  # the lock that this process holds while it has servers

_libc = ctypes.CDLL(None, use_errno=True)


def die_with_parent() -> None:
    """Let the kernel kill this process when its parent ends: for preexec_fn."""
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def build(directory: Path, noun: str) -> Path:
    """Compile a C file of this directory: the sound card to a program, others to a library."""
    program = noun == "sound_card"
    result = directory / (noun if program else f"{noun}.so")
    command = ["cc", "-std=gnu11", "-O2", "-Wall", "-Wextra", "-Werror", "-o", str(result)]
    command += [str(HERE / f"{noun}.c"), *(["-ljack"] if program else ["-shared", "-fPIC"])]
    subprocess.run(command, check=True)
    return result


class SoundCard:
    """A JACK client whose ports PortAudio lists as one input device."""

    def __init__(self, program: Path, server: JackServer, name: str, ports: int) -> None:
        self.name = name
        self._process = subprocess.Popen(
            [str(program), name, str(ports)],
            env=server.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            preexec_fn=die_with_parent,
        )
        answer = self._answer()
        assert answer == f"ready {server.rate} {server.period}", f"the sound card says: {answer!r}"

    def _answer(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()

    def order(self, word: str) -> str:
        """Send one order (see sound_card.c) and return the answer."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{word}\n")
        self._process.stdin.flush()
        return self._answer()

    def freewheel(self, on: bool) -> None:
        """Make the whole server run as fast as it can, or by the clock again."""
        answer = self.order("freewheel" if on else "realtime")
        assert answer.startswith("done"), answer

    def silence(self, on: bool) -> None:
        """Send zeros, or the counter again, which has gone on."""
        answer = self.order("silence" if on else "sound")
        assert answer.startswith("done"), answer

    def stumble(self) -> None:
        """Leave out one frame of the counter."""
        answer = self.order("stumble")
        assert answer.startswith("done"), answer

    def stats(self) -> tuple[int, int]:
        """Frames that the card has played, and xruns that it has seen."""
        words = self.order("stats").split()
        return int(words[1]), int(words[3])

    def kill(self) -> None:
        """End the card at once, as when it is unplugged."""
        self._process.kill()
        self.close()

    def close(self) -> None:
        """End it in peace; may be called again."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        try:
            self._process.wait(2.0)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()


class JackServer:
    """A jackd of our own on the dummy driver, in real time where that is permitted.

    The server waits for its clients in each period, at most `wait_ms`, so that a busy machine makes
    it late and not wrong: a counter that jumps is then a fault of what is tested. A client that is
    killed may keep it waiting that long. With 0 it waits for nobody, as a sound card does.
    """

    def __init__(
        self, program: Path, rate: int = 48_000, period: int = 128, *, wait_ms: int = 50
    ) -> None:
        self._program = program
        self._wait_ms = wait_ms
        self.rate = rate
        self.period = period
        self.name = _take_name()
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the server
        self._process: subprocess.Popen[bytes] | None = None
        self._cards: list[SoundCard] = []
        self._killed = False

    @property
    def environment(self) -> dict[str, str]:
        """For processes that are to find this server and start no other."""
        return os.environ | {
            "JACK_DEFAULT_SERVER": self.name,
            "JACK_NO_START_SERVER": "1",
            "JACK_NO_AUDIO_RESERVATION": "1",
        }

    def __enter__(self) -> Self:
        """Start it and wait until it serves."""
        try:
            self._start()
            self.check_serves()
        except BaseException:
            self.close()
            raise
        return self

    def _start(self) -> None:
        driver = ["-d", "dummy", "-r", str(self.rate), "-p", str(self.period), "-C", "0", "-P", "0"]
        schedule = ["-R", "-P", "60"] if _realtime_is_permitted() else ["-r"]
        # It waits ten times what it is told, if that is more than two periods.
        waits = ["-S", "-t", str(self._wait_ms // 10)] if self._wait_ms else []
        self._process = subprocess.Popen(
            ["jackd", "--name", self.name, *waits, *schedule, *driver],
            env=self.environment,
            stdout=self._said,
            stderr=self._said,
            preexec_fn=die_with_parent,
        )
        end = time.monotonic() + START_S
        while not _listening_inodes(f"jack_{self.name}_"):
            if self._process.poll() is not None or time.monotonic() > end:
                self._said.seek(0)
                raise RuntimeError(f"jackd does not serve: {self._said.read().decode()}")
            time.sleep(0.02)

    def _reclaim(self) -> None:
        """Take back the shared memory of a killed server: the next one of its name finds it."""
        self._start()
        assert self._process is not None
        self._process.terminate()
        self._process.wait()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End it and its cards, and remove what it leaves."""
        self.close()

    def check_serves(self) -> None:
        """Assert that the process behind the server's name is the one that was started here."""
        assert self._process is not None
        assert self._process.poll() is None, f"jackd ended with {self._process.returncode}"
        opened = {str(fd.readlink()) for fd in Path(f"/proc/{self._process.pid}/fd").iterdir()}
        serving = {f"socket:[{inode}]" for inode in _listening_inodes(f"jack_{self.name}_")}
        assert serving, f"nobody serves {self.name}"
        assert serving <= opened, f"{self.name} is served by another process"

    def card(self, name: str = "VocanaCard", ports: int = 2) -> SoundCard:
        """Plug in a sound card."""
        card = SoundCard(self._program, self, name, ports)
        self._cards.append(card)
        return card

    def kill(self) -> None:
        """Kill it without a chance to say goodbye."""
        assert self._process is not None
        self._killed = True
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    def restart(self) -> None:
        """Start it again after it was killed; its cards have to be plugged in again."""
        self._start()
        self._killed = False
        self.check_serves()

    def pause(self) -> None:
        """Stop its process; it keeps its sockets and answers nobody."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let a paused process go on."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def close(self) -> None:
        """End all of it; may be called again."""
        if self._said.closed:
            return
        if self._process is not None and self._process.poll() is None:
            self.resume()
        for card in self._cards:
            card.close()
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(2.0)
            except subprocess.TimeoutExpired:
                self.kill()
        if self._killed:
            self._reclaim()
        for left in Path("/dev/shm").glob(f"jack*_{self.name}_*"):
            left.unlink(missing_ok=True)
        self._said.close()
        _give_back(self.name)


def _take_name() -> str:
    """Return a name that no other server has, once no other process has servers."""
    if not _turn:
        lock = (Path(tempfile.gettempdir()) / f"vocana-test-jack-{os.getuid()}.lock").open("w")
        end = time.monotonic() + TURN_S
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > end:
                    lock.close()
                    raise
            time.sleep(0.1)
        _turn.append(lock)
    return _free.pop(0)


def _give_back(name: str) -> None:
    """Free the name for the next server, and with the last one the machine."""
    _free.append(name)
    if len(_free) == len(NAMES):
        _turn.pop().close()


def _listening_inodes(prefix: str) -> set[str]:
    """Inodes of the listening Unix sockets whose file name begins with `prefix`."""
    listening = "00010000"
    found = set()
    for line in Path("/proc/net/unix").read_text().splitlines()[1:]:
        fields = line.split()
        if len(fields) == 8 and fields[3] == listening and Path(fields[7]).name.startswith(prefix):
            found.add(fields[6])
    return found


def _realtime_is_permitted() -> bool:
    """Whether a child of this process may ask for a real-time priority."""
    return subprocess.run(["chrt", "-f", "60", "true"], capture_output=True).returncode == 0
