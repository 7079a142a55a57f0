"""What the list sends of an alert is made once, and is never somebody's who may see less of it."""

import msgspec
import pytest

from services.alerts.alert import Alert, fold
from services.alerts.area import Area, seen_by
from services.alerts.lifecycle import receive
from services.api import printed
from services.api.bodies import AlertBody, AlertPage, body
from services.api.printed import Printed
from tests.support.alerting import incident

AREAS: tuple[Area, ...] = (None, frozenset({"Ngô Quyền"}), frozenset({"An Biên"}), frozenset())


def alert() -> Alert:
    first = incident(sources=("cam-1", "cam-2"))
    return fold(receive(None, first, None, wards={"cam-1": "Ngô Quyền", "cam-2": "An Biên"}))


def stored(one: Alert) -> str:
    return msgspec.json.encode(one).decode()


def test_each_sees_what_is_theirs_whoever_asked_before() -> None:
    kept, one = Printed(), alert()
    for _ in range(2):
        for area in AREAS:
            seen, found = seen_by(one, area), kept.of(stored(one), 3, area)
            whole = seen and body(seen, 3).model_dump_json(by_alias=True).encode()
            assert (None if found is None else bytes(found)) == whole, area
    assert kept.of(stored(one), 3, AREAS[1]) != kept.of(stored(one), 3, AREAS[2])


def test_what_changes_is_said_anew_and_what_does_not_is_made_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = []

    def counted(*given: object) -> AlertBody:
        made.append(given)
        return body(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(printed, "body", counted)
    kept, one = Printed(), alert()
    first = kept.of(stored(one), 0, None)
    assert kept.of(stored(alert()), 0, None) is first
    assert len(made) == 1
    worse = msgspec.structs.replace(one, severity="critical")
    assert kept.of(stored(worse), 0, None) != first != kept.of(stored(one), 1, None)
    assert len(made) == 3


def test_a_page_has_what_its_description_says() -> None:
    found = Printed().of(stored(alert()), 0, None)
    page = {"alerts": [found], "next": None, "last_event_id": 7, "counts": {}}
    sent = msgspec.json.encode(page | {"flapping": 0, "stale": 0})
    seen = seen_by(alert(), None)
    assert seen is not None
    made = AlertPage(
        alerts=[body(seen, 0)], next=None, last_event_id=7, counts={}, flapping=0, stale=0
    )
    assert sent == made.model_dump_json(by_alias=True).encode()
