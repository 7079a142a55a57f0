"""What somebody sent, row by row, whatever the format: as it was said, or what is wrong."""

import hashlib
import json
import math
import re
import unicodedata
from collections.abc import Sequence
from typing import Any, NamedTuple

from streams.events import Micros, from_rfc3339
from streams.feeds.feed import EVENT_FIELDS
from streams.visible import exact

_RFC3339 = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?"
    r"([Zz]|[+-][0-9]{2}:[0-5][0-9])"
)
_LOCAL = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})[ T]([0-9]{2}:[0-9]{2})(:[0-9]{2}(?:\.[0-9]+)?)?")
OFFSET = re.compile(r"Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9]")
_FARTHEST = 10**18
"""Of any unit: beyond it a number is no time."""
CASE = EVENT_FIELDS[0]
SHOWN = 60
"""Characters of what was sent that are said again."""


class Value(NamedTuple):
    """One measured value."""

    metric: str
    """Empty: the only one that its source's feed has."""
    value: float
    unit: str = ""
    """Empty: that of the feed."""


class Row(NamedTuple):
    """One reading, as somebody sent it."""

    at: int
    """Its place in what was sent, from 0."""
    source: str
    values: tuple[Value, ...]
    time: Micros | None
    """None: it says none."""
    since: Micros | None = None
    """Instead of a time, how long after its arrival it is to be; negative: before."""
    loose: bool = False
    """Its metric may be its source instead, as in a URN that ends with it."""


class Refused(NamedTuple):
    """Why a row was not taken."""

    at: int
    reason: str
    detail: str
    source: str = ""


Rows = Sequence[Row | Refused]


class RowError(ValueError):
    """What is wrong with a row: ``reason`` is a word for a program."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason, self.detail = reason, detail


def said(value: Any) -> str:
    """What was sent, to be said again: short, and nothing in it is more than text."""
    if value is None or isinstance(value, bool | list | dict):
        text = exact(json.dumps(value, ensure_ascii=False, default=repr))
    else:
        text = repr(value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


def name(value: Any, field: str) -> str:
    """Raises RowError where it is no text, or empty."""
    if not isinstance(value, str) or not value:
        raise RowError("wrong_type", f"{field}: give text, not {said(value)}")
    return value


def number(value: Any, field: str) -> float:
    """Raises RowError where it is no number, or not a finite one."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise RowError("not_a_number", f"{field}: give a number, not {said(value)}")
    try:
        found = float(value)
    except OverflowError:
        found = math.inf
    if not math.isfinite(found):
        raise RowError("not_finite", f"{field}: {said(value)} is no finite number")
    return found


def value_of(metric: str, value: Any, field: str) -> float:
    """As ``number``; the text by which somebody calls a case is one, too: of it no more than a
    hash of 53 bits is taken, as nothing here needs to know it.

    Raises RowError.
    """
    if metric != CASE or not isinstance(value, str) or not value.strip():
        return number(value, field)
    # One system may write an accented number in either form.
    text = unicodedata.normalize("NFC", value.strip())
    digest = hashlib.blake2b(text.encode(), digest_size=8).digest()
    return float(int.from_bytes(digest, "big") >> 11)


def moment(value: Any, field: str = "time") -> Micros:
    """Of RFC 3339 text with an offset; raises RowError."""
    if isinstance(value, str) and _RFC3339.fullmatch(value):
        try:
            return from_rfc3339(value.upper())
        except (ValueError, OverflowError):
            pass
    how = "give RFC 3339 with an offset, as 2026-11-29T08:00:00+07:00"
    raise RowError("wrong_time", f"{field}: {how}, not {said(value)}")


def with_offset(text: str, offset: str) -> str:
    """A time as RFC 3339, where only its offset, or seconds, were missing.

    Args:
        offset: as ``OFFSET`` has it; empty: nothing is added.
    """
    found = _LOCAL.fullmatch(text.strip())
    if found is None or not offset:
        return text
    return f"{found[1]}T{found[2]}{found[3] or ':00'}{offset}"


PARTS = {"time_s": 1_000_000, "time_ms": 1_000, "time_us": 1}
"""Fields that hold a time as a number since 1970 (UTC), and how many microseconds each of it is."""


def since_1970(value: Any, field: str) -> Micros:
    """Of a number in a field of ``PARTS``; raises RowError."""
    if abs(number(value, field)) > _FARTHEST:
        raise RowError("absurd_time", f"{field}: {said(value)} is no time")
    return (
        round(float(value) * PARTS[field])
        if isinstance(value, float)
        else int(value) * PARTS[field]
    )
