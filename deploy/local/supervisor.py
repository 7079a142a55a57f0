"""Keeps the parts running: starts them in order, restarts what exits, stops all in reverse.

``python -m deploy.local.supervisor`` runs until SIGTERM. Its state is in ``supervisor.json``.
"""

import os
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from deploy.local import folders, state, users
from deploy.local.child import Child
from deploy.local.parts import PREPARE, Part, parts
from streams import settings as environment
from streams.settings import Settings

POLL_SECONDS = 0.1
"""How often a port is asked whether its server is ready; exits are noticed at once."""
LOG_BYTES = 10 * 2**20
"""A longer log is moved to ``NAME.log.1``, over the one before."""
LOG_CHECK_SECONDS = 5.0


class Supervisor:
    """The loop; the caller holds the lock."""

    def __init__(self, settings: Settings, parts: Sequence[Part]) -> None:
        self._settings = settings
        logs = folders.logs(settings)
        self._children = {
            part.name: Child(
                part,
                logs / f"{part.name}.log",
                None if part.name == "kafka" else users.user(settings, part.name),
                users.may(settings, part.name),
                users.beside(settings, part.name),
            )
            for part in parts
        }
        self._hand_over()
        self._stopping = self._renewing = False
        self._written: object = None
        self._logs_checked = 0.0

    def run(self) -> None:
        """Returns after SIGTERM or SIGINT, when every part has ended."""
        wake, waker = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.set_wakeup_fd(waker, warn_on_full_buffer=False)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGHUP, self._renew)
        while not self._stopping:
            self._step()
            if select.select([wake], [], [], POLL_SECONDS)[0]:
                os.read(wake, 4096)
        self._stop_all()

    def _stop(self, *_: object) -> None:
        self._stopping = True

    def _renew(self, *_: object) -> None:
        self._renewing = True

    def _step(self) -> None:
        if self._renewing:  # what is written down for them to read has changed
            self._renewing = False
            print(f"{_now()} the processor's parts begin anew", flush=True)
            for child in self._children.values():
                if child.part.name == PREPARE or PREPARE in child.part.after:
                    child.renew()
        for child in self._children.values():
            if child.reap():
                status = child.state.last_exit
                print(f"{_now()} {child.part.name} exited with {status}", flush=True)
        for child in self._children.values():
            ready = all(self._children[name].ready() for name in child.part.after)
            if child.is_due() and (ready or child.part.held):
                child.start(held=not ready)
                how = "started" if ready else "imports"
                print(f"{_now()} {child.part.name} {how}: {child.state.pid}", flush=True)
            elif ready and child.held:
                child.release()
                print(f"{_now()} {child.part.name} started: {child.state.pid}", flush=True)
        self._write()
        if time.monotonic() - self._logs_checked > LOG_CHECK_SECONDS:
            self._logs_checked = time.monotonic()
            self._hand_over()
            for child in self._children.values():
                rotate(child.log)

    def _hand_over(self) -> None:
        """Files outside the state folder that a part with a user of its own could not read."""
        for part in users.HANDED.keys() & self._children.keys():
            self._children[part].environment = users.handed(self._settings, part)

    def _stop_all(self) -> None:
        """What others rest on goes last; what rests on the same ends at the same time."""
        left = list(self._children.values())
        while left:
            needed = {name for child in left for name in child.part.after}
            wave = [child for child in left if child.part.name not in needed]
            for child in reversed(wave):
                child.stop()
            now = time.monotonic()
            for child in reversed(wave):
                child.wait_stopped(now + child.part.grace_seconds)
                print(f"{_now()} {child.part.name} stopped: {child.state.last_exit}", flush=True)
            self._write()
            left = [child for child in left if child not in wave]

    def _write(self) -> None:
        states = [child.state for child in self._children.values()]
        began = state.created(os.getpid())
        now = state.SupervisorState(os.getpid(), began or 0.0, states, renews=True)
        text = repr(now)
        if text != self._written:
            state.write(self._settings, now)
            self._written = text


def rotate(log: Path) -> None:
    """Keeps a log's size bounded; its writer appends, so that it may be cut under it."""
    if log.exists() and log.stat().st_size > LOG_BYTES:
        shutil.copyfile(log, log.with_name(f"{log.name}.1"))
        log.with_name(f"{log.name}.1").chmod(0o600)
        os.truncate(log, 0)


def launch(settings: Settings) -> None:
    """Starts a supervisor that outlives the caller and its terminal."""
    log = folders.logs(settings) / "supervisor.log"
    rotate(log)
    with log.open("ab") as output:
        log.chmod(0o600)
        subprocess.Popen(
            [sys.executable, "-m", "deploy.local.supervisor"],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )


def main() -> None:
    settings = environment.load()
    lock = state.lock(settings)
    if lock is None:
        sys.exit("a supervisor already runs")
    with lock:
        state.end_leftovers(settings)
        if why := users.why_not(settings):
            print(f"{_now()} all parts run as root: {why}", flush=True)
        Supervisor(settings, parts(settings)).run()


def _now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


if __name__ == "__main__":
    main()
