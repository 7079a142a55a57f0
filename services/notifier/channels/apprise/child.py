"""``python -m services.notifier.channels.apprise.child``: one message, by Apprise.

A question in JSON on standard input, an answer on standard output. From before the message is sent
on Python itself asks here before it connects, opens a file or starts a program (PEP 578), which no
code of Python's can undo.
"""

import json
import logging
import sys
from ipaddress import ip_address
from typing import Any

from services.gateway.decoder.door import Door

MOST = 1_000_000
"""Bytes of a question: twenty alerts in any letters."""
CONNECTS = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
NEVER = frozenset(
    {
        "os.exec",
        "os.fork",
        "os.forkpty",
        "os.posix_spawn",
        "os.spawn",
        "os.system",
        "pty.spawn",
        "socket.bind",
        "subprocess.Popen",
        "syslog.openlog",
        "syslog.syslog",
    }
)
FOLDERS = (sys.prefix, sys.base_prefix, "/etc/ssl/", "/usr/lib/ssl/", "/usr/share/zoneinfo/")
MODULES = (".py", ".pyc", ".so")
"""Beginnings and ends of what may be read: modules, and certificates that this machine trusts."""


class Judge:
    """What may be done from now on."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self.closed = False
        """Something was connected to that is not open."""

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event in CONNECTS:
            self._insist_open(arguments[1])
        elif event in NEVER:
            raise PermissionError(event)
        elif event == "open":
            self._insist_ours(*arguments)

    def _insist_open(self, address: Any) -> None:
        try:
            host, port = ip_address(str(address[0]).partition("%")[0]), int(address[1])
        except (ValueError, TypeError, IndexError):
            host, port = None, 0  # a socket of this machine's, or a name
        if host is None or not self._door.is_open(host, port):
            self.closed = True
            raise PermissionError("it is not open")

    def _insist_ours(self, path: Any, mode: Any, flags: Any) -> None:
        if isinstance(path, int):
            return
        writes = isinstance(mode, str) and bool({*mode} & {*"wax+"})
        writes = writes or (mode is None and isinstance(flags, int) and bool(flags & 3))
        named = path.decode(errors="replace") if isinstance(path, bytes) else str(path)
        ours = named.startswith(FOLDERS) or named.endswith(MODULES)
        if writes or not ours or "/../" in named:
            raise PermissionError("it is not to be read")


def main() -> None:
    question = json.loads(sys.stdin.buffer.read(MOST))
    logging.disable()  # its lines may have addresses with tokens
    import apprise

    asset = apprise.AppriseAsset(app_id="CityOps", app_desc="CityOps", async_mode=False)
    judge = Judge(Door(**question.get("door", {"networks": [], "own": [], "closed": []})))
    sys.addaudithook(judge)
    answer: dict[str, Any] = {}
    try:
        service = apprise.Apprise.instantiate(question["url"], asset=asset)
        if service is not None and service:
            answer["service"] = str(service.service_name)
            service.overflow_mode = apprise.OverflowMode.SPLIT  # what is longer than it takes
            if "body" in question:
                box = apprise.Apprise(asset=asset)
                box.add(service)
                answer["sent"] = bool(box.notify(question["body"], question["title"]))
    except Exception as error:  # of a service's own
        answer["fault"] = type(error).__name__
    answer["closed"] = judge.closed
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main()
