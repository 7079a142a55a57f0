"""What holds a decoder: by it the gateway ends the one that it has started, and no other process.

Either the gateway starts decoders itself (``Child``), or asks the launcher, where it runs as
another user than root (``Launcher``; the other side is ``launcher.py``).
"""

import errno
import os
import select
import socket
import struct
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol, Self

from services.gateway.decoder.start import Given, start

LINE = "DECODER_LAUNCHER"
"""Environment: the descriptor of the line to the launcher."""
REQUEST = struct.Struct("<h")
"""A device's number, -1: none. With it come ``orders``, ``messages``, ``room`` and, of a file,
``film``."""
ANSWER = struct.Struct("<iI")
"""Why there is no decoder (an ``errno``), 0: there is one; its process. With it comes the leash."""
ANSWER_SECONDS = 30.0
"""Until the launcher is taken for gone, also on a machine that is busy."""


class LauncherGoneError(Exception):
    """Nobody starts and ends decoders any more: the gateway must be started anew."""


class Leash(Protocol):
    @property
    def pid(self) -> int: ...

    def end(self) -> None:
        """At once, whatever it does, and waits for it.

        Raises:
            LauncherGoneError: nobody can.
        """


Begin = Callable[[Given], Leash]
"""Starts a decoder; raises OSError where that cannot be, LauncherGoneError."""


class Child:
    """A decoder that this process has started itself."""

    def __init__(self, given: Given) -> None:
        self._process = start(given)

    @property
    def pid(self) -> int:
        return self._process.pid

    def end(self) -> None:
        self._process.kill()
        self._process.wait()


class Launcher:
    """The gateway's line to who starts decoders for it; for all of its threads."""

    def __init__(self, line: socket.socket) -> None:
        self._line, self._lock = line, threading.Lock()
        self._lost = False
        line.settimeout(ANSWER_SECONDS)

    @classmethod
    def inherited(cls) -> Self | None:
        """Of whoever has started this process; None: it starts decoders itself."""
        number = os.environ.pop(LINE, "")
        if not number:
            return None
        os.set_inheritable(int(number), False)
        return cls(socket.socket(fileno=int(number)))

    @property
    def gone(self) -> bool:
        """Whether it has ended, or does not answer."""
        asked = select.poll()
        asked.register(self._line, 0)  # that it has hung up is told all the same
        return self._lost or bool(asked.poll(0))

    def begin(self, given: Given) -> Leash:
        """``Begin``."""
        device = -1 if given.device is None else given.device
        files = [given.orders, given.messages, given.room, given.film]
        request, with_it = REQUEST.pack(device), [each for each in files if each is not None]
        with self._lock:
            answer, leashes = self._asked(request, with_it)
        fault, pid = ANSWER.unpack(answer)
        if not fault and not leashes:  # we have no descriptor left for it, so it is ended
            fault = errno.EMFILE
        if fault:
            raise OSError(fault, os.strerror(fault))
        return _Held(pid, socket.socket(fileno=leashes[0]))

    def _asked(self, request: bytes, files: list[int]) -> tuple[bytes, list[int]]:
        answer, leashes = b"", list[int]()
        with suppress(OSError):
            if not self._lost:
                socket.send_fds(self._line, [request], files)
                answer, leashes, _, _ = socket.recv_fds(
                    self._line, ANSWER.size, 1, socket.MSG_CMSG_CLOEXEC
                )
        if len(answer) != ANSWER.size:
            # What it answers later must not be taken for the answer to another.
            self._lost = True
            raise LauncherGoneError("the launcher of decoders has ended, or does not answer")
        return answer, leashes


class _Held:
    """A decoder that the launcher ends when we let go, and lets go of when it has ended."""

    def __init__(self, pid: int, leash: socket.socket) -> None:
        self.pid, self._leash = pid, leash
        leash.settimeout(ANSWER_SECONDS)

    def end(self) -> None:
        with self._leash as leash:
            with suppress(OSError):  # it has ended already
                leash.shutdown(socket.SHUT_WR)
            try:
                leash.recv(1)
            except TimeoutError:
                raise LauncherGoneError("the launcher of decoders does not answer") from None
            except OSError:
                return
