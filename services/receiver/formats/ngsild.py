"""``application/ld+json``: a notification of a context broker by NGSI-LD (ETSI GS CIM 009),
normalized.

An entity is a source: the last part of its id, behind ``:``, is the source's. Its attributes of the
type Property are values, ``observedAt`` is their time and ``unitCode`` (UN/CEFACT) their unit;
properties of places, relationships and texts of several languages are passed over. ``Names`` says
otherwise where ids and attributes are called otherwise here. Each value is a row.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from services.receiver.formats.document import document, malformed
from services.receiver.rows import Refused, Row, RowError, Rows, Value, moment, name, number, said

TYPE = "application/ld+json"
NOTIFICATION = "Notification"
PROPERTY = "Property"
PASSED_OVER = frozenset(
    {
        "GeoProperty",
        "JsonProperty",
        "LanguageProperty",
        "ListProperty",
        "ListRelationship",
        "Relationship",
        "VocabProperty",
    }
)
_NO_ATTRIBUTES = frozenset(
    {"id", "type", "@context", "scope", "createdAt", "modifiedAt", "deletedAt"}
)
UNITS: Mapping[str, str] = {
    "A97": "hPa",
    "AMP": "A",
    "BAR": "bar",
    "C62": "1",
    "CEL": "Cel",
    "CMT": "cm",
    "DD": "deg",
    "FAH": "degF",
    "GP": "mg/m3",
    "GQ": "ug/m3",
    "HTZ": "Hz",
    "HUR": "h",
    "KEL": "K",
    "KMH": "km/h",
    "KMT": "km",
    "KPA": "kPa",
    "KWH": "kWh",
    "KWT": "kW",
    "LUX": "lx",
    "MBR": "mbar",
    "MIN": "min",
    "MMT": "mm",
    "MQH": "m3/h",
    "MQS": "m3/s",
    "MTR": "m",
    "MTS": "m/s",
    "P1": "%",
    "PAL": "Pa",
    "SEC": "s",
    "VLT": "V",
    "WTT": "W",
}
"""Common codes (UN/CEFACT Recommendation 20) as units are called here; others stay as they are."""


class Names(NamedTuple):
    """What things are called here."""

    source: str = ""
    """Of every entity; empty: as its id says."""
    metrics: Mapping[str, str] = {}
    """Attribute to metric; of the others each is the metric of its name."""


def read(text: str, names: Names = Names()) -> Rows:  # noqa: B008 (it is never changed)
    """Raises ProblemError where it is no notification."""
    whole = document(text)
    if not isinstance(whole, dict) or whole.get("type") != NOTIFICATION or "data" not in whole:
        raise malformed("give a notification of NGSI-LD: an object of this type, with data")
    data = whole["data"]
    entities = data if isinstance(data, list) else [data]
    found: list[Row | Refused] = []
    for entity in entities:
        found += _of_entity(len(found), entity, names)
    return found


def _of_entity(first: int, entity: Any, names: Names) -> Rows:
    source = names.source
    try:
        if not isinstance(entity, dict):
            raise RowError("wrong_type", f"give an entity, not {said(entity)}")
        id_ = name(entity.get("id"), "id")
        source = source or id_.rpartition(":")[2]
        name(source, "id")
        found = list(_values(entity))
        if not found:
            raise RowError("no_value", f"{said(id_)} has no Property")
    except RowError as error:
        return [Refused(first, error.reason, error.detail, source)]
    return [
        _row(first + number, source, names.metrics.get(attribute, attribute), attribute, one)
        for number, (attribute, one) in enumerate(found)
    ]


def _values(entity: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Attributes, each as often as it has values."""
    for attribute, given in entity.items():
        if attribute in _NO_ATTRIBUTES:
            continue
        for one in given if isinstance(given, list) else [given]:
            kind = one.get("type") if isinstance(one, dict) else None
            if not isinstance(kind, str) or kind not in PASSED_OVER:
                yield attribute, one


def _row(at: int, source: str, metric: str, attribute: str, one: Any) -> Row | Refused:
    named = said(attribute)
    try:
        if not isinstance(one, dict) or one.get("type") != PROPERTY or "value" not in one:
            how = "as a broker sends it that is not asked for keyValues"
            raise RowError("wrong_type", f"{named}: give a Property with value, {how}")
        unit = ""
        if "unitCode" in one:
            code = name(one["unitCode"], f"{named}.unitCode")
            unit = UNITS.get(code, code)
        value = Value(name(metric, "attribute"), number(one["value"], f"{named}.value"), unit)
        time = moment(one["observedAt"], f"{named}.observedAt") if "observedAt" in one else None
        return Row(at, source, (value,), time)
    except RowError as error:
        return Refused(at, error.reason, error.detail, source)
