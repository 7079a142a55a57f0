"""What a browser gives to whoever may send to it: an address at its maker's push service, and keys.

Somebody signed in says it, whoever they are, and the notifier connects to it: so the address is
``https`` and at one of the services that the channel names, and nowhere else.
"""

import binascii
import hashlib
from typing import Self
from urllib.parse import urlsplit

import msgspec
from cryptography.hazmat.primitives.asymmetric import ec
from joserfc.util import urlsafe_b64decode

from services.notifier.channel import BadConfigurationError
from services.notifier.posting import check_url

LONGEST = 1000
"""Characters of an address; those of today's services have a few hundred."""
_ID = 32


class Subscription(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """As a browser's ``PushSubscription`` has it."""

    endpoint: str
    p256dh: str
    auth: str

    def __repr__(self) -> str:
        return "Subscription(…)"

    @classmethod
    def read(cls, address: str) -> Self:
        """As it was written; raises ValueError."""
        return msgspec.json.decode(address, type=cls)

    def written(self) -> str:
        return msgspec.json.encode(self).decode()

    @property
    def id(self) -> str:
        """The same for the browser, which computes it too; nobody finds the address by it."""
        return hashlib.sha256(self.endpoint.encode()).hexdigest()[:_ID]

    @property
    def key(self) -> bytes:
        """The browser's public key; raises BadConfigurationError."""
        return _bytes("p256dh", self.p256dh, 65)

    @property
    def secret(self) -> bytes:
        """Raises BadConfigurationError."""
        return _bytes("auth", self.auth, 16)

    def check(self, services: str) -> str:
        """Its host, which may be seen; raises BadConfigurationError."""
        if len(self.endpoint) > LONGEST or not self.endpoint.isascii():
            raise BadConfigurationError("endpoint: it is no push service's")
        check_url(self.endpoint)
        if not within(self.endpoint, services):
            raise BadConfigurationError("endpoint: it is at no push service that the channel names")
        try:
            ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), self.key)
        except ValueError:
            raise BadConfigurationError("p256dh: it is no point of P-256") from None
        _ = self.secret
        return urlsplit(self.endpoint).hostname or ""


def within(endpoint: str, services: str) -> bool:
    """Whether an address is ``https`` at a service that is named, or at a subdomain of it.

    Args:
        services: hosts, each with a port where that is not 443; between spaces.
    """
    parts = urlsplit(endpoint)
    host, port = parts.hostname or "", parts.port or 443
    if parts.scheme != "https":
        return False
    for each in services.split():
        name, _, asked = each.partition(":")
        if port == int(asked or 443) and (host == name or host.endswith(f".{name}")):
            return True
    return False


def _bytes(name: str, value: str, length: int) -> bytes:
    try:
        found = urlsafe_b64decode(value.rstrip("=").encode())
    except (ValueError, binascii.Error):
        found = b""
    if len(found) != length:
        raise BadConfigurationError(f"{name}: it is no browser's")
    return found
