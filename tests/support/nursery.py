"""Processes that begin with the product imported: forked from one that has, which imports it once.

A part takes two seconds of a processor to import, and some files start one for each test. Not for
tests of memory, nor of what may differ between processes: all of a nursery hash alike.
"""

import contextlib
import gc
import json
import os
import pkgutil
import runpy
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any, Self

from streams.feeds import registry

MODULES = (
    "services.api.main",
    "services.commands.run",
    "services.gateway.main",
    "streams.runtime.faust.worker",
    "streams.stages.correlate",
    "streams.stages.detect",
    "streams.stages.explain",
    "streams.stages.interpret",
    "streams.stages.score",
    "streams.tables.writer",
)
"""What an installation adds to kinds and feeds they find themselves: it may differ."""
MOST = 2**17
"""Bytes of a request."""


class Born:
    """As ``subprocess.Popen`` is, as far as tests need it."""

    def __init__(self, nursery: "Nursery", pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._nursery = nursery

    def poll(self) -> int | None:
        if self.returncode is None:
            self.returncode = self._nursery.ask({"ended": self.pid})
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        if (code := self.poll()) is not None:
            return code
        ended = os.pidfd_open(self.pid)  # as nobody else takes it away
        try:
            if not select.select([ended], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired(str(self.pid), timeout or 0.0)
        finally:
            os.close(ended)
        code = self.poll()
        assert code is not None
        return code

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)


class Nursery:
    """Until its end, at which all that were born in it end."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._line, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with there:
            command = [sys.executable, "-m", "tests.support.nursery", str(there.fileno())]
            self._process = subprocess.Popen(command, pass_fds=[there.fileno()])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._line.close()
        self._process.wait()

    def bear(self, command: Sequence[str], environment: Mapping[str, str], output: int) -> Born:
        """Python's arguments: ``-m`` and a module, ``-c`` and a text, or a script, and its own.

        Args:
            output: file descriptor of what it says.
        """
        asked = {"command": list(command), "environment": dict(environment)}
        pid = self.ask(asked, [output])
        assert pid is not None
        return Born(self, pid)

    def ask(self, what: Mapping[str, Any], files: Sequence[int] = ()) -> int | None:
        with self._lock:
            socket.send_fds(self._line, [json.dumps(what).encode()], files)
            answer = json.loads(self._line.recv(MOST))
        assert answer is None or isinstance(answer, int)
        return answer


def main(line: socket.socket) -> Sequence[str] | None:
    """Serves a nursery; returns what is to be run where this is somebody who was born."""
    born: set[int] = set()
    while True:
        asked, files, _, _ = socket.recv_fds(line, MOST, 1)
        if not asked:
            break
        what = json.loads(asked)
        if "ended" in what:
            pid, status = os.waitpid(what["ended"], os.WNOHANG)
            born.discard(pid)
            answer = os.waitstatus_to_exitcode(status) if pid else None
        elif answer := os.fork():
            born.add(answer)
            os.close(files[0])
        else:
            line.close()
            _begin(what["environment"], files[0])
            return list(map(str, what["command"]))
        line.send(json.dumps(answer).encode())
    for pid in born:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
    return None


def _begin(environment: Mapping[str, str], output: int) -> None:
    os.environ.clear()
    os.environ.update(environment)
    for number in (1, 2):
        os.dup2(output, number)
    os.close(output)


def run(command: Sequence[str]) -> None:
    if command[0] == "-m":
        sys.argv = list(command[1:])
        runpy.run_module(command[1], run_name="__main__", alter_sys=True)
    elif command[0] == "-c":
        sys.argv = ["-c", *command[2:]]
        exec(compile(command[1], "<string>", "exec"), {"__name__": "__main__"})
    else:
        sys.argv = list(command)
        runpy.run_path(command[0], run_name="__main__")


def prepare() -> None:
    """Does what each of them would do before it does anything of its own."""
    for name in MODULES:
        import_module(name)
    routes = import_module("services.api.routes")  # the service imports them as it starts
    for found in pkgutil.iter_modules(routes.__path__):
        import_module(f"{routes.__name__}.{found.name}")
    registry._ours()
    gc.collect()


if __name__ == "__main__":
    prepare()
    gc.freeze()  # else each would soon have all of it for itself
    if wanted := main(socket.socket(fileno=int(sys.argv[1]))):
        run(wanted)
