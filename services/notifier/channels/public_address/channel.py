"""Has a loudspeaker station speak: a message of CAP 1.2, in which stands what is to be said.

Not tried against anybody's station: only against a receiver of our own, and the standard's schema.
A station has an address of its own. It answers a message with one of CAP, too: ``Ack``, which
refers to what it has taken and will speak; anything else is a failure. It is asked whether it is
there by GET, which says nothing that could be spoken. What it speaks is text: the voice is the
station's (decision 0124).
"""

import re
from xml.etree.ElementTree import Element, ParseError, fromstring

import msgspec

from services.notifier import cap
from services.notifier.channel import (
    BadConfigurationError,
    FailedError,
    RefusedError,
    Way,
    Written,
)
from services.notifier.channels.public_address.speech import text_of
from services.notifier.posting import check_url, exchange, judge
from streams.visible import line

ADDRESSED = True
PUBLIC = True
FOLLOWS = False
LONGEST_NOTE = 100
_SENDER = re.compile(r"[^\s,<&]{1,200}")


class Configuration(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    sender: str = ""
    """As the stations know this city; empty: ``cityops@`` and the console's host."""
    authorized: bool = False
    """The stations ask for a token, which is asked for and sealed."""


class Secrets(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    token: str = ""
    """The value of ``Authorization``; empty: none is sent."""

    def __repr__(self) -> str:
        return "Secrets(…)"


def asks(configuration: dict[str, str]) -> tuple[str, ...]:
    return ("token",) if configuration.get("authorized", "").lower() in ("1", "true") else ()


def check(configuration: Configuration, secrets: Secrets) -> tuple[Configuration, Secrets]:
    if configuration.sender and not _SENDER.fullmatch(configuration.sender):
        raise BadConfigurationError("sender: no blank, comma, < or & in it")
    if not secrets.token.isprintable() or not secrets.token.isascii():
        raise BadConfigurationError("token: printable characters of ASCII")
    if configuration.authorized and not secrets.token:
        raise BadConfigurationError("token: give the value of Authorization, such as 'Bearer …'")
    return configuration, secrets


def keeps(_before: Configuration, _after: Configuration) -> bool:
    """They go to the stations, which somebody names one by one."""
    return True


def check_address(address: str) -> str:
    check_url(address)
    return address


def probe(way: Way) -> None:
    """Returns where the station answers; raises FailedError, RefusedError."""
    judge(exchange(way.connector, way.address, None, _headers(way), "GET"))


def send(way: Way, written: Written) -> None:
    headers = _headers(way) | {"Content-Type": f"{cap.MEDIA_TYPE}; charset=utf-8"}
    for data in written.data:
        over = data["issue"]["type"] == "Cancel"
        sender = way.configuration.sender or cap.sender_of(data["link"])
        identifier = cap.identifier(data)
        body = cap.write(data, sender, "Public", text_of(data, over=over))
        answer = exchange(
            way.connector, way.address, body, headers | {"Idempotency-Key": identifier}
        )
        judge(answer)
        _insist_taken(answer.said, sender, identifier)


def _headers(way: Way) -> dict[str, str]:
    return {"Authorization": way.secrets.token} if way.secrets.token else {}


def _insist_taken(said: bytes, sender: str, identifier: str) -> None:
    """Returns where a station's answer says that it has taken the message.

    Raises:
        FailedError: it says nothing of it.
        RefusedError: it says that it has not.
    """
    if b"<!DOCTYPE" in said:  # no station needs entities
        raise FailedError("its answer is no acknowledgement")
    try:
        root = fromstring(said)
    except (ParseError, LookupError, ValueError):  # the last two: of its encoding
        raise FailedError("its answer is no acknowledgement") from None
    named = [each.split(",")[:2] for each in _text(root, "references").split()]
    if [sender, identifier] not in named:
        raise FailedError("its answer does not refer to the message")
    kind = _text(root, "msgType")
    if kind == "Error":
        raise RefusedError(f"the station: {line(_text(root, 'note'))[:LONGEST_NOTE] or 'an error'}")
    if kind != "Ack":
        raise FailedError("its answer is no acknowledgement")


def _text(root: Element, name: str) -> str:
    return (root.findtext(f"{{{cap.NAMESPACE}}}{name}") or "").strip()
