"""Reads inputs, and refuses what nobody signed who may: before anything else is made of them.

Where no signatures are required, and in topics that have one publisher only, everything is read.
"""

import hmac
import threading
import time
from typing import Any

from streams.events import UNTRUSTED, BadMessage, Headers, Mark, decode
from streams.kafka.access import COMMAND
from streams.kafka.signers import grants
from streams.kafka.signing import LOOK_SECONDS, SIGNATURE, digest, required, stamp
from streams.kafka.signing_keys import Key, Verifying, verifying, verifying_of
from streams.settings import Settings
from streams.topics import INPUTS, physical


class Signatures:
    """Thread-safe; follows keys that are renewed.

    Raises (from ``read`` and ``check``):
        BadMessage: ``unsigned``, ``forged`` or ``not_allowed``; in ``read`` as ``decode``, too.
        OSError, ValueError: this part's own file of keys cannot be read.
    """

    def __init__(self, settings: Settings) -> None:
        self._namespace = settings.namespace
        self._required = required(settings)
        self._grants = grants(settings.namespace)
        self._path = verifying(settings, settings.kafka_user or COMMAND)
        self._lock = threading.Lock()
        self._known: tuple[Any, Verifying] | None = None
        self._looked = 0.0

    def read(
        self, topic: str, partition: int, offset: int, headers: Headers, value: bytes | None
    ) -> tuple[Any, Mark | None]:
        """The event and its mark, of the message that lies there (logical topic)."""
        if not self._required or topic not in INPUTS:
            return decode(headers, value)
        signer = self.check(topic, partition, offset, headers, value)
        event, mark = decode(headers, value)
        if signer is not None and not self._grants[signer].covers(event):
            kind, origin = type(event).__name__, getattr(event, "origin", "")
            raise BadMessage(
                "not_allowed", f"{signer} may not sign {origin} {kind}".replace("  ", " ")
            )
        return event, mark

    def admit(
        self, topic: str, partition: int, offset: int, headers: Headers, value: bytes | None
    ) -> bool:
        """Whether a stage would look at it; what else may be wrong with it is not asked."""
        try:
            self.read(topic, partition, offset, headers, value)
        except BadMessage as bad:
            return bad.reason not in UNTRUSTED
        return True

    def check(
        self, topic: str, partition: int, offset: int, headers: Headers, value: bytes | None
    ) -> str | None:
        """Who has signed it; None: an earlier release wrote it, and did not sign."""
        place = f"{topic}/{partition}"
        if not headers or headers[-1][0] != SIGNATURE:
            if offset < self._verifying().unsigned.get(place, 0):
                return None
            raise BadMessage("unsigned", "nobody has signed it")
        signer, number, said = _parts(headers[-1][1])
        if signer not in self._grants:
            raise BadMessage("not_allowed", f"{signer!r} may sign nothing in {self._namespace}")
        key = self._find(signer, number)
        if key is None:
            raise BadMessage("forged", f"{signer} has no key {number!r}")
        name = physical(self._namespace, topic)
        made = digest(key.secret, name, partition, list(headers[:-1]), value)
        if not hmac.compare_digest(made, said):
            raise BadMessage("forged", f"the signature of {signer} does not fit")
        if key.until is not None and offset >= key.until.get(place, 0):
            raise BadMessage("forged", f"the key {number} of {signer} holds no more")
        return signer

    def _find(self, signer: str, number: str) -> Key | None:
        for again in (False, True):  # what is not known may have been made since
            for key in self._verifying(again=again).keys.get(signer, ()):
                if key.id == number:
                    return key
        return None

    def _verifying(self, *, again: bool = False) -> Verifying:
        now = time.monotonic()
        if self._known is None or again or now - self._looked > LOOK_SECONDS:
            with self._lock:
                self._looked = now
                changed = stamp(self._path)
                if self._known is None or self._known[0] != changed:
                    self._known = changed, verifying_of(self._path)
        return self._known[1]


def _parts(signature: bytes | None) -> tuple[str, str, str]:
    try:
        signer, number, said = bytes(signature or b"").decode("ascii").split(":")
    except ValueError:
        raise BadMessage("forged", "what stands for its signature is none") from None
    return signer, number, said


def unsigned(headers: Headers) -> Headers:
    """As they were before they were signed."""
    return [each for each in headers if each[0] != SIGNATURE]
