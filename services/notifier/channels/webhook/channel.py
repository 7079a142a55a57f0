"""Posts a CloudEvent (structured mode, JSON) to an address, signed with a secret that both know.

Signature: Standard Webhooks 1.0 (https://www.standardwebhooks.com): HMAC-SHA256 of
``ID.TIMESTAMP.BODY`` in ``webhook-signature: v1,BASE64``. A receiver that has seen ``webhook-id``,
which is the event's id and also ``Idempotency-Key``, has this message already.
"""

import base64
import hashlib
import hmac
import secrets as random
import time
from typing import Any

import msgspec

from services.notifier.channel import BadConfigurationError, Way, Written
from services.notifier.posting import check_url, post
from streams.events import from_datetime, to_rfc3339

ADDRESSED = False
PUBLIC = False
FOLLOWS = False
TYPE = "vn.cityops.alert.notification.v1"
PREFIX = "whsec_"


class Configuration(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    host: str = ""
    """Of the address, for people; the whole of it is sealed, as it may hold a token."""


class Secrets(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    url: str = ""
    secret: str = ""
    """``whsec_`` and base64 of 24 to 64 bytes; empty when it is set: one is made."""

    def __repr__(self) -> str:
        return "Secrets(…)"


def asks(_: dict[str, str]) -> tuple[str, ...]:
    return ("url",)


def check(_: Configuration, secrets: Secrets) -> tuple[Configuration, Secrets]:
    host = check_url(secrets.url)
    secret = secrets.secret or PREFIX + base64.b64encode(random.token_bytes(32)).decode()
    key_of(secret)
    return Configuration(host=host), Secrets(url=secrets.url, secret=secret)


def keeps(_before: Configuration, _after: Configuration) -> bool:
    """Where it goes is a secret itself."""
    return True


def check_address(_: str) -> str:
    raise BadConfigurationError("address: a webhook has one place where all of it goes")


def key_of(secret: str) -> bytes:
    """Raises BadConfigurationError."""
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except ValueError:
        key = b""
    if not secret.startswith(PREFIX) or not 24 <= len(key) <= 64:
        raise BadConfigurationError(f"secret: {PREFIX} and base64 of 24 to 64 bytes")
    return key


def sign(secret: str, id: str, timestamp: int, body: bytes) -> str:
    """What stands in ``webhook-signature``."""
    told = f"{id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key_of(secret), told, hashlib.sha256)).decode()


def body_of(way: Way, written: Written) -> bytes:
    event: dict[str, Any] = {
        "specversion": "1.0",
        "id": way.key,
        "source": "urn:cityops",
        "type": TYPE,
        "time": to_rfc3339(from_datetime(written.time)),
        "datacontenttype": "application/json",
        "data": {
            "exercise": written.exercise,
            "language": written.language,
            "subject": written.subject,
            "text": written.text,
            "alerts": list(written.data),
        },
    }
    return msgspec.json.encode(event)


def send(way: Way, written: Written) -> None:
    body, timestamp = body_of(way, written), int(time.time())
    headers = {
        "Content-Type": "application/cloudevents+json; charset=utf-8",
        "Idempotency-Key": way.key,
        "webhook-id": way.key,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": sign(way.secrets.secret, way.key, timestamp, body),
    }
    post(way.connector, way.secrets.url, body, headers)
