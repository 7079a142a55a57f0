"""Says to a push service who sends, by RFC 8292 (VAPID). Pure.

A browser that has let us send has been told the public key: nobody else's signature counts there.
"""

from typing import NamedTuple
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec
from joserfc import jwt
from joserfc.jwk import ECKey
from joserfc.util import urlsafe_b64decode, urlsafe_b64encode

from services.notifier.channels.web_push.encryption import point
from streams.events import HOUR, SECOND, Micros

LASTS: Micros = 12 * HOUR
"""For which a signature is good; a day is the most."""
CURVE = "P-256"


class Pair(NamedTuple):
    """``private``, which stays here, and ``public``, which browsers are told: base64url."""

    private: str
    public: str

    def __repr__(self) -> str:
        return f"Pair(…, {self.public!r})"


def pair(private: str = "") -> Pair:
    """A new one, or that of a private key; raises ValueError where that is none."""
    if private:
        secret = int.from_bytes(urlsafe_b64decode(private.encode()))
        key = ec.derive_private_key(secret, ec.SECP256R1())
    else:
        key = ec.generate_private_key(ec.SECP256R1())
    secret = key.private_numbers().private_value
    return Pair(_text(secret.to_bytes(32)), _text(point(key.public_key())))


def authorization(keys: Pair, endpoint: str, contact: str, now: Micros) -> str:
    """The header for one address.

    Args:
        contact: ``mailto:`` or ``https:``, for whoever runs the service.
        now: by the clock.
    """
    parts = urlsplit(endpoint)
    claims = {
        "aud": f"{parts.scheme}://{parts.netloc}",
        "exp": (now + LASTS) // SECOND,
        "sub": contact,
    }
    where = urlsafe_b64decode(keys.public.encode())[1:]
    key = ECKey.import_key(
        {
            "kty": "EC",
            "crv": CURVE,
            "x": _text(where[:32]),
            "y": _text(where[32:]),
            "d": keys.private,
        }
    )
    token = jwt.encode({"typ": "JWT", "alg": "ES256"}, claims, key)
    return f"vapid t={token}, k={keys.public}"


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode()
