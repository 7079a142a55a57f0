"""Scenery and masks over HTTP and at the terminal, with a real database."""

import json
from typing import Any

import msgspec
import pytest

from streams.configuration.configured import folded
from streams.configuration.log import current, read, restate
from streams.database import connect
from streams.events import SECOND, Removed, Scenery, SceneryVerdict
from streams.forms import NewerFormError
from streams.settings import Settings
from streams.tables import scenery as table
from streams.tables.writer import copy
from tests.integration.test_configuration_api import CAMERA, RULE, ZONE, call, configure, service
from tests.support.upstream import START

__all__ = ["service"]

SIGN = Scenery(
    "gate",
    START,
    "live",
    "a1b2c3d4e5f6",
    learned=True,
    group="person",
    box=(640, 360, 1280, 1800),
    width=640,
    height=360,
    since=START - 60 * SECOND,
    model="street@1.0",
)
CAR = msgspec.structs.replace(SIGN, id="0f0f0f0f0f0f", group="vehicle")


def store(settings: Settings, *events: Scenery) -> None:
    with connect(settings, "test") as connection:
        copy(connection, table.TABLE, [row for event in events for row in table.rows(event)])


def later(event: Scenery, seconds: int, **changed: Any) -> Scenery:
    return msgspec.structs.replace(event, time=event.time + seconds * SECOND, **changed)


@pytest.fixture
def gate(service: Settings) -> Settings:
    assert call(service, "POST", "/api/cameras", CAMERA).status_code == 201
    assert call(service, "POST", "/api/zones", ZONE).status_code == 201
    assert call(service, "POST", "/api/rules", RULE).status_code == 201
    return service


def listed(settings: Settings, query: str = "") -> list[tuple[str, str]]:
    found = call(settings, "GET", f"/api/scenery{query}").json()
    return [(one["id"], one["verdict"]) for one in found]


def test_what_cameras_have_learned_is_listed_as_they_said_last(gate: Settings) -> None:
    store(gate, SIGN, CAR, later(SIGN, 3600))
    assert listed(gate) == [(CAR.id, "learned"), (SIGN.id, "learned")]
    found = call(gate, "GET", "/api/scenery?camera=gate").json()[1]
    assert (found["box"], found["label"]) == ([0.1, 0.1, 0.2, 0.5], "person")
    other = CAMERA | {"id": "another", "zones": [], "rules": []}
    assert call(gate, "POST", "/api/cameras", other).status_code == 201
    assert listed(gate, "?camera=another") == []
    for path in ("/api/scenery?camera=gate&camera=gaet", "/api/masks?camera=gaet"):
        unknown = call(gate, "GET", path)
        assert (unknown.status_code, unknown.json()["reason"]) == (404, "no_camera"), path
    store(gate, later(SIGN, 3700, learned=False))
    assert listed(gate) == [(CAR.id, "learned")]
    store(gate, later(SIGN, 3800, id="", learned=False))
    assert listed(gate) == []
    store(gate, later(CAR, 3900))
    store(gate, later(SIGN, 3900, origin="replayed"))
    assert listed(gate) == [(CAR.id, "learned")]


def test_an_engineer_confirms_denies_and_takes_it_back(gate: Settings) -> None:
    store(gate, SIGN, CAR)
    place = f"/api/cameras/gate/scenery/{SIGN.id}"
    assert call(gate, "POST", place, {"confirmed": True}).status_code == 200
    said = SceneryVerdict(SIGN.id, "gate", "person", (0.1, 0.1, 0.2, 0.5), confirmed=True)
    assert current(gate).scenery == {SIGN.id: said}
    assert listed(gate) == [(CAR.id, "learned"), (SIGN.id, "confirmed")]
    assert call(gate, "POST", place, {"confirmed": False}).status_code == 200
    store(gate, later(SIGN, 1, learned=False))
    assert listed(gate) == [(CAR.id, "learned"), (SIGN.id, "denied")], "also what is not learned"
    assert call(gate, "DELETE", place).status_code == 200
    assert listed(gate) == [(CAR.id, "learned")]
    assert call(gate, "DELETE", place).status_code == 404
    unknown = call(gate, "POST", "/api/cameras/gate/scenery/ffff", {"confirmed": True})
    assert (unknown.status_code, unknown.json()["reason"]) == (404, "no_scenery")
    assert (
        call(gate, "POST", place.replace("gate", "other"), {"confirmed": True}).status_code == 404
    )


def test_the_same_at_a_terminal(gate: Settings) -> None:
    store(gate, SIGN)
    shown = configure(gate, "scenery", "list", "gate", "--json")
    assert [one["verdict"] for one in json.loads(shown.stdout)] == ["learned"]
    assert SIGN.id in configure(gate, "scenery", "list").stdout
    for verb, word in (("confirm", "confirmed"), ("deny", "denied")):
        assert configure(gate, "scenery", verb, "gate", SIGN.id).exit_code == 0
        assert listed(gate) == [(SIGN.id, word)]
    assert configure(gate, "scenery", "withdraw", "gate", SIGN.id).exit_code == 0
    assert listed(gate) == [(SIGN.id, "learned")]
    refused = configure(gate, "scenery", "withdraw", "gate", SIGN.id)
    assert refused.exit_code == 1
    assert "nobody has confirmed" in refused.stderr
    for what in ("scenery", "mask"):
        unknown = configure(gate, what, "list", "gaet")
        assert (unknown.exit_code, unknown.stdout) == (1, "")
        assert unknown.stderr == "error: there is no camera 'gaet'\n"


