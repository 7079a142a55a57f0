"""``application/senml+json`` (RFC 8428): base fields are resolved, each record is one value.

The name, base name and all, ends with ``SOURCE/METRIC`` or ``SOURCE:METRIC``; what stands before,
as a URN's ``urn:dev:mac:``, is passed over. Where the source's feed has one metric only, it may be
left out: the name may then end with ``SOURCE``.
"""

from typing import Any

from services.receiver.formats.document import document, malformed
from services.receiver.rows import Refused, Row, RowError, Rows, Value, number, said
from streams.events import SECOND, Micros

TYPE = "application/senml+json"
VERSION = 10
"""Of RFC 8428; records of a newer one may mean something else."""
RELATIVE = 2**28
"""Seconds: a time below is one since the arrival (section 4.5.3)."""
_BASE = ("bn", "bt", "bu", "bv", "bs", "bver")
_OTHER = ("vs", "vb", "vd")
_FIELDS = (*_BASE, *_OTHER, "n", "u", "v", "s", "t", "ut")


def read(text: str) -> Rows:
    return records(document(text))


def records(value: Any) -> Rows:
    """Of a document. Raises ProblemError."""
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise malformed("give a list of records")
    base: dict[str, Any] = {}
    found: list[Row | Refused] = []
    for index, one in enumerate(value):
        # Section 4.4: what ends with _ must be understood, or the whole is refused.
        if strange := [key for key in one if key.endswith("_")]:
            raise malformed(f"record {index}: {said(strange[0])} must be understood, and is not")
        base |= {key: one[key] for key in _BASE if key in one}
        found.append(_record(index, one, base))
    return found


def _record(index: int, one: dict[str, Any], base: dict[str, Any]) -> Row | Refused:
    source = ""
    try:
        if strange := [key for key in one if key not in _FIELDS]:
            raise RowError("unknown_field", f"there is no field {said(strange[0])}")
        version = number(base.get("bver", VERSION), "bver")
        if version > VERSION or version != int(version):
            raise RowError("unknown_field", f"bver: {said(base['bver'])} is not known here")
        source, metric = _name(_text(base, "bn") + _text(one, "n"))
        if other := [key for key in _OTHER if key in one]:
            raise RowError("not_a_number", f"{other[0]}: only numbers (v) are taken")
        if "v" not in one and "bv" not in base:
            raise RowError("no_value", "it has no v")
        value = number(one.get("v", 0), "v") + number(base.get("bv", 0), "bv")
        unit = _text(one, "u") or _text(base, "bu")
        seconds = number(base.get("bt", 0), "bt") + number(one.get("t", 0), "t")
        time, since = _time(seconds)
        return Row(
            index, source, (Value(metric, number(value, "v"), unit),), time, since, loose=True
        )
    except RowError as error:
        return Refused(index, error.reason, error.detail, source)


def _text(fields: dict[str, Any], key: str) -> str:
    found = fields.get(key, "")
    if not isinstance(found, str):
        raise RowError("wrong_type", f"{key}: give text, not {said(found)}")
    return found


def _name(whole: str) -> tuple[str, str]:
    """(source, metric); the metric is empty where there is one part only."""
    parts = [part for part in whole.replace(":", "/").split("/") if part]
    if not parts:
        raise RowError("wrong_type", "n: give SOURCE/METRIC")
    return (parts[-2], parts[-1]) if len(parts) > 1 else (parts[0], "")


def _time(seconds: float) -> tuple[Micros | None, Micros | None]:
    number(seconds, "t")
    if seconds >= RELATIVE:
        if seconds > 1e12:
            raise RowError("absurd_time", f"t: {said(seconds)} is no time")
        return round(seconds * SECOND), None
    if seconds < -RELATIVE:
        raise RowError("absurd_time", f"t: {said(seconds)} is no time")
    return None, round(seconds * SECOND)
