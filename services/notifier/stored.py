"""Channels and people's addresses in the database; secrets and addresses are sealed, and shown by
no ``repr``.

The alerts service writes them, and the notifier opens them, by a key from the secrets folder.
"""

import threading
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple, Self

import msgspec
import psycopg

from services.alerts.words import Language
from services.notifier.channel import Device
from streams import queries
from streams.sealing import CHANNELS, Seal, SealError
from streams.settings import Settings
from streams.visible import line

LONGEST_DETAIL = 200
RANKS = (-100, 100)
"""Of contacts: the lowest is tried first."""

Connection = psycopg.Connection[Any]

SQL = {name: query.sql for name, query in queries.load(Path(__file__).parent / "sql").items()}


class StoredChannel(NamedTuple):
    name: str
    type: str
    configuration: dict[str, Any]
    public: bool
    wards: tuple[str, ...] | None
    language: Language
    exercises_until: datetime | None
    secrets: dict[str, str] | None = None
    """None: not opened, or sealed with a key that is not here."""

    def __repr__(self) -> str:
        return f"StoredChannel({self.name!r}, {self.type!r}, …)"


class Contact(NamedTuple):
    """Where somebody is reached by a channel."""

    user: str
    channel: str
    rank: int
    language: Language
    exercises_until: datetime | None
    address: str = ""
    """Empty: not opened, or sealed with a key that is not here."""

    def __repr__(self) -> str:
        return f"Contact({self.user!r}, {self.channel!r}, …)"


def put_channel(connection: Connection, settings: Settings, one: StoredChannel, by: str) -> None:
    """New or changed; where its secrets are None those that it has stay."""
    sealed = None
    if one.secrets is not None:
        sealed = Seal(settings, CHANNELS).close(msgspec.json.encode(one.secrets).decode())
    row = one._asdict() | {
        "configuration": msgspec.json.encode(one.configuration).decode(),
        "wards": None if one.wards is None else list(one.wards),
        "sealed": sealed,
        "by": by,
    }
    connection.execute(SQL["channel_put"], row)


def drop_channel(connection: Connection, name: str) -> bool:
    """With everybody's address there; False: there is none."""
    return connection.execute(SQL["channel_drop"], {"name": name}).fetchone() is not None


def channels(connection: Connection, settings: Settings | None = None) -> dict[str, StoredChannel]:
    """All, by name; opened where settings are given."""
    found = {}
    for *row, sealed in connection.execute(SQL["channels_list"]).fetchall():
        one = StoredChannel(*row)
        one = one._replace(wards=None if one.wards is None else tuple(one.wards))
        if settings is not None:
            said = "{}" if sealed is None else _opened(settings, sealed)
            one = one._replace(secrets=msgspec.json.decode(said) if said else None)
        found[one.name] = one
    return found


class StoredStation(NamedTuple):
    """A loudspeaker station."""

    name: str
    channel: str
    ward: str
    host: str
    """Of its address, which may be seen."""
    address: str = ""
    """Empty: not opened, or sealed with a key that is not here."""

    def __repr__(self) -> str:
        return f"StoredStation({self.name!r}, {self.channel!r}, …)"


def stations(connection: Connection, settings: Settings | None = None) -> list[StoredStation]:
    """All, by name; opened where settings are given."""
    return [
        StoredStation(*row)._replace(address="" if settings is None else _opened(settings, sealed))
        for *row, sealed in connection.execute(SQL["stations_list"]).fetchall()
    ]


def put_station(connection: Connection, settings: Settings, one: StoredStation, by: str) -> None:
    """New or changed."""
    row = one._asdict() | {"address": Seal(settings, CHANNELS).close(one.address), "by": by}
    connection.execute(SQL["station_put"], row)


def drop_station(connection: Connection, name: str) -> bool:
    """False: there is none."""
    return connection.execute(SQL["station_drop"], {"name": name}).fetchone() is not None


def put_contact(connection: Connection, settings: Settings, one: Contact) -> None:
    row = one._asdict() | {"address": Seal(settings, CHANNELS).close(one.address)}
    connection.execute(SQL["contact_put"], row)


def drop_contact(connection: Connection, user: str, channel: str) -> bool:
    """False: there is none."""
    row = {"user": user, "channel": channel}
    return connection.execute(SQL["contact_drop"], row).fetchone() is not None


def areas(connection: Connection) -> dict[str, tuple[str, ...] | None]:
    """Everybody who may be told of alerts, to the wards that they may see; None: everywhere."""
    return {
        name: None if wards is None else tuple(wards)
        for name, wards in connection.execute(SQL["areas"]).fetchall()
    }


def contacts(connection: Connection, settings: Settings) -> list[Contact]:
    """Everybody's, those to be tried first first."""
    return [
        Contact(*row)._replace(address=_opened(settings, sealed))
        for *row, sealed in connection.execute(SQL["contacts_list"]).fetchall()
    ]


class Kept:
    """What one channel remembers (``services.notifier.channel.Keep``), by one connection."""

    def __init__(self, connection: Connection, settings: Settings, name: str) -> None:
        self._connection, self._settings, self._name = connection, settings, name
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        self._lock.acquire()
        return self

    def __exit__(self, *_: object) -> None:
        self._lock.release()

    def read(self) -> dict[str, str]:
        row = self._connection.execute(SQL["kept_get"], {"channel": self._name}).fetchone()
        said = "" if row is None else _opened(self._settings, row[0])
        return msgspec.json.decode(said, type=dict[str, str]) if said else {}

    def write(self, found: dict[str, str]) -> None:
        sealed = Seal(self._settings, CHANNELS).close(msgspec.json.encode(found).decode())
        self._connection.execute(SQL["kept_put"], {"channel": self._name, "sealed": sealed})


class Turned:
    """The devices of one channel (``services.notifier.channel.Devices``), by one connection."""

    def __init__(self, connection: Connection, settings: Settings, name: str) -> None:
        self._connection, self._settings, self._name = connection, settings, name

    def of(self, person: str) -> list[Device]:
        asked = {"user": person, "channel": self._name}
        return [
            Device(name, _opened(self._settings, sealed), *keys)
            for name, sealed, *keys in self._connection.execute(SQL["devices_of"], asked).fetchall()
        ]

    def took(self, id: str, key: str) -> None:
        self._connection.execute(SQL["device_took"], {"id": id, "key": key})

    def failed(self, id: str, key: str, why: str) -> None:
        asked = {"id": id, "key": key, "detail": line(why)[:LONGEST_DETAIL]}
        self._connection.execute(SQL["device_failed"], asked)

    def ended(self, id: str, why: str) -> None:
        asked = {"id": id, "detail": line(why)[:LONGEST_DETAIL]}
        self._connection.execute(SQL["device_ended"], asked)


def seal_address(settings: Settings, address: str) -> bytes:
    return Seal(settings, CHANNELS).close(address)


def open_address(settings: Settings, sealed: bytes) -> str:
    """Empty: it was sealed with a key that is not here."""
    return _opened(settings, sealed)


def _opened(settings: Settings, sealed: bytes) -> str:
    try:
        return Seal(settings, CHANNELS).open(sealed)
    except SealError:
        return ""
