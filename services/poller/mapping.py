"""Which addresses are asked, how often, and what in an answer is a reading. Pure.

A YAML file, checked when it is read; ``docs/receiver.md`` says what may stand in it.
"""

import re
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import msgspec

from models.documents import DocumentError, document
from models.files import read_file
from services.receiver.rows import OFFSET
from streams.events import Source

MOST = 200
MOST_BYTES = 2**20
LEAST_SECONDS, MOST_SECONDS = 5.0, 86_400.0
PLACE = re.compile(r"\{([^{}]+)\}")
_URL = re.compile(r"[!-~]+")
_TOKEN = re.compile(r"[a-z0-9-]{1,40}")


class MappingError(ValueError):
    """The file cannot be used; says where and why."""


class Address(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One, and what its answers say."""

    url: str
    period: float = 60.0
    """Seconds from one question to the next."""
    form: Literal["json", "csv"] = msgspec.field(name="format", default="json")
    rows: str = ""
    """Where in an answer the readings are, as ``data.stations``; empty: it is they."""
    source: str = ""
    """Whose a row is; ``{id}`` is what its field says. Empty: as the receiver's formats have it."""
    sources: tuple[str, ...] = ()
    gateways: tuple[str, ...] = ()
    """Of which sources they may be."""
    values: dict[str, str] = {}
    """Metric to the field that has it; empty: as the receiver's formats have it."""
    units: dict[str, str] = {}
    """Metric to its unit, where it is not the feed's."""
    time: str = ""
    """The field that has it; empty: rows say none."""
    time_in: Literal["rfc3339", "s", "ms"] = "rfc3339"
    offset: str = ""
    """Of times without one, as +07:00; empty: such are refused."""
    token: str = ""
    """The secret ``polled-NAME`` is sent as ``Authorization: Bearer``; empty: nothing is."""

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or ""

    def covers(self, source: Source) -> bool:
        if source.id in self.sources or source.gateway in self.gateways:
            return True
        return bool(self.source) and not PLACE.search(self.source) and source.id == self.source


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    addresses: tuple[dict[str, Any], ...]


def read(path: Path) -> tuple[Address, ...]:
    """Raises MappingError."""
    try:
        return parsed(read_file(path, MOST_BYTES).decode())
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", "") or str(error)
        raise MappingError(f"{path}: {why}") from None
    except MappingError as error:
        raise MappingError(f"{path}: {error}") from None


def parsed(text: str) -> tuple[Address, ...]:
    """Raises MappingError."""
    try:
        listed = msgspec.convert(document(text), _File).addresses
    except DocumentError as error:
        raise MappingError(f"it is no YAML: {error}") from None
    except msgspec.ValidationError as error:
        raise MappingError(f"give a list of addresses: {error}") from None
    if not 0 < len(listed) <= MOST:
        raise MappingError(f"give 1 to {MOST} addresses")
    found = []
    for number, one in enumerate(listed, 1):
        try:
            found.append(_checked(msgspec.convert(one, Address)))
        except (msgspec.ValidationError, ValueError) as error:
            raise MappingError(f"address {number}: {error}") from None
    return tuple(found)


def _checked(one: Address) -> Address:
    """Raises ValueError."""
    try:
        parts = urlsplit(one.url)
        whole = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        whole = False
    # What it is instead is not said again: there may be a key in it, and this is in the status.
    if not whole or not _URL.fullmatch(one.url):
        raise ValueError("url: give https://… or http://…, in ASCII and without spaces")
    if parts.username is not None or parts.fragment:
        raise ValueError("url: no user, password or fragment in it; see token")
    if not LEAST_SECONDS <= one.period <= MOST_SECONDS:
        raise ValueError(f"period: give {LEAST_SECONDS:g} to {MOST_SECONDS:g} seconds")
    if one.form == "csv" and one.rows:
        raise ValueError("rows: CSV has them at the top")
    if bool(one.source) != bool(one.values):
        raise ValueError("source and values are given together, or neither")
    if not one.source and (one.time or one.units or one.offset):
        raise ValueError("time, units and offset belong to source and values")
    fixed = one.source and not PLACE.search(one.source)
    if fixed and (one.sources or one.gateways):
        raise ValueError("sources, gateways: source says already which one it is")
    if not fixed and not (one.sources or one.gateways):
        raise ValueError("give sources or gateways: of which sources rows may be")
    if wrong := one.units.keys() - one.values.keys():
        raise ValueError(f"units: there is no value {min(wrong)!r}")
    if one.offset and not OFFSET.fullmatch(one.offset):
        raise ValueError("offset: give Z, or hours and minutes as +07:00")
    if one.token and not _TOKEN.fullmatch(one.token):
        raise ValueError("token: give letters, digits and -")
    return one
