"""Signs what a part publishes where others publish, too (decision 0062)."""

import hmac
import time
from pathlib import Path
from typing import Any

import msgspec

from streams.events import Headers
from streams.kafka.access import COMMAND, protocol
from streams.kafka.signing_keys import Key, keys_of, signing
from streams.settings import Settings
from streams.topics import physical

SIGNATURE = "ce_signature"
"""The last header: whose signature, with which key, and the signature, ``gateway:1f00a7b2:…``."""
LOOK_SECONDS = 1.0
"""So often it is looked whether the key was renewed."""

_FORM = "cityops-input-1"
_FRAME = b"cityops.frame"
_ENCODER = msgspec.msgpack.Encoder()


def required(settings: Settings) -> bool:
    """The setting; else where parts have accounts at the broker."""
    return settings.input_signatures == "required" or (
        not settings.input_signatures and protocol(settings).startswith("SASL")
    )


def digest(key: bytes, topic: str, partition: int, headers: Headers, value: bytes | None) -> str:
    """HMAC-SHA-256 of where a message lies (physical topic), its headers, and its value.

    Of a frame the header ``ce_sha256`` stands for the picture: whoever decodes one compares them.
    """
    pictured = dict(headers).get("ce_type") == _FRAME
    said = (_FORM, topic, partition, headers, None if pictured else value)
    return hmac.digest(key, _ENCODER.encode(said), "sha256").hex()


class SigningError(Exception):
    """There is no key to sign with; says what to do."""


class Signer:
    """Signs as the settings' account; thread-safe, follows a key that is renewed.

    Raises (from ``sign``):
        SigningError
    """

    def __init__(self, settings: Settings) -> None:
        self.name = settings.kafka_user or COMMAND
        self._settings = settings
        self._path: Path = signing(settings, self.name)
        self._known: tuple[Any, Key] | None = None
        self._looked = 0.0

    def sign(self, topic: str, partition: int, headers: Headers, value: bytes | None) -> Headers:
        """The headers with the signature behind them; ``topic`` is the logical name."""
        key = self._key()
        name = physical(self._settings.namespace, topic)
        signed = digest(key.secret, name, partition, headers, value)
        return [*headers, (SIGNATURE, f"{self.name}:{key.id}:{signed}".encode())]

    def _key(self) -> Key:
        now = time.monotonic()
        if self._known is None or now - self._looked > LOOK_SECONDS:
            self._looked = now
            try:
                changed = stamp(self._path)
                if self._known is None or self._known[0] != changed:
                    self._known = changed, keys_of(self._path)[0]
            except (OSError, ValueError) as error:
                raise SigningError(
                    f"{self.name} has no key to sign with ({error}); 'make up' makes one"
                ) from None
        return self._known[1]


def stamp(path: Path) -> tuple[int, int]:
    """Another one where the file was written anew. Raises OSError."""
    found = path.stat()
    return found.st_ino, found.st_mtime_ns
