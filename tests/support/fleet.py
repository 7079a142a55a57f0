"""Processes of a test, and the faults done to them; all end with the test."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Self

from streams.recordings.namespace import environment
from streams.settings import Settings
from tests.support.nursery import Born, Nursery
from tests.support.waiting import PATIENCE_SECONDS


class Fleet:
    """Programs by name; one that exits is started again by ``tend``, as the supervisor would."""

    def __init__(self, settings: Settings, logs: Path, nursery: Nursery | None = None) -> None:
        """``nursery``: where they are born, unless each is started from nothing."""
        self._nursery = nursery
        self.environment = environment(settings)
        self.logs = logs
        self.commands: dict[str, tuple[str, ...]] = {}
        self.processes: dict[str, subprocess.Popen[bytes] | Born] = {}
        self.restarts = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for process in self.processes.values():
            process.kill()
            process.wait()

    def start(self, name: str, *arguments: str, python: str = sys.executable) -> None:
        """Runs ``python ARGUMENTS``; its output goes to ``NAME.log``."""
        self._run(name, (python, *arguments))

    def _run(self, name: str, command: tuple[str, ...]) -> None:
        self.commands[name] = command
        with (self.logs / f"{name}.log").open("ab") as log:
            if self._nursery:
                born = self._nursery.bear(command[1:], self.environment, log.fileno())
                self.processes[name] = born
            else:
                self.processes[name] = subprocess.Popen(
                    command, env=self.environment, stdout=log, stderr=log
                )

    def tend(self) -> None:
        for name, process in list(self.processes.items()):
            if process.poll() is not None:
                self.restarts += 1
                self._run(name, self.commands[name])

    def kill(self, name: str) -> None:
        """SIGKILL; ``tend`` brings it back."""
        self.processes[name].kill()
        self.processes[name].wait()
        self.tend()

    def pause(self, name: str, seconds: float) -> None:
        """SIGSTOP, and SIGCONT after ``seconds``."""
        os.kill(self.processes[name].pid, signal.SIGSTOP)
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            time.sleep(0.1)
            for other in self.processes.keys() - {name}:
                if self.processes[other].poll() is not None:
                    self.restarts += 1
                    self._run(other, self.commands[other])
        os.kill(self.processes[name].pid, signal.SIGCONT)

    def terminate(self, name: str) -> int:
        """SIGTERM; the exit code."""
        process = self.processes.pop(name)
        process.terminate()
        return process.wait(PATIENCE_SECONDS)

    def pids(self) -> dict[str, int]:
        """Program to its process, for accounting."""
        return {name: process.pid for name, process in self.processes.items()}

    def log(self, name: str) -> str:
        return (self.logs / f"{name}.log").read_text(errors="replace")

    def tails(self, lines: Sequence[str] = ()) -> str:
        """The end of every log, for a failure's message."""
        parts = [f"--- {name}\n{self.log(name)[-1500:]}" for name in sorted(self.commands)]
        return "\n".join([*lines, *parts])
