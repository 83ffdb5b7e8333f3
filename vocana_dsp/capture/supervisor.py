"""Watches the device of a capture, and puts another one in its place when it fails."""

from __future__ import annotations

import contextlib
import random
import threading
import time
from collections.abc import Callable, Sequence

from ..config import instance
from ..control.attempts import AttemptLog
from ..control.states import STREAM, StateMachine, StreamState, Transition
from ..errors import Cancelled, DeviceError, StateError, VocanaError
from ..system.clocks import SuspendWatch
from .account import Account
from .follower import Follower
from .path import Path
from .processing import Processing
from .recovery import Recovery
from .sources import Source
from .watch import STALL_BLOCKS, Health

LOOK_S = 0.02  # how often the device is looked at
SILENCE_S = 10.0  # silence that is told when it is no fault
JOIN_S = 0.6  # what a stop waits for a recovery that is in a call of the device

LEAST_S = 0.3  # what is left for the device then, at least

LIVE = ("opening", "running", "degraded")


class Supervisor:
    """The health of a capture whose device may be replaced; what `Watch` is for others.

    `step` is one look; a daemon thread makes them from `start` to `halt`. No lock is held while a
    device may hang.

    Args:
        path: the capture's; its first device is open.
        processing: what stands behind it.
        sources: what to open, the first of which is what was asked for.
        first: which of them is open.
        policy: when to give a device up, and for how long to look for another.
        tell: called with the kind of each event, and a value; must not wait.
        clock: seconds on the monotonic clock.
        pause: waits for seconds, or until it is called off: whether that was so.
        rng: of the delays.
        suspend: what tells how long the machine slept.
    """

    def __init__(
        self,
        path: Path,
        processing: Processing,
        sources: Sequence[Source],
        first: int,
        policy: Recovery,
        tell: Callable[[str, int], None],
        *,
        clock: Callable[[], float] = time.monotonic,
        pause: Callable[[float], bool] | None = None,
        rng: random.Random | None = None,
        suspend: SuspendWatch | None = None,
    ) -> None:
        self._path = path
        self._processing = processing
        self._policy = policy
        self._tell = tell
        self._clock = clock
        self._cancel = threading.Event()
        self._pause = pause or self._cancel.wait
        self._rng = rng
        self._suspend = suspend or SuspendWatch()
        follower = self._follower = Follower(
            path, processing, sources, first, self._cancel, clock, self._pause
        )
        self._error: Exception | None = None
        self._silence_told = self._silence_tried = False
        self._thread: threading.Thread | None = None
        self.machine: StateMachine[StreamState] = StateMachine(
            STREAM,
            "closed",
            clock=clock,
            # not a method: in a cycle, what is closed would stay until a collection
            after=lambda change: tell(change.target, follower.index),
        )
        self.log = AttemptLog(policy.log, clock=clock)

    # --- What `Watch` is for others ------------------------------------------------------------

    @property
    def health(self) -> Health:
        """How the stream is; "failed" and "ended" once no frame will follow."""
        state = self.machine.state
        if state == "failed":
            return "failed"
        if self._path.tap.ended:
            return "ended"
        return state if state == "recovering" or state == "degraded" else "running"

    def check_lost(self) -> None:
        """Raise DeviceError when no device was left."""
        if self.machine.state == "failed":
            reason = self._error.args[0] if self._error and self._error.args else self._error
            raise DeviceError(
                f"the device is lost, and no other one runs: {reason}",
                code="device_lost",
                hint="check that it is plugged in and its sound server runs; make a new Capture",
                retryable=True,
            ) from self._error

    def check_stall(self) -> None:
        """Do nothing: a stall ends in another device, or in `check_lost`."""

    def started(self) -> None:
        """Tell that the device is about to be started."""
        self.machine.to("opening", "started")
        self._follower.started_s = self._clock()

    @property
    def transitions(self) -> list[Transition[StreamState]]:
        """The last changes of state, oldest first."""
        return self.machine.history

    # --- Looking -------------------------------------------------------------------------------

    def start(self) -> None:
        """Start the device, and look from now on, in a thread of its own.

        A device that does not start is one that is lost.
        """
        with contextlib.suppress(VocanaError):
            self._path.start()
        thread = threading.Thread(target=self._run, name="vocana-supervisor", daemon=True)
        thread.start()
        self._thread = thread

    def _run(self) -> None:
        over = False
        while not over:
            ended = self._path.session.engine.ended  # before the look that is then the last one
            with contextlib.suppress(Cancelled):
                self._step_or_fail()
            over = ended or self.machine.state not in LIVE or self._cancel.wait(LOOK_S)

    def _step_or_fail(self) -> None:
        try:
            self.step()
        except Cancelled:
            raise
        except Exception as error:  # of a device that cannot say how it is
            self._fail(error)

    def step(self) -> None:
        """Look once, and recover from what is found: blocks for the policy's deadline at most."""
        if self.machine.state not in LIVE:
            return
        slept_s = self._suspend.slept_s()
        if slept_s:
            self._tell("suspended", round(slept_s))
        if self.machine.state == "opening" and self._path.session.engine.last_callback()[0]:
            self._to(self._follower.state, self._follower.first_block)
        fault = self._fault()
        if fault:
            self._recover(fault)

    def _fault(self) -> str | None:
        """Return what is wrong with the device: "lost", "stalled" or "silent"; or None."""
        player, engine = self._path.session.player, self._path.session.engine
        # The last thing that an ending source does before it is inactive is to say so.
        if not player.active:
            return None if engine.ended else "lost"
        if player.realtime and self._late():
            return "stalled"
        return "silent" if self._silent() else None

    def _late(self) -> bool:
        session = self._path.session
        last_ns, block_frames, _ = session.engine.last_callback()
        age_s = self._clock() - (last_ns / 1e9 or self._follower.started_s)
        return age_s > max(self._policy.stall_s, STALL_BLOCKS * block_frames / session.player.rate)

    def _silent(self) -> bool:
        """Whether there have been zeros for so long that it is a fault that was not tried yet."""
        session, limit_s = self._path.session, self._policy.silence_s
        silent_s = session.engine.silent_frames / session.player.rate
        if silent_s < min(limit_s or SILENCE_S, SILENCE_S):
            self._silence_told = self._silence_told and silent_s > 0
            self._silence_tried = self._silence_tried and silent_s > 0
            return False
        if not self._silence_told:
            self._silence_told = True
            self._tell("silent", session.engine.silent_frames)
        if limit_s is None or silent_s < limit_s or self._silence_tried:
            return False
        self._silence_tried = True
        return True

    # --- Recovering ----------------------------------------------------------------------------

    def _recover(self, fault: str) -> None:
        try:
            self._to("recovering", fault)
            with self.log.attempt(fault):
                ends_s = self._clock() + self._policy.deadline_s
                self._follower.give_up(ends_s)
                if self._path.session.player.waits:  # for its reader, however long that took
                    ends_s = self._clock() + self._policy.deadline_s
                self._follower.follow(self._policy, ends_s, self._rng)
        except Cancelled:
            return
        except Exception as error:
            self._fail(error)
        else:
            self._go_on()

    def _go_on(self) -> None:
        try:
            self._to(self._follower.state, self._follower.first_block)
        except Cancelled:  # what that stop has stopped may be the device before this one
            self._path.session.discard()
            raise

    def _fail(self, error: Exception) -> None:
        if isinstance(error, VocanaError):  # of any other, where it comes from is of interest
            _let_go(error)
        self._error = error
        self._to("failed", error.code if isinstance(error, VocanaError) else repr(error))
        self._processing.stop(0.0, lost=True)
        self._path.tap.wake()

    def _to(self, state: StreamState, reason: str) -> None:
        """Change the state, unless a stop came first."""
        try:
            self.machine.to(state, reason)
        except StateError:
            if self.machine.state not in ("stopping", "closed"):
                raise
            raise Cancelled(f"stopped before the stream was {state}") from None

    # --- Ending --------------------------------------------------------------------------------

    def halt(self, lost: bool, deadline_s: float) -> None:
        """Look no more, stop the device, and let through what it gave."""
        gives_up_s = time.monotonic() + deadline_s
        self._cancel.set()
        thread = self._thread
        if thread is not None:
            thread.join(JOIN_S)
        with contextlib.suppress(StateError):  # it was never started, or somebody else stops it
            self.machine.to("stopping", "stopped")
        self._path.halt(lost, max(LEAST_S, gives_up_s - time.monotonic()))
        with contextlib.suppress(StateError):
            self.machine.to("closed", "stopped")


def _let_go(error: BaseException | None) -> None:
    """Leave the frames that it and its causes came through: they hold who keeps the error."""
    while error is not None and error.__traceback__ is not None:  # causes may go round
        error.__traceback__ = None
        error = error.__cause__ or error.__context__


def checked(recovery: Recovery | None) -> Recovery:
    """Return the policy that is meant; ConfigError when it is none."""
    if recovery is not None:
        instance("recovery", recovery, Recovery)
    return recovery or Recovery()


def supervise(
    path: Path, sources: Sequence[Source], first: int, policy: Recovery, account: Account
) -> Supervisor:
    """Return the supervisor of a capture, which tells what happens to its account."""
    assert path.processing is not None
    outlets = path.outlets

    def tell(kind: str, value: int) -> None:
        account.happened(kind, outlets.position, value)

    return Supervisor(path, path.processing, sources, first, policy, tell)
