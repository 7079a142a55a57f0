"""What a channel is: how it is set, and how it sends. Each is a folder of ``channels``."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple, Protocol

import msgspec

from services.alerts.words import Language
from services.notifier.connecting import Connector

LONGEST_TEXT = 2000
SECONDS = 10.0
"""For a server to answer, each time it is waited for."""


class FailedError(Exception):
    """It may go another time; the message says why, and no secret."""

    def __init__(self, why: str, wait_seconds: float = 0.0) -> None:
        """Args:
        wait_seconds: for which the other side asks not to be asked again; 0: it does not.
        """
        super().__init__(why)
        self.wait_seconds = wait_seconds


class RefusedError(Exception):
    """It will not go, however often it is tried; the message says why, and no secret."""


class BadConfigurationError(ValueError):
    """A channel, or an address, that could not be used; the message is one line."""


class Written(NamedTuple):
    """A message as people and programs read it, in one language."""

    subject: str
    """One line."""
    text: str
    html: str
    data: Sequence[dict[str, Any]]
    """For programs: one each alert."""
    exercise: bool
    language: Language
    time: datetime
    """Event time of the newest thing that it tells of."""
    brief: str = ""
    """What it says beside its subject, in a few lines without links."""
    acknowledge: tuple[str, str] | None = None
    """What its recipient clicks on to acknowledge it, and where that leads; None: it goes to no
    person, or is of several alerts."""


class Keep(Protocol):
    """What a channel has to remember between messages, such as a token that somebody gave it for an
    hour: sealed as its secrets are, and one message's business at a time."""

    def __enter__(self) -> "Keep": ...

    def __exit__(self, *_: object) -> None: ...

    def read(self) -> dict[str, str]:
        """What was written last; nothing: it is lost, or nothing was."""

    def write(self, found: dict[str, str]) -> None:
        """Before it is relied on: whoever is killed after it finds it again."""


class Forgetful:
    """Remembers nothing: of channels that have nothing to remember."""

    def __enter__(self) -> Keep:
        return self

    def __exit__(self, *_: object) -> None:
        """Nobody waits for it."""

    def read(self) -> dict[str, str]:
        return {}

    def write(self, _: dict[str, str]) -> None:
        """It is forgotten."""


class Device(NamedTuple):
    """A browser, or a telephone, of somebody's."""

    id: str
    address: str
    """As its channel has written it; empty: it was sealed with a key that is not here."""
    taken: str
    """Key of the message that it has taken last; empty: none."""
    failed: str
    """Key of the message of which a try has failed there since; empty: none."""

    def __repr__(self) -> str:
        return f"Device({self.id!r}, …)"


class Devices(Protocol):
    """Those in which people have turned a channel on, and what became of messages there."""

    def of(self, person: str) -> Sequence[Device]: ...

    def took(self, id: str, key: str) -> None:
        """It has the message."""

    def failed(self, id: str, key: str, why: str) -> None:
        """It has it not, or not yet."""

    def ended(self, id: str, why: str) -> None:
        """It is none any more: its address is forgotten, and its owner sees why."""


class NoDevices:
    """Of channels that people turn on nowhere."""

    def of(self, _: str) -> Sequence[Device]:
        return ()

    def took(self, id: str, key: str) -> None:
        """There is none."""

    def failed(self, id: str, key: str, why: str) -> None:
        """There is none."""

    def ended(self, id: str, why: str) -> None:
        """There is none."""


class Way(NamedTuple):
    """By what a message goes to whom."""

    configuration: Any
    secrets: Any
    address: str
    """Of a recipient; empty: the channel's own."""
    key: str
    """Idempotency key: the same however often it is sent."""
    connector: Connector
    public: bool = False
    """Its readers are not known by name."""
    keep: Keep = Forgetful()
    devices: Devices = NoDevices()

    def __repr__(self) -> str:
        return f"Way({self.key!r}, …)"


class Channel(Protocol):
    """What the module ``channel`` of a folder has."""

    Configuration: type[msgspec.Struct]
    """What may be seen of it."""
    Secrets: type[msgspec.Struct]
    """What is sealed; all of it has defaults."""
    ADDRESSED: bool
    """Recipients have addresses of their own; else it has one place where all of it goes."""
    PUBLIC: bool
    """Whoever reads it is not known by name, however it is set: nothing goes there but what is
    live."""
    FOLLOWS: bool
    """Who was told there is told what becomes of it, too: that it changes, and is over."""

    def asks(self, configuration: dict[str, str]) -> tuple[str, ...]:
        """Which secrets somebody has to give who sets it so; all others are made, or not needed."""

    def check(self, configuration: Any, secrets: Any) -> tuple[Any, Any]:
        """Both as they are stored; raises BadConfigurationError."""

    def keeps(self, before: Any, after: Any) -> bool:
        """Whether secrets that are not given anew may stay where the configuration is another."""

    def check_address(self, address: str) -> str:
        """As it is stored; raises BadConfigurationError."""

    def send(self, way: Way, written: Written) -> None:
        """Returns when the other side has it. Nobody calls this but ``services.notifier.gate``.

        Raises:
            FailedError, RefusedError
        """
