"""Keys by which readings are sent: who holds one may send those of its sources, and no others."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import psycopg

from services.receiver.queries import SQL
from streams.events import Micros, Source, from_datetime


class Key(NamedTuple):
    """One that is not revoked."""

    id: str
    token_hash: bytes
    label: str
    sources: frozenset[str]
    gateways: frozenset[str]
    rate: float
    """Readings per second."""
    daily: int
    """Readings in a day."""
    expires_at: Micros | None

    def covers(self, source: Source) -> bool:
        return source.id in self.sources or source.gateway in self.gateways


Keys = Mapping[bytes, Key]
"""By the hash of their tokens."""


def read(connection: psycopg.Connection[Any]) -> Keys:
    """All that are valid."""
    keys = {}
    for row in connection.execute(SQL["keys_valid"]).fetchall():
        name, token_hash, label, sources, gateways, rate, daily, expires = row
        until = from_datetime(expires) if expires else None
        key = Key(
            name, token_hash, label, frozenset(sources), frozenset(gateways), rate, daily, until
        )
        keys[token_hash] = key
    return keys


def find(keys: Keys, token_hash: bytes, now: Micros) -> Key | None:
    """Args:
    now: by the machine's clock, which says when one expires.
    """
    key = keys.get(token_hash)
    return None if key is None or (key.expires_at or now + 1) <= now else key
