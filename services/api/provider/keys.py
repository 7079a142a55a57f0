"""The public keys that the provider signs with, kept for a while.

A token signed with a key that is not known yet has them read again, but not more often than every
half minute: anybody can make up a key's name.
"""

import json
from collections.abc import Awaitable, Callable
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, KeySet, OKPKey, RSAKey
from joserfc.util import urlsafe_b64decode

from services.api.provider.refusal import NotByProviderError

KEPT_SECONDS = 15 * 60.0
"""A key that the provider has withdrawn counts no longer than that."""
PAUSE_SECONDS = 30.0
MOST = 100
LEAST_BITS = 2048
"""Of an RSA key (NIST SP 800-131A)."""


class Keys:
    """Args:
    fetch: the provider's set of keys (RFC 7517), as it answers.
    clock: seconds that never go back.
    """

    def __init__(
        self, fetch: Callable[[str], Awaitable[bytes]], clock: Callable[[], float]
    ) -> None:
        self._fetch, self._clock = fetch, clock
        self._address, self._kept, self._read_at = "", KeySet([]), -float("inf")

    async def of(self, address: str, kid: str | None) -> KeySet:
        """Those that there are; ``kid`` is among them if the provider has it.

        Raises:
            NotByProviderError: the provider does not say.
        """
        age = self._clock() - self._read_at
        stale = address != self._address or age > KEPT_SECONDS
        unknown = kid is not None and all(key.kid != kid for key in self._kept)
        if stale or (unknown and age > PAUSE_SECONDS):
            self._kept = keys_of(await self._fetch(address))
            self._address, self._read_at = address, self._clock()
        return self._kept


def keys_of(document: bytes) -> KeySet:
    """The public keys in it that may sign; others are passed over.

    Raises:
        NotByProviderError: it is no set of keys, or has none of these.
    """
    try:
        listed = json.loads(document)["keys"]
        found = [key for each in listed[:MOST] if (key := _key(each)) is not None]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise NotByProviderError("provider_away", "the provider's keys cannot be read") from None
    if not found:
        raise NotByProviderError("provider_away", "the provider has no key that is taken here")
    return KeySet(found)


def _key(said: Any) -> Key | None:
    if not isinstance(said, dict) or said.get("use", "sig") != "sig":
        return None
    kinds: dict[str, type[RSAKey] | type[ECKey] | type[OKPKey]]
    kinds = {"RSA": RSAKey, "EC": ECKey, "OKP": OKPKey}
    kind = kinds.get(str(said.get("kty")))
    if kind is None:  # a shared secret (oct), above all
        return None
    try:
        if kind is RSAKey and 8 * len(urlsafe_b64decode(said["n"].encode())) < LEAST_BITS:
            return None
        return kind.import_key(said)
    except (JoseError, ValueError, TypeError, KeyError, AttributeError):
        return None
