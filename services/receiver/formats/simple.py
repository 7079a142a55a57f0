"""``application/json``: an object, or a list of objects, each a reading.

``{"source": "t-1", "metric": "temperature", "value": 21.5, "time": "2026-11-29T08:00:00+07:00"}``;
or several metrics at once, ``{"source": "t-1", "values": {"temperature": 21.5, "wind": 3}, …}``.
``metric`` may be left out where the source's feed has one only, ``unit`` (``units``) where it is
the feed's. Instead of ``time`` a number in ``time_s``, ``time_ms`` or ``time_us``.
"""

from typing import Any

from services.receiver.formats.document import document, malformed
from services.receiver.rows import (
    PARTS,
    Refused,
    Row,
    RowError,
    Rows,
    Value,
    moment,
    name,
    said,
    since_1970,
    value_of,
)
from streams.events import Micros

TYPE = "application/json"
_TIMES = ("time", *PARTS)
_FIELDS = ("source", "metric", "value", "unit", "values", "units", *_TIMES)


def read(text: str) -> Rows:
    return readings(document(text))


def readings(value: Any) -> Rows:
    """Of a document. Raises ProblemError."""
    if isinstance(value, dict):
        value = [value]
    if not isinstance(value, list):
        raise malformed("give a reading, or a list of readings")
    return [row(index, one) for index, one in enumerate(value)]


def row(index: int, one: Any, source: str = "", time: Micros | None = None) -> Row | Refused:
    """Args:
    source: where it does not say one itself; empty: it has to.
    time: where it does not say one itself.
    """
    named = source
    try:
        if not isinstance(one, dict):
            raise RowError("wrong_type", f"give an object with source and value, not {said(one)}")
        if isinstance(one.get("source"), str):
            named = one["source"]
        if strange := [key for key in one if key not in _FIELDS]:
            known = ", ".join(_FIELDS)
            raise RowError("unknown_field", f"there is no field {said(strange[0])}, but {known}")
        named = name(one.get("source", source or None), "source")
        return Row(index, named, _values(one), _time(one, time))
    except RowError as error:
        return Refused(index, error.reason, error.detail, named)


def _values(one: dict[str, Any]) -> tuple[Value, ...]:
    if ("value" in one) == ("values" in one):
        raise RowError("no_value", "give value, or values by metric")
    if "value" in one:
        if "units" in one:
            raise RowError("unknown_field", "units: give unit beside value")
        metric = name(one["metric"], "metric") if "metric" in one else ""
        unit = name(one["unit"], "unit") if "unit" in one else ""
        return (Value(metric, value_of(metric, one["value"], "value"), unit),)
    if "metric" in one or "unit" in one:
        raise RowError("unknown_field", "metric and unit belong to value: give values and units")
    values, units = one["values"], one.get("units", {})
    if not isinstance(values, dict) or not values:
        raise RowError("no_value", f"values: give numbers by metric, not {said(values)}")
    if not isinstance(units, dict) or units.keys() - values.keys():
        raise RowError("wrong_type", f"units: give text by metric of values, not {said(units)}")
    return tuple(
        Value(
            name(metric, "metric"),
            value_of(metric, value, f"values.{said(metric)}"),
            name(units[metric], "units") if metric in units else "",
        )
        for metric, value in values.items()
    )


def _time(one: dict[str, Any], otherwise: Micros | None) -> Micros | None:
    given = [field for field in _TIMES if field in one]
    if len(given) > 1:
        raise RowError("wrong_time", f"give one of {', '.join(given)}")
    if not given:
        return otherwise
    field = given[0]
    return moment(one[field]) if field == "time" else since_1970(one[field], field)
