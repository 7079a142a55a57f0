"""The program that starts decoders for a gateway which is not root: it does nothing else.

``python -m services.gateway.decoder.launcher COMMAND …``, run by root, becomes COMMAND, the
gateway as another user, and leaves a process of root's beside it that hears the gateway's requests
(``leash.REQUEST``). They name no program, no user and no process. What that process could do beyond
becoming others and ending them it has given up (decision 0064).
"""

import errno
import os
import resource
import selectors
import signal
import socket
import stat
import subprocess
import sys
from contextlib import suppress
from typing import NamedTuple, NoReturn

from services.gateway.decoder.leash import ANSWER, LINE, REQUEST
from services.gateway.decoder.start import ENVIRONMENT, LAST_DEVICE, Given, start

MOST = 1000
"""Decoders at a time: whoever has taken the gateway over shall not fill the machine with more."""
KEPT = ("setuid", "setgid", "kill")
"""Capabilities: a decoder becomes a user of its own, and is ended."""
_KINDS = (stat.S_IFIFO, stat.S_IFIFO, stat.S_IFREG, stat.S_IFREG)
"""Of what comes with a request: two pipes, memory and perhaps a film. No folder, socket, device."""


class _Held(NamedTuple):
    process: "subprocess.Popen[bytes]"
    ended: int
    """A descriptor that can be read when the process has ended (``pidfd_open``)."""
    leash: socket.socket
    """Can be read when the gateway lets go of it."""


class Launcher:
    def __init__(self, line: socket.socket) -> None:
        # The gateway reads each answer before it asks again; one that does not is not waited for.
        line.setblocking(False)
        self._line = line
        self._ready = selectors.DefaultSelector()
        self._ready.register(line, selectors.EVENT_READ)
        self._held: list[_Held] = []

    def run(self) -> None:
        """Until the gateway has ended; no decoder outlives it."""
        try:
            while all(self._take(each.data) for each, _ in self._ready.select()):
                pass
        finally:
            for held in self._held:
                held.process.kill()
            for held in self._held:
                held.process.wait()

    def _take(self, held: _Held | None) -> bool:
        """What is ready: a request, or one that has ended or is to end; False: nobody asks more."""
        if held is None:
            return self._hear()
        if held.process.poll() is None:
            held.process.kill()
            self._forget(held.leash)
        elif held in self._held:
            self._held.remove(held)
            self._forget(held.leash)
            self._forget(held.ended)
            held.leash.close()
            os.close(held.ended)
        return True

    def _forget(self, each: socket.socket | int) -> None:
        with suppress(KeyError):
            self._ready.unregister(each)

    def _hear(self) -> bool:
        files: list[int] = []
        try:
            asked, files, flags, _ = socket.recv_fds(
                self._line, REQUEST.size + 1, len(_KINDS), socket.MSG_CMSG_CLOEXEC
            )
            if not asked and not files:
                return False
            return self._answer(_given(asked, files, flags))
        except OSError:  # it has ended, or does not read what it is told
            return False
        finally:
            for each in files:
                os.close(each)

    def _answer(self, given: Given | None) -> bool:
        """Raises OSError where the answer is not taken."""
        if given is None:
            return self._refuse(errno.EINVAL)
        if len(self._held) >= MOST:
            return self._refuse(errno.EAGAIN)
        try:
            pid, leash = self._start(given)
        except OSError as error:
            return self._refuse(error.errno or errno.EIO)
        with leash:
            socket.send_fds(self._line, [ANSWER.pack(0, pid)], [leash.fileno()])
        return True

    def _start(self, given: Given) -> tuple[int, socket.socket]:
        """The process, and the gateway's end of its leash."""
        leash, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        process = None
        try:
            process = start(given)
            held = _Held(process, os.pidfd_open(process.pid), leash)
        except OSError:
            leash.close()
            theirs.close()
            if process:
                process.kill()
                process.wait()
            raise
        self._held.append(held)
        for each in (held.ended, leash):
            self._ready.register(each, selectors.EVENT_READ, held)
        return process.pid, theirs

    def _refuse(self, why: int) -> bool:
        self._line.send(ANSWER.pack(why, 0))
        return True


def _given(asked: bytes, files: list[int], flags: int) -> Given | None:
    """What a decoder is given; None: it is no request."""
    if len(asked) != REQUEST.size or flags & (socket.MSG_TRUNC | socket.MSG_CTRUNC):
        return None
    (device,) = REQUEST.unpack(asked)
    kinds = tuple(stat.S_IFMT(os.fstat(each).st_mode) for each in files)
    if kinds not in (_KINDS[:3], _KINDS) or not -1 <= device <= LAST_DEVICE:
        return None
    orders, messages, room, *film = files
    return Given(orders, messages, room, film[0] if film else None, None if device < 0 else device)


def serve(line: socket.socket) -> None:
    """Returns when the gateway has ended; what asks the gateway's group to end does not end us
    before."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: None)  # not ignored: that would be the decoders' too
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    Launcher(line).run()


def become(command: list[str]) -> NoReturn:
    """This process is the command from now on, with a line to a launcher.

    Raises:
        OSError: there is no such program.
    """
    line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    kept = ",".join(("-all", *(f"+{name}" for name in KEPT)))
    little = ["setpriv", "--clear-groups", "--inh-caps=-all", "--ambient-caps=-all"]
    subprocess.Popen(
        [*little, f"--bounding-set={kept}", "--no-new-privs",
         sys.executable, "-s", "-P", "-m", "services.gateway.decoder.launcher"],
        stdin=theirs.fileno(),
        stdout=subprocess.DEVNULL,
        cwd="/",
        env=ENVIRONMENT,
    )  # fmt: skip
    theirs.close()
    os.set_inheritable(line.fileno(), True)
    os.execvpe(command[0], command, {**os.environ, LINE: str(line.fileno())})


if __name__ == "__main__":
    if sys.argv[1:]:
        become(sys.argv[1:])
    serve(socket.socket(fileno=0))
