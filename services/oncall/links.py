"""Links by which somebody acknowledges one alert from a message, without signing in. Pure.

A link is what it says (who, which alert, at which version, until when) and an HMAC over that, by a
key that is good for nothing else: whoever changes a letter of it has no link.
"""

import base64
import hmac
from typing import Literal

import msgspec

from streams.events import HOUR, Micros

PURPOSE = "acknowledge by a link, 1"
"""The key is derived for it, so that no signature of anything else is a link."""
LASTS: Micros = 8 * HOUR
"""From when it is sent: a shift."""
LONGEST = 600
Reason = Literal["forged", "expired"]


class Claim(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """What a link says."""

    user: str
    alert: str
    version: int
    """Of the alert, as whoever has the message was told of it."""
    until: Micros
    """By the clock."""


class LinkError(ValueError):
    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason: Reason = reason


def sign(key: bytes, claim: Claim) -> str:
    """Letters that can stand in an address."""
    said = msgspec.json.encode(claim)
    return f"{_text(said)}.{_text(hmac.digest(key, said, 'sha256'))}"


def read(key: bytes, token: str, now: Micros) -> Claim:
    """Raises LinkError."""
    said, mark, signature = token.partition(".")
    try:
        if not mark or len(token) > LONGEST or not token.isascii():
            raise LinkError("forged")
        body = _bytes(said)
        if not hmac.compare_digest(hmac.digest(key, body, "sha256"), _bytes(signature)):
            raise LinkError("forged")
        claim = msgspec.json.decode(body, type=Claim)
    except (ValueError, msgspec.DecodeError):
        raise LinkError("forged") from None
    if now >= claim.until:
        raise LinkError("expired")
    return claim


def _text(said: bytes) -> str:
    return base64.urlsafe_b64encode(said).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    """Of exactly one spelling: what is spelt otherwise is no link."""
    found = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    if _text(found) != text:
        raise ValueError
    return found
