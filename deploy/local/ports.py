"""Ports of the local stack: who holds one, and whether a server answers on it."""

import socket
from typing import NamedTuple

import psutil

from streams.settings import PREFIX, Settings


class Port(NamedTuple):
    number: int
    part: str
    setting: str
    """Environment variable that moves it."""


def needed(settings: Settings) -> list[Port]:
    """The ports that the local stack will listen on."""
    fields = ["http_port", "receiver_port"]
    if settings.runs_kafka:
        fields += ["kafka_port", "kafka_controller_port"]
    if settings.runs_database:
        fields += ["database_port"]
    parts = {"http_port": "alerts", "receiver_port": "receiver", "database_port": "database"}
    return [
        Port(getattr(settings, field), parts.get(field, "kafka"), PREFIX + field.upper())
        for field in fields
    ]


def answers(number: int, host: str = "127.0.0.1") -> bool:
    """Whether something accepts connections there."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((host, number)) == 0


def is_free(number: int) -> bool:
    """Whether a server could listen there now, as servers do (a lingering connection is no bar)."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", number))
            probe.listen()
        except OSError:
            return False
        return True


def problems(settings: Settings) -> list[str]:
    """One line for every port that is taken or given to two parts: what to do about it."""
    found, seen = [], dict[int, Port]()
    for port in needed(settings):
        if port.number in seen:
            other = seen[port.number].setting
            found.append(f"{other} and {port.setting} are both {port.number}: change one")
        elif not is_free(port.number):
            found.append(
                f"port {port.number} ({port.part}) is taken{_holder(port.number)}: "
                f"end it, or set {port.setting} to another port"
            )
        seen[port.number] = port
    return found


def _holder(number: int) -> str:
    try:
        for connection in psutil.net_connections("tcp"):
            here = connection.laddr and connection.laddr.port == number
            if here and connection.status == psutil.CONN_LISTEN and connection.pid:
                name = psutil.Process(connection.pid).name()
                return f" by {name} (process {connection.pid})"
    except psutil.Error:
        # Another user's process: that the port is taken is known all the same.
        return ""
    return ""


_given: set[int] = set()


def free() -> int:
    """A port that nobody listens on just now; another one each time that this process asks."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            number: int = probe.getsockname()[1]
        if number not in _given:
            _given.add(number)
            return number
