"""A supervisor in a process of its own, as in life."""

import signal
import subprocess
import sys
import threading
from collections.abc import Callable

import msgspec
import pytest

from deploy.local import state
from deploy.local.parts import Part
from streams.settings import Settings
from tests.support.waiting import PATIENCE_SECONDS

PROGRAM = """
import sys, msgspec
from deploy.local import state
from deploy.local.parts import Part
from deploy.local.supervisor import Supervisor
from streams.settings import Settings
from pathlib import Path
settings = Settings(state_dir=Path(sys.argv[1]))
lock = state.lock(settings)
state.end_leftovers(settings)
Supervisor(settings, msgspec.json.decode(sys.argv[2], type=list[Part])).run()
"""


class Supervised:
    """Starts it with given parts and looks at the state that it writes."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, *parts: Part) -> None:
        encoded = msgspec.json.encode(parts).decode()
        arguments = [sys.executable, "-c", PROGRAM, str(self.settings.state_dir), encoded]
        self.process = subprocess.Popen(arguments)

    def part(self, name: str) -> state.PartState:
        now = state.read(self.settings)
        found = [part for part in now.parts if part.name == name] if now else []
        return found[0] if found else state.PartState(name)

    def until(self, condition: Callable[[], object]) -> None:
        waiting = threading.Event()
        for _ in range(int(PATIENCE_SECONDS / 0.05)):
            if condition():
                return
            waiting.wait(0.05)
        pytest.fail(f"did not happen; state: {state.read(self.settings)}")

    def running(self, name: str) -> int:
        """Waits until it runs; its process id."""
        self.until(lambda: self.part(name).state == "running")
        pid = self.part(name).pid
        assert pid is not None
        return pid

    def stop(self) -> int:
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE_SECONDS)

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def end(self) -> None:
        """Stops it, if it runs."""
        if self.process is not None and self.process.poll() is None:
            self.stop()
