"""Notifications of NGSI-LD: which attributes of which entities are readings."""

import json
from typing import Any

import pytest

from services.receiver import formats
from services.receiver.formats import ngsild
from services.receiver.formats.ngsild import Names
from services.receiver.rows import Refused, Row, Rows
from services.receiver.units import UNITS
from services.web.problems import ProblemError
from streams.events import from_rfc3339

TIME = "2026-11-29T08:00:00.000Z"
TEMPERATURE = {"type": "Property", "value": 21.5, "unitCode": "CEL", "observedAt": TIME}


def notification(*entities: Any, **changes: Any) -> dict[str, Any]:
    return {
        "id": "urn:ngsi-ld:Notification:1",
        "type": "Notification",
        "subscriptionId": "urn:ngsi-ld:Subscription:1",
        "notifiedAt": TIME,
        "data": list(entities),
    } | changes


def station(id: str = "urn:ngsi-ld:Device:t1", **attributes: Any) -> dict[str, Any]:
    return {"id": id, "type": "Device", "@context": "https://example.vn/c.jsonld"} | attributes


def read(body: Any, kind: str = ngsild.TYPE, names: Names | None = None) -> Rows:
    return formats.read(kind, {}, json.dumps(body), names)


def told(rows: Rows) -> list[Any]:
    return [
        (one.at, one.source, *one.values[0], one.time)
        if isinstance(one, Row)
        else (one.at, one.source, one.reason)
        for one in rows
    ]


def test_properties_are_readings_and_what_else_an_entity_says_is_passed_over() -> None:
    entity = station(
        temperature=TEMPERATURE,
        level=[{"type": "Property", "value": 2}, {"type": "Property", "value": 3}],
        location={"type": "GeoProperty", "value": {"type": "Point", "coordinates": [106, 20]}},
        isPartOf={"type": "Relationship", "object": "urn:ngsi-ld:Quay:3"},
    )
    at = from_rfc3339(TIME)
    expected = [
        (0, "t1", "temperature", 21.5, "Cel", at),
        (1, "t1", "level", 2.0, "", None),
        (2, "t1", "level", 3.0, "", None),
        (3, "t2", "temperature", 21.5, "Cel", at),
    ]
    whole = notification(entity, station("t2", temperature=TEMPERATURE))
    assert told(read(whole)) == expected
    assert told(read(whole, "application/json", Names())) == expected
    assert told(read(notification(data=entity))) == expected[:3]


def test_names_are_those_that_the_address_says() -> None:
    names = Names("ferry-7", {"temperature": "air"})
    rows = read(notification(station(temperature=TEMPERATURE)), names=names)
    assert told(rows)[0][1:3] == ("ferry-7", "air")


@pytest.mark.parametrize(
    ("entity", "reason"),
    [
        ("t1", "wrong_type"),
        (station(id=""), "wrong_type"),
        (station(id="urn:x:"), "wrong_type"),
        (station(), "no_value"),
        (station(temperature=21.5), "wrong_type"),
        (station(temperature={"type": "Property"}), "wrong_type"),
        (station(temperature=TEMPERATURE | {"value": "21.5"}), "not_a_number"),
        (station(temperature=TEMPERATURE | {"value": True}), "not_a_number"),
        (station(temperature=TEMPERATURE | {"observedAt": "yesterday"}), "wrong_time"),
        (station(temperature=TEMPERATURE | {"unitCode": 7}), "wrong_type"),
        (station(temperature=TEMPERATURE | {"type": ["Property"]}), "wrong_type"),
        (station(temperature=TEMPERATURE | {"type": {}}), "wrong_type"),
    ],
)
def test_what_cannot_be_is_refused_by_itself(entity: Any, reason: str) -> None:
    bad, good = read(notification(entity, station(temperature=TEMPERATURE)))
    assert isinstance(bad, Refused)
    assert bad.reason == reason
    assert isinstance(good, Row), "the control"


@pytest.mark.parametrize("body", [[], {}, notification(type="Entity"), {"type": "Notification"}])
def test_what_is_no_notification_is_refused(body: Any) -> None:
    with pytest.raises(ProblemError) as refused:
        read(body)
    assert refused.value.reason == "malformed"


def test_codes_of_units_are_units_that_are_known() -> None:
    assert {unit for unit in ngsild.UNITS.values() if unit not in UNITS} == set()


def test_a_refusal_shows_what_an_attribute_is_called_as_text_only() -> None:
    odd = station() | {"\x1b[2J": {"type": "Property", "value": "x"}}
    (bad,) = read(notification(odd))
    assert isinstance(bad, Refused)
    assert bad.detail.isprintable()
