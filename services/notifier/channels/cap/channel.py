"""Posts each alert as a message of CAP 1.2 to an address.

Not tried against anybody's aggregator: only against a receiver of our own, and the standard's
schema. The identifier is of the alert and its version, whoever is told: a receiver that has seen it
has the message already.
"""

import re

import msgspec

from services.notifier import cap
from services.notifier.channel import BadConfigurationError, Way, Written
from services.notifier.posting import check_url, post

ADDRESSED = False
PUBLIC = False
FOLLOWS = True
_SENDER = re.compile(r"[^\s,<&]{1,200}")


class Configuration(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    host: str = ""
    """Of the address, for people; the whole of it is sealed, as it may hold a token."""
    sender: str = ""
    """As the receiver knows this city; empty: ``cityops@`` and the console's host."""
    authorized: bool = False
    """The receiver asks for a token, which is asked for and sealed."""


class Secrets(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    url: str = ""
    token: str = ""
    """The value of ``Authorization``; empty: none is sent."""

    def __repr__(self) -> str:
        return "Secrets(…)"


def asks(configuration: dict[str, str]) -> tuple[str, ...]:
    wanted = configuration.get("authorized", "").lower() in ("1", "true")
    return ("url", "token") if wanted else ("url",)


def check(configuration: Configuration, secrets: Secrets) -> tuple[Configuration, Secrets]:
    host = check_url(secrets.url)
    if configuration.sender and not _SENDER.fullmatch(configuration.sender):
        raise BadConfigurationError("sender: no blank, comma, < or & in it")
    if not secrets.token.isprintable() or not secrets.token.isascii():
        raise BadConfigurationError("token: printable characters of ASCII")
    if configuration.authorized and not secrets.token:
        raise BadConfigurationError("token: give the value of Authorization, such as 'Bearer …'")
    return msgspec.structs.replace(configuration, host=host), secrets


def keeps(_before: Configuration, _after: Configuration) -> bool:
    """Where it goes is a secret itself."""
    return True


def check_address(_: str) -> str:
    raise BadConfigurationError("address: it has one place where all of it goes")


def send(way: Way, written: Written) -> None:
    headers = {"Content-Type": f"{cap.MEDIA_TYPE}; charset=utf-8"}
    if way.secrets.token:
        headers["Authorization"] = way.secrets.token
    for data in written.data:
        sender = way.configuration.sender or cap.sender_of(data["link"])
        scope: cap.Scope = "Public" if way.public else "Restricted"
        one = headers | {"Idempotency-Key": cap.identifier(data)}
        post(way.connector, way.secrets.url, cap.write(data, sender, scope), one)
