"""One part as a process: started, watched, ended."""

import os
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import IO

from deploy.local import ports, users
from deploy.local.backoff import Backoff
from deploy.local.folders import as_user
from deploy.local.parts import Part
from deploy.local.state import PartState, Phase, created

BEHIND = 19
"""Niceness of a part that imports while others make what it rests on."""


class Child:
    """Starts a part whenever it is due and counts how often that was."""

    def __init__(
        self,
        part: Part,
        log: Path,
        user: users.User | None = None,
        may: tuple[str, ...] = (),
        beside: tuple[str, ...] = (),
    ) -> None:
        """
        Args:
            user: whom it runs as, with ``may`` (see ``as_user``); None: whoever starts it.
            beside: a program that becomes the rest of the command (``users.beside``).
        """
        self.part = part
        self.log = log
        self._user, self._may, self._beside = user, may, beside
        self.environment: dict[str, str] = {}
        """Of its own, instead of what the supervisor has."""
        self.state = PartState(part.name, since=time.time(), stop_signal=part.stop_signal)
        self._process: subprocess.Popen[bytes] | None = None
        self._gate: IO[bytes] | None = None
        """Standard input of one that waits to begin."""
        self._backoff = Backoff()
        self._due = 0.0
        """When to start it, on the monotonic clock."""
        self._began = 0.0
        self._ready = False

    @property
    def runs(self) -> bool:
        return self._process is not None

    def ready(self) -> bool:
        """Whether what comes after it may start."""
        if self.part.once:
            return self.state.state == "done"
        if not self.runs:
            return False
        if not self._ready:
            self._ready = not self.part.port or ports.answers(self.part.port)
        return self._ready

    def is_due(self) -> bool:
        """Whether it does not run and should."""
        return not self.runs and self.state.state != "done" and time.monotonic() >= self._due

    @property
    def held(self) -> bool:
        """Whether it waits to begin."""
        return self._gate is not None

    def start(self, *, held: bool = False) -> None:
        """Starts it in a process group of its own, its output appended to its log.

        Args:
            held: it begins when it is released, and lets others go before it until then.
        """
        command = list(self.part.command)
        if not self.part.outlives:
            # Sent by the kernel when the supervisor dies in whatever way.
            name = signal.Signals(self.part.stop_signal).name.removeprefix("SIG")
            become = as_user(self._user, death=name, may=self._may)
            become = become or ["setpriv", "--pdeathsig", name]
            command = [*self._beside, *become, *command]
        inherited = dict(os.environ) if self._user is None else users.environment()
        with self.log.open("ab") as output:
            self.log.chmod(0o600)
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE if held else subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                process_group=0,
                env={**inherited, "PYTHONUNBUFFERED": "1", **self.environment},
            )
        self._gate = self._process.stdin
        self._began, self._ready = time.monotonic(), False
        self.state.pid, self.state.created = self._process.pid, created(self._process.pid)
        if held:
            self._let_go_before(BEHIND)
        self._enter("waiting" if held else "running")

    def release(self) -> None:
        """What it comes after is ready: it begins."""
        self._let_go_before(os.getpriority(os.PRIO_PROCESS, 0))
        self._close_gate()
        self._began = time.monotonic()
        self._enter("running")

    def _let_go_before(self, niceness: int) -> None:
        """Where it can be taken back; else it goes on at the same level."""
        if self._process is not None and gives_back():
            with suppress(ProcessLookupError):
                os.setpriority(os.PRIO_PGRP, self._process.pid, niceness)

    def _close_gate(self) -> None:
        if self._gate is not None:
            self._gate.close()
            self._gate = None

    def reap(self) -> bool:
        """Notices that it has exited and decides when it starts again; True: it just had."""
        if self._process is None or self._process.poll() is None:
            return False
        # What it may have started must not go on beside its successor.
        self._kill_group(signal.SIGKILL)
        self.state.last_exit = self._process.returncode
        self._process = None
        self._close_gate()
        self.state.pid = self.state.created = None
        if self.part.once and self.state.last_exit == 0:
            self._enter("done")
        else:
            self._due = time.monotonic() + self._backoff.next(time.monotonic() - self._began)
            self.state.restarts += 1
            self._enter("restarting")
        return True

    def renew(self) -> None:
        """Asks it to end, for it to be started again; what had run to its end runs once more."""
        if self.runs:
            self._kill_group(self.part.stop_signal)
        elif self.state.state == "done":
            self._enter("waiting")

    def stop(self) -> None:
        """Asks it to end; it is not started again."""
        self._kill_group(self.part.stop_signal)

    def wait_stopped(self, deadline: float) -> None:
        """Returns when it has ended, by SIGKILL after ``deadline`` (monotonic clock)."""
        if self._process is not None:
            try:
                self._process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                self._kill_group(signal.SIGKILL)
                self._process.wait()
            self._kill_group(signal.SIGKILL)
            self.state.last_exit = self._process.returncode
            self._process = None
        self._close_gate()
        self.state.pid = self.state.created = None
        self._enter("stopped")

    def _kill_group(self, number: int) -> None:
        if self._process is None:
            return
        try:
            os.killpg(self._process.pid, number)
        except ProcessLookupError:
            return

    def _enter(self, state: Phase) -> None:
        self.state.state, self.state.since = state, time.time()


def gives_back() -> bool:
    """Whether this process may raise a priority again; root of a container may often not.

    Asked of its own, since nothing else says so for all of capabilities, limits and namespaces.
    """
    level = os.getpriority(os.PRIO_PROCESS, 0)
    try:
        os.setpriority(os.PRIO_PROCESS, 0, level - 1)
    except PermissionError:
        return False
    os.setpriority(os.PRIO_PROCESS, 0, level)
    return True