def test_masks_come_and_go_and_say_what_they_hide(gate: Settings) -> None:
    added = configure(gate, "mask", "add", "gate", "0,0 1,0 1,.5 0,.5", "--id", "top")
    assert added.exit_code == 0, added.output
    assert "rule gate-crowd: 75 % of zone gate-1 is not judged" in added.stdout
    (mask,) = call(gate, "GET", "/api/masks").json()
    assert mask["hides"] == [{"rule": "gate-crowd", "zone": "gate-1", "percent": 75}]
    assert json.loads(configure(gate, "mask", "list", "--json").stdout) == [mask]
    other = CAMERA | {"id": "another", "zones": [], "rules": []}
    assert call(gate, "POST", "/api/cameras", other).status_code == 201
    added = configure(gate, "mask", "add", "another", "0,0 1,0 1,.5 0,.5", "--id", "none")
    assert added.exit_code == 0, added.output
    assert "nothing" in configure(gate, "mask", "list", "another").stdout, "that no rule watches"
    assert configure(gate, "mask", "remove", "none").exit_code == 0
    (place,) = call(gate, "GET", "/api/status").json()["unjudged"]["masked"]
    assert (place["rule"], place["zone"], place["percent"]) == ("gate-crowd", "gate-1", 75)
    assert configure(gate, "mask", "remove", "gate", "top").exit_code == 0
    assert call(gate, "GET", "/api/masks").json() == []
    assert call(gate, "DELETE", "/api/masks/top").status_code == 404


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ({"polygon": [[0, 0], [1, 1]]}, "3 to 100 corners"),
        ({"polygon": [[0, 0], [2, 0], [0, 1]]}, "0 to 1"),
        ({"polygon": [[0, 0], [1, 1], [1, 0], [0, 1]]}, "not a simple polygon"),
        ({"source": "none"}, "no camera 'none'"),
        ({"id": "a/b"}, "mask id"),
    ],
)
def test_a_mask_that_cannot_be_is_refused_in_one_line(
    gate: Settings, body: dict[str, Any], why: str
) -> None:
    whole = {"id": "m", "source": "gate", "polygon": [[0, 0], [1, 0], [1, 1]]}
    refused = call(gate, "POST", "/api/masks", whole | body)
    assert refused.status_code == 422
    assert why in refused.json()["detail"]


def test_who_may_not_change_the_configuration_may_look(gate: Settings) -> None:
    store(gate, SIGN)
    signed = call(gate, "POST", "/api/session", {"name": "lan", "password": "correct horse"})
    token = signed.json().get("token") or signed.cookies["session"]
    assert call(gate, "GET", "/api/scenery", token=token).status_code == 200
    place = f"/api/cameras/gate/scenery/{SIGN.id}"
    assert call(gate, "POST", place, {"confirmed": True}, token=token).status_code == 403


def test_a_camera_that_is_removed_takes_its_masks_and_verdicts_with_it(gate: Settings) -> None:
    store(gate, SIGN)
    call(gate, "POST", f"/api/cameras/gate/scenery/{SIGN.id}", {"confirmed": True})
    configure(gate, "mask", "add", "gate", "0,0 1,0 1,.5", "--id", "top")
    assert call(gate, "DELETE", "/api/cameras/gate").status_code == 200
    left = current(gate)
    assert (left.masks, left.scenery, left.sources) == ({}, {}, {})
    assert listed(gate) == []


def test_a_restored_database_says_them_again(gate: Settings) -> None:
    store(gate, SIGN)
    call(gate, "POST", f"/api/cameras/gate/scenery/{SIGN.id}", {"confirmed": False})
    configure(gate, "mask", "add", "gate", "0,0 1,0 1,.5", "--id", "top")
    before = current(gate)
    with connect(gate, "test", autocommit=True) as connection:
        restate(connection, "topics", 100, [Removed("mask", "gone")], "test")
        said = [one for one in read(connection) if one.sequence > 100]
    again = folded(said)
    assert (again.masks, again.scenery) == (before.masks, before.scenery)
    assert said[0].change == Removed("mask", "gone")


def test_an_earlier_release_refuses_to_read_them(
    gate: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure(gate, "mask", "add", "gate", "0,0 1,0 1,.5", "--id", "top")
    monkeypatch.setattr("streams.forms.CONTROL_LOG", 1)
    with connect(gate, "test", autocommit=True) as connection:
        with pytest.raises(NewerFormError):
            read(connection)
        assert len(read(connection, after=10**6)) == 0
